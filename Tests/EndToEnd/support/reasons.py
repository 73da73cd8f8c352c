"""The reason codes and their status codes, read from the one list that has them."""

from __future__ import annotations

import re
from pathlib import Path


def reason_statuses(swift: str) -> dict[str, int]:
    """Kebab-case reason code → status, from the text of Sources/Core/ReasonCode.swift."""
    enumeration = swift.split("enum ReasonCode", 1)[1].split("\n}\n", 1)[0]
    names = [
        name.strip()
        for line in re.findall(r"^    case ([A-Za-z0-9, ]+)$", enumeration, re.MULTILINE)
        for name in line.split(",")
    ]
    switch = swift.split("public var status: UInt16", 1)[1].split("public var fault", 1)[0]
    statuses: dict[str, int] = {}
    for labels, status in re.findall(r"case ((?:\.\w+,?\s*)+):\s*(\d+)", switch):
        for label in re.findall(r"\.(\w+)", labels):
            statuses[kebab(label)] = int(status)
    missing = {kebab(name) for name in names} - set(statuses)
    if not names or missing:
        raise ValueError(f"no status for {sorted(missing)}")
    return statuses


def kebab(name: str) -> str:
    """`pathInvalidUTF8` → `path-invalid-utf8`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def load_reasons(repository: Path) -> dict[str, int]:
    """The reason codes of a checkout."""
    return reason_statuses((repository / "Sources/Core/ReasonCode.swift").read_text())
