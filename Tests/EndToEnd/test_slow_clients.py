"""Clients that are slow on purpose: each is cut within its bound, and the others do not notice.

All of them attack at the same time, several of each kind, while fresh requests are timed.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.application import Application
from support.client import Conversation, Endpoint
from support.running import Running, Setting, ask, ask_on, await_that, prepare, request, running

OF_EACH_KIND = 5
RATE_WINDOW_SECONDS = 5.0
"""Bodies and readers are looked at every 5 seconds (`limits.body_minimum_rate`): two looks may be needed."""
LINGER_SECONDS = 2.0
SLACK_SECONDS = 20.0
"""For a busy machine: a bound that is missed by less is the machine's, and told at the end."""
OWN_BUFFER_BYTES = 512 * 1024
"""More than a reader's own kernel holds for it here, less than the gateway's would (about 4 MiB)."""
LIMITS = (
    "handshake_timeout: 1s, header_timeout: 2s, idle_timeout: 3s, body_minimum_rate: 240B/s, "
    "connections_per_address: 1000"
)


@dataclass(frozen=True)
class Attack:
    """One way of being slow, with the bound within which the gateway must end it, in seconds."""

    name: str
    least: float
    """Not cut before this: a client that is merely slow keeps its time."""
    most: float
    attack: Callable[[Endpoint, threading.Event], str]
    """Plays until the gateway cuts; says what the client saw: a status, or `closed`."""
    sees: str


@dataclass
class Sighting:
    """How the attacks of one kind ended."""

    seconds: list[float] = field(default_factory=list)
    saw: list[str] = field(default_factory=list)


def silent_tcp(endpoint: Endpoint, stop: threading.Event) -> str:
    """Connects and says nothing, not even a hello."""
    with socket.create_connection((endpoint.host, endpoint.port), 30) as plain:
        return saw_on(plain)


def half_hello(endpoint: Endpoint, stop: threading.Event) -> str:
    """Begins a TLS record and never ends it."""
    with socket.create_connection((endpoint.host, endpoint.port), 30) as plain:
        plain.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        return saw_on(plain)


def silent_tls(endpoint: Endpoint, stop: threading.Event) -> str:
    """Completes the handshake and asks nothing."""
    with Conversation(endpoint) as conversation:
        return saw_on(conversation.socket)


def header_drip(endpoint: Endpoint, stop: threading.Event) -> str:
    """Sends a header that never ends, a few bytes at a time."""
    return drip(endpoint, stop, b"GET /public/x HTTP/1.1\r\nHost: app.example.org\r\n", b"X-A: b\r\n", 0.3)


def body_drip(endpoint: Endpoint, stop: threading.Event) -> str:
    """Announces a body and sends a byte now and then."""
    return drip(endpoint, stop, request("/public/x", "POST", fields=("Content-Length: 100000",)), b"x", 0.3)


def chunk_drip(endpoint: Endpoint, stop: threading.Event) -> str:
    """Sends one-byte chunks now and then."""
    head = request("/public/x", "POST", fields=("Transfer-Encoding: chunked",))
    return drip(endpoint, stop, head, b"1\r\nx\r\n", 0.3)


def chunk_size_drip(endpoint: Endpoint, stop: threading.Event) -> str:
    """Sends a chunk's size, then nothing."""
    head = request("/public/x", "POST", fields=("Transfer-Encoding: chunked",)) + b"ffff\r\n"
    return drip(endpoint, stop, head, b"", 0.3)


def idle_keep_alive(endpoint: Endpoint, stop: threading.Event) -> str:
    """Is served once and then keeps the connection for nothing."""
    with Conversation(endpoint) as conversation:
        assert ask_on(conversation, request("/public/x")).status == 200
        return saw_on(conversation.socket)


ATTACKS = [
    Attack("silent TCP", 0.9, 1 + SLACK_SECONDS, silent_tcp, "closed"),
    Attack("half a hello", 0.9, 1 + SLACK_SECONDS, half_hello, "closed"),
    Attack("silent TLS", 1.9, 2 + SLACK_SECONDS, silent_tls, "closed"),
    Attack("header drip", 1.9, 2 + LINGER_SECONDS + SLACK_SECONDS, header_drip, "408"),
    Attack("body drip", 4.5, 2 * RATE_WINDOW_SECONDS + LINGER_SECONDS + SLACK_SECONDS, body_drip, "408"),
    Attack("chunk drip", 4.5, 2 * RATE_WINDOW_SECONDS + LINGER_SECONDS + SLACK_SECONDS, chunk_drip, "408"),
    Attack("chunk announced", 4.5, 2 * RATE_WINDOW_SECONDS + LINGER_SECONDS + SLACK_SECONDS, chunk_size_drip, "408"),
    Attack("idle keep-alive", 2.9, 3 + SLACK_SECONDS, idle_keep_alive, "closed"),
]


def drip(endpoint: Endpoint, stop: threading.Event, first: bytes, again: bytes, pause: float) -> str:
    """Sends `first`, then `again` after each pause, until an answer comes or the connection ends."""
    with Conversation(endpoint) as conversation:
        session = conversation.socket
        session.sendall(first)
        while not stop.is_set():
            data = answer_within(session, pause)
            if data is not None:
                return data.split(b" ")[1].decode() if data.startswith(b"HTTP/1.1 ") else "closed"
            try:
                if again:
                    session.sendall(again)
            except OSError:
                return "closed"
    return "stopped by the test"


def answer_within(session: socket.socket, seconds: float) -> bytes | None:
    """What comes within this time, empty where the connection ends; tickets of TLS 1.3 are nothing."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([session], [], [], left)[0]:
            return None
        session.settimeout(0)
        try:
            return session.recv(65536)
        except (ssl.SSLWantReadError, BlockingIOError):
            continue
        except OSError:
            return b""
        finally:
            session.settimeout(30)
    return None


def saw_on(session: socket.socket) -> str:
    """What comes until the end: the status of an answer, or `closed` where none came."""
    data = b""
    session.settimeout(30)
    try:
        while chunk := session.recv(65536):
            data += chunk
            if b"\r\n\r\n" in data:
                break
    except TimeoutError:
        return "hung"
    except (ConnectionError, ssl.SSLError):
        pass
    return data.split(b" ")[1].decode() if data.startswith(b"HTTP/1.1 ") else "closed"


@dataclass
class Siege:
    """What all attacks together led to."""

    sightings: dict[str, Sighting]
    fresh: list[float]
    """How long fresh requests took meanwhile, in seconds."""
    slow_readers_cut_after: float
    slow_readers_counted: float
    slow_readers_got: list[int]
    """Bytes that were left for each after the cut."""
    open_at_end: float


@pytest.fixture(scope="module")
def siege(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    """Runs every attack several times at once."""
    folder = tmp_path_factory.mktemp("siege")
    with Application() as application:
        prepare(folder, Setting(upstream_port=application.port, limits=LIMITS))
        with running(binary, folder) as server:
            yield besiege(server)
            assert server.stop() == 0


def besiege(server: Running) -> Siege:
    """Attacks, times fresh requests, and waits until every attacker was cut."""
    stop, lock = threading.Event(), threading.Lock()
    sightings = {attack.name: Sighting() for attack in ATTACKS}
    endpoint = server.endpoint

    def play(attack: Attack) -> None:
        begun = time.monotonic()
        try:
            saw = attack.attack(endpoint, stop)
        except OSError as failure:
            saw = f"failed: {failure}"
        with lock:
            sightings[attack.name].seconds.append(time.monotonic() - begun)
            sightings[attack.name].saw.append(saw)

    threads = [
        threading.Thread(target=play, args=(attack,), name=attack.name, daemon=True)
        for attack in ATTACKS for _ in range(OF_EACH_KIND)]
    readers = [Conversation(endpoint) for _ in range(OF_EACH_KIND)]
    begun = time.monotonic()
    for reader in readers:
        # A window that the kernel cannot widen, and nobody who reads.
        reader.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.send(request("/public/endless"))
    for thread in threads:
        thread.start()
    fresh: list[float] = []
    cut_after = 0.0
    while any(thread.is_alive() for thread in threads) or not cut_after:
        asked = time.monotonic()
        assert asked - begun < 60, f"never cut: {still_there(threads, cut_after)}"
        assert ask(endpoint, request("/public/fresh")).status == 200
        fresh.append(time.monotonic() - asked)
        if not cut_after and server.metric('gatehouse_refusals_total{reason="read-too-slow"}') >= OF_EACH_KIND:
            cut_after = time.monotonic() - begun
        threads[0].join(0.1)
        stop.wait(0.05)
    stop.set()
    for thread in threads:
        thread.join()
    counted = server.metric('gatehouse_refusals_total{reason="read-too-slow"}')
    left = [bytes_left(reader.socket) for reader in readers]
    for reader in readers:
        reader.socket.close()

    def is_quiet() -> bool:
        # The page's own connection is counted, and the one before it may still linger.
        return server.metric("gatehouse_client_connections") <= 2

    await_that(is_quiet, "every connection of an attacker is closed")
    return Siege(sightings, fresh, cut_after, counted, left, server.metric("gatehouse_client_connections"))


def bytes_left(session: socket.socket) -> int:
    """How many bytes still come after the gateway has cut the connection; -1 where it is open after all."""
    session.settimeout(5)
    count = 0
    try:
        while data := session.recv(65536):
            count += len(data)
    except TimeoutError:
        return -1
    except OSError:
        pass
    return count


def still_there(threads: list[threading.Thread], readers_cut_after: float) -> str:
    """Who goes on."""
    names = [thread.name for thread in threads if thread.is_alive()]
    return ", ".join(names + ([] if readers_cut_after else ["slow readers"]))


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name.replace(" ", "-") for attack in ATTACKS])
def test_a_slow_client_is_cut_within_its_bound(siege: Siege, attack: Attack) -> None:
    """Whoever is slow is cut within the configured bound and not before it, and told 408 where there was a request."""
    sighting = siege.sightings[attack.name]
    assert sighting.saw == [attack.sees] * OF_EACH_KIND
    assert min(sighting.seconds) >= attack.least, sighting.seconds
    assert max(sighting.seconds) <= attack.most, sighting.seconds


def test_a_slow_reader_is_cut_within_its_bound(siege: Siege) -> None:
    """Whoever asks for much and reads nothing is cut by the minimum rate; the kernel keeps nothing for them."""
    assert siege.slow_readers_cut_after >= RATE_WINDOW_SECONDS - 0.5
    assert siege.slow_readers_cut_after <= 2 * RATE_WINDOW_SECONDS + SLACK_SECONDS
    assert siege.slow_readers_counted == OF_EACH_KIND, "each is counted once"
    assert all(0 <= left < OWN_BUFFER_BYTES for left in siege.slow_readers_got), siege.slow_readers_got


def test_the_others_do_not_notice(siege: Siege, capsys: pytest.CaptureFixture[str]) -> None:
    """Meanwhile a fresh request, handshake included, takes no longer than without attackers."""
    assert len(siege.fresh) > 20
    with capsys.disabled():
        median = sorted(siege.fresh)[len(siege.fresh) // 2]
        most = max(siege.fresh)
        print(f"\n{len(siege.fresh)} fresh requests, median {median * 1000:.0f} ms, most {most * 1000:.0f} ms")


def test_nothing_is_left_of_them(siege: Siege) -> None:
    """After the siege no connection of an attacker is open."""
    assert siege.open_at_end <= 2


def test_a_steady_body_is_not_cut(binary: Path, tmp_path: Path) -> None:
    """The accepted twin: a body above the minimum rate may take longer than every timeout."""
    with Application() as application:
        prepare(tmp_path, Setting(upstream_port=application.port, limits=LIMITS))
        with running(binary, tmp_path) as server, Conversation(server.endpoint) as conversation:
            pieces = 60
            conversation.send(request("/public/steady", "POST", fields=(f"Content-Length: {pieces * 100}",)))
            for _ in range(pieces):
                # 100 bytes ten times a second: 1000 B/s, for 6 s.
                assert answer_within(conversation.socket, 0.1) is None, "it was cut"
                conversation.send(b"x" * 100)
            observed = conversation.read_answers(1, False)
            assert [(each.status, each.body) for each in observed.answers] == [(200, b"/public/steady")]
