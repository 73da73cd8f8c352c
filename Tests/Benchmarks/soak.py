"""Memory over many requests: it must not grow with the number served."""

import time

from load.wrk import Load
from measure import Bench
from proxies.proxy import Proxy

READINGS = 10
#: One wrk after the other, each this long, so that its answers are judged now and then.
LOAD_SECONDS = 20


def soak(bench: Bench, proxy: Proxy, requests: int) -> str:
    """So many small answers, with the resident memory after each tenth of them; Markdown."""
    begin, due, readings = bench.upstream.requests(), 0, []
    while True:
        load = Load(bench.files(proxy).small, proxy.port, bench.load_core, LOAD_SECONDS, bench.connections)
        end = time.monotonic() + LOAD_SECONDS
        try:
            while time.monotonic() < end and due <= requests:
                done = bench.upstream.requests() - begin
                if done >= due:
                    readings.append((done, proxy.process.resident_kib(), proxy.process.cpu_seconds()))
                    due += requests // READINGS
                    # An access log of a gigabyte would be memory of the machine, not of the proxy.
                    proxy.empty_log()
                time.sleep(0.2)
            if due <= requests:
                load.finish()
                continue
        finally:
            load.abandon()
        break
    lines = [
        f"Resident memory of {proxy.title} under {bench.connections} connections:", "",
        "| requests | RSS KiB | growth since the first tenth | CPU µs per request since the reading before |",
        "|---:|---:|---:|---:|",
    ]
    settled = readings[1][1]
    for (earlier, _, cpu_before), (done, resident, cpu) in zip([(0, 0, 0.0), *readings], readings):
        cost = f"{(cpu - cpu_before) / (done - earlier) * 1e6:.1f}" if done > earlier > 0 else "–"
        lines.append(f"| {done:,} | {resident:,} | {resident - settled:+,} | {cost} |")
    return "\n".join(lines)
