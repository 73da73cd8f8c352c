"""The order of a run: install, prove that all do the same job, measure in interleaved rounds, report."""

import os
import resource
import shutil
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from debian import MissingTool, install_tools
from inspect_gateway import CountersMoved, compare_counters, count_system_calls, profile
from load.connections import BadAnswer
from load.wrk import RequestFiles, WrongAnswers
from machine import check_cores, describe_machine, make_certificate
from measure import Bench, measure_bodies, measure_handshakes, measure_idle_memory, measure_requests
from options import KINDS, read_options
from processes import StartFailed
from proxies.proxy import Proxy, Stage
from proxies.upstream import Upstream
from report import Rounds, markdown, write_results
from same_job import OtherJob, check_same_job
from workload import make_workload


class Run:
    """One benchmark from start to end; the context ends every process that it started."""

    def __init__(self, options, folder: Path):
        self.options = options
        certificate, key = make_certificate(folder)
        workload = make_workload(options.sessions)
        self.upstream = Upstream(options.load_core, folder)
        self.bench = Bench(
            workload, RequestFiles(workload, folder / "requests"), self.upstream, certificate, options.load_core,
            options.connections)
        self.stage = Stage(workload, certificate, key, self.upstream.identified_port, options.proxy_core, folder)
        self.proxies: dict[str, Proxy] = {}

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_) -> None:
        for proxy in self.proxies.values():
            proxy.stop()
        self.upstream.stop()

    def prove_same_job(self) -> str:
        """The TLS that all negotiated; raises `OtherJob`."""
        outcomes = {}
        for name in self.options.proxies:
            outcomes[name] = check_same_job(KINDS[name], self._stage(name, "check"))
            say(f"{name}: does the job ({outcomes[name]})")
        if len(set(outcomes.values())) != 1:
            raise OtherJob(f"the proxies negotiated different TLS: {outcomes}")
        return outcomes[self.options.proxies[0]]

    def start(self) -> None:
        """Starts every proxy; idle ones cost nothing while another is measured."""
        for name in self.options.proxies:
            self.proxies[name] = KINDS[name](self._stage(name, "serve"))
            self.proxies[name].start()

    def measure(self) -> dict[str, Rounds]:
        """All rounds; each begins with another proxy than the one before."""
        figures: dict[str, Rounds] = {name: [] for name in self.options.proxies}
        for number in range(self.options.rounds):
            shift = number % len(self.options.proxies)
            for name in self.options.proxies[shift:] + self.options.proxies[:shift]:
                say(f"round {number + 1} of {self.options.rounds}: {name}")
                figures[name].append(self._measure_one(name))
        return figures

    def inspect(self) -> list[str]:
        """The steps asked for, each as Markdown."""
        options = self.options
        proxy = self.proxies[options.subject]
        parts = []
        if options.strace:
            parts.append(count_system_calls(self.bench, proxy, options.seconds))
        if options.counters:
            parts.append(compare_counters(self.bench, proxy, proxy.operations))
        if options.profile:
            parts.append(profile(self.bench, proxy, options.seconds, options.results))
        return parts

    def _measure_one(self, name: str) -> dict[str, float]:
        options, proxy = self.options, self.proxies[name]
        figures = {}
        if "requests" in options.measurements:
            figures |= measure_requests(self.bench, proxy, options.seconds)
        if "bodies" in options.measurements:
            figures |= measure_bodies(self.bench, proxy, max(1, options.seconds // 2))
        if "handshakes" in options.measurements:
            figures |= measure_handshakes(self.bench, proxy, options.handshakes)
        if "memory" in options.measurements:
            fresh = KINDS[name](self._stage(name, "memory"))
            try:
                fresh.start()
                figures |= measure_idle_memory(self.bench, fresh, options.idle)
            finally:
                fresh.stop()
        return figures

    def _stage(self, name: str, purpose: str) -> Stage:
        port = self.upstream.identified_port if KINDS[name].authenticates else self.upstream.anonymous_port
        return replace(self.stage, upstream_port=port, folder=self.stage.folder / purpose)


def main(arguments: list[str]) -> int:
    """0: measured; 1: a wrong answer, another job, or a process that did not start; 2: bad options."""
    options = read_options(arguments)
    check_cores(options.proxy_core, options.load_core)
    # 1,000 idle connections from this process, and as many again in the proxy.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # A termination must end the proxies too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    folder = Path(tempfile.mkdtemp(prefix="gatehouse-benchmark-"))
    try:
        steps = {"strace"} if options.strace else set()
        install_tools(steps | ({"perf"} if options.profile else set()))
        os.sched_setaffinity(0, {options.load_core})
        options.results.mkdir(parents=True, exist_ok=True)
        with Run(options, folder) as run:
            facts = describe_machine(arguments)
            facts["proxies"] = "; ".join(KINDS[name].version() for name in options.proxies)
            facts["tls"] = run.prove_same_job()
            run.start()
            if options.inspects:
                report = "\n\n".join(run.inspect()) + "\n"
                (options.results / "inspection.md").write_text(report)
            else:
                figures = run.measure()
                report = markdown(figures, {name: KINDS[name].title for name in figures}, facts)
                write_results(options.results, report, figures, facts)
        print(report)
        say(f"results: {options.results}")
        return 0
    except (WrongAnswers, BadAnswer, OtherJob, StartFailed, CountersMoved, MissingTool) as failure:
        say(f"{type(failure).__name__}: {failure}")
        return 1
    finally:
        if options.keep:
            shutil.copytree(folder, options.results / "work", dirs_exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def say(text: str) -> None:
    """Progress, apart from the report on standard output."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
