"""Guessing a second factor: counted by account alone, apart from passwords, told to the member, seen and cleared by the
operator, and not forgotten over a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.factors import (
    SESSION, STEP_UP, Enrolled, Gate, enrolment_code_form, gate, give_recovery_code, give_totp, go_on, has_session,
    later, to_enrolment, to_enrolment_code, to_second_factor,
)
from support.installation import GLOBEX
from support.passkeys import Authenticator, origin, passkey_form
from support.visitor import Page, Visitor

FAILURES = 5
SECONDS = 15 * 60
"""`login.throttle.second_factor`, unless configured."""
KIND = "second-factor"


@pytest.fixture(scope="module")
def here(binary: Path) -> Iterator[Gate]:
    """One installation for every walk of this file."""
    with gate(binary) as made:
        yield made


def guess(gate: Gate, who: Enrolled, count: int) -> Page:
    """So many wrong codes, each by a browser and an address of its own; the last answer."""
    for _ in range(count):
        visitor = gate.visitor(GLOBEX)
        answer = give_totp(visitor, to_second_factor(visitor, who.member), who.app.wrong())
        assert answer.status == 422
    return answer


def counters(gate: Gate, who: Enrolled) -> list[dict[str, object]]:
    """What the operator sees of the member's second factor."""
    return [
        each for each in gate.site.listed("throttle", "list")
        if each["kind"] == KIND and {who.member.email, who.member.id} & set(str(each["subject"]).split())
    ]


def is_throttled(page: Page) -> bool:
    """True for 429 with a time to wait that a token takes at most."""
    if page.status != 429:
        return False
    assert 1 <= int(page.header("Retry-After")) <= SECONDS // FAILURES
    assert page.header("Cache-Control") == "no-store" and "html" in page.header("Content-Type")
    return True


def test_five_wrong_codes_are_enough(here: Gate) -> None:
    """From five addresses; then nobody's code does, right or wrong, in any browser, a known one too; the password still
    does; the member hears of it once; the operator sees it and clears it."""
    gus = here.enrolled("gus-guessed")
    known = gus.visitor
    known.jar.drop(GLOBEX, SESSION)
    guess(here, gus, FAILURES)
    code = gus.app.code()
    for visitor in (known, here.visitor(GLOBEX)):
        page = to_second_factor(visitor, gus.member)
        assert is_throttled(give_totp(visitor, page, code)) and not has_session(visitor)
        assert is_throttled(give_recovery_code(visitor, page, gus.recovery_codes[0]))
        assert is_throttled(give_totp(visitor, page, gus.app.wrong()))
    passwords = {"address", "network", "account", "device", "slowed"}
    assert not passwords & {str(each["kind"]) for each in here.site.listed("throttle", "list")}, "another matter"
    listed, = counters(here, gus)
    assert (listed["failures_left"], listed["capacity"]) == (0, FAILURES)
    assert here.mails.mail(gus.member.email, r"(?i)guess")
    assert here.mails.find(gus.member.email, r"(?i)guess", 1) is None, "once an hour"
    here.site.done("throttle", "clear", "--all")
    assert counters(here, gus) == []
    visitor = here.visitor(GLOBEX)
    assert give_totp(visitor, to_second_factor(visitor, gus.member), code).status == 303, "it was not looked at before"


def test_what_fits_costs_nothing_and_gives_back_its_own_token_only(here: Gate) -> None:
    """Four faults, a right code, one fault more: the fifth is the last."""
    rita = here.enrolled("rita-refund")
    guess(here, rita, FAILURES - 1)
    visitor = here.visitor(GLOBEX)
    assert give_totp(visitor, to_second_factor(visitor, rita.member), rita.app.code()).status == 303
    guess(here, rita, 1)
    visitor = here.visitor(GLOBEX)
    assert is_throttled(give_totp(visitor, to_second_factor(visitor, rita.member), rita.app.code()))


def test_every_kind_of_guess_counts_together(here: Gate) -> None:
    """The app's codes, recovery codes, and what a session types at a step-up."""
    emma = here.enrolled("emma-every")
    guess(here, emma, 2)
    visitor = here.visitor(GLOBEX)
    page = to_second_factor(visitor, emma.member)
    assert give_recovery_code(visitor, page, "0000-0000-0000-0000").status == 422
    csrf = csrf_of_step_up(emma.visitor)
    for _ in range(2):
        assert emma.visitor.post(STEP_UP, {"csrf": csrf, "method": "totp", "code": emma.app.wrong()}).status == 422
    assert is_throttled(emma.visitor.post(STEP_UP, {"csrf": csrf, "method": "totp", "code": emma.app.code()}))
    assert is_throttled(give_totp(visitor, page, emma.app.code()))
    assert emma.visitor.is_signed_in, "a session that is there goes on"


def csrf_of_step_up(visitor: Visitor) -> str:
    """The token of the page's forms."""
    page = visitor.open(f"{STEP_UP}?return_to=/app/x")
    form = next(form for form in page.read.forms if form.has("code"))
    return form.value("csrf")


def test_whoever_knows_a_passkey_s_id_shuts_nobody_out(here: Gate) -> None:
    """Without the password there is no guess (security rule 16): garbage signed by nobody, on the page where a passkey
    stands alone, costs the member nothing."""
    lara = here.newcomer("lara-locked", "globex")
    visitor, device, home = here.visitor(GLOBEX), Authenticator(), origin(GLOBEX)
    page = to_enrolment(visitor, here, lara)
    form = passkey_form(page, "create")
    go_on(visitor, visitor.submit(page, form, passkey=device.create(form, home)))
    assert visitor.is_signed_in
    for _ in range(FAILURES + 1):
        stranger = here.visitor(GLOBEX)
        page = stranger.open("/app/x")
        form = passkey_form(page, "get")
        answer = stranger.submit(page, form, passkey=device.get(form, home, signature=lambda made: made[:-1] + b"\0"))
        assert answer.status == 422 and not has_session(stranger)
    visitor = here.visitor(GLOBEX)
    page = visitor.try_sign_in(lara.email, lara.password)
    form = passkey_form(page, "get")
    assert visitor.submit(page, form, passkey=device.get(form, home)).status == 303
    assert here.mails.find(lara.email, r"(?i)guess", 1) is None


def test_one_account_is_no_matter_of_another(here: Gate) -> None:
    """Not of the same tenant, and not of the same address in another one."""
    one, two = here.enrolled("una-one"), here.enrolled("tara-two")
    guess(here, one, FAILURES)
    visitor = here.visitor(GLOBEX)
    assert give_totp(visitor, to_second_factor(visitor, two.member), two.app.code()).status == 303


def test_enrolment_codes_are_guessed_five_times(here: Gate) -> None:
    """Then the right one waits as well."""
    cody = here.newcomer("cody-code", "globex")
    visitor = here.visitor(GLOBEX)
    page = to_enrolment_code(visitor, visitor.try_sign_in(cody.email, cody.password))
    code = here.mails.code(cody.email)
    for number in range(FAILURES):
        page = visitor.submit(page, enrolment_code_form(page), code=f"{(int(code) + 1 + number) % 10 ** 8:08}")
        assert page.status == 422
    assert is_throttled(visitor.submit(page, enrolment_code_form(page), code=code))


def test_a_restart_forgives_nothing_and_a_token_comes_back(binary: Path) -> None:
    """Two a minute: the gateway that starts anew still refuses; by a clock that is moved as long as a token takes, one
    may be tried."""
    with gate(binary, "throttle: { second_factor: { failures: 2, per: 1m } }") as made:
        rolf = made.enrolled("rolf-restart")
        guess(made, rolf, 2)
        visitor = made.visitor(GLOBEX)
        page = to_second_factor(visitor, rolf.member)
        made.server.stop()
        with made.site.running() as server:
            visitor.port = server.port
            answer = give_totp(visitor, page, rolf.app.wrong())
            assert answer.status == 429 and 1 <= int(answer.header("Retry-After")) <= 30
        with made.site.running(prefix=later("+45s")) as server:
            visitor.port, rolf.app.seconds_ahead = server.port, 45
            assert give_totp(visitor, page, rolf.app.code()).status == 303
