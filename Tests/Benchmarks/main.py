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
from instructions import count_instructions
from inspect_gateway import CountersMoved, compare_counters, count_system_calls, profile
from load.connections import BadAnswer
from load.wrk import WrongAnswers
from machine import check_cores, describe_machine, make_certificate
from measure import Bench, CannotDo, Subject, measure_requests
from options import KINDS, MEASUREMENTS, read_options
from processes import StartFailed
from proxies.proxy import Stage
from proxies.upstream import Upstream
from pypi import install_proxies
from report import REFERENCE, Rounds, markdown, write_results
from same_job import OtherJob, check_same_job
from siege import siege
from soak import soak
from workload import make_workload


class Run:
    """One benchmark from start to end; the context ends every process that it started."""

    def __init__(self, options, folder: Path):
        self.options = options
        certificate, key = make_certificate(folder)
        self.upstream = Upstream(options.load_core, folder)
        self.bench = Bench(options, folder / "requests", self.upstream, certificate)
        self.stage = Stage(
            make_workload(options.sessions), certificate, key, self.upstream.identified_port,
            str(options.proxy_core), folder)
        self.subjects: dict[str, Subject] = {}
        #: What the report says of a proxy besides its figures.
        self.notes: dict[str, list[str]] = {name: list(KINDS[name].leaves_undone) for name in options.proxies}

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_) -> None:
        for subject in self.subjects.values():
            subject.serving.stop()
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
            stage = self._stage(name, "serve")
            proxy = KINDS[name](stage)
            self.subjects[name] = Subject(proxy, stage)
            proxy.start()

    def measure(self) -> dict[str, Rounds]:
        """All rounds; each begins with another proxy than the one before."""
        names = self.options.proxies
        if "half-load" in self.options.measurements:
            reference = self.subjects[REFERENCE if REFERENCE in names else names[0]]
            self.bench.half_rate = measure_requests(self.bench, reference)["requests_per_second"] / 2
        figures: dict[str, Rounds] = {name: [] for name in names}
        for number in range(self.options.rounds):
            shift = number % len(names)
            for name in names:
                figures[name].append({})
            # Measurement by measurement, so that the proxies meet each within the same minute.
            for measurement in self.options.measurements:
                say(f"round {number + 1} of {self.options.rounds}: {measurement}")
                for name in names[shift:] + names[:shift]:
                    figures[name][-1] |= self._measure_one(name, measurement)
        return figures

    def inspect(self) -> list[str]:
        """The steps asked for, each as Markdown."""
        options = self.options
        proxy = self.subjects[options.subject].serving
        parts = []
        if options.strace:
            parts.append(count_system_calls(self.bench, proxy, options.seconds))
        if options.counters:
            parts.append(compare_counters(self.bench, proxy, proxy.operations))
        if options.profile:
            parts.append(profile(self.bench, proxy, options.seconds, options.results, options.http2))
        if options.callgrind:
            parts.append(count_instructions(self.bench, self.subjects[options.subject], options.results))
        if options.soak:
            parts.append(soak(self.bench, proxy, options.soak))
        if options.siege:
            parts.append(siege(self.bench, proxy, options.siege))
        return parts

    def _measure_one(self, name: str, measurement: str) -> dict[str, float]:
        try:
            return MEASUREMENTS[measurement](self.bench, self.subjects[name])
        except CannotDo as reason:
            if str(reason) not in self.notes[name]:
                self.notes[name].append(str(reason))
            return {}

    def _stage(self, name: str, purpose: str) -> Stage:
        kind = KINDS[name]
        port = self.upstream.identified_port if kind.authenticates else self.upstream.anonymous_port
        return replace(
            self.stage, workload=kind.workload(self.stage.workload), upstream_port=port,
            folder=self.stage.folder / purpose)


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
        steps = {"strace": options.strace, "perf": options.profile, "valgrind": options.callgrind}
        install_tools({tool for tool, is_wanted in steps.items() if is_wanted})
        missing = install_proxies({name: KINDS[name].package for name in options.proxies if KINDS[name].package})
        options.proxies = [name for name in options.proxies if name not in missing]
        os.sched_setaffinity(0, {options.load_core})
        options.results.mkdir(parents=True, exist_ok=True)
        with Run(options, folder) as run:
            facts = describe_machine(arguments)
            facts["proxies"] = "; ".join(KINDS[name].version() for name in options.proxies)
            facts["tls"] = run.prove_same_job()
            facts |= {name: f"not measured: {reason}" for name, reason in missing.items()}
            run.start()
            if options.inspects:
                report = "\n\n".join(run.inspect()) + "\n"
                (options.results / "inspection.md").write_text(report)
            else:
                figures = run.measure()
                if run.bench.half_rate:
                    facts["half load"] = f"{run.bench.half_rate:,.0f} requests/s"
                report = markdown(figures, {name: KINDS[name].title for name in figures}, run.notes, facts)
                write_results(options.results, report, figures, run.notes, facts)
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
