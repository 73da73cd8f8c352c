"""Fixtures of the end-to-end tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from support.cases import Case, load_corpus  # noqa: E402
from support.reasons import load_reasons  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[2]
CORPUS = REPOSITORY / "Tests/Vectors/http1"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives each test that asks for `case` one run per case, named by the case's id."""
    if "case" in metafunc.fixturenames:
        cases = load_corpus(CORPUS)
        metafunc.parametrize("case", cases, ids=[case.id for case in cases])


@pytest.fixture(scope="session")
def corpus() -> list[Case]:
    """Every case of the HTTP/1.1 corpus."""
    return load_corpus(CORPUS)


@pytest.fixture(scope="session")
def reasons() -> dict[str, int]:
    """Reason code → status, as the gateway's sources have them."""
    return load_reasons(REPOSITORY)
