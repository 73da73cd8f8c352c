"""Bad keys and bad databases: what is said, what is served, and that nothing is touched.

Where `GATEHOUSE_REPORTS` names a folder, codes and messages are written to `store-bad-input.md` there.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.golden import Golden
from support.installation import ACME, ADA, GLOBEX, MIA, OTTO, Installation
from support.report_table import Table
from support.stage import who

DONE, BAD_DATA, UNAVAILABLE, BAD_CONFIGURATION = 0, 65, 69, 78
SESSION = "__Host-gatehouse"


# --- keys ------------------------------------------------------------------------------------------------------------


def test_the_copy_serves(site: Installation, golden: Golden) -> None:
    """The twin of everything below: unspoilt, the copy serves the old session and lets members in."""
    assert site.command("store", "verify").returncode == DONE
    assert site.command("keys", "verify").returncode == DONE
    with site.running() as server:
        assert who(golden.visitor(site, server)) is not None
        assert site.visitor(server).sign_in(ADA.email, ADA.password).status == 200
        assert server.stop() == DONE
    assert not list(site.data.glob("*.sock")), "a server that has stopped leaves no socket"


def another_key(site: Installation) -> None:
    """A good key, but another one."""
    key = site.folder / "keys/master.key"
    key.unlink()
    moved = site.data.rename(site.folder / "data.aside")
    site.done("keys", "init")
    if site.data.exists():
        shutil.rmtree(site.data)
    moved.rename(site.data)


def key_file(change: Callable[[bytes], bytes]) -> Callable[[Installation], None]:
    """Another content."""
    def spoil(site: Installation) -> None:
        key = site.folder / "keys/master.key"
        key.write_bytes(change(key.read_bytes()))
    return spoil


@dataclass(frozen=True)
class BadKey:
    """A fault of the master key's file."""

    what: str
    spoil: Callable[[Installation], object]
    says: tuple[str, ...]


BAD_KEYS = [
    BadKey("a wrong master key", another_key, (r"master_key_file", "was sealed under")),
    BadKey(
        "a missing master key", lambda site: (site.folder / "keys/master.key").unlink(),
        (r"keys/master\.key", "no master key|no such file", "gatehouse keys init", "copy")),
    BadKey(
        "a master key that everybody may read", lambda site: (site.folder / "keys/master.key").chmod(0o644),
        (r"keys/master\.key", "everybody", "chmod 600")),
    BadKey("an empty master key", key_file(lambda _: b""), (r"keys/master\.key", "copy|keys init")),
    BadKey("a cut master key", key_file(lambda key: key[:-20]), (r"keys/master\.key", "copy")),
    BadKey(
        "a master key with one character changed",
        key_file(lambda key: key[:30] + (b"A" if key[30:31] != b"A" else b"B") + key[31:]),
        (r"keys/master\.key", "copy")),
    BadKey("a master key of a gigabyte of nothing", lambda site: os.truncate(site.folder / "keys/master.key", 1 << 30),
           (r"keys/master\.key",)),
]


@pytest.mark.parametrize("bad", BAD_KEYS, ids=[each.what.replace(" ", "-") for each in BAD_KEYS])
def test_a_bad_master_key_serves_nothing_and_touches_nothing(
    site: Installation, store_table: Table, bad: BadKey
) -> None:
    """`run`, `store verify`, `keys verify` and a command end with a message that says what to do; no file changes."""
    bad.spoil(site)
    before = contents(site.data)
    ran = site.command("run")
    verified = site.command("store", "verify")
    keys = site.command("keys", "verify")
    listed = site.command("user", "list", "--tenant", "acme")
    codes = [each.returncode for each in (ran, verified, keys, listed)]
    store_table.add(bad.what, "run {}, store verify {}, keys verify {}, user list {}".format(*codes), ran.stderr)
    for ended in (ran, verified, keys, listed):
        assert ended.returncode == BAD_CONFIGURATION, f"{ended.args}: {ended.returncode} {ended.stderr}"
        assert "Fatal error" not in ended.stderr
        for wanted in bad.says:
            assert re.search(wanted, ended.stderr), f"{ended.args}: {wanted!r} is not in: {ended.stderr}"
    assert contents(site.data) == before


def contents(folder: Path) -> dict[str, bytes]:
    """Every database by name."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*.db"))}


def test_a_master_key_that_the_group_may_read_is_warned_of(site: Installation, store_table: Table) -> None:
    """0640 is served, with a warning."""
    (site.folder / "keys/master.key").chmod(0o640)
    checked = site.command("check")
    said = checked.stdout + checked.stderr
    store_table.add("a master key that the group may read", f"check {checked.returncode}", said)
    assert checked.returncode == DONE
    assert re.search(r"warning.*group|group.*warning", checked.stdout + checked.stderr)
    with site.running() as server:
        assert site.visitor(server).sign_in(MIA.email, MIA.password).status == 200


# --- databases -------------------------------------------------------------------------------------------------------


def database(site: Installation, name: str) -> Path:
    """The one database file of this name."""
    found = [file for file in site.data.rglob("*.db") if file.stem == name]
    assert len(found) == 1, f"{name}: {[str(file) for file in site.data.rglob('*')]}"
    return found[0]


def overwritten(name: str, start: int, length: int) -> Callable[[Installation], None]:
    """Bytes in the middle of a database become others; a negative start counts from the end."""
    def spoil(site: Installation) -> None:
        file = database(site, name)
        content = bytearray(file.read_bytes())
        at = start % len(content)
        content[at : at + length] = bytes((byte ^ 0x5A) for byte in content[at : at + length])
        file.write_bytes(content)
    return spoil


def cut(name: str, share: float) -> Callable[[Installation], None]:
    """A database loses its end."""
    def spoil(site: Installation) -> None:
        file = database(site, name)
        os.truncate(file, int(file.stat().st_size * share))
    return spoil


def newer(name: str) -> Callable[[Installation], None]:
    """The database says that a later version has migrated it."""
    def spoil(site: Installation) -> None:
        with sqlite3.connect(database(site, name)) as connection:
            names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
            assert "schema_version" in names, names
            connection.execute("insert into schema_version select max(version) + 1, 0 from schema_version")
        connection.close()
    return spoil


def absent(name: str) -> Callable[[Installation], None]:
    """A database is not there any more."""
    return lambda site: database(site, name).unlink()


@dataclass(frozen=True)
class BadDatabase:
    """A fault that concerns the whole gateway."""

    what: str
    spoil: Callable[[Installation], object]
    says: tuple[str, ...]
    codes: tuple[int, ...] = (BAD_DATA, UNAVAILABLE)


BAD_DATABASES = [
    BadDatabase("directory.db is no database", overwritten("directory", 0, 4096), (r"directory\.db",)),
    BadDatabase("keys.db is no database", overwritten("keys", 0, 4096), (r"keys\.db",)),
    BadDatabase("directory.db is cut in half", cut("directory", 0.5), (r"directory\.db",)),
    BadDatabase("keys.db is missing while others are there", absent("keys"), (r"keys\.db",)),
    BadDatabase("directory.db is missing while others are there", absent("directory"), (r"directory\.db",)),
    BadDatabase("directory.db is of a later version", newer("directory"), (r"directory\.db", "newer|later")),
    BadDatabase("keys.db is of a later version", newer("keys"), (r"keys\.db", "newer|later")),
    BadDatabase(
        "data is a file", lambda site: (shutil.rmtree(site.data), site.data.write_text("x")), ("data",),
        (BAD_CONFIGURATION, UNAVAILABLE)),
]


@pytest.mark.parametrize("bad", BAD_DATABASES, ids=[each.what.replace(" ", "-") for each in BAD_DATABASES])
def test_a_bad_database_of_the_whole_gateway_stops_it(site: Installation, store_table: Table, bad: BadDatabase) -> None:
    """`run` and commands end with a message that names the file; nothing is served from half a store."""
    bad.spoil(site)
    ran = site.command("run")
    listed = site.command("tenant", "list")
    store_table.add(bad.what, f"run {ran.returncode}, tenant list {listed.returncode}", ran.stderr)
    for ended in (ran, listed):
        assert ended.returncode in bad.codes, f"{ended.args}: {ended.returncode} {ended.stderr}{ended.stdout}"
        assert "Fatal error" not in ended.stderr
        for wanted in bad.says:
            assert re.search(wanted, ended.stderr), f"{ended.args}: {wanted!r} is not in: {ended.stderr}"


BAD_TENANTS = [
    ("acme's database is no database", overwritten("acme", 0, 4096)),
    ("acme's database is cut in half", cut("acme", 0.5)),
    ("acme's database is empty", lambda site: database(site, "acme").write_bytes(b"")),
    ("acme's database is missing", absent("acme")),
    ("acme's database is of a later version", newer("acme")),
    ("globex's database stands in acme's place",
     lambda site: shutil.copyfile(database(site, "globex"), database(site, "acme"))),
]


@pytest.mark.parametrize(("what", "spoil"), BAD_TENANTS, ids=[each[0].replace(" ", "-") for each in BAD_TENANTS])
def test_a_bad_database_of_a_tenant_stops_that_tenant_alone(
    site: Installation, golden: Golden, store_table: Table, what: str, spoil: Callable[[Installation], None]
) -> None:
    """Its sign-ins fail closed with 503 and a reason, its old sessions give no identity, `store verify` finds it, and
    the other tenant is served as before."""
    spoil(site)
    verified = site.command("store", "verify")
    with site.running() as server:
        old = golden.visitor(site, server).get("/app/x")
        visitor = site.visitor(server)
        answer = visitor.try_sign_in(MIA.email, MIA.password)
        beside = site.visitor(server, GLOBEX)
        page = beside.sign_in(OTTO.email, OTTO.password)
        listed = site.command("user", "list", "--tenant", "acme")
        store_table.add(
            what, f"sign-in {answer.status}, old session {old.status}, store verify {verified.returncode}, "
            f"user list {listed.returncode}", verified.stdout + verified.stderr + listed.stderr)
        assert answer.status == 503, f"{answer.status} {answer.text[:1500]}"
        assert "store-unavailable" in answer.text
        assert old.status != 200
        assert SESSION not in visitor.jar.hosts[ACME]
        assert (page.status, OTTO.name in page.text) == (200, True), "one tenant's fault is no other's"
        assert "acme.db" in own_log(site), "the log learns the cause"
        assert listed.returncode in (BAD_DATA, UNAVAILABLE), listed.stderr
        assert server.process.poll() is None
    assert verified.returncode in (BAD_DATA, UNAVAILABLE), f"{verified.returncode} {verified.stdout}{verified.stderr}"
    assert "acme" in verified.stdout + verified.stderr


def own_log(site: Installation) -> str:
    """What the gateway has logged of itself, without the requests."""
    lines = (site.folder / "gatehouse.log").read_text().splitlines()
    return "\n".join(line for line in lines if '"kind":"access"' not in line)


@pytest.mark.parametrize("name", ["directory", "keys", "acme"])
def test_a_damaged_page_is_found(site: Installation, store_table: Table, name: str) -> None:
    """Bytes changed behind the header of a database: `store verify` says 65 and which file."""
    size = database(site, name).stat().st_size
    for start in range(4096 + 200, size, 4096):
        overwritten(name, start, 4096 - 200)(site)
    verified = site.command("store", "verify")
    store_table.add(f"every page but the first of {name}.db damaged", str(verified.returncode),
              verified.stdout + verified.stderr)
    assert verified.returncode in (BAD_DATA, UNAVAILABLE), verified.stdout
    assert name in verified.stdout + verified.stderr


def test_whoever_can_write_the_database_cannot_become_an_administrator(site: Installation, golden: Golden) -> None:
    """Rows put together anew with SQL (a member's sealed record under another's id) are refused, not believed."""
    file = database(site, "acme")
    with sqlite3.connect(file) as connection:
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        users, = [each for each in tables if each in ("user", "users", "member", "members")]
        columns = [row[1] for row in connection.execute(f"pragma table_info({users})")]
        blobs = [
            each for each in columns
            if any(isinstance(row[0], bytes) and len(row[0]) > 64
                   for row in connection.execute(f"select {each} from {users}"))
        ]
        assert blobs, f"no sealed column in {users}: {columns}"
        rows = connection.execute(f"select rowid, {blobs[0]} from {users}").fetchall()
        assert len(rows) >= 3
        for (row, _), (_, foreign) in zip(rows, rows[1:] + rows[:1], strict=True):
            connection.execute(f"update {users} set {blobs[0]} = ? where rowid = ?", (foreign, row))
    connection.close()
    verified = site.command("store", "verify")
    assert verified.returncode in (BAD_DATA, UNAVAILABLE), verified.stdout
    assert "changed by another hand" in verified.stdout
    with site.running() as server:
        visitor = golden.visitor(site, server)
        assert visitor.get("/admin/x").status != 200
        assert visitor.get("/app/x").status != 200
        assert site.visitor(server).try_sign_in(MIA.email, MIA.password).status != 303


def test_a_second_instance_on_the_folder_is_refused(site: Installation, store_table: Table) -> None:
    """69 with the pid of the first, also for one with another port and log; the first goes on."""
    with site.running() as server:
        second = site.command("run")
        store_table.add("a second instance on the same folder", str(second.returncode), second.stderr)
        assert second.returncode == UNAVAILABLE
        assert str(server.process.pid) in second.stderr
        site.visitor(server).sign_in(MIA.email, MIA.password)
