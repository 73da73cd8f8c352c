"""Fixtures of the end-to-end tests: the built binaries, and the corpora of HTTP/1.1 and HTTP/2."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from support.cases import Case, load_corpus  # noqa: E402
from support.golden import Golden, golden_installation  # noqa: E402
from support.http2.cases import FrameCase, load_frame_corpus  # noqa: E402
from support.http2.run import can_be_sent_in_pieces  # noqa: E402
from support.http2.translate import translate  # noqa: E402
from support.identity import people  # noqa: E402
from support.installation import Installation  # noqa: E402
from support.promises import summary  # noqa: E402
from support.reasons import load_reasons  # noqa: E402
from support.report_table import Table  # noqa: E402
from support.run_case import can_be_delivered_in_pieces  # noqa: E402
from support.stage import Stage, stage  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[2]
CORPUS = REPOSITORY / "Tests/Vectors/http1"
FRAME_CORPUS = REPOSITORY / "Tests/Vectors/http2"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives each test that asks for `case` one run per case, named by the case's id."""
    if "case" in metafunc.fixturenames:
        cases = load_corpus(CORPUS)
        metafunc.parametrize("case", cases, ids=[case.id for case in cases])
    if "short_case" in metafunc.fixturenames:
        # Requests that are not long, and cases that are not about the answer.
        members = people()
        cases = [case for case in load_corpus(CORPUS) if can_be_delivered_in_pieces(case, members)]
        metafunc.parametrize("short_case", cases, ids=[case.id for case in cases])
    if "frame_case" in metafunc.fixturenames:
        frame_cases = load_frame_corpus(FRAME_CORPUS)
        metafunc.parametrize("frame_case", frame_cases, ids=[case.id for case in frame_cases])
    if "short_frame_case" in metafunc.fixturenames:
        members = people()
        frame_cases = [case for case in load_frame_corpus(FRAME_CORPUS) if can_be_sent_in_pieces(case, members)]
        metafunc.parametrize("short_frame_case", frame_cases, ids=[case.id for case in frame_cases])
    if "translated_case" in metafunc.fixturenames:
        # Tokens are escaped into the fields, and the stage has its own: each case is translated again there.
        tokens = {name: person.token for name, person in people().items()}
        cases = [each for each in load_corpus(CORPUS) if translate(each, tokens) is not None]
        metafunc.parametrize("translated_case", cases, ids=[case.id for case in cases])


@pytest.fixture(scope="session")
def frame_corpus() -> list[FrameCase]:
    """Every case of the HTTP/2 corpus."""
    return load_frame_corpus(FRAME_CORPUS)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells how long took what is promised within a second."""
    for line in summary():
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def corpus() -> list[Case]:
    """Every case of the HTTP/1.1 corpus."""
    return load_corpus(CORPUS)


@pytest.fixture(scope="session")
def reasons() -> dict[str, int]:
    """Reason code → status, as the gateway's sources have them."""
    return load_reasons(REPOSITORY)


@pytest.fixture(scope="session")
def binary():
    """The path of the gatehouse that is tested; `deploy/test` names it."""
    path = pathlib.Path(os.environ.get("GATEHOUSE_BINARY", ""))
    assert path.is_file(), "GATEHOUSE_BINARY must be the path of the built gatehouse; deploy/test sets it"
    return path


@pytest.fixture
def gatehouse(binary, tmp_path):
    """Runs `gatehouse ARGUMENTS…` in an empty folder, and gives its status and output."""

    def run(*arguments, **environment):
        return subprocess.run(
            [binary, *arguments], cwd=tmp_path, env={"PATH": os.environ["PATH"], **environment},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)

    return run


@pytest.fixture(scope="session")
def acme(binary: Path) -> Iterator[Stage]:
    """A running installation for every walk that disturbs no other; each visitor has an address of their own."""
    with stage(binary) as made:
        yield made


@pytest.fixture(scope="session")
def golden(binary: Path) -> Iterator[Golden]:
    """An installation that has served and was stopped."""
    with golden_installation(binary) as made:
        yield made


@pytest.fixture
def site(golden: Golden) -> Iterator[Installation]:
    """A copy of it, to be spoilt."""
    with golden.site.copied() as copy:
        yield copy


@pytest.fixture(scope="session")
def store_table() -> Iterator[Table]:
    """Codes and messages as seen, of bad keys, bad databases, full disks, floods."""
    made = Table()
    yield made
    made.write("store-bad-input.md")


@pytest.fixture(scope="session")
def commands_table() -> Iterator[Table]:
    """Codes and messages as seen, of commands."""
    made = Table()
    yield made
    made.write("commands.md")
