"""WebSockets with the library that people use on both ends, and with Chromium: messages, closes, access, the session's
end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from support.browser import chromium
from support.installation import ACME, ADA, MIA
from support.live import Live, live_stage
from support.promises import await_effect
from support.running import await_that
from support.sockets import OpenSocket, open_socket


@pytest.fixture(scope="module")
def live(binary: Path) -> Iterator[Live]:
    """A running gateway in front of it."""
    with live_stage(binary) as made:
        yield made


def test_messages_pass_both_ways_whatever_their_size(live: Live) -> None:
    """Text and bytes, one byte and 8 MiB, compressed as both ends agree, in order."""
    messages: list[str | bytes] = [
        "x", "Grüße", b"\x00", "y" * 125, "y" * 126, os.urandom(65_536), "z" * 1_000_000, os.urandom(8 << 20)]
    with open_socket(live.signed_in(MIA), "/live/chat", subprotocols=["chat"]) as socket:
        assert socket.subprotocol == "chat"
        for message in messages:
            socket.send(message)
            assert socket.recv() == message
        socket.ping()


def test_the_application_hears_who_it_is_and_no_cookie_of_ours(live: Live) -> None:
    """The handshake has the identity headers; forged ones do not arrive."""
    forged = {"X-User-ID": "mallory", "X-Tenant-ID": "globex"}
    with open_socket(live.signed_in(MIA), "/live/chat", fields=forged) as socket:
        socket.send("x")
        assert socket.recv() == "x"
    heard = live.sockets.heard[-1]
    assert heard["x-user-id"] == live.member(MIA).id
    assert heard["x-tenant-id"] == "acme"
    assert heard["x-user-email"] == MIA.email
    assert "cookie" not in heard
    assert heard["x-gatehouse-assertion"].count(".") == 2


@pytest.mark.parametrize("code", [1000, 1008, 3000])
def test_closes_of_the_application_reach_the_client(live: Live, code: int) -> None:
    """With code and reason."""
    with open_socket(live.signed_in(MIA), "/live/chat") as socket:
        socket.send(f"close {code}")
        with pytest.raises(ConnectionClosed):
            socket.recv()
        assert socket.end == (code, "as asked")


def test_closes_of_the_client_reach_the_application(live: Live) -> None:
    """A proper close, and a connection that is cut."""
    closes = live.sockets.closes
    before = len(closes)
    with open_socket(live.signed_in(MIA), "/live/chat") as socket:
        socket.close(1001)
    await_that(lambda: 1001 in closes[before:], "the application hears the close")
    cut = open_socket(live.signed_in(MIA), "/live/chat")
    cut.cut()
    await_that(lambda: 1006 in closes[before:], "the application notices the cut")
    await_that(lambda: live.server.metric("gatehouse_websockets") == 0, "no WebSocket is left")


def test_who_may_not_pass_opens_nothing(live: Live) -> None:
    """No session, no role, another site, a route that lists no upgrade."""
    mia = live.signed_in(MIA)
    before = len(live.sockets.heard)
    for visitor, target, more, status in (
        (live.visitor(), "/live/chat", {}, 401),
        (mia, "/duty/chat", {}, 403),
        (mia, "/live/chat", {"origin": "https://evil.example"}, 403),
        (mia, "/plain/chat", {}, 403),
    ):
        with pytest.raises(InvalidStatus) as refused:
            open_socket(visitor, target, **more)
        assert refused.value.response.status_code == status, target
    assert len(live.sockets.heard) == before
    with open_socket(live.signed_in(ADA), "/duty/chat") as socket:
        socket.send("x")
        assert socket.recv() == "x"


@pytest.mark.parametrize("how", ["revoked", "other-roles"])
def test_the_end_of_the_right_ends_the_socket_within_a_second(live: Live, how: str) -> None:
    """A revoked session, or a role that is taken away; a socket of somebody else goes on."""
    sara = live.newcomer(f"sara-{how}", roles=("admin",))
    with open_socket(live.signed_in(sara), "/duty/chat") as socket, \
            open_socket(live.signed_in(MIA), "/live/chat") as kept:
        if how == "revoked":
            live.site.done("session", "revoke", "--tenant", "acme", "--email", sara.email)
        else:
            live.site.done("user", "set-roles", "--tenant", "acme", sara.email, "--none")
        await_effect(lambda: is_closed(socket), f"a WebSocket ends, {how}")
        kept.send("x")
        assert kept.recv() == "x"


def is_closed(socket: OpenSocket) -> bool:
    """True where the other end has closed it; it has said nothing else."""
    try:
        said = socket.recv(0.05)
    except TimeoutError:
        return False
    except ConnectionClosed:
        return True
    raise AssertionError(f"nothing was to be said: {said!r}")


def test_many_sockets_at_once(live: Live) -> None:
    """A hundred, each with its own words."""
    mia = live.signed_in(MIA)

    def talk(number: int) -> bool:
        with open_socket(mia, "/live/chat") as socket:
            for turn in range(20):
                socket.send(f"{number} {turn}")
                if socket.recv() != f"{number} {turn}":
                    return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(talk, range(100)))


def test_a_page_in_chromium_opens_one(live: Live) -> None:
    """From the member's own page, with the browser's own handshake."""
    script = """
        const done = arguments[arguments.length - 1];
        const socket = new WebSocket(`wss://${location.host}/live/chat`);
        socket.onopen = () => socket.send('from the page');
        socket.onmessage = event => { done(event.data); socket.close(); };
        socket.onerror = () => done('no WebSocket');
    """
    with chromium(live.server.port, live.site.folder / "tls/chain.pem") as browser:
        browser.sign_in(ACME, MIA.email, MIA.password)
        # The echo's own page lets itself connect to nothing.
        browser.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
        browser.open(ACME, "/app/page")
        assert browser.driver.execute_async_script(script) == "from the page"
