"""Crashes and floods: nothing acknowledged is lost, nothing grows without bound, nothing in the folder can be read.

`GATEHOUSE_KILLS` (20 unless given) is how often the server is killed during writes, `GATEHOUSE_FLOOD` (300 unless
given) how many sign-ins fail.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.golden import Golden
from support.installation import ACME, ADA, BEA, MIA, OTTO, Installation, Member, installation
from support.report_table import Table
from support.running import Running
from support.stage import who
from support.visitor import AGENT, Visitor, fresh_address

DONE = 0
KILLS = int(os.environ.get("GATEHOUSE_KILLS", "20"))
FLOOD = int(os.environ.get("GATEHOUSE_FLOOD", "300"))
SESSION, DEVICE = "__Host-gatehouse", "__Host-gatehouse-device"
WRONG_PASSWORD = "Wrong-Herons_4-Breakfast"
NO_SOCKETS = shutil.ignore_patterns("*.sock")


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
            if self._command("user", "set-roles", "--tenant", "acme", ADA.email, *(roles or ("--none",))) is None:
                return  # It may be done or not; one asked for after it would hide that it was asked for.
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
    site: Installation, golden: Golden, store_table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    """Failures from a thousand addresses: refused, throttled or told to wait; counters and memory stay bounded, a
    member's session goes on meanwhile, and members sign in afterwards."""
    answers: Counter[int] = Counter()
    addresses = [fresh_address() for _ in range(1000)]
    lock = threading.Lock()
    numbers = iter(range(FLOOD))
    faults: list[str] = []

    with site.running() as server:
        member = golden.visitor(site, server)
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
                if answer.status == 303 and "stale=1" in (answer.header("Location") or ""):
                    # On a busy machine a large flood outlives its form.
                    page = visitor.to_password(MIA.email)
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
        store_table.add("failed sign-ins from 1,000 addresses", str(dict(answers)), line)
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
