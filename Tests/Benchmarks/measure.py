"""What is measured, and how the load's windows are cut.  Each measurement gives the figures of one round."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from load.h2load import HTTP2Load
from load.wrk import Load, RequestFiles, Requests, WrongAnswers
from proxies.proxy import Proxy, Stage
from proxies.upstream import Upstream
from workload import LARGE_BODY_BYTES

#: Handshakes of the load's own connections and the first requests of each are over after this.
WARM_UP_SECONDS = 0.7
#: Every session has been used once after this at most, or the machine is too slow for the run.
WARM_SESSIONS_BOUND_SECONDS = 25
#: The load goes on for this long after the window, so that nothing inside it is cut off.
COOL_DOWN_SECONDS = 0.3
LARGE_BODY_CONNECTIONS = 16


class CannotDo(Exception):
    """The proxy does not offer what a measurement needs; the report says so."""


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

    @property
    def microseconds(self) -> float:
        """CPU time of the proxy for each request."""
        return self.cpu_seconds / self.requests * 1e6


class Bench:
    """What every measurement needs besides the proxy."""

    def __init__(self, options, folder: Path, upstream: Upstream, certificate: Path):
        self.upstream = upstream
        self.certificate = certificate
        self.load_core: int = options.load_core
        self.cores = f"{options.proxy_core},{options.load_core}"
        self.connections: int = options.connections
        self.seconds: float = options.seconds
        self.handshakes: int = options.handshakes
        self.idle: int = options.idle
        #: Requests a second that count as half load, the same for every proxy; set before the first round.
        self.half_rate = 0.0
        self._folder = folder
        self._files: dict[str, RequestFiles] = {}

    def files(self, proxy: Proxy) -> RequestFiles:
        """The requests with tokens that this proxy reads."""
        if proxy.name not in self._files:
            self._files[proxy.name] = RequestFiles(proxy.stage.workload, self._folder / proxy.name)
        return self._files[proxy.name]


@dataclass(frozen=True)
class Subject:
    """A proxy that serves since the start of the run, and where others of its kind can be started."""

    serving: Proxy
    stage: Stage

    @contextmanager
    def fresh(self, purpose: str, cores: str | None = None) -> Iterator[Proxy]:
        """Another instance, which has served nobody yet; stopped at the end."""
        stage = replace(self.stage, folder=self.stage.folder.parent / purpose, cores=cores or self.stage.cores)
        proxy = type(self.serving)(stage)
        try:
            proxy.start()
            yield proxy
        finally:
            proxy.stop()


def measure_requests(bench: Bench, subject: Subject) -> dict[str, float]:
    """Small answers: CPU per request, rate, latencies, and whether each request was logged."""
    proxy = subject.serving
    proxy.empty_log()
    forwarded_before = bench.upstream.requests()
    window, outcome = under_load(bench, proxy, bench.files(proxy).small, bench.seconds, bench.connections)
    forwarded = bench.upstream.requests() - forwarded_before
    return {
        "cpu_us_per_request": window.microseconds,
        "requests_per_second": window.requests / window.seconds,
        "p50_ms": outcome.p50_ms,
        "p99_ms": outcome.p99_ms,
        "core_busy": window.busy,
        "log_lines_per_request": proxy.log_lines() / forwarded,
    }


def measure_half_load(bench: Bench, subject: Subject) -> dict[str, float]:
    """Latencies at a rate that leaves the proxy idle half of the time; the same rate for every proxy."""
    proxy = subject.serving
    window, outcome = under_load(
        bench, proxy, bench.files(proxy).small, bench.seconds, bench.connections, bench.half_rate)
    return {
        "half_load_p50_ms": outcome.p50_ms,
        "half_load_p99_ms": outcome.p99_ms,
        "half_load_requests_per_second": window.requests / window.seconds,
        "half_load_cpu_us_per_request": window.microseconds,
    }


def measure_bodies(bench: Bench, subject: Subject) -> dict[str, float]:
    """Answers of 1 MiB: body megabytes (10^6 bytes) that one CPU second carries."""
    proxy = subject.serving
    window, _ = under_load(
        bench, proxy, bench.files(proxy).large, max(1, bench.seconds / 2), LARGE_BODY_CONNECTIONS, warms=False)
    proxy.empty_log()
    return {
        "body_mb_per_cpu_second": window.requests * LARGE_BODY_BYTES / 1e6 / window.cpu_seconds,
        "bodies_core_busy": window.busy,
    }


def measure_uploads(bench: Bench, subject: Subject) -> dict[str, float]:
    """Requests with bodies of 1 KiB and of 1 MiB, read whole by the application before it answers."""
    proxy, files = subject.serving, bench.files(subject.serving)
    seconds = max(1, bench.seconds / 2)
    small, _ = under_load(bench, proxy, files.small_uploads, seconds, bench.connections)
    large, _ = under_load(bench, proxy, files.large_uploads, seconds, LARGE_BODY_CONNECTIONS, warms=False)
    proxy.empty_log()
    return {
        "small_upload_cpu_us": small.microseconds,
        "upload_mb_per_cpu_second": large.requests * LARGE_BODY_BYTES / 1e6 / large.cpu_seconds,
    }


def under_load(
    bench: Bench, proxy: Proxy, requests: Requests, seconds: float, connections: int, rate: float = 0,
    warms: bool = True,
):
    """A window of wrk's load and wrk's own outcome.

    With `warms` each session has been used before the window begins, whatever the proxy keeps of it.
    """
    sessions = len(proxy.stage.workload.sessions) if warms else 0
    # The load must outlast the warm-up, whose length only shows while it goes on; so warm up with a load apart.
    if sessions:
        warm_sessions(bench, proxy, requests, connections)
    whole = WARM_UP_SECONDS + seconds + COOL_DOWN_SECONDS
    return cut_window(
        bench, proxy, seconds, Load(requests, proxy.port, bench.load_core, whole, connections, rate))


def warm_sessions(bench: Bench, proxy: Proxy, requests: Requests, connections: int) -> None:
    """Uses every session once; raises `WrongAnswers` where that does not come to an end."""
    load = Load(requests, proxy.port, bench.load_core, WARM_SESSIONS_BOUND_SECONDS, connections)
    try:
        wanted = bench.upstream.requests() + len(proxy.stage.workload.sessions)
        deadline = time.monotonic() + WARM_SESSIONS_BOUND_SECONDS
        while bench.upstream.requests() < wanted:
            if time.monotonic() > deadline:
                raise WrongAnswers(f"{proxy.name}: the sessions were not warm in {WARM_SESSIONS_BOUND_SECONDS} s")
            time.sleep(0.02)
    finally:
        load.abandon()


def cut_window(bench: Bench, proxy: Proxy, seconds: float, load: Load | HTTP2Load):
    """The middle of a load that has just been started, and the load's own outcome."""
    try:
        time.sleep(WARM_UP_SECONDS)
        before = (time.monotonic(), bench.upstream.requests(), proxy.process.cpu_seconds())
        time.sleep(seconds)
        after = (time.monotonic(), bench.upstream.requests(), proxy.process.cpu_seconds())
        window = Window(*(end - start for start, end in zip(before, after)))
        if window.requests <= 0 or window.cpu_seconds <= 0:
            raise WrongAnswers(f"{proxy.name}: nothing passed in a window of {window.seconds:.1f} s")
        return window, load.finish()
    finally:
        load.abandon()


Measurement = Callable[[Bench, Subject], dict[str, float]]
