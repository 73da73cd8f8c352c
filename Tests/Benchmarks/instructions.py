"""Instructions of Gatehouse in user space for each request, counted by callgrind: the same in every run, however busy the
machine is, and without what the kernel does."""

import re
import shutil
import subprocess
import time
from pathlib import Path

from load.wrk import Load
from measure import Bench, Subject
from proxies.gatehouse import Gatehouse

SHOWN = 70
#: valgrind runs the gateway some 50 times slower.
SECONDS = 12


class GatehouseUnderCallgrind(Gatehouse):
    """Counts nothing until it is told to."""

    name = "gatehouse-callgrind"
    start_bound_seconds = 180

    def command(self, argv: list[str]) -> list[str]:
        # Debian's valgrind cannot read the compiler's DWARF 5; names of functions are enough.
        binary = self.folder / "gatehouse-test-gateway"
        subprocess.run(["objcopy", "--strip-debug", argv[0], str(binary)], check=True)
        out = f"--callgrind-out-file={self.folder}/callgrind.out"
        return ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--separate-threads=yes", out, str(binary), *argv[1:]]


def count_instructions(bench: Bench, subject: Subject, results: Path) -> str:
    """Per request, by function; Markdown.  The whole goes to `results`."""
    proxy = GatehouseUnderCallgrind(subject.stage)
    try:
        proxy.start()
        requests = bench.files(proxy).small
        pid = str(proxy.process.pid)
        # Each session's first request signs: once round before the counting.
        wanted = bench.upstream.requests() + len(proxy.stage.workload.sessions) + bench.connections
        while bench.upstream.requests() < wanted:
            load = Load(requests, proxy.port, bench.load_core, 5, bench.connections)
            load.finish()
        load = Load(requests, proxy.port, bench.load_core, SECONDS, bench.connections)
        time.sleep(4)
        subprocess.run(["callgrind_control", "-i", "on", pid], check=True, capture_output=True)
        begin = bench.upstream.requests()
        time.sleep(SECONDS - 6)
        done = bench.upstream.requests() - begin
        subprocess.run(["callgrind_control", "-i", "off", pid], check=True, capture_output=True)
        load.finish()
    finally:
        proxy.stop()
    outs = sorted(proxy.folder.glob("callgrind.out*"), key=lambda file: file.stat().st_size)
    annotated = subprocess.run(
        ["callgrind_annotate", "--threshold=99", str(outs[-1])], capture_output=True, text=True, check=True).stdout
    (results / "callgrind.txt").write_text(_demangled(annotated))
    return f"{done} requests\n\n" + "\n".join(_demangled(annotated).splitlines()[:SHOWN])


def _demangled(text: str) -> str:
    if not shutil.which("swift"):
        return text
    return subprocess.run(["swift", "demangle", "--simplified"], input=text, capture_output=True, text=True).stdout
