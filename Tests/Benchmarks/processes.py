"""Processes that the benchmark starts, pinned to one core, and what the kernel says of their cost."""

import os
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

START_BOUND_SECONDS = 20
STOP_BOUND_SECONDS = 15


class StartFailed(Exception):
    """A process ended, or did not serve, within `START_BOUND_SECONDS`."""


class PinnedProcess:
    """One process with its children, on one core or on several; output goes to files.

    `cores` is a list as taskset takes it: `0` or `0,1`.
    """

    def __init__(self, name: str, argv: list[str], cores: int | str, folder: Path, stdout: Path | None = None):
        self.name = name
        self.output = stdout or folder / f"{name}.out"
        self.errors = folder / f"{name}.err"
        environment = {key: value for key, value in os.environ.items() if key != "OPENSSL_CONF"}
        with open(self.output, "ab") as output, open(self.errors, "ab") as errors:
            self._process = subprocess.Popen(
                ["taskset", "-c", str(cores), *argv],
                stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=environment, cwd=folder,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def pids(self) -> list[int]:
        """The process and its children, theirs included."""
        found = []
        pending = [self.pid]
        while pending:
            pid = pending.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").iterdir():
                try:
                    pending += [int(child) for child in (task / "children").read_text().split()]
                except (FileNotFoundError, ProcessLookupError):
                    continue
        return found

    def threads(self) -> list[tuple[int, str]]:
        """Id and name of every thread of the process and its children."""
        found = []
        for pid in self.pids():
            for task in Path(f"/proc/{pid}/task").iterdir():
                try:
                    found.append((int(task.name), (task / "comm").read_text().strip()))
                except (FileNotFoundError, ProcessLookupError):
                    continue  # The thread ended between the two readings.
        return found

    def thread_seconds(self) -> dict[int, float]:
        """CPU time of each thread that lives, user and kernel."""
        found = {}
        for pid in self.pids():
            for task in Path(f"/proc/{pid}/task").iterdir():
                try:
                    found[int(task.name)] = int((task / "schedstat").read_text().split()[0]) / 1e9
                except (FileNotFoundError, ProcessLookupError):
                    continue
        return found

    def cpu_seconds(self) -> float:
        """CPU time of the process and its children, user and kernel, threads that have ended included."""
        # clock_getcpuclockid(3): the clock of another process is the complement of its id and CPUCLOCK_SCHED.
        return sum(time.clock_gettime((~pid << 3) | 2) for pid in self.pids())

    def resident_kib(self) -> int:
        """Resident memory of the process and its children; shared pages count for each of them."""
        total = 0
        for pid in self.pids():
            status = Path(f"/proc/{pid}/status").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
        return total

    def memory_bytes(self) -> int:
        """Proportional set size: pages shared by the processes count once."""
        total = 0
        for pid in self.pids():
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except (FileNotFoundError, ProcessLookupError):
                continue  # A child that has ended.
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        return total

    def wait_for_port(self, port: int) -> None:
        """Returns once 127.0.0.1:`port` accepts; raises `StartFailed`."""
        self._wait(lambda: _accepts(port), f"nothing accepts on port {port}")

    def wait_for_certificate(self, port: int, certificate: Path) -> None:
        """Returns once 127.0.0.1:`port` proves itself with it, for proxies that accept before they have read their
        rules; raises `StartFailed`."""
        wanted = certificate.read_text().strip()
        self._wait(lambda: _certificate(port) == wanted, f"another certificate on port {port}")

    def wait_for_line(self, prefix: str, bound_seconds: float = START_BOUND_SECONDS) -> str:
        """The first line of standard output that begins with `prefix`; raises `StartFailed`."""
        def find() -> str | None:
            lines = self.output.read_text(errors="replace").split("\n")[:-1]
            return next((line for line in lines if line.startswith(prefix)), None)

        return self._wait(find, f"no line begins with {prefix!r}", bound_seconds)

    def stop(self) -> None:
        """SIGTERM, then SIGKILL where that is not heeded within `STOP_BOUND_SECONDS`."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_BOUND_SECONDS)
            except subprocess.TimeoutExpired:
                print(f"{self.name}: did not heed SIGTERM within {STOP_BOUND_SECONDS} s", flush=True)
                self._process.kill()
                self._process.wait()

    def _wait(self, condition, otherwise: str, bound_seconds: float = START_BOUND_SECONDS):
        deadline = time.monotonic() + bound_seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                otherwise = f"ended with status {self._process.returncode}"
                break
            if outcome := condition():
                return outcome
            time.sleep(0.02)
        self.stop()
        last = self.errors.read_text(errors="replace")[-2000:] or self.output.read_text(errors="replace")[-2000:]
        raise StartFailed(f"{self.name}: {otherwise}\n{last}")


class PinnedProcesses(PinnedProcess):
    """Several that do one job together: a proxy and the service that it asks; costs are their sum."""

    def __init__(self, *members: PinnedProcess):
        self._members = members

    def pids(self) -> list[int]:
        return [pid for member in self._members for pid in member.pids()]

    def stop(self) -> None:
        for member in self._members:
            member.stop()


def free_port() -> int:
    """A port of 127.0.0.1 that the kernel has just called free, for servers that cannot take port 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _certificate(port: int) -> str | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as plain:
            with context.wrap_socket(plain, server_hostname="t000.example.org") as connection:
                return ssl.DER_cert_to_PEM_cert(connection.getpeercert(binary_form=True)).strip()
    except OSError:
        return None


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False
