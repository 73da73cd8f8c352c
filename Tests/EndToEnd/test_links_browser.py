"""Setting a password in Chromium: by an invitation, by a change, at the next login; in both languages, with scripts and
without; screenshots go where `GATEHOUSE_REPORTS` says."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.browser import Browser, chromium
from support.installation import ACME, Member
from support.stage import Stage, stage

REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")
NEW_PASSWORD, OTHER_PASSWORD = "Nine-Kestrels_6-Supper", "Five-Curlews_8-Brunch"
CHANGE, FORGOT = "/.gatehouse/account/password", "/.gatehouse/password/forgot"
BUTTONS = {"en": ("Set password", "Change password"), "de": ("Passwort setzen", "Passwort ändern")}

_number = itertools.count(1)


@pytest.fixture(scope="module")
def acme(binary: Path) -> Iterator[Stage]:
    """One installation for every walk of this file."""
    with stage(binary) as made:
        yield made


def invite(acme: Stage) -> tuple[Member, str]:
    """Somebody new who is invited; path and query of the link."""
    email = f"guest-{next(_number)}@acme.example"
    said = acme.site.done(
        "user", "create", "--tenant", "acme", "--email", email, "--name", "Greta Guest", "--invite", "--print-link")
    id, link = said.split()
    return Member("acme", email, "Greta Guest", (), id), f"{urlsplit(link).path}?{urlsplit(link).query}"


def force(acme: Stage, member: Member) -> None:
    """The member has to choose another password at the next login."""
    acme.site.done(
        "user", "set-password", "--tenant", "acme", member.email, "--must-change", "--password-stdin",
        stdin=OTHER_PASSWORD + "\n")


@pytest.fixture(params=["en", "de", "en without scripts"])
def browser(acme: Stage, request: pytest.FixtureRequest) -> Iterator[Browser]:
    """A browser of each language, and one that runs no script; it must have had nothing to complain about."""
    language, _, without = str(request.param).partition(" ")
    chain = acme.site.folder / "tls/chain.pem"
    with chromium(acme.server.port, chain, language, scripts=not without) as made:
        yield made
        assert made.complaints() == []


def button(browser: Browser, which: int) -> str:
    """A button's words, in the page's language."""
    return BUTTONS[browser.language][which]


def test_an_invitation_is_taken_up(acme: Stage, browser: Browser) -> None:
    """Open the link, be told what is wrong with a password, choose a good one, sign in with it."""
    member, link = invite(acme)
    browser.open(ACME, link)
    browser.field("password").send_keys("Greta1!")
    browser.press(button(browser, 0))
    alert = browser.driver.find_element("css selector", "[role=alert]")
    assert alert.is_displayed() and alert.text
    assert browser.field("password").get_attribute("value") == ""
    browser.field("password").send_keys(NEW_PASSWORD)
    browser.press(button(browser, 0))
    assert browser.has_field("email") and browser.path.startswith("/.gatehouse/login")
    browser.driver.back()
    assert "form-refused" not in browser.text
    browser.sign_in(ACME, member.email, NEW_PASSWORD)
    assert member.name in browser.text


def test_a_password_is_changed(acme: Stage, browser: Browser) -> None:
    """With the current one; the session goes on, and the new one signs in."""
    member = acme.newcomer(f"changer-{next(_number)}")
    browser.sign_in(ACME, member.email, member.password)
    browser.open(ACME, CHANGE)
    browser.field("current_password").send_keys(member.password)
    browser.field("password").send_keys(NEW_PASSWORD)
    browser.press(button(browser, 1))
    assert browser.driver.find_element("css selector", "[role=status]").is_displayed()
    browser.open(ACME, "/app/start")
    assert member.name in browser.text
    browser.forget()
    browser.sign_in(ACME, member.email, NEW_PASSWORD)
    assert member.name in browser.text


def test_a_password_must_be_changed_at_the_next_login(acme: Stage, browser: Browser) -> None:
    """The sign-in asks for another one and leads to the page that was wanted."""
    member = acme.newcomer(f"forced-{next(_number)}")
    force(acme, member)
    browser.sign_in(ACME, member.email, OTHER_PASSWORD, "/app/forced")
    assert browser.path.startswith("/.gatehouse/login")
    browser.field("password").send_keys(NEW_PASSWORD)
    browser.press(button(browser, 0))
    assert browser.path == "/app/forced" and member.name in browser.text


def pages(acme: Stage, browser: Browser) -> Iterator[str]:
    """Opens one page after the other, and says which it is."""
    _, link = invite(acme)
    browser.open(ACME, link)
    yield "links-1-invitation"
    browser.type_and_enter("password", "Greta1!")
    yield "links-2-refused"
    browser.open(ACME, link + "x")
    yield "links-3-unusable"
    browser.open(ACME, FORGOT)
    yield "links-4-forgotten-without-mail"
    member = acme.newcomer(f"reader-{next(_number)}")
    browser.sign_in(ACME, member.email, member.password)
    browser.open(ACME, CHANGE)
    yield "links-5-change"
    browser.field("current_password").send_keys(OTHER_PASSWORD)
    browser.type_and_enter("password", NEW_PASSWORD)
    yield "links-6-wrong-current"
    browser.field("current_password").send_keys(member.password)
    browser.type_and_enter("password", NEW_PASSWORD)
    yield "links-7-changed"
    force(acme, member)
    browser.forget()
    browser.sign_in(ACME, member.email, OTHER_PASSWORD)
    yield "links-8-must-change"


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_can_be_read_by_everybody(acme: Stage, language: str) -> None:
    """In each language: axe-core finds nothing against WCAG 2.2 AA in light or dark, nobody scrolls sideways at 320
    pixels; each is photographed in four looks."""
    faults: list[str] = []
    with chromium(acme.server.port, acme.site.folder / "tls/chain.pem", language) as browser:
        for name in pages(acme, browser):
            if browser.language != language:
                faults.append(f"{name} says that it is {browser.language!r}")
            faults += browser.drawn(name, REPORTS)
            faults += [f"{name}: {words}" for words in browser.complaints()]
    assert faults == []
