"""What HTTP/2 costs, and what a second loop brings."""

import time

from load.h2load import HTTP2Load
from load.wrk import Load
from measure import COOL_DOWN_SECONDS, WARM_UP_SECONDS, Bench, Subject, cut_window, warm_sessions
from measure_connections import require_http2

HTTP2_CONNECTIONS = 8
STREAMS = (10, 32)


def measure_http2(bench: Bench, subject: Subject) -> dict[str, float]:
    """Small answers over eight connections with 10 and with 32 streams each; raises `CannotDo`."""
    proxy = subject.serving
    require_http2(bench, proxy)
    workload = proxy.stage.workload
    number = next(number for number, session in enumerate(workload.sessions) if "admin" not in session.roles)
    figures = {}
    for streams in STREAMS:
        whole = WARM_UP_SECONDS + bench.seconds / 2 + COOL_DOWN_SECONDS
        load = HTTP2Load(
            workload.sessions[number], workload.path_for(number), proxy.port, bench.load_core, whole,
            HTTP2_CONNECTIONS, streams)
        window, _ = cut_window(bench, proxy, bench.seconds / 2, load)
        figures |= {
            f"http2_{streams}_cpu_us": window.microseconds,
            f"http2_{streams}_requests_per_second": window.requests / window.seconds,
        }
    proxy.empty_log()
    return figures


def measure_loops(bench: Bench, subject: Subject) -> dict[str, float]:
    """What two loops could do against one.

    A machine of two cores cannot load two loops and run the load besides.  So both do the same work beside the
    load, and the CPU time of the busiest thread says where the end would be: one loop does a request in t1, the
    busier of two spends t2 of its own for each of all requests, and two do t1 / t2 times as many.
    """
    one, two = (_busiest_microseconds(bench, subject, cores) for cores in (subject.stage.cores, bench.cores))
    return {"two_loops_times": one / two}


def _busiest_microseconds(bench: Bench, subject: Subject, cores: str) -> float:
    with subject.fresh("loops", cores) as proxy:
        requests = bench.files(proxy).small
        warm_sessions(bench, proxy, requests, bench.connections)
        load = Load(
            requests, proxy.port, bench.load_core, WARM_UP_SECONDS + bench.seconds + COOL_DOWN_SECONDS,
            bench.connections)
        try:
            time.sleep(WARM_UP_SECONDS)
            begin, before = bench.upstream.requests(), proxy.process.thread_seconds()
            time.sleep(bench.seconds)
            done, after = bench.upstream.requests() - begin, proxy.process.thread_seconds()
            load.finish()
        finally:
            load.abandon()
        return max(seconds - before.get(thread, 0) for thread, seconds in after.items()) / done * 1e6
