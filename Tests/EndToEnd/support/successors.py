"""A gateway that hands over to new processes of itself: which one serves now, and how the last one ends."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from .running import Running, await_that


class Successors:
    """The processes of a gateway, one after the other; a context manager that stops the last one."""

    def __init__(self, server: Running) -> None:
        self.server = server
        self.process = server.process.pid
        self.handovers = 0

    def __enter__(self) -> Successors:
        return self

    def __exit__(self, *_: object) -> None:
        if self.handovers and not has_ended(self.process):
            os.kill(self.process, signal.SIGTERM)
            await_that(lambda: has_ended(self.process), f"process {self.process} ended")

    def send_signal(self, number: signal.Signals) -> None:
        """Asks the process that serves for something."""
        os.kill(self.process, number)

    def upgrade(self) -> dict[str, str]:
        """SIGUSR2; what the old process says when the new one serves."""
        self.send_signal(signal.SIGUSR2)
        failed = len(self.server.events("upgrade-failed"))
        await_that(lambda: len(self.server.events("handed-over")) > self.handovers
                   or len(self.server.events("upgrade-failed")) > failed, "the new process serves")
        assert len(self.server.events("upgrade-failed")) == failed, self.server.events("upgrade-failed")
        self.handovers += 1
        told = self.server.events("handed-over")[self.handovers - 1]
        self.process = int(told["process"])
        return told

    def reload(self) -> None:
        """SIGHUP; returns when it is done."""
        done = len(self.server.events("reloaded"))
        self.send_signal(signal.SIGHUP)
        await_that(lambda: len(self.server.events("reloaded")) > done, "the configuration was read again")


def has_ended(process: int) -> bool:
    """True where there is no such process, or nobody but its parent's note of it."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in ("Z", "X")
