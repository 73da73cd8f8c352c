"""Plays the raw HTTP/1.1 corpus (Tests/Vectors/http1) against the built gateway and a recording application.

`GATEHOUSE_TEST_GATEWAY` names the executable: the gateway's real composition with seeded sessions.  One process
serves the whole run; every case has a connection of its own.  The table by group is printed at the end and, where
`GATEHOUSE_REPORTS` names a folder, written to `http1-corpus.md` there.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.cases import Case
from support.gateway import Gateway, running_gateway
from support.identity import Person, people
from support.judge import Outcome
from support.recording_upstream import RecordingUpstream
from support.report import table
from support.run_case import run_case

EXECUTABLE = os.environ.get("GATEHOUSE_TEST_GATEWAY", "")
REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")


@dataclass
class Stage:
    """The running gateway, the application behind it, and what was seen so far."""

    gateway: Gateway
    upstream: RecordingUpstream
    people: dict[str, Person]
    shared_secret: str
    reasons: set[str]
    whole: list[Outcome] = field(default_factory=list)
    in_pieces: list[Outcome] = field(default_factory=list)

    def play(self, case: Case, piece_bytes: int | None = None) -> Outcome:
        """Runs a case on a connection of its own."""
        return run_case(
            case, self.gateway.endpoint, self.upstream, self.people, self.shared_secret, self.reasons, piece_bytes
        )


@pytest.fixture(scope="module")
def stage(
    tmp_path_factory: pytest.TempPathFactory, reasons: dict[str, int], request: pytest.FixtureRequest
) -> Iterator[Stage]:
    """Starts application and gateway once, and ends with the table."""
    assert EXECUTABLE, "GATEHOUSE_TEST_GATEWAY must be the path of the built gatehouse-test-gateway; deploy/test sets it"
    folder: Path = tmp_path_factory.mktemp("gateway")
    members = people()
    shared_secret = secrets.token_hex(16)
    with (
        RecordingUpstream() as upstream,
        running_gateway(EXECUTABLE, folder, upstream.port, shared_secret, members) as gateway,
    ):
        made = Stage(gateway, upstream, members, shared_secret, set(reasons))
        yield made
    text = table(made.whole, "The corpus, each request sent at once")
    if made.in_pieces:
        text += "\n" + table(made.in_pieces, "The corpus again, byte by byte")
    if REPORTS:
        Path(REPORTS).mkdir(parents=True, exist_ok=True)
        (Path(REPORTS) / "http1-corpus.md").write_text(text)
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.ensure_newline()
        reporter.write(text)


def test_case(stage: Stage, case: Case) -> None:
    """The case's verdict holds."""
    outcome = stage.play(case)
    stage.whole.append(outcome)
    assert outcome.kind == "passed", outcome.explain()


def test_case_byte_by_byte(stage: Stage, short_case: Case) -> None:
    """The verdict does not depend on how the bytes were cut into records: every state of a parser is entered anew."""
    outcome = stage.play(short_case, piece_bytes=1)
    stage.in_pieces.append(outcome)
    assert outcome.kind == "passed", outcome.explain()
