"""The table that a corpus run ends with."""

from __future__ import annotations

from .judge import KINDS, Outcome


def table(outcomes: list[Outcome], title: str) -> str:
    """A Markdown table by group: cases, passed, and each kind of failure."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.case.group, []).append(outcome)
    columns = ["cases", "passed", *KINDS]
    lines = [f"## {title}", "", "| group | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    for group, members in groups.items():
        lines.append(_row(group, members))
    lines.append(_row("**all**", outcomes))
    return "\n".join(lines) + "\n"


def _row(name: str, outcomes: list[Outcome]) -> str:
    kinds = [outcome.kind for outcome in outcomes]
    counts = [len(kinds), kinds.count("passed"), *(kinds.count(kind) for kind in KINDS)]
    return f"| {name} | " + " | ".join(str(count) for count in counts) + " |"
