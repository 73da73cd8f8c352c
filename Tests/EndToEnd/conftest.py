"""What the end-to-end tests share: the built binary."""
import os
import pathlib
import subprocess

import pytest


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
