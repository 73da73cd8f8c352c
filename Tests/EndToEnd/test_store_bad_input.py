"""Bad keys, bad databases, full disks, floods, crashes: what is said, what is served, and that nothing is lost.

`GATEHOUSE_KILLS` (20 unless given) is how often the server is killed during writes, `GATEHOUSE_FLOOD` (300 unless
given) how many sign-ins fail.  Where `GATEHOUSE_REPORTS` names a folder, codes and messages are written to
`store-bad-input.md` there.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.installation import ACME, ADA, BEA, GLOBEX, MIA, OTTO, Installation, Member, installation
from support.report_table import Table
from support.running import Running, await_that
from support.stage import heard, who
from support.visitor import AGENT, Visitor, fresh_address

DONE, BAD_DATA, UNAVAILABLE, BAD_CONFIGURATION = 0, 65, 69, 78
KILLS = int(os.environ.get("GATEHOUSE_KILLS", "20"))
FLOOD = int(os.environ.get("GATEHOUSE_FLOOD", "300"))
SESSION, DEVICE = "__Host-gatehouse", "__Host-gatehouse-device"
WRONG_PASSWORD = "Wrong-Herons_4-Breakfast"
NO_SOCKETS = shutil.ignore_patterns("*.sock")


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    """Codes and messages as seen."""
    made = Table()
    yield made
    made.write("store-bad-input.md")


@dataclass
class Golden:
    """An installation that has served, was stopped, and is copied for each test."""

    site: Installation
    member: Visitor
    """A browser in which Mia has signed in."""


@pytest.fixture(scope="module")
def golden(binary: Path) -> Iterator[Golden]:
    """Two tenants, four members, a session, a few audit entries."""
    with installation(binary) as site:
        with site.running() as server:
            for each in (MIA, ADA, OTTO, BEA):
                site.add(each)
            member = site.visitor(server)
            member.sign_in(MIA.email, MIA.password)
            otto = site.visitor(server, GLOBEX)
            otto.sign_in(OTTO.email, OTTO.password)
            assert server.stop() == DONE
        yield Golden(site, member)


@pytest.fixture
def site(golden: Golden) -> Iterator[Installation]:
    """A copy, to be spoilt."""
    with golden.site.copied() as copy:
        yield copy


def visitor_of(site: Installation, server: Running, golden: Golden) -> Visitor:
    """Mia's browser, in front of the copy."""
    visitor = site.visitor(server)
    visitor.jar.put(ACME, SESSION, golden.member.jar.value(ACME, SESSION))
    return visitor


def test_the_copy_serves(site: Installation, golden: Golden) -> None:
    """The twin of everything below: unspoilt, the copy serves the old session and lets members in."""
    assert site.command("store", "verify").returncode == DONE
    assert site.command("keys", "verify").returncode == DONE
    with site.running() as server:
        assert who(visitor_of(site, server, golden)) is not None
        assert site.visitor(server).sign_in(ADA.email, ADA.password).status == 200
        assert server.stop() == DONE
    assert not list(site.data.glob("*.sock")), "a server that has stopped leaves no socket"


# --- keys ------------------------------------------------------------------------------------------------------------


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
def test_a_bad_master_key_serves_nothing_and_touches_nothing(site: Installation, table: Table, bad: BadKey) -> None:
    """`run`, `store verify`, `keys verify` and a command end with a message that says what to do; no file changes."""
    bad.spoil(site)
    before = contents(site.data)
    ran = site.command("run")
    verified = site.command("store", "verify")
    keys = site.command("keys", "verify")
    listed = site.command("user", "list", "--tenant", "acme")
    codes = [each.returncode for each in (ran, verified, keys, listed)]
    table.add(bad.what, "run {}, store verify {}, keys verify {}, user list {}".format(*codes), ran.stderr)
    for ended in (ran, verified, keys, listed):
        assert ended.returncode == BAD_CONFIGURATION, f"{ended.args}: {ended.returncode} {ended.stderr}"
        assert "Fatal error" not in ended.stderr
        for wanted in bad.says:
            assert re.search(wanted, ended.stderr), f"{ended.args}: {wanted!r} is not in: {ended.stderr}"
    assert contents(site.data) == before


def contents(folder: Path) -> dict[str, bytes]:
    """Every database by name."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*.db"))}


def test_a_master_key_that_the_group_may_read_is_warned_of(site: Installation, table: Table) -> None:
    """0640 is served, with a warning."""
    (site.folder / "keys/master.key").chmod(0o640)
    checked = site.command("check")
    table.add("a master key that the group may read", f"check {checked.returncode}", checked.stdout + checked.stderr)
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
def test_a_bad_database_of_the_whole_gateway_stops_it(site: Installation, table: Table, bad: BadDatabase) -> None:
    """`run` and commands end with a message that names the file; nothing is served from half a store."""
    bad.spoil(site)
    ran = site.command("run")
    listed = site.command("tenant", "list")
    table.add(bad.what, f"run {ran.returncode}, tenant list {listed.returncode}", ran.stderr)
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
    site: Installation, golden: Golden, table: Table, what: str, spoil: Callable[[Installation], None]
) -> None:
    """Its sign-ins fail closed with 503 and a reason, its old sessions give no identity, `store verify` finds it, and
    the other tenant is served as before."""
    spoil(site)
    verified = site.command("store", "verify")
    with site.running() as server:
        old = visitor_of(site, server, golden).get("/app/x")
        visitor = site.visitor(server)
        answer = visitor.try_sign_in(MIA.email, MIA.password)
        beside = site.visitor(server, GLOBEX)
        page = beside.sign_in(OTTO.email, OTTO.password)
        listed = site.command("user", "list", "--tenant", "acme")
        table.add(
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
def test_a_damaged_page_is_found(site: Installation, table: Table, name: str) -> None:
    """Bytes changed behind the header of a database: `store verify` says 65 and which file."""
    size = database(site, name).stat().st_size
    for start in range(4096 + 200, size, 4096):
        overwritten(name, start, 4096 - 200)(site)
    verified = site.command("store", "verify")
    table.add(f"every page but the first of {name}.db damaged", str(verified.returncode),
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
        visitor = visitor_of(site, server, golden)
        assert visitor.get("/admin/x").status != 200
        assert visitor.get("/app/x").status != 200
        assert site.visitor(server).try_sign_in(MIA.email, MIA.password).status != 303


def test_a_second_instance_on_the_folder_is_refused(site: Installation, table: Table) -> None:
    """69 with the pid of the first, also for one with another port and log; the first goes on."""
    with site.running() as server:
        second = site.command("run")
        table.add("a second instance on the same folder", str(second.returncode), second.stderr)
        assert second.returncode == UNAVAILABLE
        assert str(server.process.pid) in second.stderr
        site.visitor(server).sign_in(MIA.email, MIA.password)


# --- a full disk -----------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(site: Installation, size: str) -> Iterator[None]:
    """The data folder on a file system of its own that is soon full."""
    aside = site.data.rename(site.folder / "data.aside")
    site.data.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(site.data)],
        capture_output=True, text=True, check=False)
    assert mounted.returncode == 0, f"this test mounts a small tmpfs and must run as root: {mounted.stderr}"
    try:
        for file in aside.iterdir():
            (shutil.copytree if file.is_dir() else shutil.copy2)(file, site.data / file.name)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(site.data)], check=True)


def fill(folder: Path) -> Path:
    """Writes until nothing fits any more."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file:
        for step in (65536, 4096, 1):
            try:
                while file.write(b"x" * step):
                    pass
            except OSError:
                continue
    return filler


def test_a_full_disk_refuses_sign_ins_and_keeps_sessions(site: Installation, golden: Golden, table: Table) -> None:
    """No room: sign-ins get 503 `store-unavailable`, commands that write 69, sessions in memory go on; with room all
    is as before, and nothing that was acknowledged is lost."""
    with small_disk(site, "8m"):
        with site.running() as server:
            member = visitor_of(site, server, golden)
            assert who(member) is not None
            before = site.visitor(server)
            before.sign_in(ADA.email, ADA.password)
            filler = fill(site.data)
            answers = []
            # The write-ahead log may have room left inside its file: soon it has none.
            for _ in range(40):
                visitor = site.visitor(server)
                answers.append(visitor.try_sign_in(MIA.email, MIA.password))
                if answers[-1].status != 303:
                    break
            refused = answers[-1]
            written = site.command(
                "user", "create", "--tenant", "acme", "--email", "late@acme.example", "--name", "Late",
                "--password-stdin", stdin=MIA.password)
            status, health = server.operations("/healthz")
            table.add(
                "the disk is full", f"sign-in {refused.status}, user create {written.returncode}, /healthz {status}",
                written.stderr + json.dumps(json.loads(health)["checks"]))
            assert refused.status == 503, f"{refused.status} {refused.text[:1000]}"
            assert "store-unavailable" in refused.text
            assert SESSION not in visitor.jar.hosts[ACME]
            assert written.returncode == UNAVAILABLE, f"{written.returncode} {written.stderr}"
            assert status == 503
            assert who(member) is not None and heard(member)["x-tenant-id"] == ["acme"], "sessions in memory go on"
            assert server.process.poll() is None
            filler.unlink()
            await_that(
                lambda: site.visitor(server).try_sign_in(MIA.email, MIA.password).status == 303, "it is as before", 10)
            await_that(lambda: server.operations("/healthz")[0] == 200, "/healthz is content", 10)
            assert server.stop() == DONE
        assert site.command("store", "verify").returncode == DONE
        with site.running() as server:
            before.port = member.port = server.port
            assert who(before) is not None and who(member) is not None
            assert "late@acme.example" not in site.done("user", "list", "--tenant", "acme")


def test_a_full_disk_at_start(site: Installation, table: Table) -> None:
    """The gateway says that it cannot write, or serves the public pages and refuses sign-ins; it never hangs."""
    with small_disk(site, "8m"):
        fill(site.data)
        with open(site.folder / "full.txt", "wb") as errors:
            process = subprocess.Popen(
                [str(site.binary), "run", "--config", str(site.configuration)], stdin=subprocess.DEVNULL,
                stdout=errors, stderr=errors, cwd=site.folder, env=site.environment)
        try:
            log = site.folder / "gatehouse.log"
            log_before = log.read_text().count('"started"') if log.exists() else 0
            await_that(
                lambda: process.poll() is not None or log.read_text().count('"started"') > log_before,
                "it starts or says why not")
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(30)
        said = (site.folder / "full.txt").read_text()
        table.add("the disk is full at start", f"run {code}", said)
        assert code in (DONE, UNAVAILABLE), f"{code} {said}"
        assert "Fatal error" not in said
        if code == UNAVAILABLE:
            assert re.search("full|space|disk", said), said


# --- nothing to be read ----------------------------------------------------------------------------------------------


def test_the_data_folder_tells_nothing_of_anybody(golden: Golden, binary: Path) -> None:
    """In a copy of the folder of a running gateway, write-ahead logs included, no name, address, password or token."""
    seeds: set[str] = set()
    with installation(binary) as site:
        with site.running() as server, tempfile.TemporaryDirectory() as folder:
            for each in (MIA, ADA, OTTO, BEA):
                made = site.add(each)
                seeds |= {made.email, made.name, made.password, made.email.split("@")[0]}
            for each in (MIA, ADA):
                visitor = site.visitor(server)
                visitor.sign_in(each.email, each.password)
                token = visitor.jar.value(ACME, SESSION)
                seeds |= {token, token.split(".")[1], visitor.jar.value(ACME, DEVICE), visitor.address, AGENT}
            guesser = site.visitor(server)
            guesser.try_sign_in("someone.unknown@acme.example", WRONG_PASSWORD)
            seeds |= {"someone.unknown@acme.example", WRONG_PASSWORD, guesser.address}
            site.done("user", "set-password", "--tenant", "acme", ADA.email, "--password-stdin",
                      stdin="Nine-Lanterns_2-Harbour")
            seeds |= {"Nine-Lanterns_2-Harbour", "acme.example", "globex.example", "partner.example"}
            seeds.add((site.folder / "keys/master.key").read_text().splitlines()[1])
            copied = Path(folder) / "data"
            shutil.copytree(site.data, copied, ignore=NO_SOCKETS)
            files = [file for file in copied.rglob("*") if file.is_file()]
            names = {file.name for file in files}
            assert {"directory.db", "keys.db"} <= names
            assert any(name.endswith("-wal") for name in names), names
            assert sum(file.stat().st_size for file in files) > 50_000
            found = [
                f"{file.name}: {seed}" for file in files for seed in sorted(seeds)
                if holds(file.read_bytes(), seed)
            ]
    assert found == []


def holds(content: bytes, seed: str) -> bool:
    """True where the text stands there in UTF-8 or UTF-16, in any case."""
    lowered = content.lower()
    hosts_removed = lowered.replace(b"acme.example.org", b"").replace(b"globex.example.org", b"")
    return any(seed.lower().encode(coding) in hosts_removed for coding in ("utf-8", "utf-16-le", "utf-16-be"))


# --- crashes ---------------------------------------------------------------------------------------------------------


@dataclass
class Acknowledged:
    """What was said to be done, in the order in which it was."""

    members: list[Member] = field(default_factory=list)
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By address: the last ones that were acknowledged."""
    asked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By address: the last ones that were asked for."""
    sessions: list[Visitor] = field(default_factory=list)
    role_changes: int = 0


class Writers:
    """Sign-ups, role changes and sign-ins from several threads, until the server is gone."""

    def __init__(self, site: Installation, server: Running, done: Acknowledged, number: int) -> None:
        self.site, self.server, self.done, self.number = site, server, done, number
        self.is_over = threading.Event()
        self.faults: list[str] = []
        self.threads = [
            threading.Thread(target=self._guarded, args=(each,))
            for each in (self._sign_up, self._change_roles, self._sign_in, self._sign_in)
        ]

    def __enter__(self) -> Writers:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def _guarded(self, writer: Callable[[], None]) -> None:
        while not self.is_over.is_set():
            try:
                writer()
            except (OSError, EOFError, AssertionError, ValueError) as fault:
                if self.server.process.poll() is None and not self.is_over.is_set():
                    self.faults.append(f"{type(fault).__name__}: {fault}"[:2000])
                return
            except Exception as fault:  # noqa: BLE001 — http.client has many words for a connection that is gone.
                if self.server.process.poll() is None and not self.is_over.is_set():
                    self.faults.append(f"{type(fault).__name__}: {fault}"[:2000])
                return

    def _command(self, *arguments: str, stdin: str = "") -> str | None:
        """A command's output; None where it failed because the server is being killed."""
        ended = self.site.command(*arguments, stdin=stdin)
        if ended.returncode == DONE:
            return ended.stdout
        if not self.is_over.is_set() and self.server.process.poll() is None:
            self.faults.append(f"{arguments[:2]}: {ended.returncode} {ended.stderr}"[:2000])
        return None

    def _sign_up(self) -> None:
        count = len(self.done.members)
        email, name = f"m{self.number}.{count}@acme.example", f"Member {self.number} {count}"
        said = self._command(
            "user", "create", "--tenant", "acme", "--email", email, "--name", name, "--role", "billing",
            "--password-stdin", stdin=MIA.password)
        if said is not None:
            self.done.members.append(Member("acme", email, name, ("billing",), said.strip()))

    def _change_roles(self) -> None:
        for roles in (("admin",), ("billing", "admin"), ()):
            self.done.asked[ADA.email] = roles
            if self._command("user", "set-roles", "--tenant", "acme", ADA.email, *(roles or ("--none",))) is not None:
                self.done.roles[ADA.email] = roles
                self.done.role_changes += 1

    def _sign_in(self) -> None:
        visitor = self.site.visitor(self.server)
        answer = visitor.try_sign_in(MIA.email, MIA.password)
        if answer.status == 303:
            self.done.sessions.append(visitor)


def test_a_killed_server_has_lost_nothing_that_it_acknowledged(
    site: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    """kill -9 during sign-ups, role changes and sign-ins, again and again: every acknowledged user, role and session
    is there afterwards, and `store verify` is clean."""
    done = Acknowledged()
    choose = random.Random(20_261_127)
    lost: list[str] = []
    counts: Counter[str] = Counter()
    checked = 0
    for number in range(KILLS + 1):
        with site.running() as server:
            for visitor in done.sessions[checked:]:
                visitor.port = server.port
                if who(visitor) is None:
                    lost.append(f"round {number}: a session")
            checked = len(done.sessions)
            listed = {str(each["email"]): each for each in site.listed("user", "list", "--tenant", "acme")}
            for member in done.members:
                if listed.get(member.email, {}).get("id") != member.id:
                    lost.append(f"round {number}: {member.email}")
                elif "billing" not in listed[member.email]["roles"]:  # type: ignore[operator]
                    lost.append(f"round {number}: the role of {member.email}")
            if ADA.email in done.roles:
                now = set(listed[ADA.email]["roles"]) - {"user"}  # type: ignore[call-overload]
                if now not in (set(done.roles[ADA.email]), set(done.asked[ADA.email])):
                    lost.append(f"round {number}: {ADA.email} has {now}, not {done.roles[ADA.email]}")
                done.roles[ADA.email] = done.asked[ADA.email] = tuple(now)
            assert lost == []
            if number == KILLS:
                assert server.stop() == DONE
                break
            before = (len(done.members), len(done.sessions))
            with Writers(site, server, done, number) as writers:
                writers.is_over.wait(choose.uniform(0.5, 1.3))
                writers.is_over.set()
                server.process.kill()
                server.process.wait()
            assert writers.faults == []
            counts["sign-ups"] += len(done.members) - before[0]
            counts["sign-ins"] += len(done.sessions) - before[1]
        verified = site.command("store", "verify")
        assert verified.returncode == DONE, f"round {number}: {verified.stdout}{verified.stderr}"
    verified = site.command("store", "verify")
    assert verified.returncode == DONE, verified.stdout + verified.stderr
    assert counts["sign-ups"] > 0 and counts["sign-ins"] > 0
    with capsys.disabled():
        print(f"\n    {KILLS} times killed; acknowledged and found: {dict(counts)}, role changes {done.role_changes}")


# --- floods ----------------------------------------------------------------------------------------------------------


def test_a_flood_of_failed_sign_ins_is_bounded_and_locks_nobody_out(
    site: Installation, golden: Golden, table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    """Failures from a thousand addresses: refused, throttled or told to wait; counters and memory stay bounded, a
    member's session goes on meanwhile, and members sign in afterwards."""
    answers: Counter[int] = Counter()
    addresses = [fresh_address() for _ in range(1000)]
    lock = threading.Lock()
    numbers = iter(range(FLOOD))
    faults: list[str] = []

    with site.running() as server:
        member = visitor_of(site, server, golden)
        resident = resident_kib(server)

        def guess() -> None:
            visitor = site.visitor(server)
            page = visitor.to_password(MIA.email)
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                visitor.address = addresses[number % len(addresses)]
                answer = visitor.give_password(page, f"{WRONG_PASSWORD}{number}")
                with lock:
                    answers[answer.status] += 1
                    if answer.status in (429, 503) and not answer.header("Retry-After"):
                        faults.append(f"{answer.status} without Retry-After")
                    if answer.status == 303:
                        faults.append("a wrong password got in")

        threads = [threading.Thread(target=guess) for _ in range(16)]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        waits: list[float] = []
        while any(thread.is_alive() for thread in threads):
            asked = time.monotonic()
            assert member.get("/app/x", accept="application/json").status == 200, "a session goes on"
            waits.append((time.monotonic() - asked) * 1000)
            threads[0].join(0.05)
        took = time.monotonic() - begun
        counters = server.metric("gatehouse_login_throttle_counters")
        grown = resident_kib(server) - resident
        page = server.operations("/metrics")[1]
        waits.sort()
        line = (
            f"{FLOOD} in {took:.0f} s: {dict(answers)}; counters {counters:.0f}, memory {grown:+d} KiB, a signed-in "
            f"request meanwhile p50 {waits[len(waits) // 2]:.0f} ms, p99 {waits[len(waits) * 99 // 100]:.0f} ms")
        table.add("failed sign-ins from 1,000 addresses", str(dict(answers)), line)
        assert faults == []
        assert sum(answers.values()) == FLOOD
        assert 500 not in answers and 502 not in answers
        assert "gatehouse_login_throttle_counters" in page
        assert 0 < counters <= 4 * min(FLOOD, 1000) + 200
        assert grown < 300 * 1024, f"{grown} KiB"
        site.visitor(server).sign_in(MIA.email, MIA.password)
        assert server.stop() == DONE
    with site.running() as server:
        kept = server.metric("gatehouse_login_throttle_counters")
        assert kept > 0, "a restart forgives nobody"
    with capsys.disabled():
        print(f"\n    {line}")


def resident_kib(server: Running) -> int:
    """The process's memory."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    match = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert match
    return int(match.group(1))


def test_connections_that_say_nothing_do_not_hold_up_sign_ins(site: Installation) -> None:
    """Two hundred idle connections and half a form each: a member signs in as always."""
    with site.running() as server:
        held = []
        try:
            for _ in range(200):
                held.append(socket.create_connection(("127.0.0.1", server.port), 10))
            site.visitor(server).sign_in(MIA.email, MIA.password)
        finally:
            for each in held:
                each.close()
