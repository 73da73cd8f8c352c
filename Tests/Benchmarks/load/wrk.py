"""wrk on the load core: many connections, every session in turn, answers checked."""

import json
import math
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from workload import LARGE_BODY_BYTES, LARGE_BODY_PATH, REQUEST_HEAD, SESSION_COOKIE, SMALL_BODY_BYTES, Workload

SCRIPT = Path(__file__).with_name("requests.lua")


class WrongAnswers(Exception):
    """Some answer was not the application's 200 with its whole body: the run says nothing."""


@dataclass(frozen=True)
class Outcome:
    """What wrk saw over its whole run."""

    requests: int
    p50_ms: float
    p99_ms: float


class RequestFiles:
    """The prepared requests on disk, made once for all proxies."""

    def __init__(self, workload: Workload, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.host = workload.sessions[0].host
        self.template = folder / "template"
        # `{path}`, `{host}` and `{token}` are filled by the script.
        self.template.write_bytes(REQUEST_HEAD.replace("{cookie}", SESSION_COOKIE).encode())
        self.small = folder / "small"
        self.large = folder / "large"
        workload.write_requests(self.small)
        workload.write_requests(self.large, LARGE_BODY_PATH)


class Load:
    """A running wrk; `finish` waits for its end and judges the answers."""

    def __init__(self, files: RequestFiles, port: int, core: int, seconds: float, connections: int, large: bool):
        argv = [
            "taskset", "-c", str(core), "wrk", "--threads", "1", "--connections", str(connections),
            "--duration", f"{math.ceil(seconds)}s", "--timeout", "10s", "--script", str(SCRIPT),
            f"https://{files.host}:{port}/", "--", str(files.template),
            str(files.large if large else files.small), str(LARGE_BODY_BYTES if large else SMALL_BODY_BYTES),
        ]
        self._process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ))

    def finish(self) -> Outcome:
        """Raises `WrongAnswers` for any error, wrong status or wrong length."""
        output, _ = self._process.communicate()
        line = next((line for line in output.splitlines() if line.startswith("RESULT ")), None)
        if line is None:
            raise WrongAnswers(f"wrk gave no result:\n{output[-2000:]}")
        result = json.loads(line.removeprefix("RESULT "))
        faults = {name: result[name] for name in ("wrong", "connect", "read", "write", "status", "timeout")}
        if result["requests"] == 0 or any(faults.values()):
            raise WrongAnswers(f"{result['requests']} requests, faults: {faults}")
        return Outcome(result["requests"], result["p50_ms"], result["p99_ms"])

    def abandon(self) -> None:
        """Ends wrk early, after a failure elsewhere."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.communicate()
