"""A real application that folds header names as CGI does hears of identities from the gateway alone.

WSGI, CGI, PHP and many frameworks read `X_User_Id` and `X-User-ID` as the same variable.  The application here is
Python's own WSGI server; it tells back the environment that it got.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from urllib.parse import unquote
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from support.answers import Answer
from support.gateway import Gateway, running_gateway
from support.identity import Person, SESSION_COOKIE, assertion_fault, people
from support.running import ask, request

EXECUTABLE = os.environ.get("GATEHOUSE_TEST_GATEWAY", "")
SECRET = "s" * 32
SPOOF = "spoofed"

NAMES = [
    "X-User-ID", "X-Tenant-ID", "X-User-Email", "X-User-Name", "X-User-Roles", "X-Auth-Factors", "X-Session-ID",
    "X-User-External-ID", "X-Gatehouse-Assertion", "X-Gatehouse-Secret",
]
"""The gateway's own headers."""

FAMILIES = [
    "Remote-User", "Remote-Groups", "Remote-Email", "Remote-Name", "X-Forwarded-User", "X-Forwarded-Email",
    "X-Forwarded-Groups", "X-Forwarded-Preferred-Username", "X-Forwarded-Access-Token", "X-Auth-Request-User",
    "X-Auth-Request-Email", "X-Auth-Request-Groups", "X-Pomerium-Jwt-Assertion", "X-Gatehouse-Anything",
]
"""Identity headers of other proxies, which applications believe, too."""

TRANSFORMS: list[Callable[[str], str]] = [
    lambda name: name, lambda name: name.lower(), lambda name: name.upper(), lambda name: name.replace("-", "_"),
    lambda name: name.replace("-", "_").upper(), lambda name: name.replace("-", "_", 1),
    lambda name: name.replace("-", "."), lambda name: name.replace("-", "~"),
]
"""Spellings that some application reads as the same variable."""


def spellings() -> list[str]:
    """Every name in every spelling, once."""
    ours = [transform(name) for name in NAMES for transform in TRANSFORMS]
    others = [transform(name) for name in FAMILIES for transform in (TRANSFORMS[0], TRANSFORMS[3])]
    return list(dict.fromkeys(ours + others))


def folded(name: str) -> str:
    """The variable's name as the most generous application folds it."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


IDENTITY_VARIABLES = {f"HTTP_{folded(name)}" for name in [*NAMES, *FAMILIES]}


def application(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Tells back the environment, as far as it is text."""
    body = json.dumps({key: value for key, value in environ.items() if isinstance(value, str)}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        pass


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@dataclass(frozen=True)
class Stage:
    """The gateway in front of the folding application."""

    gateway: Gateway
    application_port: int
    people: dict[str, Person]

    def environ(self, target: str, person: str | None, *fields: str) -> dict[str, str] | Answer:
        """What the application saw; the gateway's answer where it saw nothing."""
        cookie = (f"Cookie: {SESSION_COOKIE}={self.people[person].token}",) if person else ()
        answer = ask(self.gateway.endpoint, request(target, host="acme.example.org", fields=(*cookie, *fields)))
        return json.loads(answer.body) if answer.status == 200 else answer


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Starts both once for all tests of this file."""
    assert EXECUTABLE, "GATEHOUSE_TEST_GATEWAY must name the built gatehouse-test-gateway; deploy/test sets it"
    folder: Path = tmp_path_factory.mktemp("wsgi")
    members = people()
    with make_server("127.0.0.1", 0, application, _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        port = server.server_port
        with running_gateway(EXECUTABLE, folder, port, SECRET, members) as gateway:
            yield Stage(gateway, port, members)
        server.shutdown()
        thread.join()


def wrong_in(environ: dict[str, str], person: Person | None) -> list[str]:
    """Variables that say something else than the session does."""
    expected: dict[str, str] = {"HTTP_X_GATEHOUSE_SECRET": SECRET}
    if person:
        expected |= {
            "HTTP_X_USER_ID": person.user, "HTTP_X_TENANT_ID": person.tenant, "HTTP_X_USER_EMAIL": person.email,
            "HTTP_X_USER_NAME": person.name, "HTTP_X_USER_ROLES": ",".join(person.roles),
            "HTTP_X_AUTH_FACTORS": ",".join(person.factors), "HTTP_X_SESSION_ID": person.handle,
        }
    wrong = [f"{key} is {value!r}" for key, value in environ.items() if SPOOF in value]
    for key, value in environ.items():
        if person and key == "HTTP_X_GATEHOUSE_ASSERTION":
            fault = assertion_fault(value, person)
            wrong += [f"{key} {fault}"] if fault else []
        elif folded(key) in IDENTITY_VARIABLES and unquote(value) != expected.get(key):
            wrong.append(f"{key} is {value!r}")
    return wrong + [f"{key} is missing" for key in expected if key not in environ]


def test_there_are_enough_spellings() -> None:
    """At least sixty spellings are tried."""
    assert len(spellings()) >= 60


def test_the_application_can_be_fooled(stage: Stage) -> None:
    """Without the gateway the application believes every one of these spellings: the tests below prove something."""
    believed = 0
    for name in spellings():
        direct = http.client.HTTPConnection("127.0.0.1", stage.application_port, timeout=10)
        with closing(direct):
            direct.request("GET", "/", headers={name: SPOOF})
            environ = json.loads(direct.getresponse().read())
        believed += any(folded(key) in IDENTITY_VARIABLES and value == SPOOF for key, value in environ.items())
    assert believed == len(spellings())


@pytest.mark.parametrize("name", spellings())
def test_a_foreign_identity_never_arrives(stage: Stage, name: str) -> None:
    """On public, optional and protected routes, with and without a session, alone or beside a comma list."""
    for target, person in [("/public/x", None), ("/optional/x", None), ("/optional/x", "member"), ("/app/x", "member")]:
        for fields in [(f"{name}: {SPOOF}",), (f"{name}: {SPOOF}", f"{name}: {SPOOF}-2"), (f"{name}:{SPOOF}\t",)]:
            seen = stage.environ(target, person, *fields)
            assert isinstance(seen, dict), f"{name} is removed, the request itself is served"
            assert wrong_in(seen, stage.people[person] if person else None) == []


def test_a_public_route_never_has_an_identity(stage: Stage) -> None:
    """A public route gets none, even from somebody who is signed in; the optional route gets the session's."""
    seen = stage.environ("/public/x", "member")
    assert isinstance(seen, dict) and wrong_in(seen, None) == []
    seen = stage.environ("/optional/x", "member")
    assert isinstance(seen, dict) and wrong_in(seen, stage.people["member"]) == []


@pytest.mark.parametrize("nominated", ["X-User-ID", "X-Gatehouse-Secret", "x-tenant-id, X-User-Roles", "Cookie"])
def test_connection_cannot_take_the_gateways_headers_away(stage: Stage, nominated: str) -> None:
    """`Connection: X-User-ID` removes the client's header (RFC 9110 §7.6.1), never the gateway's own."""
    seen = stage.environ("/app/x", "member", f"Connection: keep-alive, {nominated}", f"X-User-ID: {SPOOF}")
    if isinstance(seen, dict):
        assert wrong_in(seen, stage.people["member"]) == []
    else:
        assert seen.status in (400, 401), "or it is refused"


@pytest.mark.parametrize(
    "field",
    [
        f"X-User-ID : {SPOOF}", f" X-User-ID: {SPOOF}", f"X-User-ID\x00: {SPOOF}", f"X-User\xadID: {SPOOF}",
        f"A: b\rX-User-ID: {SPOOF}", f"A: b\nX-User-ID: {SPOOF}", f"A: b\r\n X-User-ID: {SPOOF}", f": {SPOOF}",
        f"X User ID: {SPOOF}", f"X-User-ID;a: {SPOOF}",
    ])
def test_a_malformed_field_is_refused(stage: Stage, field: str) -> None:
    """What is no field by RFC 9110 §5.1 never reaches the application in any form: 400."""
    seen = stage.environ("/public/x", None, field)
    assert isinstance(seen, Answer)
    assert seen.status == 400


def test_the_gateways_cookie_stays_with_the_gateway(stage: Stage) -> None:
    """The application's own cookies arrive, the gateway's do not."""
    token = stage.people["member"].token
    seen = stage.environ("/app/x", None, f"Cookie: a=1; {SESSION_COOKIE}={token}; b=2", "Cookie: c=3")
    assert isinstance(seen, dict)
    assert token not in json.dumps(seen)
    assert set(re.split(r"; ?", seen["HTTP_COOKIE"])) == {"a=1", "b=2", "c=3"}
