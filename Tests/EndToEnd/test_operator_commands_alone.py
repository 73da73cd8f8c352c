"""The operator's commands in their own process: no server runs; keys, empty lists, wrong input, help."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.installation import Installation, Member, installation
from support.report_table import Table

DONE, USAGE, BAD_DATA, BAD_CONFIGURATION = 0, 64, 65, 78
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
NEW_PASSWORD = "Nine-Lanterns_2-Harbour"
NOBODY = "nobody.atall@acme.example"


@pytest.fixture(scope="module")
def stopped(binary: Path) -> Iterator[Installation]:
    """An installation whose server has never run; tenants are made by command."""
    with installation(binary) as made:
        for file in (made.folder / "tenants").iterdir():
            file.unlink()
        made.done("tenant", "create", "initech", "--name", "Initech", "--host", "initech.example.org")
        yield made


# --- keys ------------------------------------------------------------------------------------------------------------


def fresh(binary: Path, folder: Path) -> Installation:
    """A configuration without key and data."""
    with installation(binary) as made:
        for name in ("gatehouse.yaml", "tls", "tenants"):
            (made.folder / name).rename(folder / name)
        return Installation(binary, folder, made.authority)


def test_keys_init_makes_a_key_says_its_fingerprint_and_warns_of_its_loss(binary: Path, tmp_path: Path) -> None:
    """Mode 0600; the fingerprint that `keys verify` shows too; that without a copy elsewhere data are lost."""
    site = fresh(binary, tmp_path)
    said = site.command("keys", "init")
    assert said.returncode == DONE, said.stderr
    key = site.folder / "keys/master.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    words = said.stdout + said.stderr
    assert re.search(r"copy", words) and re.search(r"lost", words)
    fingerprint = re.search(r"\b[0-9a-f]{4}(-[0-9a-f]{4}){3}\b", words)
    assert fingerprint, words
    verified = site.command("keys", "verify")
    assert verified.returncode == DONE, verified.stderr
    assert fingerprint.group() in verified.stdout
    assert key.read_text().splitlines()[1] not in words, "the key itself is never shown"


def test_keys_init_never_overwrites_a_key(binary: Path, tmp_path: Path, commands_table: Table) -> None:
    """A key that stands there stays as it is."""
    site = fresh(binary, tmp_path)
    site.done("keys", "init")
    before = (site.folder / "keys/master.key").read_bytes()
    again = site.command("keys", "init")
    commands_table.add("`keys init` twice", str(again.returncode), again.stderr)
    assert again.returncode == BAD_CONFIGURATION
    assert "keys/master.key" in again.stderr
    assert (site.folder / "keys/master.key").read_bytes() == before


def test_keys_init_refuses_a_git_work_tree_that_does_not_ignore_the_file(
    binary: Path, tmp_path: Path, commands_table: Table
) -> None:
    """A key that a commit would take along is not made; with the file ignored it is."""
    site = fresh(binary, tmp_path)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    refused = site.command("keys", "init")
    commands_table.add("`keys init` in a Git work tree", str(refused.returncode), refused.stderr)
    assert refused.returncode == BAD_CONFIGURATION
    assert ".gitignore" in refused.stderr
    assert not (site.folder / "keys/master.key").exists()
    (tmp_path / ".gitignore").write_text("keys/\n")
    assert site.command("keys", "init").returncode == DONE


# --- in process: the server does not run -----------------------------------------------------------------------------


def test_without_a_server_every_command_works_in_its_own_process(stopped: Installation) -> None:
    """Create, show, list, change: one after the other, each durable for the next."""
    assert [each["id"] for each in stopped.listed("tenant", "list")] == ["initech"]
    wanted = Member("initech", "peter@initech.example", "Peter Gibbons", ("admin",))
    peter = stopped.add(wanted)
    assert UUID.fullmatch(peter.id)
    shown = json.loads(stopped.done("user", "show", "--tenant", "initech", peter.email, "--json"))
    assert (shown["id"], shown["email"], shown["name"]) == (peter.id, peter.email, peter.name)
    assert shown["state"] == "active" and "admin" in shown["roles"]
    stopped.done("user", "set-roles", "--tenant", "initech", peter.email, "billing")
    stopped.done("user", "set-password", "--tenant", "initech", peter.email, "--password-stdin", stdin=NEW_PASSWORD)
    stopped.done("user", "disable", "--tenant", "initech", peter.email)
    listed, = stopped.listed("user", "list", "--tenant", "initech")
    assert listed["state"] == "disabled"
    assert "billing" in listed["roles"] and "admin" not in listed["roles"]  # type: ignore[operator]
    assert stopped.command("store", "verify").returncode == DONE
    assert not list(stopped.data.glob("*.sock")), "no server, no socket"


@pytest.mark.parametrize(
    "arguments",
    [("session", "list", "--tenant", "initech"), ("throttle", "list")], ids=lambda arguments: " ".join(arguments[:2]))
def test_an_empty_list_says_so_and_is_an_empty_array(stopped: Installation, arguments: tuple[str, ...]) -> None:
    """For people a sentence, for programs `[]`."""
    said = stopped.command(*arguments)
    assert said.returncode == DONE
    assert re.search(r"\bno\b", said.stdout + said.stderr, re.IGNORECASE)
    assert stopped.listed(*arguments) == []


def test_empty_lists_of_tenants_and_users_say_what_makes_one(binary: Path) -> None:
    """A new installation leads on."""
    with installation(binary) as site:
        for file in (site.folder / "tenants").iterdir():
            file.unlink()
        tenants = site.command("tenant", "list")
        assert "gatehouse tenant create" in tenants.stdout + tenants.stderr
        assert site.listed("tenant", "list") == []
        site.done("tenant", "create", "initech", "--name", "Initech")
        users = site.command("user", "list", "--tenant", "initech")
        assert "gatehouse user create" in users.stdout + users.stderr
        assert site.listed("user", "list", "--tenant", "initech") == []


# --- wrong input -----------------------------------------------------------------------------------------------------


WRONG = [
    ("an unknown command", ("tenants", "list"), "", USAGE, ()),
    ("a misspelt subcommand", ("user", "lst", "--tenant", "initech"), "", USAGE, ("list",)),
    ("an unknown flag", ("user", "list", "--tenant", "initech", "--jason"), "", USAGE, ("--jason",)),
    ("a flag without its value", ("user", "list", "--tenant"), "", USAGE, ("--tenant",)),
    ("no tenant", ("user", "list"), "", USAGE, ("--tenant",)),
    ("a tenant that is not there", ("user", "list", "--tenant", "initec"), "", BAD_DATA,
     ("initec", 'did you mean "initech"')),
    ("a tenant's id that is none", ("tenant", "create", "Not A Tenant", "--name", "X"), "", BAD_DATA, ("a-z",)),
    ("a tenant that is there", ("tenant", "create", "initech", "--name", "Again"), "", BAD_DATA, ("already",)),
    ("a host of another tenant", ("tenant", "create", "second", "--name", "S", "--host", "initech.example.org"), "",
     BAD_DATA, ("initech.example.org", "initech")),
    ("a host that is none", ("tenant", "create", "third", "--name", "S", "--host", "a b"), "", BAD_DATA, ("a b",)),
    ("a user that is not there", ("user", "show", "--tenant", "initech", NOBODY), "", BAD_DATA, (NOBODY,)),
    ("an address that is none", (
        "user", "create", "--tenant", "initech", "--email", "nowhere", "--name", "N", "--password-stdin"),
     NEW_PASSWORD, BAD_DATA, ("nowhere",)),
    ("a role outside the catalogue", (
        "user", "create", "--tenant", "initech", "--email", "a@initech.example", "--name", "N", "--role", "admn",
        "--password-stdin"), NEW_PASSWORD, BAD_DATA, ("admn", 'did you mean "admin"')),
    ("no roles, and not said so", ("user", "set-roles", "--tenant", "initech", "w@initech.example"), "", USAGE,
     ("--none",)),
    ("roles outside the catalogue", ("user", "set-roles", "--tenant", "initech", "w@initech.example", "biling"), "",
     BAD_DATA, ("biling", 'did you mean "billing"')),
    ("no password", (
        "user", "create", "--tenant", "initech", "--email", "a@initech.example", "--name", "N", "--password-stdin"),
     "", BAD_DATA, ("password",)),
    ("two lines of password", (
        "user", "create", "--tenant", "initech", "--email", "a@initech.example", "--name", "N", "--password-stdin"),
     f"{NEW_PASSWORD}\n{NEW_PASSWORD}\n", BAD_DATA, ("line",)),
    ("a password of a megabyte", (
        "user", "create", "--tenant", "initech", "--email", "a@initech.example", "--name", "N", "--password-stdin"),
     "x" * 1024 * 1024, BAD_DATA, ("password",)),
    ("a password as an argument", (
        "user", "create", "--tenant", "initech", "--email", "a@initech.example", "--name", "N", "--password",
        NEW_PASSWORD), "", USAGE, ("--password",)),
    ("neither a password nor an invitation", (
        "user", "create", "--tenant", "initech", "--email", "a@initech.example", "--name", "N"), "", USAGE,
     ("--password-stdin",)),
    ("an address twice", (
        "user", "create", "--tenant", "initech", "--email", "W@INITECH.example", "--name", "N", "--password-stdin"),
     NEW_PASSWORD, BAD_DATA, ("has this address",)),
    ("a session that is none", ("session", "revoke", "--tenant", "initech", "--session", "x"), "", BAD_DATA, ("x",)),
    ("nothing to revoke", ("session", "revoke", "--tenant", "initech"), "", USAGE, ("--all",)),
    ("two things to revoke", ("session", "revoke", "--tenant", "initech", "--all", "--email", "w@initech.example"), "",
     USAGE, ("--all",)),
    ("an address that is no address", ("throttle", "clear", "--address", "here"), "", BAD_DATA, ("here",)),
]


def everything(site: Installation) -> list[list[dict[str, object]]]:
    """What wrong input could change."""
    return [site.listed("tenant", "list"), site.listed("user", "list", "--tenant", "initech")]


@pytest.fixture(scope="module")
def untouched(stopped: Installation) -> list[list[dict[str, object]]]:
    """What there was before any wrong input."""
    stopped.add(Member("initech", "w@initech.example", "Witness"))
    return everything(stopped)


@pytest.mark.parametrize(
    ("what", "arguments", "stdin", "code", "says"), WRONG, ids=[each[0].replace(" ", "-") for each in WRONG])
def test_wrong_input_says_what_is_wrong(
    stopped: Installation, untouched: list[list[dict[str, object]]], commands_table: Table, what: str,
    arguments: tuple[str, ...], stdin: str, code: int, says: tuple[str, ...],
) -> None:
    """The exit code of sysexits, one clear message, nothing on standard output, no trace of a secret."""
    ended = stopped.command(*arguments, stdin=stdin)
    shown = " ".join(arguments).replace(NEW_PASSWORD, "…")
    commands_table.add(f"{what}: `gatehouse {shown}`", str(ended.returncode), ended.stderr)
    assert ended.returncode == code, ended.stderr + ended.stdout
    assert ended.stdout == ""
    for words in says:
        assert words in ended.stderr, ended.stderr
    assert "Fatal error" not in ended.stderr
    if stdin:
        assert stdin.strip()[:40] not in ended.stderr


def test_wrong_input_has_changed_nothing(stopped: Installation, untouched: list[list[dict[str, object]]]) -> None:
    """After all of the above, tenants and users are what they were."""
    assert everything(stopped) == untouched


def test_a_bad_configuration_is_78_for_every_command(stopped: Installation, binary: Path, tmp_path: Path) -> None:
    """Commands read the same file as the server, and say its faults."""
    text = stopped.configuration.read_text()
    (tmp_path / "gatehouse.yaml").write_text(text.replace("roles:\n  -", "rolls:\n  -"))
    for arguments in (("tenant", "list"), ("user", "list", "--tenant", "initech"), ("throttle", "list"),
                      ("store", "verify"), ("session", "list", "--tenant", "initech")):
        ended = Installation(binary, tmp_path, stopped.authority).command(*arguments)
        assert ended.returncode == BAD_CONFIGURATION, f"{arguments}: {ended.returncode} {ended.stderr}"
        assert "rolls" in ended.stderr
    # The key is looked for all the same: its place does not hang on the fault.
    keys = Installation(binary, tmp_path, stopped.authority).command("keys", "verify")
    assert keys.returncode == BAD_CONFIGURATION
    assert f"no master key at {tmp_path}/keys/master.key" in keys.stderr


def test_a_configuration_that_is_missing_is_78(binary: Path, stopped: Installation, tmp_path: Path) -> None:
    """The path is named."""
    ended = Installation(binary, tmp_path, stopped.authority).command("tenant", "list")
    assert ended.returncode == BAD_CONFIGURATION
    assert "gatehouse.yaml" in ended.stderr and "no such file" in ended.stderr


@pytest.mark.parametrize("group", ["keys", "tenant", "user", "session", "throttle", "store"])
def test_help_shows_every_subcommand_and_flag(stopped: Installation, group: str) -> None:
    """Exit code 0, on standard output, one line for each subcommand."""
    wanted = {
        "keys": {"init", "verify"}, "tenant": {"create", "list", "show"},
        "user": {"create", "list", "show", "set-roles", "set-password", "disable"}, "session": {"list", "revoke"},
        "throttle": {"list", "clear"}, "store": {"verify"},
    }[group]
    said = subprocess.run([stopped.binary, group, "--help"], capture_output=True, text=True, timeout=30, check=False)
    assert said.returncode == DONE
    for name in wanted:
        assert re.search(rf"^  {name}\s+\S", said.stdout, re.MULTILINE), f"{group} {name}\n{said.stdout}"
        own = subprocess.run(
            [stopped.binary, group, name, "--help"], capture_output=True, text=True, timeout=30, check=False)
        assert own.returncode == DONE
        assert "--config" in own.stdout


def test_explain_asks_the_data_folder_where_no_server_runs(stopped: Installation) -> None:
    """The tenant that a command made is known to it; where the key is gone, the files alone decide, and it says so."""
    asked = ("explain", "--host", "initech.example.org", "--path", "/app/x", "--tenant", "initech")
    assert "belongs to tenant initech" in stopped.done(*asked)
    key = stopped.folder / "keys/master.key"
    key.rename(key.with_suffix(".away"))
    try:
        blind = stopped.command(*asked[:-2])
    finally:
        key.with_suffix(".away").rename(key)
    assert "the configuration's files alone" in blind.stderr, blind.stderr
    assert "verdict:" in blind.stdout
