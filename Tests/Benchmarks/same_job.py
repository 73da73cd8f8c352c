"""Proof, before anything is timed, that a proxy does the whole job: who gets through, and with which fields."""

import ssl
from dataclasses import replace

from load.connections import Clients, ask, request_bytes
from load.recorder import Recorder
from proxies.proxy import Proxy, Stage
from same_job_fields import LOOK_ALIKE_NAMES
from workload import Session

#: Sent by the client; nothing of it may reach the application.
FORGERY = "forged-by-the-client"
LOOK_ALIKES = "".join(f"{name}: {FORGERY}\r\n" for name in LOOK_ALIKE_NAMES)
SAMPLE = 50


class OtherJob(Exception):
    """The proxy let somebody through, kept somebody out, or forwarded other fields than agreed."""


def check_same_job(kind: type[Proxy], stage: Stage) -> str:
    """Runs one instance before a recording application; returns the negotiated TLS, raises `OtherJob`."""
    recorder = Recorder()
    proxy = kind(replace(stage, upstream_port=recorder.port))
    try:
        proxy.start()
        return _Check(proxy, recorder, Clients(proxy.port, stage.certificate)).run()
    finally:
        proxy.stop()
        recorder.stop()


class _Check:
    def __init__(self, proxy: Proxy, recorder: Recorder, clients: Clients):
        self.proxy = proxy
        self.recorder = recorder
        self.clients = clients
        sessions = proxy.stage.workload.sessions
        self.admin = next(session for session in sessions if "admin" in session.roles)
        self.member = next(session for session in sessions if "admin" not in session.roles)
        self.sample = sessions[:: max(1, len(sessions) // SAMPLE)]

    def run(self) -> str:
        with self.clients.connect(self.member.host) as connection:
            negotiated = describe_tls(connection)
        if not self.proxy.authenticates:
            self.passes(self.member, "/area-01/items", self.check_forwarding)
            return negotiated
        for session in self.sample:
            self.passes(session, "/area-01/items", self.check_identity)
        self.passes(self.member, "/", self.check_identity)
        self.passes(self.admin, "/admin/", self.check_identity)
        self.refuses("a member on the administrators' route", self.member.host, "/admin/", self.member.token)
        self.refuses("an unknown token", self.member.host, "/area-01/items", "A" * 43)
        self.refuses("a session of another tenant", self.admin.host, "/area-01/items", self.member.token)
        return negotiated

    def passes(self, session: Session, path: str, check) -> None:
        status, _ = self.send(session.host, path, session.token, LOOK_ALIKES)
        heads = self.recorder.take()
        if status != 200 or len(heads) != 1:
            raise OtherJob(f"{self.proxy.name}: {path} answered {status}, {len(heads)} requests were forwarded")
        check(session, heads[0])

    def refuses(self, what: str, host: str, path: str, token: str) -> None:
        status, _ = self.send(host, path, token, "")
        if status < 300 or self.recorder.take():
            raise OtherJob(f"{self.proxy.name}: {what} was answered {status} or forwarded")

    def send(self, host: str, path: str, token: str, more_fields: str) -> tuple[int, bytes]:
        with self.clients.connect(host) as connection:
            return ask(connection, request_bytes(host, path, token, more_fields))

    def check_forwarding(self, session: Session, head: bytes) -> None:
        expected = {
            "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https", "X-Forwarded-Host": session.host,
            "X-Real-IP": "127.0.0.1",
        }
        self.check_fields(head, expected)

    def check_identity(self, session: Session, head: bytes) -> None:
        self.check_forwarding(session, head)
        self.check_fields(head, session.identity_headers())
        fields = _fields(head)
        cookies = fields.get("cookie", [""])[0]
        checks = {
            "a look-alike was forwarded": FORGERY.encode() not in head,
            "the session's token was forwarded": self.proxy.forwards_own_cookie or session.token.encode() not in head,
            "the application's cookies were lost": "theme=dark" in cookies and "csrftoken=" in cookies,
            "there is not one X-Request-ID": (
                len(fields.get("x-request-id", [])) == 1 or not self.proxy.sets_request_id),
        }
        for fault, holds in checks.items():
            if not holds:
                raise OtherJob(f"{self.proxy.name}: {fault}:\n{head.decode(errors='replace')}")

    def check_fields(self, head: bytes, expected: dict[str, str]) -> None:
        fields = _fields(head)
        for name, value in expected.items():
            if fields.get(name.lower()) != [value]:
                raise OtherJob(f"{self.proxy.name}: {name} is {fields.get(name.lower())}, not {value!r}")


def describe_tls(connection: ssl.SSLSocket) -> str:
    """Version and cipher suite, as both sides agreed on them."""
    cipher = connection.cipher()
    return f"{connection.version()} {cipher[0] if cipher else ''}"


def _fields(head: bytes) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for line in head.decode().split("\r\n")[1:]:
        name, separator, value = line.partition(":")
        if separator:
            fields.setdefault(name.lower(), []).append(value.strip())
    return fields
