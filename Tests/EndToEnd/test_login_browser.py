"""The sign-in in Chromium: what people see, in both languages; screenshots go where `GATEHOUSE_REPORTS` says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.browser import Browser, chromium
from support.installation import ACME, ADA, BEA, MIA, SHARED, Member
from support.stage import Stage, stage

REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")
WRONG_PASSWORD = "Wrong-Herons_4-Breakfast"
FAILURES = 4
"""Fewer than the default: each costs a quarter of a second."""


@pytest.fixture(scope="module")
def acme(binary: Path) -> Iterator[Stage]:
    """One installation for every walk of this file; Chromium comes to it directly, as 127.0.0.1."""
    with stage(binary, f"throttle: {{ per_account_and_address: {{ failures: {FAILURES}, per: 15m }} }}") as made:
        yield made


@pytest.fixture(scope="module")
def throttled(acme: Stage) -> Member:
    """A member on whose account somebody at Chromium's address has guessed too often."""
    victim = acme.newcomer("vera-victim")
    guesser = acme.visitor(address="")
    page = guesser.to_password(victim.email)
    for count in range(FAILURES):
        page = guesser.give_password(page, f"{WRONG_PASSWORD}{count}")
    return victim


@pytest.fixture(scope="module")
def english(acme: Stage) -> Iterator[Browser]:
    """A browser that asks for English."""
    with chromium(acme.server.port, acme.site.folder / "tls/chain.pem") as made:
        yield made


@pytest.fixture
def browser(english: Browser) -> Iterator[Browser]:
    """The same browser without a cookie; at the end it must have had nothing to complain about."""
    english.forget()
    english.complaints()
    english.look(1280, "light")
    yield english
    assert english.complaints() == []


def test_signing_in(browser: Browser) -> None:
    """Address, return, password, return: the page that was asked for, with the member's name."""
    browser.open(ACME, "/app/start?a=1")
    assert browser.path.startswith("/.gatehouse/login")
    assert browser.has_field("email") and not browser.has_field("password")
    browser.type_and_enter("email", MIA.email)
    assert browser.has_field("password")
    browser.type_and_enter("password", MIA.password)
    assert browser.path == "/app/start?a=1"
    assert MIA.name in browser.text


def test_signing_in_without_scripts(acme: Stage) -> None:
    """A browser that runs no script signs in and out."""
    with chromium(acme.server.port, acme.site.folder / "tls/chain.pem", scripts=False) as browser:
        browser.open(ACME, "/app/start")
        browser.field("email").send_keys(MIA.email)
        browser.press("Continue")
        browser.field("password").send_keys(MIA.password)
        browser.press("Sign in")
        assert MIA.name in browser.text
        browser.open(ACME, "/.gatehouse/logout")
        browser.press("Sign out")
        browser.open(ACME, "/app/start")
        assert browser.has_field("email")


def test_a_wrong_password_is_said_to_everybody(browser: Browser) -> None:
    """The message can be read, is announced to screen readers, and the next try works."""
    browser.sign_in(ACME, MIA.email, WRONG_PASSWORD)
    assert browser.has_field("password")
    alert = browser.driver.find_element("css selector", "[role=alert]")
    assert alert.is_displayed() and alert.text
    assert browser.field("password").get_attribute("value") == ""
    assert browser.field("password") == browser.driver.switch_to.active_element, "the field has the focus"
    browser.type_and_enter("password", MIA.password)
    assert MIA.name in browser.text


def test_too_many_failures_are_said_with_the_time_to_wait(browser: Browser, throttled: Member) -> None:
    """Even the right password meets a page that says how long."""
    browser.sign_in(ACME, throttled.email, throttled.password)
    assert "minute" in browser.text or "second" in browser.text
    assert any(character.isdigit() for character in browser.text)


def test_a_missing_role_is_said(browser: Browser) -> None:
    """A page that says that the right is missing, with the request's id for those who help."""
    browser.sign_in(ACME, MIA.email, MIA.password)
    browser.open(ACME, "/admin/x")
    assert "role-missing" in browser.text
    assert "X-User-Roles" not in browser.text


def test_signing_out(browser: Browser) -> None:
    """A question first, then the session has ended; back brings nothing back."""
    browser.sign_in(ACME, MIA.email, MIA.password)
    browser.open(ACME, "/.gatehouse/logout")
    browser.press("Sign out")
    browser.open(ACME, "/app/start")
    assert browser.has_field("email")
    browser.driver.back()
    browser.open(ACME, "/app/other")
    assert browser.has_field("email")


def test_signing_out_by_the_application(browser: Browser) -> None:
    """The application's own button: its answer ends the session."""
    browser.sign_in(ACME, MIA.email, MIA.password)
    browser.driver.execute_script(
        "const form = document.createElement('form'); form.method = 'post'; form.action = '/logout';"
        "document.body.append(form); form.submit()")
    browser.driver.switch_to.new_window("tab")
    browser.open(ACME, "/app/start")
    has_ended = browser.has_field("email")
    close_other_tabs(browser)
    assert has_ended


def test_two_tabs_at_once(browser: Browser) -> None:
    """Two sign-ins begun side by side end where each wanted."""
    first = browser.driver.current_window_handle
    browser.open(ACME, "/app/one")
    browser.type_and_enter("email", MIA.email)
    browser.driver.switch_to.new_window("tab")
    second = browser.driver.current_window_handle
    browser.open(ACME, "/app/two")
    browser.type_and_enter("email", MIA.email)
    browser.driver.switch_to.window(first)
    browser.type_and_enter("password", MIA.password)
    assert browser.path == "/app/one" and MIA.name in browser.text
    browser.driver.switch_to.window(second)
    browser.type_and_enter("password", MIA.password)
    assert browser.path == "/app/two" and MIA.name in browser.text
    close_other_tabs(browser)


def close_other_tabs(browser: Browser) -> None:
    """Leaves the tab that is seen alone."""
    kept = browser.driver.current_window_handle
    for handle in browser.driver.window_handles:
        if handle != kept:
            browser.driver.switch_to.window(handle)
            browser.driver.close()
    browser.driver.switch_to.window(kept)


def test_back_after_signing_in_meets_no_error(browser: Browser) -> None:
    """The form that was sent, shown again and sent again, leads to the target."""
    browser.sign_in(ACME, MIA.email, MIA.password, "/app/back")
    browser.driver.back()
    browser.driver.refresh()
    assert "form-refused" not in browser.text and "error" not in browser.driver.title.lower()
    if browser.has_field("password"):
        browser.type_and_enter("password", MIA.password)
    browser.open(ACME, "/app/back")
    assert MIA.name in browser.text


def test_a_member_of_two_tenants_chooses(browser: Browser) -> None:
    """On the shared host both tenants' names are offered after the password."""
    browser.sign_in(SHARED, BEA.email, BEA.password, "/app/chosen")
    browser.press("Globex Corporation")
    assert browser.path == "/app/chosen"
    assert "globex" in browser.text


def pages(browser: Browser, throttled: Member) -> Iterator[str]:
    """Opens one page of the sign-in after the other, and says which it is."""
    browser.forget()
    browser.open(ACME, "/app/start")
    yield "1-email"
    browser.type_and_enter("email", MIA.email)
    yield "2-password"
    browser.type_and_enter("password", WRONG_PASSWORD)
    yield "3-wrong-password"
    browser.sign_in(ACME, throttled.email, throttled.password)
    yield "4-throttled"
    browser.sign_in(SHARED, BEA.email, BEA.password)
    yield "5-choice"
    browser.sign_in(ACME, ADA.email, ADA.password)
    browser.open(ACME, "/.gatehouse/logout")
    yield "6-sign-out"
    browser.press("")
    yield "7-signed-out"
    browser.sign_in(ACME, MIA.email, MIA.password, "/admin/x")
    yield "8-role-refused"


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_can_be_read_by_everybody(acme: Stage, throttled: Member, language: str) -> None:
    """In each language: the page says its language, axe-core finds nothing against WCAG 2.2 AA in light or dark, and
    nobody scrolls sideways at 320 pixels; each is photographed in four looks."""
    faults: list[str] = []
    with chromium(acme.server.port, acme.site.folder / "tls/chain.pem", language) as browser:
        for name in pages(browser, throttled):
            if browser.language != language:
                faults.append(f"{name} says that it is {browser.language!r}")
            faults += browser.drawn(name, REPORTS)
            faults += [f"{name}: {words}" for words in browser.complaints()]
    assert faults == []
