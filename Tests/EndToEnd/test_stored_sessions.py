"""A store with many sessions: it opens as before, and each session is found.

`GATEHOUSE_SESSIONS` (2,000 unless given) is how many there are.  Times are printed, and fail nothing: a busy machine
must not; what fails is a session that is not found.  Figures worth quoting need a release build and a million.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import statistics
import subprocess
import time
from pathlib import Path

import pytest

from support.installation import ACME, MIA, Installation, installation
from support.report_table import Table
from support.running import Running

COUNT = int(os.environ.get("GATEHOUSE_SESSIONS", "2000"))
SHOWN = min(COUNT, 2000)
FILL_SECONDS = 60 + COUNT / 200


def filled(site: Installation, writer: Path) -> list[str]:
    """Fills the tenant's database while nothing runs; the tokens that are known."""
    ended = subprocess.run(
        [writer, site.data, site.folder / "keys/master.key", "acme", "--sessions", str(COUNT), str(SHOWN),
         str(time.time_ns() // 1_000_000)],
        capture_output=True, text=True, timeout=FILL_SECONDS, check=True)
    lines = ended.stdout.splitlines()
    assert lines[-1] == f"filled {COUNT}", ended.stdout[-500:]
    return [line.removeprefix("token ") for line in lines if line.startswith("token ")]


def started(site: Installation) -> float:
    """Seconds from the start of a process until it listens and serves a member, and back to nothing."""
    begin = time.monotonic()
    with site.running() as server:
        seconds = time.monotonic() - begin
        assert server.operations("/readyz")[0] == 200
    return seconds


def asked(site: Installation, server: Running, tokens: list[str]) -> list[float]:
    """Milliseconds of one request under each session, one after the other over one connection."""
    context = ssl.create_default_context(cafile=str(site.authority.file))
    times = []
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=30)
    connection.sock = context.wrap_socket(
        socket.create_connection(("127.0.0.1", server.port)), server_hostname=ACME)
    for token in tokens:
        begin = time.perf_counter()
        connection.request("GET", "/app/x", headers={
            "Host": f"{ACME}:8443", "Accept": "application/json", "Cookie": f"__Host-gatehouse={token}"})
        with connection.getresponse() as answer:
            answer.read()
        times.append((time.perf_counter() - begin) * 1000)
        assert answer.status == 200, f"{token[:12]}…: {answer.status}"
    connection.close()
    return times


def test_many_sessions_slow_neither_the_start_nor_a_request(
    binary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of them is found, from the store the first time and from memory the second."""
    writer = Path(os.environ["GATEHOUSE_TEST_GATEWAY"]).parent / "store-test-writer"
    with installation(binary) as site:
        site.add(MIA)
        few = statistics.median(started(site) for _ in range(3))
        tokens = filled(site, writer)
        assert len(tokens) == SHOWN
        many = statistics.median(started(site) for _ in range(3))
        with site.running() as server:
            # The tenant's file is opened by the first of them.
            asked(site, server, tokens[:10])
            uncached = asked(site, server, tokens[10:])
            cached = asked(site, server, tokens[10:])
        size = sum(file.stat().st_size for file in site.data.rglob("*") if file.is_file())
    line = (
        f"{COUNT} sessions ({size / 1e6:.0f} MB): start {few:.2f} → {many:.2f} s; a request under a session that is not "
        f"cached p50 {statistics.median(uncached):.2f}, p99 {sorted(uncached)[-len(uncached) // 100]:.2f} ms, cached p50 "
        f"{statistics.median(cached):.2f}, p99 {sorted(cached)[-len(cached) // 100]:.2f} ms")
    table = Table()
    table.add("a store with many sessions", str(COUNT), line)
    table.write("stored-sessions.md")
    with capsys.disabled():
        print(f"\n    {line}")
