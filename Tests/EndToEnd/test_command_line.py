"""The command line as scripts rely on it: help, version and the exit codes of sysexits."""
import re

import pytest

USAGE = 64
BAD_CONFIGURATION = 78


def test_help_says_what_there_is_and_succeeds(gatehouse):
    done = gatehouse("--help")
    assert done.returncode == 0
    assert "USAGE: gatehouse" in done.stdout
    assert "check" in done.stdout
    assert done.stderr == ""


def test_version_is_one_line_of_semantic_versioning(gatehouse):
    done = gatehouse("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"(gatehouse )?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?\n", done.stdout)


@pytest.mark.parametrize("arguments", [["no-such-command"], ["--no-such-option"], ["check", "--no-such-option"]])
def test_a_usage_error_says_so_and_is_64(gatehouse, arguments):
    done = gatehouse(*arguments)
    assert done.returncode == USAGE
    assert arguments[-1] in done.stderr
    assert done.stdout == ""


def test_check_of_a_file_that_is_not_there_names_it_and_is_78(gatehouse):
    done = gatehouse("check", "--config", "absent.yaml")
    assert done.returncode == BAD_CONFIGURATION
    assert "absent.yaml" in done.stdout + done.stderr
    assert "Fatal" not in done.stderr


def test_the_configuration_may_be_named_by_the_environment(gatehouse):
    done = gatehouse("check", GATEHOUSE_CONFIG="elsewhere.yaml")
    assert done.returncode == BAD_CONFIGURATION
    assert "elsewhere.yaml" in done.stdout + done.stderr
