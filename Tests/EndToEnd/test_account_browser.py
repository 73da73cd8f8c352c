"""The account in Chromium: what people see, in both languages, with and without scripts; screenshots go where
`GATEHOUSE_REPORTS` says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.browser import Browser, chromium
from support.installation import ACME, MIA, installation
from support.stage import Stage, stage
from test_account_settings import picture
from test_login_over_time import ahead

REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")
ACCOUNT = "/.gatehouse/account"
SESSION = "__Host-gatehouse"
BRANDING = (
    'branding: { name: Acme Welt, logo_file: acme.png, accent: "#7a1fa2", accent_dark: "#e1b3ff" }\n')


@pytest.fixture(scope="module")
def acme(binary: Path) -> Iterator[Stage]:
    """An installation that offers to stay signed in, in its tenant's looks."""
    with stage(binary, "session: { remember: 30d }") as made:
        yield made


def judged(browser: Browser, name: str, language: str) -> list[str]:
    """What is wrong with the page that is open, in every look; each is photographed where that is asked for."""
    faults: list[str] = []
    if browser.language != language:
        faults.append(f"{name} says that it is {browser.language!r}")
    faults += browser.drawn(name, REPORTS)
    return faults + [f"{name}: {words}" for words in browser.complaints()]


def pages(browser: Browser, acme: Stage, language: str) -> Iterator[str]:
    """Opens one page of the account after the other, and says which it is."""
    member = acme.newcomer(f"wanda-walk-{language}")
    for _ in range(2):
        acme.signed_in(member)
    browser.forget()
    browser.open(ACME, "/app/start")
    browser.type_and_enter("email", member.email)
    yield "account-0-remember"
    browser.field("remember").click()
    browser.type_and_enter("password", member.password)
    browser.open(ACME, ACCOUNT)
    yield "account-1-data"
    browser.type_and_enter("name", "Wanda Walküre")
    yield "account-2-changed"
    browser.type_and_enter("name", " ")
    yield "account-3-fault"
    browser.open(ACME, f"{ACCOUNT}/email")
    yield "account-4-email"
    browser.type_and_enter("email", MIA.email)
    yield "account-5-taken"
    browser.open(ACME, f"{ACCOUNT}/sessions")
    yield "account-6-sessions"
    browser.open(ACME, f"{ACCOUNT}/password")
    yield "account-9-password"


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_can_be_read_by_everybody(acme: Stage, language: str) -> None:
    """In each language: the page says its language, axe-core finds nothing against WCAG 2.2 AA in light or dark, and
    nobody scrolls sideways at 320 pixels."""
    faults: list[str] = []
    with chromium(acme.server.port, acme.site.folder / "tls/chain.pem", language) as browser:
        for name in pages(browser, acme, language):
            faults += judged(browser, name, language)
    assert faults == []


def test_a_tenant_s_looks_can_be_read_by_everybody(binary: Path) -> None:
    """Logo and colours are let in by the policy, and axe-core finds nothing against them."""
    faults: list[str] = []
    with installation(binary) as site:
        (site.folder / "acme.png").write_bytes(picture(180, 72))
        with (site.folder / "tenants/acme.yaml").open("a") as file:
            file.write(BRANDING)
        with site.running() as server:
            site.add(MIA)
            with chromium(server.port, site.folder / "tls/chain.pem") as browser:
                browser.open(ACME, "/app/start")
                assert browser.driver.execute_script(
                    "return document.querySelector('.logo').naturalWidth") == 180, "the logo is shown"
                faults += judged(browser, "branding-1-email", "en")
                browser.sign_in(ACME, MIA.email, MIA.password, ACCOUNT)
                faults += judged(browser, "branding-2-account", "en")
    assert faults == []


def test_the_password_is_asked_for_again_after_five_minutes(binary: Path) -> None:
    """On the way to the page for another address, which follows; a wrong password is said, and back does no harm."""
    with installation(binary) as site:
        members = {}
        with site.running() as server:
            site.add(MIA)
            for language in ("en", "de"):
                members[language] = site.visitor(server, address="")
                members[language].sign_in(MIA.email, MIA.password)
        # The clock that never jumps stays: an answer that is held back is held by it.
        prefix = (*ahead("+6m"), "DONT_FAKE_MONOTONIC=1", "FAKETIME_DONT_FAKE_MONOTONIC=1")
        with site.running(prefix=prefix) as server:
            for language, member in members.items():
                with chromium(server.port, site.folder / "tls/chain.pem", language) as browser:
                    browser.adopt(ACME, SESSION, member.jar.value(ACME, SESSION))
                    assert walked_to_the_proof(browser, language) == []


def walked_to_the_proof(browser: Browser, language: str) -> list[str]:
    """The walk; what is wrong with its pages."""
    browser.open(ACME, f"{ACCOUNT}/email")
    assert browser.path.startswith(f"{ACCOUNT}/proof?return_to=")
    faults = judged(browser, "account-7-proof", language)
    browser.type_and_enter("password", "Wrong-Herons_4-Breakfast")
    faults += judged(browser, "account-8-proof-wrong", language)
    browser.type_and_enter("password", MIA.password)
    assert browser.path == f"{ACCOUNT}/email"
    browser.driver.back()
    browser.driver.refresh()
    assert "form-refused" not in browser.text
    browser.open(ACME, f"{ACCOUNT}/email")
    assert browser.has_field("email")
    return faults


def test_the_walk_without_scripts(acme: Stage) -> None:
    """Name, sessions and language, by a browser that runs no script."""
    member = acme.newcomer("nils-noscript")
    other = acme.signed_in(member)
    with chromium(acme.server.port, acme.site.folder / "tls/chain.pem", scripts=False) as browser:
        browser.open(ACME, ACCOUNT)
        browser.field("email").send_keys(member.email)
        browser.press("Continue")
        browser.field("password").send_keys(member.password)
        browser.press("Sign in")
        assert browser.path == ACCOUNT
        name = browser.field("name")
        name.clear()
        name.send_keys("Nils Neu")
        browser.press("Save")
        assert "Your name has been changed." in browser.text
        browser.driver.refresh()
        assert browser.field("name").get_attribute("value") == "Nils Neu"
        browser.follow("Sessions")
        assert "this browser" in browser.text
        browser.press("Sign out everywhere else")
        assert "nowhere else" in browser.text
        assert not other.is_signed_in
        browser.follow("Deutsch")
        assert browser.language == "de"
        browser.follow("Ihre Daten")
        assert browser.language == "de"
        browser.open(ACME, f"{ACCOUNT}/sessions")
        browser.press("Überall abmelden")
        assert browser.path == "/.gatehouse/logout?done"
        browser.driver.back()
        browser.open(ACME, ACCOUNT)
        assert browser.has_field("email")


def test_the_keyboard_reaches_everything_in_order(acme: Stage) -> None:
    """Tab by tab through the page: navigation, fields, buttons, links; each shows where the focus is."""
    member = acme.newcomer("kim-keyboard")
    with chromium(acme.server.port, acme.site.folder / "tls/chain.pem") as browser:
        browser.sign_in(ACME, member.email, member.password, ACCOUNT)
        seen = browser.tab_through(10)
        words = [each.split("|")[0] for each in seen]
        assert words == [
            "Your data", "Password", "Second factors", "Sessions", "Sign out", "name", "Save", "Change address",
            "Deutsch", "Back to the application"]
        assert all(each.split("|")[1] != "none" for each in seen), "the focus is seen"
