"""What the clock does not show: system calls, counters and the profile of a proxy under signed-in load."""

import re
import shutil
import signal
import subprocess
import time
import urllib.request
from collections import Counter
from pathlib import Path

from load.h2load import HTTP2Load
from load.wrk import Load
from measure import COOL_DOWN_SECONDS, WARM_UP_SECONDS, Bench, warm_sessions
from measure_streams import HTTP2_CONNECTIONS, STREAMS
from proxies.proxy import Proxy

#: What a loop thread does for a request, and nothing else (issue 2, "Speed and size").
EXPECTED_CALLS = re.compile(r"recv(from|msg|mmsg)?|send(to|msg|mmsg)?|epoll_p?wait2?")
#: These stand still while signed-in requests pass.
STILL_COUNTERS = ("gatehouse_session_loads_total", "gatehouse_portal_calls_total", "gatehouse_allocations")
COUNTED_REQUESTS = 100_000
PROFILE_LINES = 60


class CountersMoved(Exception):
    """A signed-in request reached the store, the portal or the allocator."""


def count_system_calls(bench: Bench, proxy: Proxy, seconds: float) -> str:
    """One `strace -c` per thread, summed by thread name; Markdown."""
    load = Load(bench.files(proxy).small, proxy.port, bench.load_core, seconds + 4, bench.connections)
    try:
        time.sleep(WARM_UP_SECONDS)
        threads = proxy.process.threads()
        requests_before = bench.upstream.requests()
        tracers = []
        for thread, name in threads:
            summary = proxy.folder / f"strace.{thread}"
            argv = ["taskset", "-c", str(bench.load_core), "strace", "-c", "-q", "-o", str(summary), "-p", str(thread)]
            tracers.append((name, summary, subprocess.Popen(argv, stderr=subprocess.DEVNULL)))
        time.sleep(seconds)
        for _, _, tracer in tracers:
            tracer.send_signal(signal.SIGINT)
        for _, _, tracer in tracers:
            tracer.wait()
        requests = bench.upstream.requests() - requests_before
        load.finish()
    finally:
        load.abandon()
    groups: dict[str, Counter] = {}
    for name, summary, _ in tracers:
        group = groups.setdefault(re.sub(r"[-_ #:]*\d+$", "", name), Counter())
        group.update(_read_strace_summary(summary))
    return _system_call_table(proxy, groups, requests)


def compare_counters(bench: Bench, proxy: Proxy, operations: str) -> str:
    """Differences of /metrics over 100,000 requests; Markdown; raises `CountersMoved`."""
    _run_requests(bench, proxy, len(proxy.stage.workload.sessions) * 2)  # Each session is known to the loop after this.
    before = _read_metrics(operations)
    sent = _run_requests(bench, proxy, COUNTED_REQUESTS)
    after = _read_metrics(operations)
    lines = [f"Counters of {proxy.title} over {sent:,} requests:", "", "| counter | difference |", "|---|---|"]
    moved = []
    for name in sorted(after):
        difference = after[name] - before.get(name, 0)
        is_still = name.startswith(STILL_COUNTERS)
        if difference or is_still:
            lines.append(f"| `{name}` | {difference:g} |")
        if difference and is_still:
            moved.append(name)
    for name in STILL_COUNTERS:
        if not any(metric.startswith(name) for metric in after):
            lines.append(f"| `{name}` | not exported |")
    if moved:
        raise CountersMoved("\n".join([*lines, "", f"moved: {', '.join(moved)}"]))
    return "\n".join(lines)


def profile(bench: Bench, proxy: Proxy, seconds: float, results: Path, http2: bool) -> str:
    """`perf record` under load; the text report goes to `results`, its top is given back as Markdown.

    By cycles where the machine counts them, else by its clock, as in most virtual machines.
    """
    data, report = results / f"{proxy.name}.perf.data", results / f"{proxy.name}.perf.txt"
    requests = bench.files(proxy).small
    warm_sessions(bench, proxy, requests, bench.connections)
    load: Load | HTTP2Load
    if http2:
        workload = proxy.stage.workload
        load = HTTP2Load(
            workload.sessions[1], workload.path_for(1), proxy.port, bench.load_core, seconds + 3, HTTP2_CONNECTIONS,
            STREAMS[0])
    else:
        load = Load(requests, proxy.port, bench.load_core, seconds + 3, bench.connections)
    event = "cycles" if _counts_cycles() else "cpu-clock"
    try:
        time.sleep(WARM_UP_SECONDS)
        begin = bench.upstream.requests()
        subprocess.run(
            ["taskset", "-c", str(bench.load_core), "perf", "record", "-q", "-g", "-e", event, "-F", "1999",
             "-o", str(data), "-p", ",".join(str(pid) for pid in proxy.process.pids()), "--", "sleep", str(seconds)],
            check=True, capture_output=True)
        passed = bench.upstream.requests() - begin
        load.finish()
    finally:
        load.abandon()
    flat = ["perf", "report", "--stdio", "-i", str(data), "--no-children"]
    shared = _report([*flat, "-g", "none", "--sort", "dso"])
    top = _report([*flat, "-g", "none", "--percent-limit", "0.2", "--sort", "dso,symbol"])
    callers = _report([*flat, "-g", "caller,0.5,callee", "--percent-limit", "0.3"])
    report.write_text("\n\n".join(["\n".join(part) for part in (shared, top, callers)]))
    return "\n".join([
        f"Profile of {proxy.title} by {event} over {passed:,} requests (whole: {report}):", "", "```", *shared,
        "```", "", "```", *top[:PROFILE_LINES], "```",
    ])


def _counts_cycles() -> bool:
    outcome = subprocess.run(["perf", "stat", "-x,", "-e", "cycles", "true"], capture_output=True, text=True)
    return outcome.returncode == 0 and outcome.stderr.split(",")[0].strip().isdigit()


def _report(argv: list[str]) -> list[str]:
    text = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    if shutil.which("swift"):
        demangle = ["swift", "demangle", "--simplified"]
        text = subprocess.run(demangle, input=text, capture_output=True, text=True, check=True).stdout
    # perf fills the line with columns of events that there are none of.
    lines = (re.sub(r"[\s-]+$", "", line) for line in text.splitlines() if not line.startswith("#"))
    return [line for line in lines if line]


def _run_requests(bench: Bench, proxy: Proxy, least: int) -> int:
    sent = 0
    while sent < least:
        load = Load(
            bench.files(proxy).small, proxy.port, bench.load_core, 2 + COOL_DOWN_SECONDS, bench.connections)
        try:
            sent += load.finish().requests
        finally:
            load.abandon()
    return sent


def _read_metrics(operations: str) -> dict[str, float]:
    with urllib.request.urlopen(f"http://{operations}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    samples = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return {name: float(value) for name, value in samples}


def _read_strace_summary(path: Path) -> Counter:
    calls = Counter()
    for line in path.read_text().splitlines() if path.exists() else []:
        columns = line.split()
        # % time, seconds, µs/call, calls, [errors], name
        if len(columns) >= 5 and re.fullmatch(r"[\d.]+", columns[0]) and columns[-1] != "total":
            calls[columns[-1]] += int(columns[3])
    return calls


def _system_call_table(proxy: Proxy, groups: dict[str, Counter], requests: int) -> str:
    lines = [
        f"System calls of {proxy.title} during {requests:,} signed-in requests, by thread name "
        "(tracing begins a moment later):", "",
        "| threads | call | count | per request | |", "|---|---|---|---|---|",
    ]
    for group, calls in groups.items():
        serves = any(name.startswith("epoll") for name in calls)
        for name, count in calls.most_common():
            note = "not expected on a loop" if serves and not EXPECTED_CALLS.fullmatch(name) else ""
            lines.append(f"| {group} | `{name}` | {count:,} | {count / max(1, requests):.3f} | {note} |")
        if not calls:
            lines.append(f"| {group} | none | 0 | 0 | |")
    return "\n".join(lines)
