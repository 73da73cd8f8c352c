"""What members notice while far more sign-ins are tried than passwords can be hashed.

`GATEHOUSE_FLOOD_SECONDS` (2 unless given) is the length of each of the two loads.  Times are printed, and fail nothing:
a busy machine must not; what fails is an answer that is not the right one.  Figures worth quoting need a release build.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import pytest

from support.installation import ACME, MIA
from support.paced import PacedLoad, paced, run_paced
from support.report_table import Table
from support.stage import Stage, stage
from support.visitor import fresh_address

SECONDS = float(os.environ.get("GATEHOUSE_FLOOD_SECONDS", "2"))
ATTEMPTS_PER_SECOND = 150.0
"""More than ten times what two cores hash."""
REQUESTS_PER_SECOND = 200.0
WRONG_PASSWORD = "Wrong-Herons_4-Breakfast"


@pytest.fixture(scope="module")
def acme(binary: Path) -> Iterator[Stage]:
    """A running server with one member; answers about an account are not made slow, however many guess at it."""
    with stage(binary, "throttle: { per_account: { failures: 1000000 } }", members=(MIA,)) as made:
        yield made


def test_members_are_served_while_sign_ins_are_far_beyond_what_can_be_hashed(
    acme: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every request of a member is answered by the application; surplus sign-ins are told when to come again."""
    member = PacedLoad(
        acme.server.port, acme.site.authority.file, ACME, "GET", "/app/x",
        (("Cookie", acme.signed_in(MIA).jar.header(ACME)), ("Accept", "application/json")),
        REQUESTS_PER_SECOND, connections=4, seconds=SECONDS)
    guesses = replace(sign_ins(acme), seconds=SECONDS + 2)

    alone = run_paced(member)
    with paced(guesses) as tried:
        flooded = run_paced(member)
    guessed = tried[0]

    assert set(alone.answers) == set(flooded.answers) == {200}
    assert set(guessed.answers) <= {422, 503}, guessed.answers
    assert guessed.answers[503] > guessed.answers[422] > 0, "far beyond what can be hashed"
    assert guessed.without_retry_after == 0
    line = (
        f"{REQUESTS_PER_SECOND:.0f} requests/s of a member, {ATTEMPTS_PER_SECOND:.0f} sign-ins/s beside them: "
        f"p50 {alone.percentile(50):.2f} → {flooded.percentile(50):.2f} ms, "
        f"p99 {alone.percentile(99):.2f} → {flooded.percentile(99):.2f} ms "
        f"({flooded.percentile(99) / alone.percentile(99):.1f} times); sign-ins {dict(guessed.answers)}")
    table = Table()
    table.add("a member's requests under a flood of sign-ins", str(dict(flooded.answers)), line)
    table.write("login-flood.md")
    with capsys.disabled():
        print(f"\n    {line}")


def sign_ins(acme: Stage) -> PacedLoad:
    """Wrong passwords for one account, each from an address of its own, so that no throttle answers first."""
    visitor = acme.visitor()
    page = visitor.to_password(MIA.email)
    form = page.form("password")
    there = urlsplit(urljoin(page.url, form.action or page.url))
    bodies = [urlencode(form.filled(password=f"{WRONG_PASSWORD}{number}")).encode() for number in range(100)]
    fields = (
        ("Cookie", visitor.jar.header(ACME)), ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "text/html"), ("Origin", f"https://{ACME}:8443"))
    return PacedLoad(
        acme.server.port, acme.site.authority.file, ACME, "POST",
        there.path + (f"?{there.query}" if there.query else ""), fields, ATTEMPTS_PER_SECOND, connections=64,
        seconds=SECONDS, bodies=tuple(bodies), addresses=tuple(fresh_address() for _ in range(12_000)))
