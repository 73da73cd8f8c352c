"""Second factors at the sign-in as a browser without scripts walks it: an app that nobody here wrote (pyotp), recovery
codes, and what an attacker would try."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import jwt
import pytest

from support.factors import (
    LOGIN, SESSION, App, Enrolled, Gate, a_form, add_app, asks_for_enrolment_code, asks_for_second_factor, enrolled,
    gate, give_enrolment_code, give_recovery_code, give_totp, go_on, has_form, has_session, later,
    pass_enrolment_code, recovery_codes_on, refused, secret_on, sign_in, to_enrolment, to_enrolment_code,
    to_second_factor,
)
from support.installation import ACME, BEA, BEA_AT_GLOBEX, GLOBEX, SHARED
from support.running import await_that
from support.stage import heard, who
from support.visitor import Page, Visitor, blanked
from test_login_pages import runs_unlisted

WRONG_PASSWORD, NEW_PASSWORD = "Wrong-Herons_4-Breakfast", "Nine-Kestrels_6-Supper"
OTHER_PASSWORD = "Five-Curlews_8-Brunch"
BOTH = (BEA, BEA_AT_GLOBEX)


@pytest.fixture(scope="module")
def here(binary: Path) -> Iterator[Gate]:
    """One installation for every walk of this file."""
    with gate(binary, members=BOTH) as made:
        yield made


def led_to_sign_in(page: Page) -> bool:
    """True where it leads to the sign-in."""
    return page.is_redirect and urlsplit(page.header("Location")).path == LOGIN


# --- the way in ------------------------------------------------------------------------------------------------------


def test_a_required_factor_is_added_at_the_first_sign_in(here: Gate) -> None:
    """Password, the code that was mailed, an app, its first code, ten recovery codes, the page that was wanted; no
    session before, and the application hears of both factors."""
    member = here.newcomer("fred-first", "globex")
    visitor = here.visitor(GLOBEX)
    page = visitor.try_sign_in(member.email, member.password, "/app/start?a=1")
    assert page.status == 200 and not has_session(visitor)
    assert asks_for_enrolment_code(page), "the password alone adds no factor"
    page = to_enrolment_code(visitor, page)
    code = here.mails.code(member.email)
    wrong = give_enrolment_code(visitor, page, f"{(int(code) + 1) % 10 ** 8:08}")
    assert refused(wrong) and not has_session(visitor)
    page = give_enrolment_code(visitor, wrong, code)
    secret = secret_on(page)
    assert not has_session(visitor)
    assert re.search(r"<svg\b", page.text), "there is a picture for the phone"
    assert not runs_unlisted(page) and page.header("Cache-Control") == "no-store"
    app = App(secret)
    form = a_form(page, "code", "name")
    again = visitor.submit(page, form, code=app.wrong())
    assert refused(again) and secret_on(again) == secret, "the same secret goes on"
    app, shown = add_app(visitor, again)
    codes = recovery_codes_on(shown)
    assert len(set(codes)) == 10 and all(re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", code) for code in codes)
    assert shown.header("Cache-Control") == "no-store"
    arrived = go_on(visitor, shown)
    assert (arrived.status, arrived.path) == (200, "/app/start?a=1")
    assert heard(visitor)["x-auth-factors"] == ["password,totp"]
    told = who(visitor)
    assert told is not None and told["factors"] == ["password", "totp"]
    assert amr(visitor) == ["password", "totp"]
    assert "added" in here.mails.mail(member.email, r"(?i)factor|authenticator").part("plain")


def amr(visitor: Visitor, target: str = "/app/heard") -> list[str]:
    """What the signed assertion says of the factors (RFC 7519, `amr`)."""
    published = json.loads(visitor.get("/.gatehouse/jwks.json", accept="application/json").body)["keys"]
    token = heard(visitor, target)["x-gatehouse-assertion"][0]
    key, = [jwt.PyJWK(key) for key in published if key["kid"] == jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(
        token, key, algorithms=["ES256"], audience="echo-application", issuer="https://app.example.org:8443")
    return list(claims["amr"])


def test_the_next_sign_in_asks_for_the_app(here: Gate) -> None:
    """In any browser, known devices too: after the password, before the session; and the page keeps what was wanted."""
    amy = here.enrolled("amy-app")
    known = amy.visitor
    known.jar.drop(GLOBEX, SESSION)
    for visitor in (known, here.visitor(GLOBEX)):
        page = to_second_factor(visitor, amy.member, "/app/kept")
        answer = give_totp(visitor, page, amy.app.wrong())
        assert refused(answer) and not has_session(visitor)
        done = give_totp(visitor, answer, amy.app.code())
        assert (done.status, done.header("Location")) == (303, "/app/kept")
        assert heard(visitor)["x-auth-factors"] == ["password,totp"]


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_a_clock_that_is_half_a_minute_off_is_borne(here: Gate, step: int) -> None:
    """Codes of the step before, this one and the next do; and no others."""
    olaf = here.enrolled(f"olaf-off-{step + 1}")
    visitor = here.visitor(GLOBEX)
    page = to_second_factor(visitor, olaf.member)
    for far in (-4, 4):
        page = give_totp(visitor, page, olaf.app.at(int(time.time()) // 30 + far))
        assert refused(page)
    wait_for_middle_of_step()
    wanted = int(time.time()) // 30 + step
    answer = give_totp(visitor, page, olaf.app.at(wanted))
    assert (answer.status == 303) == (wanted > olaf.app.step), "a step that was used does not do again"


def wait_for_middle_of_step() -> None:
    """Returns when the present step lasts for some seconds more."""
    left = 30 - time.time() % 30
    if left < 5:
        time.sleep(left + 0.05)


@pytest.mark.parametrize("spelling", ["blanks", "full-width", "tab", "nbsp"])
def test_a_code_is_read_as_people_type_it(here: Gate, spelling: str) -> None:
    """Blanks and the digits of an East Asian keyboard are no fault."""
    tess = here.enrolled(f"tess-{spelling}")
    code = tess.app.code()
    typed = {
        "blanks": f" {code[:3]} {code[3:]} ", "full-width": code.translate({48 + d: 0xFF10 + d for d in range(10)}),
        "tab": f"{code[:2]}\t{code[2:]}", "nbsp": f"{code[:3]}\u00a0{code[3:]}"}[spelling]
    visitor = here.visitor(GLOBEX)
    assert give_totp(visitor, to_second_factor(visitor, tess.member), typed).status == 303


def test_what_is_no_code_costs_nothing(here: Gate) -> None:
    """Five digits, seven, letters, nothing: said, and not counted, however often."""
    nick = here.enrolled("nick-none")
    visitor = here.visitor(GLOBEX)
    page = to_second_factor(visitor, nick.member)
    for typed in ("12345", "1234567", "abcdef", "", " ", "12345x", "123456789" * 50):
        page = give_totp(visitor, page, typed)
        assert refused(page)
    assert give_totp(visitor, page, nick.app.code()).status == 303


def test_a_code_works_once(here: Gate) -> None:
    """Whoever saw it over a shoulder comes too late, in this step and with the step before."""
    once = here.enrolled("otis-once")
    visitor, thief = here.visitor(GLOBEX), here.visitor(GLOBEX)
    mine, stolen = to_second_factor(visitor, once.member), to_second_factor(thief, once.member)
    code = once.app.code()
    assert give_totp(visitor, mine, code).status == 303
    assert refused(give_totp(thief, stolen, code)) and not has_session(thief)
    assert refused(give_totp(thief, stolen, once.app.at(once.app.step - 1))) and not has_session(thief)
    assert give_totp(thief, stolen, once.app.code()).status == 303, "the next one does"


def test_two_tabs_do_not_disturb_each_other(here: Gate) -> None:
    """Begun side by side: the slower one finds itself signed in, and leads where it wanted."""
    tim = here.enrolled("tim-tabs")
    visitor = here.visitor(GLOBEX)
    one = to_second_factor(visitor, tim.member, "/app/one")
    two = to_second_factor(visitor, tim.member, "/app/two")
    assert give_totp(visitor, one, tim.app.code()).header("Location") == "/app/one"
    token = visitor.jar.value(GLOBEX, SESSION)
    late = give_totp(visitor, two, tim.app.wrong())
    assert (late.status, late.header("Location")) == (303, "/app/two")
    assert visitor.jar.value(GLOBEX, SESSION) == token
    again = give_totp(visitor, one, tim.app.wrong())
    assert (again.status, again.header("Location")) == (303, "/app/one"), "a form that is sent again leads on"


def test_two_tabs_enrol_one_app_each_or_the_first_wins(here: Gate) -> None:
    """The second tab's secret does not replace what the first one made, and its member is not locked out."""
    tina = here.newcomer("tina-twice", "globex")
    visitor = here.visitor(GLOBEX)
    one = to_enrolment(visitor, here, tina)
    two = visitor.try_sign_in(tina.email, tina.password, "/app/two")
    app, shown = add_app(visitor, one)
    assert len(recovery_codes_on(shown)) == 10
    go_on(visitor, shown)
    if not has_form(two, "code", "name"):
        two = give_enrolment_code(visitor, two, "00000000")
    assert visitor.is_signed_in and recovery_codes_on(two) == []
    sign_in(here.visitor(GLOBEX), tina, app)


def test_a_forced_change_of_the_password_comes_after_the_second_factor(here: Gate) -> None:
    """Whoever has only the password never gets to change it."""
    lena = here.enrolled("lena-later")
    here.site.done(
        "user", "set-password", "--tenant", "globex", lena.member.email, "--must-change", "--password-stdin",
        stdin=OTHER_PASSWORD + "\n")
    visitor = here.visitor(GLOBEX)
    page = visitor.try_sign_in(lena.member.email, OTHER_PASSWORD, "/app/changed")
    assert asks_for_second_factor(page) and not has_session(visitor)
    assert not page.asks_for("password")
    change = give_totp(visitor, page, lena.app.code())
    assert change.status == 200 and change.asks_for("password") and not has_session(visitor)
    done = visitor.submit(change, change.form("password"), password=NEW_PASSWORD)
    assert (done.status, done.header("Location")) == (303, "/app/changed")
    assert heard(visitor)["x-auth-factors"] == ["password,totp"]


def test_a_password_reset_never_skips_the_factor(here: Gate) -> None:
    """The link sets a password and signs nobody in; then the app is asked for."""
    rosa = here.enrolled("rosa-reset")
    visitor = here.visitor(GLOBEX)
    step = visitor.to_password(rosa.member.email)
    forgot, = [target for target, _ in step.read.links if "/password/forgot" in target]
    page = visitor.open(forgot)
    visitor.submit(page, page.form("email"), email=rosa.member.email)
    link = urlsplit(here.mails.mail(rosa.member.email, "password/reset").links[0])
    page = visitor.open(f"{link.path}?{link.query}")
    assert visitor.submit(page, page.form("password"), password=NEW_PASSWORD).status == 303
    assert not has_session(visitor)
    page = visitor.try_sign_in(rosa.member.email, NEW_PASSWORD)
    assert page.status == 200 and not has_session(visitor)
    assert give_totp(visitor, page, rosa.app.code()).status == 303


def test_a_member_of_two_tenants_proves_the_factor_of_the_chosen_one(here: Gate) -> None:
    """On the shared host: password, choice, then globex's enrolment or acme's plain way in."""
    visitor = here.visitor(SHARED)
    page = visitor.try_sign_in(BOTH[0].email, BOTH[0].password, "/app/chosen")
    form, = [form for form in page.read.forms if any("Globex" in each.words for each in form.buttons)]
    chosen = visitor.submit(page, form, button="Globex")
    assert chosen.status == 200 and not has_session(visitor)
    app, shown = add_app(visitor, pass_enrolment_code(visitor, here, BOTH[0], chosen))
    assert go_on(visitor, shown).path == "/app/chosen"
    assert heard(visitor)["x-tenant-id"] == ["globex"]
    other = here.visitor(SHARED)
    page = other.try_sign_in(BOTH[0].email, BOTH[0].password, "/app/chosen")
    form, = [form for form in page.read.forms if any("Acme" in each.words for each in form.buttons)]
    assert other.submit(page, form, button="Acme").status == 303, "acme asks a member without a factor for none"
    third = here.visitor(SHARED)
    page = third.try_sign_in(BOTH[0].email, BOTH[0].password, "/app/chosen")
    form, = [form for form in page.read.forms if any("Globex" in each.words for each in form.buttons)]
    assert give_totp(third, third.submit(page, form, button="Globex"), app.code()).status == 303


# --- recovery codes --------------------------------------------------------------------------------------------------


SPELLINGS: list[Callable[[str], str]] = [
    lambda code: code, lambda code: code.lower(), lambda code: code.replace("-", ""),
    lambda code: code.replace("-", " ").lower(), lambda code: code.replace("0", "O").replace("1", "l"),
    lambda code: code.replace("0", "o").replace("1", "I"),
]


def test_recovery_codes_work_once_each_and_tell_when_they_run_out(here: Gate) -> None:
    """Typed as people type them; the application hears of it; at three the page warns and a mail comes."""
    rita = here.enrolled("rita-recovery")
    for number, code in enumerate(rita.recovery_codes[:7]):
        visitor = here.visitor(GLOBEX)
        page = to_second_factor(visitor, rita.member)
        answer = give_recovery_code(visitor, page, SPELLINGS[number % len(SPELLINGS)](code))
        left = 9 - number
        assert has_session(visitor), f"{code}: {answer.status} {answer.text[:2000]}"
        if left > 3:
            assert (answer.status, answer.header("Location")) == (303, "/app/start")
        else:
            assert answer.status == 200 and f" {left} " in answer.read.words, "the page says how many are left"
        assert heard(visitor)["x-auth-factors"] == ["password,recovery-code"]
        if number < 2:
            again = here.visitor(GLOBEX)
            assert refused(give_recovery_code(again, to_second_factor(again, rita.member), code))
    assert "3" in here.mails.mail(rita.member.email, r"(?i)recovery code[\s\S]*\b3\b").part("plain")


def test_a_made_up_recovery_code_is_refused(here: Gate) -> None:
    """So is another member's, and the app's code in the field for it."""
    mara, other = here.enrolled("mara-made-up"), here.enrolled("otto-other")
    visitor = here.visitor(GLOBEX)
    page = to_second_factor(visitor, mara.member)
    for typed in ("0000-0000-0000-0000", other.recovery_codes[0], mara.app.code(), "", "x" * 500):
        page = give_recovery_code(visitor, page, typed)
        assert refused(page) and not has_session(visitor)
    assert give_recovery_code(visitor, page, mara.recovery_codes[3]).status in (200, 303)
    assert has_session(visitor)


# --- what must not work ----------------------------------------------------------------------------------------------


@pytest.fixture
def fay(here: Gate, faye: Enrolled) -> tuple[Enrolled, str]:
    """Somebody with an app, and a code that would be right."""
    return faye, faye.app.at(max(faye.app.step + 1, int(time.time()) // 30))


@pytest.fixture(scope="module")
def faye(here: Gate) -> Enrolled:
    """Whom every forger wants to be."""
    return here.enrolled("fay-forged")


STEPS = ["totp", "recovery-code", "passkey", "enrol"]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_has_no_page_of_its_own(here: Gate, step: str) -> None:
    """Whoever opens its address is led to the sign-in; whoever posts to it without an attempt, too."""
    assert led_to_sign_in(here.visitor(GLOBEX).get(f"{LOGIN}/{step}"))
    visitor = here.visitor(GLOBEX)
    first = visitor.open("/app/start")
    csrf = first.form("email").value("csrf")
    answer = visitor.post(f"{LOGIN}/{step}", {"csrf": csrf, "code": "123456", "passkey": "{}"})
    assert led_to_sign_in(answer) and not has_session(visitor)
    assert here.visitor(GLOBEX).post(f"{LOGIN}/{step}", {"code": "123456"}).status == 403


@pytest.mark.parametrize("step", STEPS)
def test_no_step_can_be_reached_without_the_first_factor(here: Gate, fay: tuple[Enrolled, str], step: str) -> None:
    """The attempt of a wrong password, with a right code."""
    who, code = fay
    visitor = here.visitor(GLOBEX)
    page = visitor.to_password(who.member.email)
    page = visitor.give_password(page, WRONG_PASSWORD)
    form = page.form("password")
    code = who.recovery_codes[0] if step == "recovery-code" else code
    values = {"csrf": form.value("csrf"), "attempt": form.value("attempt"), "code": code, "name": "x", "later": "1"}
    answer = visitor.post(f"{LOGIN}/{step}", values)
    assert not has_session(visitor), f"{answer.status} {answer.text[:500]}"
    assert answer.status in (303, 422) and not recovery_codes_on(answer)


@pytest.mark.parametrize("how", ["changed", "cut", "empty", "another browser", "another host", "swapped"])
def test_a_forged_attempt_begins_anew(here: Gate, fay: tuple[Enrolled, str], how: str) -> None:
    """A right code does not help."""
    who, code = fay
    visitor, other = here.visitor(GLOBEX), here.visitor(GLOBEX)
    page = to_second_factor(visitor, who.member)
    form = a_form(page, "code", ends="/login/totp")
    attempt, csrf, sender, host = form.value("attempt"), form.value("csrf"), visitor, GLOBEX
    if how == "changed":
        middle = len(attempt) // 2
        attempt = attempt[:middle] + ("A" if attempt[middle] != "A" else "B") + attempt[middle + 1:]
    elif how == "cut":
        attempt = attempt[:-4]
    elif how == "empty":
        attempt = ""
    elif how == "another browser":
        sender, csrf = other, other.open("/app/start").form("email").value("csrf")
    elif how == "another host":
        host = ACME
        csrf = visitor.open("/app/start", host=ACME).form("email").value("csrf")
    elif how == "swapped":
        attempt = visitor.to_password(who.member.email).form("password").value("attempt")
    answer = sender.send(
        "POST", f"{LOGIN}/totp", host=host, fields=(("Content-Type", "application/x-www-form-urlencoded"),),
        body=f"attempt={attempt}&csrf={csrf}&code={code}".encode())
    assert not sender.jar.value(host, SESSION), answer.status
    assert led_to_sign_in(answer) or answer.status == 422


def test_an_attempt_leads_to_one_session(here: Gate) -> None:
    """After a sign-out the same form with the next code signs nobody in."""
    uwe = here.enrolled("uwe-used")
    visitor = here.visitor(GLOBEX)
    page = to_second_factor(visitor, uwe.member)
    assert give_totp(visitor, page, uwe.app.code()).status == 303
    visitor.jar.drop(GLOBEX, SESSION)
    assert led_to_sign_in(give_totp(visitor, page, uwe.app.code()))
    assert not has_session(visitor)


def test_a_reset_ends_what_the_password_had_begun(here: Gate) -> None:
    """Between the password and the code the member is reset, disabled, or given another password."""
    vera = here.enrolled("vera-reset")
    visitor = here.visitor(GLOBEX)
    page = to_second_factor(visitor, vera.member)
    here.site.done("user", "reset-mfa", "--tenant", "globex", vera.member.email)
    answer = give_totp(visitor, page, vera.app.code())
    assert not has_session(visitor) and answer.status in (303, 422)
    zoe = here.enrolled("zoe-disabled")
    page = to_second_factor(visitor, zoe.member)
    here.site.done("user", "disable", "--tenant", "globex", zoe.member.email)
    answer = give_totp(visitor, page, zoe.app.code())
    assert not has_session(visitor) and answer.status in (303, 422)


@pytest.mark.parametrize("fields", [
    (("Origin", "https://evil.example"),), (("Sec-Fetch-Site", "cross-site"),), (("Sec-Fetch-Dest", "iframe"),)])
def test_other_sites_and_frames_prove_nothing(
    here: Gate, fay: tuple[Enrolled, str], fields: tuple[tuple[str, str], ...]
) -> None:
    """403, and no session."""
    who, code = fay
    visitor = here.visitor(GLOBEX)
    form = a_form(to_second_factor(visitor, who.member), "code", ends="/login/totp")
    answer = visitor.post(f"{LOGIN}/totp", form.filled(code=code), fields=fields)
    assert answer.status == 403 and "cross-origin" in answer.text and not has_session(visitor)


def test_the_page_tells_nothing_before_the_password(here: Gate) -> None:
    """With an app, without one, or nobody at all: the same answer to a wrong password."""
    has = here.enrolled("hugo-has")
    has_none = here.newcomer("hilde-has-none", "globex")
    pages = []
    for email in (has.member.email, has_none.email, "nobody.atall@globex.example"):
        answer = here.visitor(GLOBEX).try_sign_in(email, WRONG_PASSWORD)
        pages.append((answer.status, blanked(answer, email)))
    assert pages[0] == pages[1] == pages[2]


def test_a_form_that_was_open_too_long_leads_to_a_fresh_one(binary: Path) -> None:
    """Half an hour, by a clock that is moved; the mailed code of that time is worth nothing either."""
    with gate(binary) as made:
        eve = made.newcomer("eve-expired", "globex")
        visitor = made.visitor(GLOBEX)
        page = visitor.try_sign_in(eve.email, eve.password, "/app/late")
        code = made.mails.code(eve.email)
        page = give_enrolment_code(visitor, page, code)
        app = App(secret_on(page))
        made.server.stop()
        with made.site.running(prefix=later("+31m")) as server:
            visitor.port, app.seconds_ahead = server.port, 31 * 60
            answer = visitor.submit(page, a_form(page, "code", "name"), code=app.code())
            fresh = visitor.follow(answer)
            assert fresh.asks_for("email") and not has_session(visitor)
            page = visitor.try_sign_in(eve.email, eve.password)
            page = give_enrolment_code(visitor, page, code)
            assert refused(page)
            assert secret_on(give_enrolment_code(visitor, page, made.mails.code(eve.email)))


def test_nothing_of_it_is_readable_at_rest_or_in_the_log(here: Gate) -> None:
    """Secrets, codes of every kind and the members' addresses stand neither in the log nor in the data folder."""
    kept: Enrolled = here.enrolled("kim-kept")
    visitor = here.visitor(GLOBEX)
    page = to_second_factor(visitor, kept.member)
    wrong = kept.app.wrong()
    page = give_totp(visitor, page, wrong)
    code = kept.app.code()
    give_totp(visitor, page, code)
    log = (here.site.folder / "gatehouse.log").read_text() + here.server.said()
    raw = [kept.app.totp.byte_secret()]
    words = [kept.app.secret, kept.member.email, *kept.recovery_codes]
    words += [each.replace("-", "") for each in kept.recovery_codes]
    for word in [*words, f'"{wrong}"', f'"{code}"']:
        assert word not in log
    for file in here.site.data.rglob("*"):
        if not file.is_file():
            continue
        data = file.read_bytes()
        for secret in [*raw, *(word.encode() for word in words)]:
            assert secret not in data, f"{file.name} holds what must be sealed"


def test_the_metrics_count_proofs_and_faults(here: Gate) -> None:
    """By kind, without anybody's name."""
    met = here.enrolled("meta-metrics")
    visitor = here.visitor(GLOBEX)
    page = give_totp(visitor, to_second_factor(visitor, met.member), met.app.wrong())
    assert give_totp(visitor, page, met.app.code()).status == 303

    def counted() -> dict[str, float]:
        page = here.server.operations("/metrics")[1]
        found = re.findall(r"(?m)^(gatehouse_second_factor\w*(?:\{[^}]*\})?) (\S+)$", page)
        return {name: float(value) for name, value in found}

    await_that(lambda: sum(counted().values()) > 0, "second factors are counted")
    assert met.member.email not in here.server.operations("/metrics")[1]
