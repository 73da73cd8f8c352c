"""CPU time of a process by groups of its threads, as the kernel counts it."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

GROUPS = ((r"gatehouse-\d+", "loop"), (r"gatehouse-hash", "hash"), (r"gatehouse-log", "log"))
"""What threads are called that live as long as their process, and of which group they are.

What is left is the pool's, on which the store works too; its threads come and go.
"""
SETTLING_SECONDS = 0.05


@dataclass(frozen=True)
class Lap:
    """What was used in a stretch of time."""

    seconds: float
    used: Counter[str]
    """Microseconds of each group, user and kernel."""


class ThreadClocks:
    """Adds up what each group of a process's threads has used."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._tasks = Path(f"/proc/{pid}/task")
        self._last, self._begun = self._read(), time.monotonic()

    def lap(self) -> Lap:
        """What was used since the last lap, with what an answer leaves behind."""
        time.sleep(SETTLING_SECONDS)
        (before, begun) = (self._last, self._begun)
        self._last, self._begun = self._read(), time.monotonic()
        used = Counter(self._last)
        used.subtract(before)
        return Lap(self._begun - begun, used)

    def _read(self) -> Counter[str]:
        spent: Counter[str] = Counter()
        for task in self._tasks.iterdir():
            try:
                (name, clock) = ((task / "comm").read_text().strip(), (task / "schedstat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue
            for pattern, group in GROUPS:
                if re.fullmatch(pattern, name):
                    spent[group] += int(clock.split()[0]) // 1000
        # clock_getcpuclockid(3): the clock of another process is the complement of its id and CPUCLOCK_SCHED; threads
        # that have ended are in it.
        everything = time.clock_gettime_ns((~self._pid << 3) | 2) // 1000
        spent["pool"] = everything - sum(spent.values())
        return spent
