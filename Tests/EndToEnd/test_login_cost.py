"""What a sign-in costs beside its password hash: CPU time of all threads but those that hash, step by step.

`GATEHOUSE_COSTS` says how many sign-ins a round has; 5 unless given.  `GATEHOUSE_BINARY_BEFORE` names a build that is
measured in turn with the one that is tested, `GATEHOUSE_COST_ROUNDS` (2 unless given) times each.  Figures are printed,
and fail nothing; what fails is an answer that is not the step's.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.installation import MIA
from support.report_table import Table
from support.stage import Stage, login_path, stage
from support.thread_clocks import Lap, ThreadClocks
from support.visitor import BALANCER, PATIENCE_SECONDS, Page, Visitor

COUNT = int(os.environ.get("GATEHOUSE_COSTS", "5"))
ROUNDS = int(os.environ.get("GATEHOUSE_COST_ROUNDS", "2"))
BEFORE = os.environ.get("GATEHOUSE_BINARY_BEFORE", "")
WRONG_PASSWORD = "Wrong-Herons_4-Breakfast"
REST_SECONDS = 5.0
GROUPS = ("loop", "pool", "log")
STEPS = ("handshake", "form", "address")
ENDINGS = ("right", "wrong")
ROWS = (*STEPS, *ENDINGS, "all, right", "all, wrong")
UNTHROTTLED = "throttle: { per_account: { failures: 1000000 } }"


@dataclass
class Relay:
    """One connection of the balancer, which many visitors share."""

    port: int
    authority: Path
    connection: http.client.HTTPConnection | None = None

    def open(self, server_name: str) -> http.client.HTTPConnection:
        """The connection, made where there is none."""
        if self.connection is None:
            context = ssl.create_default_context(cafile=str(self.authority))
            context.set_alpn_protocols(["http/1.1"])
            plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS, (BALANCER, 0))
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
            self.connection.sock = context.wrap_socket(plain, server_hostname=server_name)
        return self.connection

    def close(self) -> None:
        """The next request needs another one."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


@dataclass
class RelayedVisitor(Visitor):
    """A visitor whose requests come over a connection that stays."""

    relay: Relay = field(default_factory=lambda: Relay(0, Path()))

    def _exchange(
        self, method: str, target: str, sent: list[tuple[str, str]], body: bytes, server_name: str
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = self.relay.open(server_name)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in sent:
            connection.putheader(name, value)
        connection.endheaders(body or None)
        with connection.getresponse() as response:
            return response.status, response.getheaders(), response.read()


def measured(binary: Path) -> dict[str, dict[str, float]]:
    """Microseconds by row and group of threads, for each sign-in; `rest` is for each second in which nobody comes.

    `all` is a sign-in as a browser makes it: a new connection, the form, the address, the password.
    """
    with stage(binary, UNTHROTTLED, members=(MIA,)) as made:
        walk(made, 3, lambda _: None)
        laps: dict[str, Lap] = {}
        clocks = ThreadClocks(made.server.process.pid)

        def note(row: str) -> None:
            laps[row] = clocks.lap()

        walk(made, COUNT, note)
        note("")
        time.sleep(REST_SECONDS)
        note("rest")
        rest = laps.pop("rest")
        # The time that a hash and a paced answer take is not charged with what the process does anyway.
        spent = {
            row: {
                group: (lap.used[group] - rest.used[group] * lap.seconds / rest.seconds) / COUNT for group in lap.used}
            for row, lap in laps.items()
        }
        for ending in ENDINGS:
            spent[f"all, {ending}"] = {
                group: sum(spent[row][group] for row in (*STEPS, ending)) for group in GROUPS}
        spent["rest"] = {group: rest.used[group] / rest.seconds for group in rest.used}
        return spent


def walk(made: Stage, count: int, note: Callable[[str], None]) -> None:
    """So many sign-ins at each step in turn: the steps of all together, so that each has its own time."""
    relay = Relay(made.server.port, made.site.authority.file)
    visitors = [
        RelayedVisitor(relay.port, relay.authority, relay=relay) for _ in range(2 * count)
    ]
    visitors[0].get("/.gatehouse/login")
    note("")
    # 1. A connection each, on which nothing is asked.
    for _ in range(count):
        other = Relay(relay.port, relay.authority)
        other.open(visitors[0].host)
        other.close()
    note("handshake")
    # 2. The three requests of a sign-in, on one connection.
    for visitor in visitors[count:]:
        shown(visitor)
    note("")
    pages = [shown(visitor) for visitor in visitors[:count]]
    note("form")
    given = [given_address(visitor, page) for visitor, page in zip(visitors, pages)]
    note("address")
    for visitor, page in zip(visitors, given):
        answer = visitor.give_password(page, MIA.password)
        assert answer.status == 303, f"{answer.status} {answer.text[:500]}"
    note("right")
    given = [given_address(visitor, shown(visitor)) for visitor in visitors[count:]]
    note("")
    for visitor, page in zip(visitors[count:], given):
        answer = visitor.give_password(page, WRONG_PASSWORD)
        assert answer.asks_for("password") and answer.status == 422, f"{answer.status} {answer.text[:500]}"
    note("wrong")
    relay.close()


def shown(visitor: Visitor) -> Page:
    """The form of the sign-in."""
    page = visitor.get(login_path("/app/start"))
    assert page.asks_for("email"), f"{page.status} {page.text[:500]}"
    return page


def given_address(visitor: Visitor, page: Page) -> Page:
    """The form that asks for the password."""
    page = visitor.submit(page, page.form("email"), email=MIA.email)
    assert page.asks_for("password"), f"{page.status} {page.text[:500]}"
    return page


def test_what_a_sign_in_costs_beside_its_hash(binary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Medians of the rounds; where two builds are measured, the one that begins alternates."""
    builds = {"": binary, **({"before": Path(BEFORE)} if BEFORE else {})}
    rounds: dict[str, list[dict[str, dict[str, float]]]] = defaultdict(list)
    for number in range(ROUNDS):
        for name in sorted(builds, reverse=bool(number % 2)):
            rounds[name].append(measured(builds[name]))
    table, lines = Table(), []
    for name, made in rounds.items():
        costs = {
            row: {group: statistics.median(each[row][group] for each in made) for group in GROUPS}
            for row in (*ROWS, "rest")
        }
        for row, groups in costs.items():
            lines.append(f"{name:7}{row:10}{sum(groups.values()):7.0f} µs  " + ", ".join(
                f"{group} {groups[group]:.0f}" for group in GROUPS))
    if BEFORE:
        for row in ROWS:
            ratios = [
                sum(after[row][group] for group in GROUPS) / sum(before[row][group] for group in GROUPS)
                for after, before in zip(rounds[""], rounds["before"])
            ]
            lines.append(f"{row}: {statistics.median(ratios):.2f} of before ({min(ratios):.2f}-{max(ratios):.2f})")
    for line in lines:
        table.add("sign-in", f"{COUNT} × {ROUNDS}", line)
    table.write("login-cost.md")
    with capsys.disabled():
        print("\n    " + "\n    ".join(lines))
