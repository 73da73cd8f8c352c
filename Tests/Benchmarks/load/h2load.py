"""h2load on the load core: one signed-in browser, several connections, many streams on each."""

import math
import os
import re
import subprocess

from load.wrk import Outcome, WrongAnswers
from workload import Session, request_fields


class HTTP2Load:
    """A running h2load; `finish` waits for its end and judges the answers.

    h2load sends the same fields with each request, so that all of a run are one session's.
    """

    def __init__(
        self, session: Session, path: str, port: int, core: int, seconds: float, connections: int, streams: int
    ):
        argv = [
            "taskset", "-c", str(core), "h2load", "--threads=1", f"--clients={connections}",
            f"--max-concurrent-streams={streams}", f"--duration={math.ceil(seconds)}",
            f"--connect-to=127.0.0.1:{port}", "--npn-list=h2", "--groups=X25519",
            "--tls13-ciphers=TLS_AES_128_GCM_SHA256",
        ]
        fields = request_fields(session, path)
        argv += [argument for name, value in fields for argument in ("-H", f"{name}: {value}")]
        # The name without a port, which the others send too.
        argv += ["-H", f":authority: {session.host}", f"https://{session.host}:{port}{path}"]
        self._process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ))

    def finish(self) -> Outcome:
        """Raises `WrongAnswers` for any failure or status other than 2xx."""
        output, _ = self._process.communicate()
        counts = re.search(r"requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", output)
        statuses = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output)
        if counts is None or statuses is None:
            raise WrongAnswers(f"h2load gave no result:\n{output[-2000:]}")
        succeeded, *faults = map(int, counts.groups())
        _, *others = map(int, statuses.groups())
        if succeeded == 0 or any(faults) or any(others):
            raise WrongAnswers(f"h2load: {counts.group(0)}; {statuses.group(0)}")
        return Outcome(succeeded)

    def abandon(self) -> None:
        """Ends h2load early, after a failure elsewhere."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.communicate()
