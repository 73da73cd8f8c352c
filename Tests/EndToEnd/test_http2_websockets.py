"""WebSockets over HTTP/2 (RFC 8441): extended CONNECT, frames of RFC 6455 in DATA, several on one connection."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.frames import Close, Frame, Opcode

from support.client import Endpoint
from support.http2 import frames
from support.http2.connection import Connection, speaking_http2
from support.http2.fields import LiteralEncoder
from support.installation import ADA, MIA
from support.live import Live, live_stage
from support.running import await_that, client_context
from support.visitor import BALANCER, PUBLIC_PORT, Visitor

PATIENCE_SECONDS = 30.0
FRAME_BYTES = 16_384


@pytest.fixture(scope="module")
def live(binary: Path) -> Iterator[Live]:
    """A running gateway in front of an application that speaks WebSocket."""
    with live_stage(binary) as made:
        yield made


@contextmanager
def connected(visitor: Visitor) -> Iterator[Connection]:
    """The visitor's HTTP/2 connection, by way of the balancer that tells their address."""
    endpoint = Endpoint("127.0.0.1", visitor.port, client_context(visitor.authority), visitor.host, PATIENCE_SECONDS)
    with Connection(speaking_http2(endpoint), BALANCER) as connection:
        connection.push(frames.PREFACE + frames.settings())
        assert connection.read_until(lambda seen: bool(seen.settings))
        assert connection.seen.settings[frames.PARAMETERS["ENABLE_CONNECT_PROTOCOL"]] == 1
        yield connection


def connect(
    connection: Connection, stream: int, visitor: Visitor, path: str = "/live/chat", **more: str
) -> int | None:
    """Extended CONNECT; the answer's status."""
    given = {
        ":method": "CONNECT", ":protocol": "websocket", ":scheme": "https",
        ":authority": f"{visitor.host}:{PUBLIC_PORT}", ":path": path, "sec-websocket-version": "13",
        "origin": f"https://{visitor.host}:{PUBLIC_PORT}", "x-forwarded-for": visitor.address,
    } | {name.replace("_", "-"): value for name, value in more.items()}
    if cookie := visitor.jar.header(visitor.host):
        given["cookie"] = cookie
    block = LiteralEncoder().encode([(name.encode(), value.encode()) for name, value in given.items()])
    connection.push(frames.frame(frames.HEADERS, frames.END_HEADERS, stream, block))
    seen = connection.stream(stream)
    assert connection.read_until(lambda _: seen.status is not None or seen.is_over)
    return seen.status


def say(connection: Connection, stream: int, message: bytes, opcode: Opcode = Opcode.TEXT) -> None:
    """One message in one frame of RFC 6455, in as many DATA frames as it takes, within the windows."""
    data = Frame(opcode, message).serialize(mask=True)
    for start in range(0, len(data), FRAME_BYTES):
        piece = data[start : start + FRAME_BYTES]
        assert connection.read_until(lambda _: connection.room(stream) >= len(piece))
        connection.count_data(stream, len(piece))
        connection.push(frames.frame(frames.DATA, 0, stream, piece))


def hear(connection: Connection, stream: int, wanted: bytes, opcode: Opcode = Opcode.TEXT) -> None:
    """The next message must be this one."""
    expected = Frame(opcode, wanted).serialize(mask=False)
    body = connection.stream(stream).body
    assert connection.read_until(lambda _: len(body) >= len(expected) or connection.stream(stream).is_over)
    assert bytes(body) == expected
    body.clear()


def test_messages_pass_both_ways(live: Live) -> None:
    """Text and bytes, one byte and a megabyte, on three sockets of one connection beside a plain request."""
    mia = live.signed_in(MIA)
    with connected(mia) as connection:
        for stream in (1, 3, 5):
            assert connect(connection, stream, mia) == 200
        for size in (1, 125, 126, 65_535, 65_536, 1_000_000):
            for stream in (1, 3, 5):
                message = os.urandom(size)
                say(connection, stream, message, Opcode.BINARY)
                hear(connection, stream, message, Opcode.BINARY)
        say(connection, 1, "Grüße".encode())
        hear(connection, 1, "Grüße".encode())
        assert not connection.seen.faults


def test_the_application_hears_who_it_is(live: Live) -> None:
    """The handshake behind is HTTP/1.1's, with the identity headers and a key that the gateway made."""
    mia = live.signed_in(MIA)
    with connected(mia) as connection:
        assert connect(connection, 1, mia, x_user_id="mallory", x_tenant_id="globex") == 200
        heard = live.sockets.heard[-1]
        assert (heard["x-user-id"], heard["x-tenant-id"]) == (live.member(MIA).id, "acme")
        assert "cookie" not in heard and len(heard["sec-websocket-key"]) == 24
        assert "sec-websocket-accept" not in [name for name, _ in connection.stream(1).fields]


def test_a_subprotocol_is_agreed_on(live: Live) -> None:
    """Sec-WebSocket-Protocol passes both ways."""
    mia = live.signed_in(MIA)
    with connected(mia) as connection:
        assert connect(connection, 1, mia, sec_websocket_protocol="chat") == 200
        assert connection.stream(1).values("sec-websocket-protocol") == [b"chat"]


def test_closes_reach_the_other_end(live: Live) -> None:
    """The application's close ends the stream and no other; the client's reset is heard behind."""
    mia = live.signed_in(MIA)
    with connected(mia) as connection:
        assert connect(connection, 1, mia) == connect(connection, 3, mia) == 200
        say(connection, 1, b"close 3000")
        stream = connection.stream(1)
        farewell = Close(3000, "as asked").serialize()
        assert connection.read_until(lambda _: farewell in bytes(stream.body))
        say(connection, 1, farewell, Opcode.CLOSE)
        assert connection.read_until(lambda _: stream.is_over)
        say(connection, 3, b"still here")
        hear(connection, 3, b"still here")
        before = len(live.sockets.closes)
        connection.push(frames.rst_stream(3))
        await_that(lambda: 1006 in live.sockets.closes[before:], "the application notices the reset")
        assert connection.seen.ending == "open"
    await_that(lambda: live.server.metric("gatehouse_websockets") == 0, "no WebSocket is left")


def test_who_may_not_pass_opens_nothing(live: Live) -> None:
    """No session, no role, another site, a route that lists no upgrade: each refused, and the connection goes on."""
    mia, nobody = live.signed_in(MIA), live.visitor()
    before = len(live.sockets.heard)
    with connected(mia) as connection:
        assert connect(connection, 1, nobody) == 401
        assert connect(connection, 3, mia, "/duty/chat") == 403
        assert connect(connection, 5, mia, origin="https://evil.example") == 403
        assert connect(connection, 7, mia, "/plain/chat") == 403
        assert len(live.sockets.heard) == before
        assert connect(connection, 9, mia) == 200
    ada = live.signed_in(ADA)
    with connected(ada) as connection:
        assert connect(connection, 1, ada, "/duty/chat") == 200


def test_the_end_of_the_session_ends_the_socket(live: Live) -> None:
    """A revoked session; a socket of somebody else on the same connection goes on."""
    sara, mia = live.newcomer("sara-http2", roles=("admin",)), live.signed_in(MIA)
    visitor = replace(live.signed_in(sara), address=mia.address)
    with connected(mia) as connection:
        assert connect(connection, 1, visitor, "/duty/chat") == 200
        assert connect(connection, 3, mia) == 200
        live.site.done("session", "revoke", "--tenant", "acme", "--email", sara.email)
        assert connection.read_until(lambda _: connection.stream(1).is_over)
        say(connection, 3, b"x")
        hear(connection, 3, b"x")
