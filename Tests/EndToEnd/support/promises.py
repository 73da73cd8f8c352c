"""What the product promises to happen within a second: awaited with patience, measured, and told when the run ends.

A busy machine is no fault of the product, so lateness is told and fails nothing; what never happens fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from .running import await_that

PROMISED_SECONDS = 1.0


@dataclass(frozen=True)
class Effect:
    """Something that was awaited, and how long that took."""

    what: str
    seconds: float


SEEN: list[Effect] = []
"""Every effect of this run."""


def await_effect(condition: Callable[[], object], what: str) -> None:
    """Returns as soon as the condition holds, and notes when that was; fails by name when patience has run out."""
    begun = time.monotonic()
    await_that(condition, what)
    SEEN.append(Effect(what, time.monotonic() - begun))


def summary() -> list[str]:
    """Lines for the end of the run; empty where nothing was promised."""
    if not SEEN:
        return []
    slowest = max(SEEN, key=lambda effect: effect.seconds)
    late = [effect for effect in SEEN if effect.seconds > PROMISED_SECONDS]
    head = f"{len(SEEN)} effects that are promised within a second: slowest {slowest.seconds:.2f} s ({slowest.what})"
    return [head] + [f"  late: {effect.what}, {effect.seconds:.2f} s" for effect in late]
