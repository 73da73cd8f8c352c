"""A real mail server (aiosmtpd) that keeps what it takes, and refuses what it is told to refuse."""

from __future__ import annotations

import email
import email.policy
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from .certificates import Authority

PATIENCE_SECONDS = 30.0
USERNAME, PASSWORD = "gate", "Five-Otters_9-Sleighs"


@dataclass(frozen=True)
class Mail:
    """A mail as it was taken."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    over_tls: bool

    @property
    def subject(self) -> str:
        """Decoded."""
        return str(self.message["Subject"])

    def part(self, kind: str) -> str:
        """The body of this subtype, decoded: `plain` or `html`."""
        body = self.message.get_body((kind,))
        assert body is not None, f"no {kind} part: {self.message}"
        return str(body.get_content()).replace("\r\n", "\n")

    @property
    def links(self) -> list[str]:
        """What stands on a line of its own and is a link, in the plain part."""
        return [line for line in self.part("plain").splitlines() if line.startswith("https://")]


@dataclass
class MailServer:
    """What a running server has taken, and what it is to answer."""

    port: int
    taken: queue.Queue[Mail] = field(default_factory=queue.Queue)
    to_recipients: list[str] = field(default_factory=list)
    """Answers to the next RCPTs, `451 …`; without any, recipients are taken."""
    to_mails: list[str] = field(default_factory=list)
    """Answers to the next mails themselves."""
    attempts: int = 0
    """Recipients that were named, refused ones included."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> Mail:
        """The next mail, waited for."""
        return self.taken.get(timeout=PATIENCE_SECONDS)

    def none_for(self, seconds: float) -> bool:
        """True where no mail comes for so long."""
        time.sleep(seconds)
        return self.taken.empty()

    # What aiosmtpd asks its handler.

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A recipient."""
        with self._lock:
            self.attempts += 1
            if self.to_recipients:
                return self.to_recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """A mail."""
        with self._lock:
            if self.to_mails:
                return self.to_mails.pop(0)
        message = email.message_from_bytes(envelope.content or b"", policy=email.policy.SMTP)
        assert isinstance(message, EmailMessage)
        # STARTTLS leaves its mark on the session, TLS from the first byte on the transport.
        over_tls = session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None
        self.taken.put(Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), message, over_tls))
        return "250 OK"


def free_port() -> int:
    """A port where nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def mail_server(
    port: int | None = None, tls: str = "none", folder: Path | None = None, authority: Authority | None = None,
    asks_who: bool = False, server: MailServer | None = None,
) -> Iterator[MailServer]:
    """A server on 127.0.0.1, whose certificate is `localhost`'s.

    `tls` is `none`, `starttls` (offered and demanded) or `implicit`; `server` is one that goes on after it was down.
    """
    server = server or MailServer(port or free_port())
    context = None
    if tls != "none":
        assert folder is not None and authority is not None
        authority.issue(["localhost"], folder / "mail.pem", folder / "mail.key")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "mail.pem", folder / "mail.key")

    def who(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, said: object) -> AuthResult:
        is_right = isinstance(said, LoginPassword) and (said.login, said.password) == (
            USERNAME.encode(), PASSWORD.encode())
        return AuthResult(success=is_right, handled=is_right)

    controller = Controller(
        server, hostname="127.0.0.1", port=server.port, ssl_context=context if tls == "implicit" else None,
        tls_context=context if tls == "starttls" else None, require_starttls=tls == "starttls",
        authenticator=who if asks_who else None, auth_required=asks_who, auth_require_tls=tls != "none")
    controller.start()
    try:
        yield server
    finally:
        controller.stop(no_assert=True)
