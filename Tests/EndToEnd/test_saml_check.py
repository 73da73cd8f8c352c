"""`gatehouse saml check` over the attack table: each file is refused for the reason that was fixed before, and its twin,
which differs in the attacked thing only, is accepted."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from support.report_table import Table
from support.saml import keys
from support.saml.attacks import World, attacks
from support.saml.case import ASSERTION, How, USUAL, WITH_KEY, base64_of, enclosed, sealed, signed
from support.saml.messages import CONSUMER, ENTITY, USER, at
from support.saml.signing import SIGN

DONE, USAGE, REFUSED, UNAVAILABLE, BAD_CONFIGURATION = 0, 64, 65, 69, 78
FEWEST = 100
ATTACKS = attacks()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Metadata and keys."""
    return World(tmp_path_factory.mktemp("saml"))


class Judge:
    """Calls the command."""

    def __init__(self, binary: Path, world: World) -> None:
        self.binary, self.world = binary, world

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command with these arguments, in a folder without a configuration."""
        return subprocess.run(
            [str(self.binary), "saml", "check", *arguments], cwd=self.world.folder, env={"PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)

    def judged(self, content: bytes, how: How = USUAL) -> tuple[int, dict[str, object]]:
        """Exit code and what is said with --json."""
        file = self.world.folder / "response"
        file.write_bytes(content)
        ended = self.run(*self.world.arguments(file, how), "--json")
        assert ended.stdout, ended.stderr
        return ended.returncode, json.loads(ended.stdout)


@pytest.fixture(scope="module")
def judge(binary: Path, world: World) -> Judge:
    """The command."""
    return Judge(binary, world)


# --- the attack table ------------------------------------------------------------------------------------------------


def test_the_table_is_large_enough() -> None:
    """As many as were promised."""
    assert len(ATTACKS) >= FEWEST


@pytest.mark.parametrize("attack", ATTACKS, ids=[each.name for each in ATTACKS])
def test_an_attack_is_refused_and_its_twin_accepted(judge: Judge, attack) -> None:  # type: ignore[no-untyped-def]
    """Verdict, reason code and exit code of both."""
    code, said = judge.judged(attack.file, attack.how)
    assert (code, said["verdict"], said["reason"]) == (REFUSED, "refused", attack.reason), said["steps"]
    assert said["subject"] is None
    assert str(said["steps"][-1]).startswith("failed: "), said["steps"]  # type: ignore[index]
    code, said = judge.judged(attack.twin, attack.twin_how)
    assert (code, said["verdict"], said["reason"]) == (DONE, "accepted", None), said["steps"]
    assert said["subject"]


# --- what is said ----------------------------------------------------------------------------------------------------


def test_the_subject_is_what_was_signed_whatever_stands_around(judge: Judge) -> None:
    """Signed assertion, signed response, both, encrypted: one subject, and exactly four keys."""
    for document, how in (
        (signed(), USUAL), (enclosed(), USUAL), (enclosed(SIGN.sign(ASSERTION.xml)), USUAL), (sealed(), WITH_KEY),
        (base64_of(signed()).decode() + "\n", USUAL),
    ):
        code, said = judge.judged(document.encode(), how)
        assert (code, said["subject"]) == (DONE, USER), said
        assert set(said) == {"verdict", "reason", "subject", "steps"}


def test_a_time_that_does_not_fit_is_told_with_its_difference(judge: Judge) -> None:
    """Both clocks, and how far they are apart."""
    _, said = judge.judged(signed(ASSERTION.but(valid_from=at(94))).encode())
    assert said["steps"][-1] == (  # type: ignore[index]
        "failed: the assertion is valid from 12:01:34, this clock says 12:00:00: 94 s too early (60 s of difference "
        "are allowed)")


def test_without_json_it_is_text(judge: Judge, world: World) -> None:
    """Verdict, reason, subject, and a line for each step."""
    file = world.folder / "response"
    file.write_text(signed())
    accepted = judge.run(*world.arguments(file, USUAL))
    assert accepted.returncode == DONE and accepted.stdout.startswith(f"verdict: accepted\nsubject: {USER}\nsteps:\n")
    refused = judge.run(*world.arguments(file, How(metadata="stranger")))
    assert refused.returncode == REFUSED
    assert refused.stdout.startswith("verdict: refused\nreason:  signature-invalid\nsteps:\n")


def test_what_a_terminal_would_obey_is_not_printed(judge: Judge, world: World) -> None:
    """A name is anybody's word."""
    file = world.folder / "response"
    file.write_text(signed(ASSERTION.but(audiences=("\u202etxt",))))
    ended = judge.run(*world.arguments(file, USUAL))
    assert "\u202e" not in ended.stdout and "202E" in ended.stdout


def test_the_legacy_flag_warns(judge: Judge, world: World) -> None:
    """What it takes no sign-in does."""
    file = world.folder / "response"
    file.write_text(signed())
    ended = judge.run(*world.arguments(file, How(allows_legacy=True)))
    assert ended.returncode == DONE and "warning: --insecure-allow-legacy" in ended.stderr


# --- wrong input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "value", "code", "words"),
    [("--metadata", "nowhere.xml", BAD_CONFIGURATION, "nowhere.xml: there is no such file"),
     ("--metadata", "response", BAD_CONFIGURATION, "not SAML metadata"),
     ("--decryption-key", "response", BAD_CONFIGURATION, "no private RSA key"),
     ("--at", "yesterday", BAD_CONFIGURATION, "no time in UTC"), ("FILE", "nowhere", UNAVAILABLE, "no such file")])
def test_wrong_input_is_told_in_words(
    judge: Judge, world: World, commands_table: Table, changed: str, value: str, code: int, words: str
) -> None:
    """None of it is a verdict."""
    file = world.folder / "response"
    file.write_text(signed())
    arguments = world.arguments(file, WITH_KEY)
    arguments[0 if changed == "FILE" else arguments.index(changed) + 1] = value
    ended = judge.run(*arguments)
    commands_table.add(f"`saml check` with {changed} {value}", str(ended.returncode), ended.stderr)
    assert ended.returncode == code and words in ended.stderr and not ended.stdout, ended.stderr


@pytest.mark.parametrize("missing", ["--metadata", "--entity-id", "--acs"])
def test_nothing_that_must_be_expected_has_a_default(judge: Judge, missing: str) -> None:
    """Exit code 64 without it."""
    arguments = {"--metadata": "m", "--entity-id": ENTITY, "--acs": CONSUMER}
    del arguments[missing]
    ended = judge.run("response", *[word for pair in arguments.items() for word in pair])
    assert ended.returncode == USAGE and missing in ended.stderr


def test_metadata_without_a_fit_certificate_is_refused(judge: Judge, world: World) -> None:
    """A key of 1024 bits is left out, and then there is none."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from support.saml.messages import metadata

    weak = keys.pair(rsa.generate_private_key(65537, 1024), "weak.example")  # noqa: S505
    (world.folder / "weak.xml").write_text(metadata(weak))
    file = world.folder / "response"
    file.write_text(signed())
    arguments = world.arguments(file, USUAL)
    arguments[2] = "weak.xml"
    ended = judge.run(*arguments)
    assert ended.returncode == BAD_CONFIGURATION and "1024 bits" in ended.stderr, ended.stderr
