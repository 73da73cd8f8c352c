"""Plays the corpus of raw frames (Tests/Vectors/http2) against the built gateway and a recording application.

Three times: each case sent at once, then byte by byte with compressed headers, and the HTTP/1.1 corpus translated.
`GATEHOUSE_TEST_GATEWAY` names the executable, as for `test_http1_corpus.py`.  The tables by group are printed at the
end and, where `GATEHOUSE_REPORTS` names a folder, written to `http2-corpus.md` there.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from support.cases import Case
from support.client import Endpoint
from support.gateway import running_gateway
from support.http2.cases import FrameCase
from support.http2.connection import speaking_http2
from support.http2.run import run_frames
from support.http2.translate import translate
from support.identity import Person, people
from support.judge import Outcome
from support.recording_upstream import RecordingUpstream
from support.report import table

EXECUTABLE = os.environ.get("GATEHOUSE_TEST_GATEWAY", "")
REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")
PATIENCE_SECONDS = 20.0
"""How long nothing may come before a case counts as hung; the gateway's own patience is less where it is tried."""


@dataclass
class Stage:
    """The running gateway, the application behind it, and what was seen so far."""

    endpoint: Endpoint
    upstream: RecordingUpstream
    people: dict[str, Person]
    shared_secret: str
    reasons: set[str]
    seen: dict[str, list[Outcome]] = field(default_factory=dict)

    def play(self, title: str, case: FrameCase, piece_bytes: int | None = None) -> Outcome:
        """Runs a case on a connection of its own and keeps its outcome."""
        outcome = run_frames(
            case, self.endpoint, self.upstream, self.people, self.shared_secret, self.reasons, piece_bytes)
        self.seen.setdefault(title, []).append(outcome)
        return outcome


@pytest.fixture(scope="module")
def stage(
    tmp_path_factory: pytest.TempPathFactory, reasons: dict[str, int], request: pytest.FixtureRequest
) -> Iterator[Stage]:
    """Starts application and gateway once, and ends with the tables."""
    assert EXECUTABLE, "GATEHOUSE_TEST_GATEWAY must be the path of gatehouse-test-gateway; deploy/test sets it"
    members = people()
    shared_secret = secrets.token_hex(16)
    with (
        RecordingUpstream() as upstream,
        running_gateway(
            EXECUTABLE, tmp_path_factory.mktemp("gateway"), upstream.port, shared_secret, members) as gateway,
    ):
        endpoint = replace(speaking_http2(gateway.endpoint), patience_seconds=PATIENCE_SECONDS)
        made = Stage(endpoint, upstream, members, shared_secret, set(reasons))
        yield made
    text = "\n".join(table(outcomes, title) for title, outcomes in made.seen.items())
    if REPORTS:
        Path(REPORTS).mkdir(parents=True, exist_ok=True)
        (Path(REPORTS) / "http2-corpus.md").write_text(text)
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.ensure_newline()
        reporter.write(text)


def test_frame_case(stage: Stage, frame_case: FrameCase) -> None:
    """The case's verdict holds."""
    outcome = stage.play("HTTP/2, each case sent at once", frame_case)
    assert outcome.kind == "passed", outcome.explain()


def test_frame_case_byte_by_byte(stage: Stage, short_frame_case: FrameCase) -> None:
    """The verdict does not depend on how the bytes were cut into records, nor on how headers were compressed."""
    outcome = stage.play("HTTP/2 again, byte by byte and compressed", short_frame_case, piece_bytes=1)
    assert outcome.kind == "passed", outcome.explain()


def test_http1_case_as_http2(stage: Stage, translated_case: Case) -> None:
    """What HTTP/1.1 must refuse or forward, HTTP/2 must as well."""
    case = translate(translated_case, {name: person.token for name, person in stage.people.items()})
    assert case is not None
    outcome = stage.play("The HTTP/1.1 corpus as HTTP/2", case)
    assert outcome.kind == "passed", outcome.explain()
