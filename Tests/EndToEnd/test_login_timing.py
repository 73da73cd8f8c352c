"""How long a refused sign-in takes, for an unknown address and for a wrong password.

`GATEHOUSE_TIMINGS` says how many of each; 15 unless given.  Times are printed, and fail nothing: a busy machine must
not; what fails is an answer that is not the refusal.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.installation import MIA
from support.report_table import Table
from support.stage import Stage, stage

COUNT = int(os.environ.get("GATEHOUSE_TIMINGS", "15"))
WRONG_PASSWORD = "Wrong-Herons_4-Breakfast"


@pytest.fixture(scope="module")
def acme(binary: Path) -> Iterator[Stage]:
    """A running server with one member; answers about an account are not made slow, however many guess at it."""
    with stage(binary, "throttle: { per_account: { failures: 1000000 } }", members=(MIA,)) as made:
        yield made


def test_unknown_and_wrong_take_the_same_time(acme: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """Interleaved, each from an address of its own, so that no throttle bites; medians are printed."""
    unknown: list[float] = []
    wrong: list[float] = []
    for number in range(COUNT):
        # Which comes first alternates, so that no drift of the machine favours one.
        kinds = [(unknown, f"nobody.{number}@acme.example"), (wrong, MIA.email)]
        for times, email in kinds if number % 2 else reversed(kinds):
            visitor = acme.visitor()
            page = visitor.to_password(email)
            begun = time.perf_counter()
            answer = visitor.give_password(page, WRONG_PASSWORD)
            times.append((time.perf_counter() - begun) * 1000)
            assert answer.asks_for("password"), f"{answer.status} {answer.text[:500]}"
    medians = statistics.median(unknown), statistics.median(wrong)
    apart = abs(medians[0] - medians[1]) / max(medians) * 100
    line = (
        f"{COUNT} each: unknown {medians[0]:.1f} ms, wrong {medians[1]:.1f} ms, {apart:.2f} % apart; "
        f"ranges {min(unknown):.0f}-{max(unknown):.0f} and {min(wrong):.0f}-{max(wrong):.0f} ms")
    table = Table()
    table.add("unknown address and wrong password, interleaved", f"{COUNT} each", line)
    table.write("login-timing.md")
    with capsys.disabled():
        print(f"\n    {line}")
