"""What time does to forms, sessions and throttles: the same data, served again by a gateway whose clock is ahead.

The library of `faketime` (Debian's package of that name) moves the clock of one process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.installation import ACME, MIA, Installation, installation
from support.running import Running
from support.stage import who
from support.visitor import Page, Visitor

SESSION = "__Host-gatehouse"
WRONG_PASSWORD = "Wrong-Herons_4-Breakfast"
FAILURES = 4
"""Fewer than the default: each costs a quarter of a second."""


@dataclass
class Past:
    """What was begun at the true time."""

    site: Installation
    form: Page
    """A password form, not yet sent."""
    opener: Visitor
    """Who has the form."""
    member: Visitor
    """Who has signed in."""
    guesser: Visitor
    """Whose address is throttled."""


def ahead(by: str) -> tuple[str, ...]:
    """A command's prefix that moves its clock by so much."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    assert libraries, "Debian's package faketime is needed; deploy/test installs it"
    # Not by the command of that name: it runs the gateway as a child, and does not pass signals on.  Where
    # FAKETIME_SHARED is missing the library sets it, moves the environment by that, and Swift finds no arguments.
    return ("env", f"LD_PRELOAD={libraries[0]}", f"FAKETIME={by}", "FAKETIME_SHARED=/none /none")


@contextmanager
def later(past: Past, by: str) -> Iterator[Running]:
    """The gateway on the same folder, with its clock ahead by so much."""
    with past.site.running(prefix=ahead(by)) as server:
        for visitor in (past.opener, past.member, past.guesser):
            visitor.port = server.port
        yield server


@pytest.fixture(scope="module")
def kept(binary: Path) -> Iterator[Past]:
    """A form, a session and a throttled address, and the gateway stopped; to be copied for each test."""
    with installation(binary, f"throttle: {{ per_account_and_address: {{ failures: {FAILURES}, per: 15m }} }}") as site:
        with site.running() as server:
            site.add(MIA)
            opener, member, guesser = (site.visitor(server) for _ in range(3))
            form = opener.to_password(MIA.email, "/app/late")
            member.sign_in(MIA.email, MIA.password)
            page = guesser.to_password(MIA.email)
            for count in range(FAILURES):
                page = guesser.give_password(page, f"{WRONG_PASSWORD}{count}")
            assert guesser.give_password(page, MIA.password).status == 429
        yield Past(site, form, opener, member, guesser)


@pytest.fixture
def past(kept: Past) -> Iterator[Past]:
    """A copy of all that."""
    with kept.site.copied() as site:
        yield Past(site, kept.form, deepcopy(kept.opener), deepcopy(kept.member), deepcopy(kept.guesser))


def test_after_twenty_nine_minutes_everything_still_holds(past: Past) -> None:
    """The twin: form and session are good within their half hour; the throttle has let a few tries in again."""
    with later(past, "+29m"):
        assert past.opener.give_password(past.form, MIA.password).header("Location") == "/app/late"
        assert who(past.member) is not None
        past.guesser.sign_in(MIA.email, MIA.password)


def test_after_thirty_one_minutes_form_and_session_have_expired(past: Past) -> None:
    """A form older than 30 min leads to a fresh sign-in that keeps its target; an idle session counts as none."""
    with later(past, "+31m"):
        fresh = past.opener.follow(past.opener.give_password(past.form, MIA.password))
        assert SESSION not in past.opener.jar.hosts[ACME]
        assert fresh.status == 200 and fresh.asks_for("email")
        page = past.opener.follow(past.opener.submit(fresh, fresh.form("email"), email=MIA.email))
        assert past.opener.give_password(page, MIA.password).header("Location") == "/app/late"
        assert past.member.get("/app/x").status == 302
        assert who(past.member) is None


def test_a_session_in_use_ends_after_twelve_hours(past: Past) -> None:
    """Use prolongs the idle time, never the absolute one."""
    for by in ("+20m", "+40m"):
        with later(past, by):
            assert who(past.member) is not None, f"idle for 20 minutes only, at {by}"
    with later(past, "+60m"):
        assert who(past.member) is not None
    with later(past, "+12h"):
        assert who(past.member) is None


def test_a_clock_that_goes_back_prolongs_nothing_and_is_survived(past: Past) -> None:
    """With the clock an hour behind, the gateway starts, and members sign in."""
    with later(past, "-1h") as server:
        fresh = past.site.visitor(server)
        fresh.sign_in(MIA.email, MIA.password)
        assert fresh.is_signed_in
