"""wrk on the load core: many connections, every session in turn, answers checked."""

import json
import math
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from workload import (
    LARGE_BODY_BYTES, LARGE_BODY_PATH, REQUEST_HEAD, SESSION_COOKIE, SMALL_BODY_BYTES, UPLOAD_PATH, Workload,
)

SCRIPT = Path(__file__).with_name("requests.lua")
#: Sessions that large uploads go round; each has its request, body and all, in wrk's memory.
UPLOADING_SESSIONS = 16


class WrongAnswers(Exception):
    """Some answer was not the application's 200 with its whole body: the run says nothing."""


@dataclass(frozen=True)
class Outcome:
    """What the load saw over its whole run."""

    requests: int
    p50_ms: float = 0.0
    p99_ms: float = 0.0


@dataclass(frozen=True)
class Requests:
    """One kind of request on disk: what wrk's script reads, and the body that answers it."""

    host: str
    template: Path
    lines: Path
    answer_bytes: int


class RequestFiles:
    """The prepared requests on disk, made once for each set of tokens."""

    def __init__(self, workload: Workload, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self._workload, self._folder = workload, folder
        # `{path}`, `{host}` and `{token}` are filled by the script.
        head = REQUEST_HEAD.replace("{cookie}", SESSION_COOKIE)
        self.small = self._make("small", head, None, SMALL_BODY_BYTES)
        self.large = self._make("large", head, LARGE_BODY_PATH, LARGE_BODY_BYTES)
        upload = head.replace("GET ", "POST ", 1)[:-2] + "Content-Type: text/plain\r\nContent-Length: "
        self.small_uploads = self._make(
            "small-uploads", f"{upload}{SMALL_BODY_BYTES}\r\n\r\n{'x' * SMALL_BODY_BYTES}", UPLOAD_PATH, SMALL_BODY_BYTES)
        self.large_uploads = self._make(
            "large-uploads", f"{upload}{LARGE_BODY_BYTES}\r\n\r\n{'x' * LARGE_BODY_BYTES}", UPLOAD_PATH, SMALL_BODY_BYTES,
            sessions=UPLOADING_SESSIONS)

    def _make(
        self, name: str, template: str, path: str | None, answer_bytes: int, sessions: int | None = None
    ) -> Requests:
        files = Requests(
            self._workload.sessions[0].host, self._folder / f"{name}.template", self._folder / name, answer_bytes)
        files.template.write_bytes(template.encode())
        self._workload.write_requests(files.lines, path, sessions)
        return files


class Load:
    """A running wrk; `finish` waits for its end and judges the answers."""

    def __init__(
        self, requests: Requests, port: int, core: int, seconds: float, connections: int, rate: float = 0
    ):
        argv = [
            "taskset", "-c", str(core), "wrk", "--threads", "1", "--connections", str(connections),
            "--duration", f"{math.ceil(seconds)}s", "--timeout", "10s", "--script", str(SCRIPT),
            f"https://{requests.host}:{port}/", "--", str(requests.template), str(requests.lines),
            str(requests.answer_bytes), f"{rate:.0f}",
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
