"""The operator's commands, with the server running (through its control socket) and without (in their own process)."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.installation import ACME, ADA, MIA, OTTO, Installation, Member, as_another_user, installation
from support.report_table import Table
from support.running import await_that
from support.stage import Stage, heard, stage, who
from support.streams import OpenStream
from support.visitor import blanked

DONE, USAGE, BAD_DATA, UNAVAILABLE, NOT_PERMITTED, BAD_CONFIGURATION = 0, 64, 65, 69, 77, 78
EFFECT_SECONDS = 1.0
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
NEW_PASSWORD = "Nine-Lanterns_2-Harbour"
NOBODY = "nobody.atall@acme.example"


@pytest.fixture(scope="module")
def acme(binary: Path) -> Iterator[Stage]:
    """A running server; each test works on members of its own."""
    with stage(binary) as made:
        yield made


@pytest.fixture(scope="module")
def stopped(binary: Path) -> Iterator[Installation]:
    """An installation whose server has never run; tenants are made by command."""
    with installation(binary) as made:
        for file in (made.folder / "tenants").iterdir():
            file.unlink()
        made.done("tenant", "create", "initech", "--name", "Initech", "--host", "initech.example.org")
        yield made


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    """The messages as seen, for `GATEHOUSE_REPORTS`."""
    made = Table()
    yield made
    made.write("commands.md")


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


def test_keys_init_never_overwrites_a_key(binary: Path, tmp_path: Path, table: Table) -> None:
    """A key that stands there stays as it is."""
    site = fresh(binary, tmp_path)
    site.done("keys", "init")
    before = (site.folder / "keys/master.key").read_bytes()
    again = site.command("keys", "init")
    table.add("`keys init` twice", str(again.returncode), again.stderr)
    assert again.returncode == BAD_CONFIGURATION
    assert "keys/master.key" in again.stderr
    assert (site.folder / "keys/master.key").read_bytes() == before


def test_keys_init_refuses_a_git_work_tree_that_does_not_ignore_the_file(
    binary: Path, tmp_path: Path, table: Table
) -> None:
    """A key that a commit would take along is not made; with the file ignored it is."""
    site = fresh(binary, tmp_path)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    refused = site.command("keys", "init")
    table.add("`keys init` in a Git work tree", str(refused.returncode), refused.stderr)
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
    stopped: Installation, untouched: list[list[dict[str, object]]], table: Table, what: str,
    arguments: tuple[str, ...], stdin: str, code: int, says: tuple[str, ...],
) -> None:
    """The exit code of sysexits, one clear message, nothing on standard output, no trace of a secret."""
    ended = stopped.command(*arguments, stdin=stdin)
    shown = " ".join(arguments).replace(NEW_PASSWORD, "…")
    table.add(f"{what}: `gatehouse {shown}`", str(ended.returncode), ended.stderr)
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
                      ("store", "verify"), ("session", "list", "--tenant", "initech"), ("keys", "verify")):
        ended = Installation(binary, tmp_path, stopped.authority).command(*arguments)
        assert ended.returncode == BAD_CONFIGURATION, f"{arguments}: {ended.returncode} {ended.stderr}"
        assert "rolls" in ended.stderr


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


# --- through the control socket: the server runs ---------------------------------------------------------------------


def test_the_control_socket_is_for_its_owner_alone(acme: Stage) -> None:
    """Mode 0600; another user is refused with 77, whatever the command."""
    socket_path = acme.site.data / "control.sock"
    assert stat.S_ISSOCK(socket_path.stat().st_mode)
    assert stat.S_IMODE(socket_path.stat().st_mode) == 0o600
    before = stat.S_IMODE(acme.site.data.stat().st_mode)
    for name in ("tls", "tls/chain.pem", "tls/key.pem", "keys", "keys/master.key"):
        os.chown(acme.site.folder / name, 65534, 65534)
    ended = acme.site.command("tenant", "list", prefix=as_another_user())
    assert ended.returncode == NOT_PERMITTED, f"{ended.returncode} {ended.stderr}"
    assert stat.S_IMODE(acme.site.data.stat().st_mode) == before
    # Even where the file's mode would let somebody connect, the peer's uid decides.
    acme.site.data.chmod(0o755)
    socket_path.chmod(0o666)
    try:
        ended = acme.site.command("tenant", "list", prefix=as_another_user())
    finally:
        socket_path.chmod(0o600)
        acme.site.data.chmod(before)
    assert ended.returncode == NOT_PERMITTED, f"{ended.returncode} {ended.stderr}"
    assert "Acme" not in ended.stdout


def test_a_second_server_on_the_folder_is_refused_and_told_who_has_it(acme: Stage, table: Table) -> None:
    """69, with the pid of the first, which goes on."""
    second = acme.site.command("run")
    table.add("a second `gatehouse run` on the folder", str(second.returncode), second.stderr)
    assert second.returncode == UNAVAILABLE
    assert re.search(rf"\b{acme.server.process.pid}\b", second.stderr), second.stderr
    assert acme.visitor().get("/.gatehouse/login").status == 200
    assert acme.site.command("tenant", "list").returncode == DONE, "its socket is still there"


def test_tenants_of_files_are_listed_and_shown_with_what_their_file_owns(acme: Stage) -> None:
    """Both tenants; `show` says which keys a file owns; changing those is refused with the file."""
    listed = {str(each["id"]): each for each in acme.site.listed("tenant", "list")}
    assert {"acme", "globex"} <= set(listed)
    assert listed["acme"]["name"] == "Acme GmbH"
    shown = json.loads(acme.site.done("tenant", "show", "acme", "--json"))
    assert shown["hosts"] == [ACME]
    assert shown["roles"] == ["auditor"]
    assert "acme.yaml" in json.dumps(shown["owned_by_file"]) and "name" in shown["owned_by_file"]
    words = acme.site.done("tenant", "show", "acme")
    assert "Acme GmbH" in words and ACME in words and "acme.yaml" in words


def test_a_tenant_that_is_made_while_the_server_runs_is_served_within_a_second(acme: Stage) -> None:
    """Its host is 421 before, and its own sign-in after; its first member signs in."""
    host = "hooli.example.org"
    visitor = acme.visitor(host)
    assert visitor.get("/app/x").status == 421
    acme.site.done("tenant", "create", "hooli", "--name", "Hooli", "--host", host)
    await_that(lambda: visitor.get("/app/x").status == 302, "the new host is served", EFFECT_SECONDS)
    gavin = acme.site.add(Member("hooli", "gavin@hooli.example", "Gavin Belson"))
    visitor.sign_in(gavin.email, gavin.password)
    assert heard(visitor)["x-tenant-id"] == ["hooli"]


def test_a_user_that_is_made_while_the_server_runs_signs_in_at_once(acme: Stage) -> None:
    """`user create` prints the id alone, and that is the `X-User-ID`."""
    ulf = acme.newcomer("ulf-user", roles=("billing",))
    assert UUID.fullmatch(ulf.id)
    headers = heard(acme.signed_in(ulf))
    assert headers["x-user-id"] == [ulf.id]
    assert set(headers["x-user-roles"][0].split(",")) == {"user", "billing"}
    as_json = json.loads(acme.site.done(
        "user", "create", "--tenant", "acme", "--email", "uta@acme.example", "--name", "Uta", "--password-stdin",
        "--json", stdin=NEW_PASSWORD + "\n"))
    assert UUID.fullmatch(as_json["id"])
    assert "password" not in {key for key in as_json if isinstance(as_json[key], str)}


def test_users_are_listed_and_shown(acme: Stage) -> None:
    """As JSON with every field, as a table for people; by address in any case, and by id."""
    listed = {str(each["email"]): each for each in acme.site.listed("user", "list", "--tenant", "acme")}
    assert {MIA.email, ADA.email} <= set(listed)
    assert OTTO.email not in listed
    keys = {"id", "email", "name", "roles", "state", "has_password", "created_at", "changed_at"}
    assert keys <= set(listed[MIA.email])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", str(listed[MIA.email]["created_at"]))
    words = acme.site.done("user", "list", "--tenant", "acme")
    assert MIA.email in words and "Mia Member" in words
    by_id = json.loads(acme.site.done("user", "show", "--tenant", "acme", acme.member(MIA).id, "--json"))
    by_address = json.loads(acme.site.done("user", "show", "--tenant", "acme", MIA.email.upper(), "--json"))
    assert by_id == by_address
    assert "argon2" not in json.dumps(by_id)


def test_another_tenant_s_user_is_not_found(acme: Stage) -> None:
    """An id or an address of globex means nothing in acme."""
    for name in (acme.member(OTTO).id, OTTO.email):
        for verb in (("show", name), ("disable", name), ("set-roles", name, "admin")):
            ended = acme.site.command("user", verb[0], "--tenant", "acme", *verb[1:])
            assert ended.returncode == BAD_DATA, f"{verb}: {ended.returncode} {ended.stderr}"
    assert acme.signed_in(OTTO).is_signed_in


def test_a_role_that_is_given_or_taken_takes_effect_within_a_second(acme: Stage) -> None:
    """In the session that there is, without a new sign-in; a live stream that needs the role ends, others go on."""
    rita = acme.newcomer("rita-roles")
    visitor = acme.signed_in(rita)
    assert visitor.get("/admin/x").status == 403
    acme.site.done("user", "set-roles", "--tenant", "acme", rita.email, "admin")
    await_that(lambda: visitor.get("/admin/x").status == 200, "the role is there", EFFECT_SECONDS)
    assert set(heard(visitor)["x-user-roles"][0].split(",")) == {"user", "admin"}
    with OpenStream(visitor, "/admin/streams/x") as needs_role, OpenStream(visitor, "/streams/x") as needs_none:
        assert (needs_role.status, needs_none.status) == (200, 200)
        await_that(lambda: needs_role.bytes_read > 0 and needs_none.bytes_read > 0, "both streams flow")
        acme.site.done("user", "set-roles", "--tenant", "acme", rita.email, "--none")
        assert needs_role.await_end(EFFECT_SECONDS), "the stream outlived its role by a second"
        assert not needs_role.was_whole, "it must not look complete"
        seen = needs_none.bytes_read
        await_that(lambda: needs_none.bytes_read > seen, "the other stream goes on")
    await_that(lambda: visitor.get("/admin/x").status == 403, "the role is gone", EFFECT_SECONDS)
    assert visitor.is_signed_in


def test_a_revoked_session_ends_within_a_second_its_streams_too(acme: Stage) -> None:
    """`session revoke --session HANDLE`: that one alone."""
    sara = acme.newcomer("sara-sessions")
    one, other = acme.signed_in(sara), acme.signed_in(sara)
    handle = heard(one)["x-session-id"][0]
    listed = acme.site.listed("session", "list", "--tenant", "acme", "--email", sara.email)
    assert len(listed) == 2
    mine, = [each for each in listed if each["session"] == handle]
    assert (mine["user"], mine["email"]) == (sara.id, sara.email)
    assert str(mine["client"]).split()[0] == one.address
    with OpenStream(one, "/streams/x") as stream, OpenStream(other, "/streams/x") as kept:
        await_that(lambda: stream.bytes_read > 0 and kept.bytes_read > 0, "both streams flow")
        acme.site.done("session", "revoke", "--tenant", "acme", "--session", handle)
        assert stream.await_end(EFFECT_SECONDS), "the stream outlived its session by a second"
        assert not stream.was_whole
        assert kept.is_open
    await_that(lambda: one.get("/app/x").status == 302, "the session has ended", EFFECT_SECONDS)
    assert other.is_signed_in
    left = acme.site.listed("session", "list", "--tenant", "acme", "--email", sara.email)
    assert handle not in {each["session"] for each in left}


def test_all_sessions_of_a_member_or_a_tenant_can_be_revoked(acme: Stage) -> None:
    """`--email` ends a member's, `--all` a tenant's; no other's."""
    tess, tom = acme.newcomer("tess-all"), acme.newcomer("tom-all")
    hers, hers_too, his, otto = (
        acme.signed_in(tess), acme.signed_in(tess), acme.signed_in(tom), acme.signed_in(OTTO))
    acme.site.done("session", "revoke", "--tenant", "acme", "--email", tess.email)
    await_that(lambda: not hers.is_signed_in and not hers_too.is_signed_in, "her sessions end", EFFECT_SECONDS)
    assert his.is_signed_in
    acme.site.done("session", "revoke", "--tenant", "acme", "--all")
    await_that(lambda: not his.is_signed_in, "the tenant's sessions end", EFFECT_SECONDS)
    assert otto.is_signed_in
    assert acme.site.listed("session", "list", "--tenant", "acme") == []


def test_another_tenant_s_session_cannot_be_revoked(acme: Stage) -> None:
    """A handle of globex means nothing in acme."""
    otto = acme.signed_in(OTTO)
    handle = heard(otto)["x-session-id"][0]
    ended = acme.site.command("session", "revoke", "--tenant", "acme", "--session", handle)
    assert ended.returncode == BAD_DATA, f"{ended.returncode} {ended.stderr}"
    assert otto.is_signed_in


@pytest.mark.parametrize("how", ["set-password", "disable"])
def test_a_new_password_and_a_disabled_account_end_sessions_everywhere(acme: Stage, how: str) -> None:
    """Within a second, streams included; the old password is nothing any more."""
    dave = acme.newcomer(f"dave-{how}")
    visitor = acme.signed_in(dave)
    with OpenStream(visitor, "/streams/x") as stream:
        await_that(lambda: stream.bytes_read > 0, "the stream flows")
        if how == "disable":
            acme.site.done("user", "disable", "--tenant", "acme", dave.email)
        else:
            acme.site.done(
                "user", "set-password", "--tenant", "acme", dave.email, "--password-stdin", stdin=NEW_PASSWORD + "\n")
        assert stream.await_end(EFFECT_SECONDS), "the stream outlived its session by a second"
    assert who(visitor) is None
    assert acme.visitor().try_sign_in(dave.email, dave.password).status != 303
    if how == "set-password":
        acme.visitor().sign_in(dave.email, NEW_PASSWORD)


def test_a_disabled_member_s_right_password_looks_like_a_wrong_one(acme: Stage) -> None:
    """Nothing on the page tells that the account was disabled."""
    dirk = acme.newcomer("dirk-disabled")
    acme.site.done("user", "disable", "--tenant", "acme", dirk.email)
    right = acme.visitor().try_sign_in(dirk.email, dirk.password)
    wrong = acme.visitor().try_sign_in(dirk.email, NEW_PASSWORD)
    assert right.status == wrong.status
    assert blanked(right) == blanked(wrong)


def test_throttle_counters_are_listed_and_cleared(acme: Stage) -> None:
    """What refuses is visible with its address, and `throttle clear --address` lets it in again at once."""
    theo = acme.newcomer("theo-throttle")
    visitor = acme.visitor()
    page = visitor.to_password(theo.email)
    for count in range(11):
        page = visitor.give_password(page, f"{NEW_PASSWORD}{count}")
    assert page.status == 429
    listed = [each for each in acme.site.listed("throttle", "list") if visitor.address in str(each["subject"])]
    assert {"kind", "subject", "failures_left", "capacity", "full_at"} <= set(listed[0])
    assert 0 in {each["failures_left"] for each in listed}
    assert visitor.address in acme.site.done("throttle", "list")
    acme.site.done("throttle", "clear", "--address", visitor.address)
    assert [each for each in acme.site.listed("throttle", "list") if visitor.address in str(each["subject"])] == []
    visitor.sign_in(theo.email, theo.password)


def test_store_verify_works_beside_the_server(acme: Stage) -> None:
    """Clean, with counts, as JSON and in words."""
    said = json.loads(acme.site.done("store", "verify", "--json"))
    assert said["is_clean"] is True
    assert said["findings"] == []
    assert said["tenants"] >= 2 and said["users"] >= 5 and said["audit_entries"] > 0
    assert "clean" in acme.site.done("store", "verify")


def test_commands_do_not_need_the_gateway_s_listener(acme: Stage) -> None:
    """They reach the server by its socket alone: many at once all work."""
    processes = [
        subprocess.Popen(
            [acme.site.binary, "user", "list", "--tenant", "acme", "--json", "--config", acme.site.configuration],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PATH": os.environ["PATH"]})
        for _ in range(16)
    ]
    for process in processes:
        output, errors = process.communicate(timeout=60)
        assert process.returncode == DONE, errors
        assert json.loads(output)


# --- over time -------------------------------------------------------------------------------------------------------


def test_what_was_done_before_a_restart_holds_after_it(binary: Path) -> None:
    """Members, roles, sessions, known devices and throttle counters survive a stop and a start."""
    with installation(binary) as site:
        with site.running() as server:
            mia = site.add(Member("acme", MIA.email, MIA.name, ("billing",)))
            visitor, guesser = site.visitor(server), site.visitor(server)
            visitor.sign_in(mia.email, mia.password)
            handle = heard(visitor)["x-session-id"]
            page = guesser.to_password(mia.email)
            for count in range(10):
                page = guesser.give_password(page, f"{NEW_PASSWORD}{count}")
            assert server.stop() == 0
        with site.running() as server:
            visitor.port = guesser.port = server.port
            headers = heard(visitor)
            assert headers["x-session-id"] == handle
            assert set(headers["x-user-roles"][0].split(",")) == {"user", "billing"}
            assert guesser.try_sign_in(mia.email, mia.password).status == 429, "a restart forgives nobody"
            visitor.jar.drop(ACME, "__Host-gatehouse")
            visitor.address = guesser.address
            visitor.sign_in(mia.email, mia.password)


def test_a_socket_that_a_crash_left_behind_is_no_server(binary: Path) -> None:
    """After kill -9 commands work in process, and the next server makes its socket anew."""
    with installation(binary) as site:
        with site.running() as server:
            site.add(MIA)
            server.process.kill()
            server.process.wait()
        assert (site.data / "control.sock").exists()
        assert [each["email"] for each in site.listed("user", "list", "--tenant", "acme")] == [MIA.email]
        with site.running() as server:
            assert [each["email"] for each in site.listed("user", "list", "--tenant", "acme")] == [MIA.email]
            visitor = site.visitor(server)
            visitor.sign_in(MIA.email, MIA.password)


def test_start_is_quick(binary: Path) -> None:
    """From the command to the log's `started`: printed, and far under the patience of those who wait."""
    with installation(binary) as site:
        begun = time.monotonic()
        with site.running():
            took = time.monotonic() - begun
        print(f"start to ready: {took * 1000:.0f} ms")
        assert took < 10
