"""Clients of HTTP/2 that are slow on purpose: each is cut within its bound, and the others do not notice.

All of them attack at the same time, several of each kind, while fresh requests are timed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from support.http2 import frames
from support.http2.connection import Connection, speaking_http2
from support.http2.counting import CountingApplication
from support.http2.floods import ask as asks, begin, block
from support.running import Running, Setting, await_that, prepare, running

OF_EACH_KIND = 3
HEADER_SECONDS, IDLE_SECONDS, RATE_WINDOW_SECONDS = 2.0, 4.0, 5.0
"""Bodies and readers are looked at every 5 seconds (`limits.body_minimum_rate`): two looks may be needed."""
SLACK_SECONDS = 15.0
"""For a busy machine."""
FRESH_SECONDS = 10.0
PAUSE_SECONDS = 0.3
LIMITS = (
    "handshake_timeout: 2s, header_timeout: 2s, idle_timeout: 4s, body_minimum_rate: 240B/s, "
    "connections_per_address: 1000"
)


@dataclass(frozen=True)
class Attack:
    """One way of being slow; not cut before `least` seconds, but before `most` and the slack."""

    name: str
    least: float
    most: float
    first: bytes
    again: bytes
    """Sent after each pause."""
    stream: int = 0
    """The stream that must be over; 0 where the connection must be closed."""
    opens_windows: bool = True


GREETING = frames.PREFACE + frames.settings()
ENDLESS = asks(1, "/public/endless")
OPEN = begin(1, "/public/held-slow")
UNENDED = frames.frame(frames.HEADERS, frames.END_STREAM, 1, block("/public/x"))
HALF_HEADERS = frames.frame(frames.HEADERS, frames.END_HEADERS, 1, block("/public/x"), 2000)
HALF_DATA = OPEN + frames.frame(frames.DATA, 0, 1, b"x" * 10, 9000)
TWO_LOOKS = 2 * RATE_WINDOW_SECONDS

ATTACKS = [
    Attack("silent TLS", 1.5, IDLE_SECONDS, b"", b""),
    Attack("half a preface", 1.5, IDLE_SECONDS, frames.PREFACE[:10], b""),
    Attack("silent after the preface", 1.5, IDLE_SECONDS, GREETING, b""),
    Attack("half a frame's head", 1.5, IDLE_SECONDS, GREETING + b"\0\0\x10\x01", b""),
    Attack("half a header frame", 1.5, IDLE_SECONDS, GREETING + HALF_HEADERS, b""),
    Attack("header frame, dripping", 1.5, IDLE_SECONDS, GREETING + HALF_HEADERS, b"\0"),
    Attack("header block without end", 1.5, IDLE_SECONDS, GREETING + UNENDED, b""),
    Attack("header block, dripping", 0.2, IDLE_SECONDS, GREETING + UNENDED,
           frames.frame(frames.CONTINUATION, 0, 1, b"\x00\x01a\x01b")),
    Attack("body never sent", 1.5, TWO_LOOKS, GREETING + OPEN, b"", 1),
    Attack("body drip", 4.5, TWO_LOOKS, GREETING + OPEN, frames.frame(frames.DATA, 0, 1, b"x"), 1),
    Attack("data frame, dripping", 4.5, TWO_LOOKS, GREETING + HALF_DATA, b"x", 1),
    Attack("reader without a window", 4.5, TWO_LOOKS, GREETING + ENDLESS, b"", 1, opens_windows=False),
    Attack("reader without a window, with pings", 4.5, TWO_LOOKS, GREETING + ENDLESS, frames.ping(), 1, False),
    Attack("idle after a request", IDLE_SECONDS - 1, IDLE_SECONDS, GREETING + asks(1, "/public/x"), b""),
    Attack("idle after a request, with pings", IDLE_SECONDS - 1, IDLE_SECONDS, GREETING + asks(1, "/public/x"),
           frames.ping()),
]


@dataclass
class Siege:
    """What all attacks together led to."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    ends: dict[str, list[str]] = field(default_factory=dict)
    fresh: list[float] = field(default_factory=list)


def play(server: Running, attack: Attack) -> tuple[float, str]:
    """Attacks until the gateway cuts; how long that took, and what the client saw."""
    patience = attack.most + SLACK_SECONDS
    begun = time.monotonic()
    with Connection(replace(speaking_http2(server.endpoint), patience_seconds=patience)) as connection:
        connection.opens_windows = attack.opens_windows
        # Nothing may stand before the client's SETTINGS, nor inside of a header block.
        is_amid_a_frame = attack.first.endswith((UNENDED, HALF_HEADERS, HALF_DATA))
        connection.may_reply = attack.first.startswith(GREETING) and not is_amid_a_frame
        connection.push(attack.first)

        def is_over() -> bool:
            return connection.seen.ending != "open" or bool(attack.stream and connection.stream(attack.stream).is_over)

        def runs(condition: Callable[[], bool]) -> bool:
            return not condition() and time.monotonic() - begun < patience

        while runs(is_over):
            if connection.read_until(lambda _: is_over(), PAUSE_SECONDS):
                break
            if attack.again and connection.seen.ending == "open":
                connection.push(attack.again)
        stream = connection.stream(attack.stream)
        told = f"{stream.status or ''} {stream.reset or ''}".strip() if attack.stream and stream.is_over else ""
        return time.monotonic() - begun, told or connection.seen.ending


def besiege(server: Running) -> Siege:
    """Attacks with all kinds at once, and times fresh requests."""
    made, lock, stop = Siege(), threading.Lock(), threading.Event()

    def attack_once(attack: Attack) -> None:
        try:
            seconds, end = play(server, attack)
        except OSError as failure:
            seconds, end = 0, f"failed: {failure}"
        with lock:
            made.seconds.setdefault(attack.name, []).append(seconds)
            made.ends.setdefault(attack.name, []).append(end)

    threads = [
        threading.Thread(target=attack_once, args=(attack,), daemon=True)
        for attack in ATTACKS for _ in range(OF_EACH_KIND)]
    for thread in threads:
        thread.start()
    endpoint = replace(speaking_http2(server.endpoint), patience_seconds=30)
    while any(thread.is_alive() for thread in threads):
        asked = time.monotonic()
        with Connection(endpoint) as connection:
            connection.push(GREETING + asks(1, "/public/fresh"))
            assert connection.read_until(lambda _: connection.stream(1).is_over)
            assert connection.stream(1).status == 200
        made.fresh.append(time.monotonic() - asked)
        stop.wait(0.05)
    return made


@pytest.fixture(scope="module")
def siege(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    """Runs every attack several times at once."""
    folder = tmp_path_factory.mktemp("siege")
    with CountingApplication() as application:
        prepare(folder, Setting(upstream_port=application.port, limits=LIMITS))
        with running(binary, folder) as server:
            made = besiege(server)
            await_that(lambda: server.metric("gatehouse_client_connections") <= 2, "every attacker's connection ends")
            yield made
            assert server.stop() == 0


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name.replace(" ", "-") for attack in ATTACKS])
def test_a_slow_client_is_cut_within_its_bound(siege: Siege, attack: Attack) -> None:
    """Whoever is slow is cut within the configured bound and not before it."""
    ends, seconds = siege.ends[attack.name], siege.seconds[attack.name]
    assert len(ends) == OF_EACH_KIND and "open" not in ends and not any("failed" in end for end in ends), ends
    assert min(seconds) >= attack.least, (seconds, ends)
    assert max(seconds) <= attack.most + SLACK_SECONDS, (seconds, ends)


def test_the_others_do_not_notice(siege: Siege, capsys: pytest.CaptureFixture[str]) -> None:
    """Meanwhile fresh requests, handshake included, are answered."""
    assert len(siege.fresh) > 5
    assert max(siege.fresh) < FRESH_SECONDS
    with capsys.disabled():
        median = sorted(siege.fresh)[len(siege.fresh) // 2]
        most = max(siege.fresh)
        print(f"\n{len(siege.fresh)} fresh requests, median {median * 1000:.0f} ms, most {most * 1000:.0f} ms")
        for name, seconds in siege.seconds.items():
            print(f"  {name}: {min(seconds):.1f}-{max(seconds):.1f} s, {', '.join(sorted(set(siege.ends[name])))}")


def test_a_steady_body_is_not_cut(binary: Path, tmp_path: Path) -> None:
    """The accepted twin: a body above the minimum rate may take longer than every timeout."""
    with CountingApplication() as application:
        prepare(tmp_path, Setting(upstream_port=application.port, limits=LIMITS))
        with running(binary, tmp_path) as server, Connection(speaking_http2(server.endpoint)) as connection:
            connection.push(GREETING + begin(1, "/public/held-steady"))
            for _ in range(60):
                # 100 bytes ten times a second: 1000 B/s, for 6 s.
                connection.push(frames.frame(frames.DATA, 0, 1, b"x" * 100))
                was_cut = connection.read_until(lambda seen: seen.ending != "open" or connection.stream(1).is_over, 0.1)
                assert not was_cut
            assert connection.seen.ending == "open" and not connection.seen.goaways


def test_a_slow_but_steady_reader_is_not_cut(binary: Path, tmp_path: Path) -> None:
    """The accepted twin: whoever opens the window by a little above the minimum rate gets on."""
    with CountingApplication() as application:
        prepare(tmp_path, Setting(upstream_port=application.port, limits=LIMITS))
        with running(binary, tmp_path) as server, Connection(speaking_http2(server.endpoint)) as connection:
            connection.opens_windows = False
            connection.push(GREETING + ENDLESS)
            for _ in range(30):
                connection.push(frames.window_update(1, 1000) + frames.window_update(0, 1000))
                connection.read_until(lambda seen: seen.ending != "open" or connection.stream(1).is_over, 0.25)
            assert connection.seen.ending == "open" and not connection.stream(1).is_over
            assert connection.stream(1).body_bytes > frames.DEFAULT_WINDOW
