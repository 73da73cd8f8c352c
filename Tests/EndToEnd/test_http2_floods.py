"""Floods of HTTP/2: each is cut, little of it reaches the application, and the others are served meanwhile.

CPU time and fresh requests are measured and told (`http2-floods.md` where `GATEHOUSE_REPORTS` names a folder); their
bounds here are what a slow machine with a debug build keeps.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from support.http2 import frames
from support.http2.connection import Connection, speaking_http2
from support.http2.counting import CountingApplication
from support.http2.floods import FLOODS, Flood, ask as asks
from support.running import Running, Setting, ask, prepare, request, running

PATIENCE_SECONDS = 30.0
CPU_SECONDS = 5.0
FRESH_SECONDS = 10.0
HELD = "/public/held"
LIMITS = "header_timeout: 5s, idle_timeout: 4s, body_minimum_rate: 240B/s, connections_per_address: 1000"
REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")


@dataclass
class Seen:
    """What one flood led to."""

    flood: Flood
    ended: str
    """The error code of GOAWAY, or `closed`."""
    seconds: float
    cpu_seconds: float
    reached: int
    """Requests that the application got."""
    fresh: list[float]


@dataclass
class Field:
    """The gateway, the application, and the table so far."""

    server: Running
    application: CountingApplication
    streams_at_most: int
    rows: list[Seen] = field(default_factory=list)


@pytest.fixture(scope="module")
def plain(binary: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Field]:
    """A gateway for all of them, one after the other."""
    folder = tmp_path_factory.mktemp("floods")
    with CountingApplication() as application:
        prepare(folder, Setting(upstream_port=application.port, first_byte="60s", limits=LIMITS))
        with running(binary, folder) as server:
            made = Field(server, application, streams_allowed(server))
            yield made
    text = table(made.rows)
    if REPORTS:
        Path(REPORTS).mkdir(parents=True, exist_ok=True)
        (Path(REPORTS) / "http2-floods.md").write_text(text)
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.ensure_newline()
        reporter.write(text)


def opened(server: Running) -> Connection:
    """A connection that has said its preface."""
    connection = Connection(replace(speaking_http2(server.endpoint), patience_seconds=PATIENCE_SECONDS))
    connection.send(frames.PREFACE + frames.settings())
    return connection


def streams_allowed(server: Running) -> int:
    """What the gateway's SETTINGS say; RFC 9113 §5.1.2."""
    with opened(server) as connection:
        assert connection.read_until(lambda seen: bool(seen.settings))
        limit = connection.seen.settings.get(frames.PARAMETERS["MAX_CONCURRENT_STREAMS"])
        assert limit is not None, "no bound on concurrent streams"
        return limit


def cpu_seconds(process: int) -> float:
    """What the process has used so far, in user and system mode."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask_fresh(server: Running, stop: threading.Event, seconds: list[float]) -> None:
    """Asks again and again on connections of their own, and notes how long each answer took."""
    while True:
        asked = time.monotonic()
        answer = ask(replace(server.endpoint, patience_seconds=PATIENCE_SECONDS), request("/public/fresh"))
        assert answer.status == 200
        seconds.append(time.monotonic() - asked)
        if stop.wait(0.02):
            return


def suffer(plain: Field, flood: Flood) -> Seen:
    """Floods while fresh requests are timed."""
    server, stop, fresh = plain.server, threading.Event(), list[float]()
    before, reached, begun = cpu_seconds(server.process.pid), plain.application.count(HELD), time.monotonic()
    asking = threading.Thread(target=ask_fresh, args=(server, stop, fresh), daemon=True)
    asking.start()
    try:
        with opened(server) as connection:
            flood.attack(connection)
            connection.read_to_end()
            seen = connection.seen
    finally:
        stop.set()
        asking.join()
    told = next((goaway.code for goaway in seen.goaways if goaway.code != "NO_ERROR"), "")
    return Seen(
        flood, told or seen.ending, time.monotonic() - begun, cpu_seconds(server.process.pid) - before,
        plain.application.count(HELD) - reached, fresh)


@pytest.mark.parametrize("flood", FLOODS, ids=[f"{each.name}-{each.variant}".replace(" ", "-") for each in FLOODS])
def test_a_flood_is_cut(plain: Field, flood: Flood) -> None:
    """The connection is closed, the application hardly notices, nor do the others; and the gateway goes on."""
    seen = suffer(plain, flood)
    plain.rows.append(seen)
    assert seen.ended not in ("open", "hung"), "it was never cut"
    assert seen.reached <= 2 * plain.streams_at_most, f"{seen.reached} requests reached the application"
    assert seen.cpu_seconds < CPU_SECONDS
    assert seen.fresh and max(seen.fresh) < FRESH_SECONDS
    with opened(plain.server) as connection:
        connection.push(asks(1, "/public/after"))
        assert connection.read_until(lambda _: connection.stream(1).is_over)
        assert connection.stream(1).status == 200


def test_a_busy_client_is_not_cut(plain: Field) -> None:
    """The accepted twin: two thousand requests, ten at a time, with PING and windows as a browser sends them."""
    with opened(plain.server) as connection:
        for start in range(0, 2000, 10):
            numbers = [2 * number + 1 for number in range(start, start + 10)]
            extra = frames.ping() if start % 100 == 0 else b""
            connection.send(b"".join(asks(number, "/public/busy") for number in numbers) + extra)
            assert connection.read_until(lambda _: all(connection.stream(each).is_over for each in numbers))
            assert {connection.stream(each).status for each in numbers} == {200}
        assert connection.seen.ending == "open" and not connection.seen.goaways


def test_a_client_that_gives_up_now_and_then_is_not_cut(plain: Field) -> None:
    """The accepted twin of rapid reset: a person who clicks on, eight requests given up among others."""
    with opened(plain.server) as connection:
        for number in range(1, 64, 8):
            connection.send(asks(number, HELD) + asks(number + 2, "/public/next"))
            assert connection.read_until(lambda _: connection.stream(number + 2).is_over)
            connection.send(frames.rst_stream(number))
        connection.send(asks(101, "/public/last"))
        assert connection.read_until(lambda _: connection.stream(101).is_over)
        assert connection.stream(101).status == 200 and not connection.seen.goaways


def table(rows: list[Seen]) -> str:
    """Markdown."""
    lines = [
        "## Floods of HTTP/2", "",
        "| flood | variant | ended with | after s | gateway's CPU s | reached behind | fresh request at most ms |",
        "|---|---|---|---:|---:|---:|---:|"]
    lines += [
        f"| {row.flood.name} | {row.flood.variant} | {row.ended} | {row.seconds:.2f} | {row.cpu_seconds:.2f} "
        f"| {row.reached} | {max(row.fresh, default=0) * 1000:.0f} |" for row in rows]
    return "\n".join(lines) + "\n"
