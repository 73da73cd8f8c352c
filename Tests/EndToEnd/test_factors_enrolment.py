"""The first second factor: what it needs besides the password, and which members a tenant asks for one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.factors import (
    CODE, FACTORS, GRACE_SECONDS, GRACED, HOOLI, INITECH, Gate, a_form, account_page, add_app,
    asks_for_enrolment_code, enrolled, enrolment_code, gate, give_enrolment_code, go_on, has_form, has_session,
    recovery_codes_on, refused, reload_tenant, secret_on, sign_in, to_second_factor,
)
from support.installation import ACME, GLOBEX, Member
from support.promises import await_effect
from support.running import await_that
from support.stage import account_form, heard
from support.streams import LONGEST_SECONDS, OpenStream
from support.visitor import Page


@pytest.fixture(scope="module")
def here(binary: Path) -> Iterator[Gate]:
    """One installation for every walk of this file."""
    with gate(binary) as made:
        yield made


@pytest.fixture(scope="module")
def without_mail(binary: Path) -> Iterator[Gate]:
    """One that sends no mail."""
    with gate(binary, mails=False) as made:
        yield made


# --- the first enrolment needs more than the password -----------------------------------------------------------------


def test_without_mail_an_operator_gives_the_code(without_mail: Gate) -> None:
    """The page says whom to ask; the code of `user reset-mfa --print-code` opens it, once."""
    site = without_mail.site
    owen = without_mail.newcomer("owen-operator", "globex")
    visitor = without_mail.visitor(GLOBEX)
    page = visitor.try_sign_in(owen.email, owen.password)
    assert asks_for_enrolment_code(page) and "administrator" in page.read.words
    code = enrolment_code(site.done("user", "reset-mfa", "--tenant", "globex", owen.email, "--print-code"))
    # The reset ended whatever was under way with the password.
    page = visitor.try_sign_in(owen.email, owen.password)
    assert refused(give_enrolment_code(visitor, page, f"{(int(code) + 7) % 10 ** 8:08}"))
    page = give_enrolment_code(visitor, page, f"{code[:4]} {code[4:]}")
    app, shown = add_app(visitor, page)
    go_on(visitor, shown)
    assert heard(visitor)["x-auth-factors"] == ["password,totp"]
    site.done("user", "reset-mfa", "--tenant", "globex", owen.email)
    thief = without_mail.visitor(GLOBEX)
    page = thief.try_sign_in(owen.email, owen.password)
    assert refused(give_enrolment_code(thief, page, code)), "a code that was used is none"


def test_a_code_that_is_printed_does_where_mails_are_sent_too(here: Gate) -> None:
    """The operator reads it out on the telephone: the mailbox may be what the member has lost."""
    paula = here.newcomer("paula-printed", "globex")
    code = enrolment_code(here.site.done("user", "reset-mfa", "--tenant", "globex", paula.email, "--print-code"))
    visitor = here.visitor(GLOBEX)
    page = give_enrolment_code(visitor, visitor.try_sign_in(paula.email, paula.password), code)
    app, shown = add_app(visitor, page)
    assert go_on(visitor, shown).status == 200


def test_codes_are_mailed_three_times_an_hour_at_most(here: Gate) -> None:
    """However often they are asked for: nobody's mailbox is flooded, and the last one does."""
    mona = here.newcomer("mona-mailed", "globex")
    for _ in range(5):
        visitor = here.visitor(GLOBEX)
        page = visitor.try_sign_in(mona.email, mona.password)
        assert asks_for_enrolment_code(page)
        for form in page.read.forms:
            for button in form.buttons:
                if button.name == "send":
                    page = visitor.follow(visitor.submit(page, form, button.words))
    codes = []
    while (mail := here.mails.find(mona.email, CODE.pattern, 1)) is not None:
        codes.append(enrolment_code(mail.part("plain")))
    assert 1 <= len(codes) <= 3
    visitor = here.visitor(GLOBEX)
    page = visitor.try_sign_in(mona.email, mona.password)
    assert secret_on(give_enrolment_code(visitor, page, codes[-1]))


def test_no_code_goes_to_an_address_of_today(here: Gate) -> None:
    """Whoever has the password gives the account an address of their own, and would have the code sent there."""
    theo = here.newcomer("theo-thief")
    visitor = here.signed_in(theo)
    page = account_form(visitor, "/email")
    assert visitor.submit(page, page.form("email"), email="theo.thief@elsewhere.example").status == 303
    page = account_page(visitor, visitor.open(FACTORS), "/factors/app")
    assert not secret_shown(page) and "administrator" in page.read.words
    for form in page.read.forms:
        for button in form.buttons:
            if button.name == "send":
                visitor.submit(page, form, button.words)
    assert here.mails.find("theo.thief@elsewhere.example", CODE.pattern, 1) is None


def secret_shown(page: Page) -> bool:
    """True where a new app could be added from here."""
    return has_form(page, "code", "name")


def test_an_invitation_that_was_taken_up_in_this_browser_is_enough(here: Gate) -> None:
    """No code is asked there; in another browser it is."""
    said = here.site.done(
        "user", "create", "--tenant", "globex", "--email", "iris-invited@globex.example", "--name", "Iris Invited",
        "--invite", "--print-link")
    link = urlsplit(said.split()[1])
    iris = Member("globex", "iris-invited@globex.example", "Iris Invited")
    visitor = here.visitor(GLOBEX)
    page = visitor.open(f"{link.path}?{link.query}")
    visitor.submit(page, page.form("password"), password=iris.password)
    page = visitor.try_sign_in(iris.email, iris.password)
    stranger = here.visitor(GLOBEX)
    assert asks_for_enrolment_code(stranger.try_sign_in(iris.email, iris.password))
    app, shown = add_app(visitor, page)
    assert go_on(visitor, shown).status == 200 and heard(visitor)["x-auth-factors"] == ["password,totp"]


def test_a_device_that_is_known_since_today_is_not(here: Gate) -> None:
    """A thief who has signed in with the password where that was enough has a known device, and adds nothing."""
    karl = here.newcomer("karl-known")
    visitor = here.signed_in(karl)
    page = account_page(visitor, visitor.open(FACTORS), "/factors/app")
    assert page.status == 200 and asks_for_enrolment_code(page)
    forged = visitor.post(f"{FACTORS}/app", {
        "csrf": page.read.forms[0].value("csrf"), "code": "123456", "name": "Thief"})
    assert not recovery_codes_on(visitor.follow(forged))
    assert here.signed_in(karl).is_signed_in, "the password alone does still"


# --- what a tenant asks for ------------------------------------------------------------------------------------------


def test_where_it_is_optional_nobody_is_asked_who_has_none(here: Gate) -> None:
    """Straight in; who has an app is always asked."""
    olga = here.newcomer("olga-optional")
    visitor = here.signed_in(olga)
    assert heard(visitor)["x-auth-factors"] == ["password"]
    # The rule was another one when she added an app.
    reload_tenant(here, "acme", "required")
    try:
        has = enrolled(here, here.newcomer("hans-has"))
    finally:
        reload_tenant(here, "acme", "optional")
    to_second_factor(here.visitor(ACME), has.member)
    assert here.signed_in(olga).is_signed_in


def test_where_it_is_none_nobody_is_asked(here: Gate) -> None:
    """An app that somebody has is not asked for either."""
    reload_tenant(here, "hooli", "required")
    try:
        nora = enrolled(here, here.newcomer("nora-none", "hooli"))
    finally:
        reload_tenant(here, "hooli", "none")
    visitor = here.visitor(HOOLI)
    visitor.sign_in(nora.member.email, nora.member.password)
    assert heard(visitor)["x-auth-factors"] == ["password"]


def test_a_role_can_be_what_asks_for_it(here: Gate) -> None:
    """An administrator adds a factor at the sign-in, a user gets in; who becomes one is asked in the middle."""
    ada = here.newcomer("ada-admin", "initech", ("admin",))
    uma = here.newcomer("uma-user", "initech")
    assert enrolled(here, ada).visitor.is_signed_in
    visitor = here.visitor(INITECH)
    visitor.sign_in(uma.email, uma.password)
    assert heard(visitor)["x-auth-factors"] == ["password"]
    here.site.done("user", "set-roles", "--tenant", "initech", uma.email, "user", "admin")
    await_effect(lambda: visitor.get("/app/x").status == 302, "a role that asks for a factor asks at once")
    assert urlsplit(visitor.get("/app/x").header("Location")).path == "/.gatehouse/login/step-up"


def test_grace_lets_members_in_for_a_while(here: Gate) -> None:
    """"Not now" is offered until it ends; a route's own rule is not eased; then there is no way around it."""
    gregor = here.newcomer("gregor-grace", "graced")
    visitor = here.visitor(GRACED)
    page = visitor.try_sign_in(gregor.email, gregor.password, "/app/soon")
    begun = time.monotonic()
    assert page.status == 200 and not has_session(visitor)
    put_off = visitor.submit(page, a_form(page, "later"))
    assert (put_off.status, put_off.header("Location")) == (303, "/app/soon")
    assert heard(visitor)["x-auth-factors"] == ["password"]
    assert urlsplit(visitor.get("/vault/x").header("Location")).path == "/.gatehouse/login/step-up"
    # The same moment for every sign-in: it does not begin anew.
    other = here.visitor(GRACED)
    page = other.try_sign_in(gregor.email, gregor.password)
    late = page
    with OpenStream(visitor, "/streams/x") as stream:
        await_that(lambda: visitor.get("/app/x").status == 302, "the grace ends for a session that has begun")
        assert time.monotonic() - begun > GRACE_SECONDS - 2
        await_that(lambda: not stream.is_open, "a stream ends with the grace that let it through")
        assert time.monotonic() - begun < LONGEST_SECONDS - 5, "it ended, but by itself"
    assert urlsplit(visitor.get("/app/x").header("Location")).path == "/.gatehouse/login/step-up"
    refused_later = other.submit(late, a_form(late, "later"))
    assert refused_later.status != 303 or not has_session(other), "the button of a page that is too old"
    page = here.visitor(GRACED).try_sign_in(gregor.email, gregor.password)
    assert page.status == 200 and not has_form(page, "later")
    done = enrolled(here, gregor)
    assert done.visitor.is_signed_in


def test_grace_is_over_with_the_first_factor(here: Gate) -> None:
    """Who has an app is asked for it, whatever the grace says; sessions that the grace let in end with it."""
    greta = here.newcomer("greta-grace", "tyrell")
    thief = here.visitor("tyrell.example.org")
    page = thief.try_sign_in(greta.email, greta.password)
    assert thief.submit(page, a_form(page, "later")).status == 303
    with OpenStream(thief, "/streams/x") as stream:
        await_that(lambda: stream.bytes_read > 0, "the stream flows")
        done = enrolled(here, greta)
        await_effect(lambda: not stream.is_open, "a stream ends with the first factor of its member")
    await_effect(lambda: not thief.is_signed_in, "the first factor at a sign-in ends every other session")
    page = to_second_factor(here.visitor("tyrell.example.org"), greta)
    assert not has_form(page, "later")
    assert done.visitor.is_signed_in
