"""A table of what was done and what came of it, for those who read it after the run."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")


@dataclass
class Table:
    """Rows of what was done, the code and the message."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, code: str, message: str) -> None:
        """One thing that was done, and what came of it; the temporary folder's name is left out."""
        clean = re.sub(r"/\S*?/gatehouse-[a-z0-9_]+/(copy/)?", "", message.strip()).replace("\n", "<br>")
        self.rows.append((what, code, clean.replace("|", "\\|")))

    def write(self, name: str) -> None:
        """Writes it where `GATEHOUSE_REPORTS` says."""
        if not REPORTS:
            return
        Path(REPORTS).mkdir(parents=True, exist_ok=True)
        lines = ["| what was done | code | message |", "|---|---|---|"]
        lines += [f"| {what} | {code} | {message} |" for what, code, message in self.rows]
        (Path(REPORTS) / name).write_text("\n".join(lines) + "\n")
