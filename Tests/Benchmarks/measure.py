"""The four measurements.  Each takes a running proxy and gives the figures of one round."""

import time
from dataclasses import dataclass
from pathlib import Path

from load.connections import Clients
from load.wrk import Load, RequestFiles
from proxies.proxy import Proxy
from proxies.upstream import Upstream
from workload import LARGE_BODY_BYTES, Workload

#: Handshakes of the load's own connections and the first requests of each are over after this.
WARM_UP_SECONDS = 0.7
#: wrk goes on for this long after the window, so that nothing inside it is cut off.
COOL_DOWN_SECONDS = 0.3
LARGE_BODY_CONNECTIONS = 16


@dataclass(frozen=True)
class Window:
    """What happened between two moments of a steady load."""

    seconds: float
    requests: int
    cpu_seconds: float

    @property
    def busy(self) -> float:
        """The share of its core that the proxy used; near 1 it was the bottleneck."""
        return self.cpu_seconds / self.seconds


@dataclass(frozen=True)
class Bench:
    """What every measurement needs besides the proxy."""

    workload: Workload
    files: RequestFiles
    upstream: Upstream
    certificate: Path
    load_core: int
    connections: int


def measure_requests(bench: Bench, proxy: Proxy, seconds: float) -> dict[str, float]:
    """Small answers: CPU per request, rate, latencies, and whether each request was logged."""
    proxy.empty_log()
    forwarded_before = bench.upstream.requests()
    window, outcome = _under_load(bench, proxy, seconds, bench.connections, large=False)
    forwarded = bench.upstream.requests() - forwarded_before
    return {
        "cpu_us_per_request": window.cpu_seconds / window.requests * 1e6,
        "requests_per_second": window.requests / window.seconds,
        "p50_ms": outcome.p50_ms,
        "p99_ms": outcome.p99_ms,
        "core_busy": window.busy,
        "log_lines_per_request": proxy.log_lines() / forwarded,
    }


def measure_bodies(bench: Bench, proxy: Proxy, seconds: float) -> dict[str, float]:
    """Answers of 1 MiB: body megabytes (10^6 bytes) that one CPU second carries."""
    window, _ = _under_load(bench, proxy, seconds, LARGE_BODY_CONNECTIONS, large=True)
    proxy.empty_log()
    return {
        "body_mb_per_cpu_second": window.requests * LARGE_BODY_BYTES / 1e6 / window.cpu_seconds,
        "bodies_core_busy": window.busy,
    }


def measure_handshakes(bench: Bench, proxy: Proxy, count: int) -> dict[str, float]:
    """CPU of a connection's whole life: full handshake, one small request, close."""
    clients = Clients(proxy.port, bench.certificate)
    sessions = bench.workload.sessions
    before = proxy.process.cpu_seconds()
    for number in range(count):
        clients.connect_and_ask(sessions[number % len(sessions)]).close()
    return {"cpu_us_per_handshake": (proxy.process.cpu_seconds() - before) / count * 1e6}


def measure_idle_memory(bench: Bench, proxy: Proxy, count: int) -> dict[str, float]:
    """Growth of a freshly started proxy per connection that waits after one request.

    Its first connection (lazy initialisation, the first pages of every pool) is open before the first reading.
    """
    clients = Clients(proxy.port, bench.certificate)
    sessions = bench.workload.sessions
    first = clients.connect_and_ask(sessions[0])
    before = proxy.process.memory_bytes()
    connections = [clients.connect_and_ask(sessions[number % len(sessions)]) for number in range(count)]
    growth = proxy.process.memory_bytes() - before
    for connection in [first, *connections]:
        connection.close()
    return {"idle_kib_per_connection": growth / count / 1024}


def _under_load(bench: Bench, proxy: Proxy, seconds: float, connections: int, large: bool):
    whole = WARM_UP_SECONDS + seconds + COOL_DOWN_SECONDS
    load = Load(bench.files, proxy.port, bench.load_core, whole, connections, large)
    try:
        time.sleep(WARM_UP_SECONDS)
        before = (time.monotonic(), bench.upstream.requests(), proxy.process.cpu_seconds())
        time.sleep(seconds)
        after = (time.monotonic(), bench.upstream.requests(), proxy.process.cpu_seconds())
        return Window(*(end - start for start, end in zip(before, after))), load.finish()
    finally:
        load.abandon()
