"""The corpus files under Tests/Vectors/http2: the grammar of HTTP/1.1's, with frames in place of a request's bytes.

Tests/Vectors/http2/README.md documents it.  Everything that is not understood is an error with file and line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from ..cases import Case, CorpusError, parse_text
from .frames import ERRORS
from .script import Step, parse_steps

MALFORMED = "malformed"
OUTCOME = re.compile(r"(?:(\d{3}|\*)(?: ([a-z0-9-]+))?|(stream|connection) ([A-Z_0-9/x]+|any)|none|malformed)")


@dataclass(frozen=True)
class Outcome:
    """One way in which a stream may end."""

    kind: str
    """`status`, `stream` (RST_STREAM), `connection` (GOAWAY and the end) or `none` (nothing may come)."""
    status: int | None = None
    reason: str | None = None
    codes: tuple[str, ...] = ()
    """Error codes, any of them; empty for any at all."""

    def __str__(self) -> str:
        if self.kind == "status":
            return f"{self.status or '*'} {self.reason or ''}".strip()
        return f"{self.kind} {'/'.join(self.codes)}".strip()


@dataclass(frozen=True)
class FrameCase:
    """One conversation over HTTP/2, its verdict fixed beforehand."""

    case: Case
    """Everything that is not about frames, as the judge of HTTP/1.1 knows it."""
    steps: tuple[Step, ...]
    outcomes: tuple[tuple[Outcome, ...], ...]
    """For each stream that the client opens, in order, what may come of it."""
    is_mute: bool = False
    """The client acknowledges nothing and opens no windows."""

    @property
    def id(self) -> str:
        """The case's name."""
        return self.case.id

    @property
    def streams(self) -> list[int]:
        """The streams that the client opens, in order."""
        found: list[int] = []
        for step in self.steps:
            if step.kind in ("request", "headers") and step.stream not in found:
                found.append(step.stream)
        return found

    @property
    def keeps_literals(self) -> bool:
        """True where header compression is what the case is about."""
        return any(line.startswith("hex:") for step in self.steps for line in step.lines)


def malformed(status: int | None = 400) -> tuple[Outcome, ...]:
    """What a malformed request may come to: 400 of ours (RFC 9113 §8.1.1), or an error of stream or connection."""
    return (
        Outcome("status", status),
        Outcome("stream", codes=("PROTOCOL_ERROR",)),
        Outcome("connection", codes=("PROTOCOL_ERROR",)),
    )


def load_frame_corpus(folder: Path) -> list[FrameCase]:
    """All cases of a folder, in the order of file names and lines."""
    return [case for path in sorted(folder.glob("*.cases")) for case in parse_frame_text(path.read_text(), path.name)]


def parse_frame_text(text: str, file_name: str) -> list[FrameCase]:
    """The cases of a file's text; `file_name` is for messages."""
    cases: list[FrameCase] = []
    for case in parse_text(text, file_name, "frames"):
        where = f"{case.source} [{case.id}]"
        outcomes = tuple(outcomes_of(part, where) for part in case.answer_text.split(",") if part.strip())
        pairs = tuple(tuple((each.status, each.reason) for each in part if each.kind == "status") for part in outcomes)
        case = replace(case, answers=pairs)
        made = FrameCase(case, tuple(parse_steps(list(case.request), where)), outcomes, case.client == "mute")
        if len(made.outcomes) != len(made.streams) and case.verdict not in ("ended", "dropped"):
            raise CorpusError(f"{where}: {len(made.streams)} streams, {len(made.outcomes)} answers")
        cases.append(made)
    return cases


def outcomes_of(text: str, where: str) -> tuple[Outcome, ...]:
    """The alternatives of one answer."""
    found: list[Outcome] = []
    for alternative in text.split("|"):
        match = OUTCOME.fullmatch(alternative.strip())
        if not match:
            raise CorpusError(f"{where}: answer {alternative.strip()!r} is none that the grammar knows")
        status, reason, kind, codes = match.groups()
        if kind:
            names = () if codes == "any" else tuple(codes.split("/"))
            if unknown := [name for name in names if name not in ERRORS]:
                raise CorpusError(f"{where}: {unknown} is no error code")
            found.append(Outcome(kind, codes=names))
        elif status:
            found.append(Outcome("status", None if status == "*" else int(status), reason))
        elif alternative.strip() == "none":
            found.append(Outcome("none"))
        else:
            found += malformed()
    return tuple(found)
