"""The operator's commands through the control socket: the server runs, and acts on them within a second."""

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

from support.installation import ACME, ADA, MIA, OTTO, Member, as_another_user, installation
from support.promises import await_effect
from support.report_table import Table
from support.running import await_that
from support.stage import Stage, heard, stage, who
from support.streams import OpenStream
from support.visitor import blanked

DONE, USAGE, BAD_DATA, UNAVAILABLE, NOT_PERMITTED = 0, 64, 65, 69, 77
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
NEW_PASSWORD = "Nine-Lanterns_2-Harbour"


@pytest.fixture(scope="module")
def acme(binary: Path) -> Iterator[Stage]:
    """A running server; each test works on members of its own."""
    with stage(binary) as made:
        yield made


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


def test_a_second_server_on_the_folder_is_refused_and_told_who_has_it(acme: Stage, commands_table: Table) -> None:
    """69, with the pid of the first, which goes on."""
    second = acme.site.command("run")
    commands_table.add("a second `gatehouse run` on the folder", str(second.returncode), second.stderr)
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
    await_effect(lambda: visitor.get("/app/x").status == 302, "the new host is served")
    gavin = acme.site.add(Member("hooli", "gavin@hooli.example", "Gavin Belson"))
    visitor.sign_in(gavin.email, gavin.password)
    assert heard(visitor)["x-tenant-id"] == ["hooli"]


def test_explain_knows_the_tenants_that_commands_have_made(acme: Stage) -> None:
    """The host of a tenant without a file is its own, and a supposed member of it passes as a real one would."""
    host = "pied.example.org"
    asked = ("explain", "--host", host, "--path", "/app/x")
    unknown = acme.site.command(*asked, "--tenant", "piper")
    assert unknown.returncode == USAGE and 'no tenant "piper"' in unknown.stderr, unknown.stderr
    assert "421" in acme.site.command(*asked).stdout
    acme.site.done("tenant", "create", "piper", "--name", "Pied Piper", "--host", host)
    answer = acme.site.done(*asked, "--tenant", "piper")
    assert f"host {host} belongs to tenant piper" in answer and "verdict:  forward" in answer
    other = acme.site.command(*asked, "--tenant", "acme")
    assert "verdict:  refuse" in other.stdout or "verdict:  portal" in other.stdout, other.stdout


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
    await_effect(lambda: visitor.get("/admin/x").status == 200, "the role is there")
    assert set(heard(visitor)["x-user-roles"][0].split(",")) == {"user", "admin"}
    with OpenStream(visitor, "/admin/streams/x") as needs_role, OpenStream(visitor, "/streams/x") as needs_none:
        assert (needs_role.status, needs_none.status) == (200, 200)
        await_that(lambda: needs_role.bytes_read > 0 and needs_none.bytes_read > 0, "both streams flow")
        acme.site.done("user", "set-roles", "--tenant", "acme", rita.email, "--none")
        await_effect(lambda: not needs_role.is_open, "a stream ends with its role")
        assert not needs_role.was_whole, "it must not look complete"
        seen = needs_none.bytes_read
        await_that(lambda: needs_none.bytes_read > seen, "the other stream goes on")
    await_effect(lambda: visitor.get("/admin/x").status == 403, "the role is gone")
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
    network = one.address.rsplit(".", 1)[0] + ".0/24"
    assert str(mine["client"]).split()[0] == network, "the address itself is the member's alone"
    with OpenStream(one, "/streams/x") as stream, OpenStream(other, "/streams/x") as kept:
        await_that(lambda: stream.bytes_read > 0 and kept.bytes_read > 0, "both streams flow")
        acme.site.done("session", "revoke", "--tenant", "acme", "--session", handle)
        await_effect(lambda: not stream.is_open, "a stream ends with its session")
        assert not stream.was_whole
        assert kept.is_open
    await_effect(lambda: one.get("/app/x").status == 302, "the session has ended")
    assert other.is_signed_in
    left = acme.site.listed("session", "list", "--tenant", "acme", "--email", sara.email)
    assert handle not in {each["session"] for each in left}


def test_all_sessions_of_a_member_or_a_tenant_can_be_revoked(acme: Stage) -> None:
    """`--email` ends a member's, `--all` a tenant's; no other's."""
    tess, tom = acme.newcomer("tess-all"), acme.newcomer("tom-all")
    hers, hers_too, his, otto = (
        acme.signed_in(tess), acme.signed_in(tess), acme.signed_in(tom), acme.signed_in(OTTO))
    acme.site.done("session", "revoke", "--tenant", "acme", "--email", tess.email)
    await_effect(lambda: not hers.is_signed_in and not hers_too.is_signed_in, "her sessions end")
    assert his.is_signed_in
    acme.site.done("session", "revoke", "--tenant", "acme", "--all")
    await_effect(lambda: not his.is_signed_in, "the tenant's sessions end")
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
        await_effect(lambda: not stream.is_open, "a stream ends with its session")
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
    """From the command to the log's `started`, which those who wait for it bound: printed."""
    with installation(binary) as site:
        begun = time.monotonic()
        with site.running():
            took = time.monotonic() - begun
        print(f"start to ready: {took * 1000:.0f} ms")
