"""Single sign-on in Chromium, with SimpleSAMLphp on another site: from the button to the application and out again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.browser import Browser, chromium
from support.installation import Member
from support.simplesamlphp import Account, SimpleSAMLphp, simplesamlphp
from support.sso import BUTTON, Place, SSOStage, connection, sso_installation, stage_of, write_tenant

REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")
ACME, POSTED, DOWN, STRICT = Place("acme"), Place("posted"), Place("down"), Place("strict")
ADA = Account("ada", "ada@acme.example", "Ada Äpfel", ("Gate Admins",))
LEO = Account("leo", "leo@acme.example", "Leo Linked")
LEA = Account("lea", "lea@acme.example", "Lea Linked")
POL = Account("pol", "pol@posted.example", "Pol Posted")
SUE = Account("sue", "sue@strict.example", "Sue Strict")
LEO_HERE, LEA_HERE = (Member("acme", each.mail, each.name) for each in (LEO, LEA))


@dataclass
class World(SSOStage):
    """The stage with the provider."""

    provider: SimpleSAMLphp = None  # type: ignore[assignment]

    def chromium(self, language: str = "en", scripts: bool = True) -> object:
        """A browser that meets both."""
        return chromium(
            self.server.port, self.site.folder / "tls/chain.pem", language, scripts, beside=(self.provider.chain,))


@pytest.fixture(scope="module")
def world(binary: Path) -> Iterator[World]:
    """Tenants with requests by address and by form, one whose provider cannot be asked, one with an enforced domain."""
    with ExitStack() as stack:
        site = stack.enter_context(sso_installation(binary))
        provider = stack.enter_context(simplesamlphp(
            site.folder / "provider", site.authority, (ADA, LEO, LEA, POL, SUE), has_own_clock=True))
        file = site.folder / "idp.xml"
        file.write_text(provider.metadata())
        write_tenant(site, "acme", connection(
            file, role_mapping={"Gate Admins": "admin", "*": "user"}, counts_as_mfa=True))
        write_tenant(site, "posted", connection(file, request_binding="post"))
        write_tenant(site, "down", connection("https://localhost:9/metadata"))
        write_tenant(site, "strict", connection(file), sign_in={
            "methods": ["saml", "password"], "sso_domains": "enforced"})
        server = stack.enter_context(site.running())
        made = stage_of(site, server, LEO_HERE, LEA_HERE)
        provider.trust(*[made.metadata(place) for place in (ACME, POSTED, STRICT)])
        yield World(made.site, made.server, made.members, provider)


@pytest.fixture(scope="module")
def english(world: World) -> Iterator[Browser]:
    """A browser that asks for English."""
    with world.chromium() as made:  # type: ignore[attr-defined]
        yield made


@pytest.fixture
def browser(world: World, english: Browser) -> Iterator[Browser]:
    """The same browser without a cookie; at the end it must have had nothing to complain about on our pages."""
    world.provider.set()
    english.forget()
    english.complaints()
    english.look(1280, "light")
    yield english
    assert ours(english) == []


def ours(browser: Browser) -> list[str]:
    """The browser's complaints, without those about the provider's pages, and that a page says 503."""
    return [
        each for each in browser.complaints()
        if not each.startswith("https://localhost:") and "the server responded with a status of 503" not in each]


def at_provider(browser: Browser, account: Account) -> None:
    """Signs in at the provider."""
    browser.await_address("loginuserpass")
    browser.field("username").send_keys(account.uid)
    browser.type_and_enter("password", account.password)


def sign_in(browser: Browser, account: Account, place: Place = ACME, target: str = "/app/start") -> None:
    """The whole walk."""
    browser.open(place.host, target)
    browser.click("button[name=connection]")
    at_provider(browser, account)
    browser.await_address(place.at(target))


# --- walks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "account"), [(ACME, ADA), (POSTED, POL)], ids=["redirect", "post"])
def test_from_the_button_to_the_application(browser: Browser, place: Place, account: Account) -> None:
    """Two sites, several redirects and forms that send themselves: policies of both let them pass."""
    sign_in(browser, account, place, "/app/wanted?a=1")
    assert account.mail in browser.text and "sso" in browser.text


def test_an_address_of_an_enforced_domain_leads_to_the_provider(browser: Browser) -> None:
    """From the first step straight on, and back to the application."""
    browser.open(STRICT.host, "/app/start")
    browser.type_and_enter("email", SUE.mail)
    at_provider(browser, SUE)
    browser.await_address(STRICT.at("/app/start"))
    assert SUE.mail in browser.text


def test_without_scripts_buttons_lead_on(world: World) -> None:
    """Nothing sends itself; each page has a button or goes on by itself."""
    with world.chromium(scripts=False) as browser:  # type: ignore[attr-defined]
        browser.open(POSTED.host, "/app/start")
        browser.press(BUTTON)
        for _ in range(4):
            if "loginuserpass" in browser.driver.current_url:
                break
            browser.click("button[type=submit], input[type=submit], a.button")
        at_provider(browser, POL)
        for _ in range(4):
            if browser.path.startswith("/app/start"):
                break
            browser.click("button[type=submit], input[type=submit]")
        browser.await_address(POSTED.at("/app/start"))
        assert POL.mail in browser.text


def test_two_tabs_at_once(browser: Browser) -> None:
    """Two sign-ins begun side by side end where each wanted."""
    first = browser.driver.current_window_handle
    browser.open(ACME.host, "/app/one")
    browser.press(BUTTON)
    browser.await_address("loginuserpass")
    browser.driver.switch_to.new_window("tab")
    second = browser.driver.current_window_handle
    browser.open(ACME.host, "/app/two")
    browser.press(BUTTON)
    at_provider(browser, ADA)
    browser.await_address(ACME.at("/app/two"))
    browser.driver.switch_to.window(first)
    at_provider(browser, ADA)
    browser.await_address(ACME.at("/app/one"))
    browser.driver.close()
    browser.driver.switch_to.window(second)
    assert ADA.mail in browser.text


def test_an_account_with_a_password_is_joined_once(browser: Browser) -> None:
    """The page says why it asks; after the password the application, and the next time no question."""
    browser.open(ACME.host, "/app/start")
    browser.press(BUTTON)
    at_provider(browser, LEO)
    browser.await_address(ACME.host)
    assert browser.has_field("password") and not browser.path.startswith("/app/")
    browser.type_and_enter("password", LEO_HERE.password)
    browser.await_address(ACME.at("/app/start"))
    assert LEO_HERE.name in browser.text
    browser.forget()
    sign_in(browser, LEO)


def test_a_step_up_asks_the_provider_anew(world: World, browser: Browser) -> None:
    """The provider's session is still there, and it asks for the password nevertheless."""
    sign_in_before(world, browser)
    browser.open(ACME.host, "/brief/page")
    assert not browser.path.startswith("/brief/")
    browser.press(f"Confirm with {BUTTON}")
    at_provider(browser, ADA)
    browser.await_address(ACME.at("/brief/page"))
    assert ADA.mail in browser.text
    # The twin: without force the provider asks nothing.
    browser.driver.execute_cdp_cmd("Network.deleteCookies", {"name": "__Host-gatehouse", "url": ACME.at("/")})
    browser.open(ACME.host, "/app/again")
    browser.press(BUTTON)
    browser.await_address(ACME.at("/app/again"))


def sign_in_before(world: World, browser: Browser) -> None:
    """Signs in at a provider whose clock is two minutes behind: what it proves is as old, and too old for the route."""
    world.provider.clock("-2m")
    sign_in(browser, ADA)
    world.provider.clock("+0")


def test_signing_out_here_and_there(world: World, browser: Browser) -> None:
    """Out here: the provider asks for the password again.  Out there: the application asks for a sign-in again."""
    sign_in(browser, ADA)
    sign_out(browser)
    assert "signed out" in browser.text.lower()
    sign_in(browser, ADA)
    browser.driver.get(world.provider.logout)
    browser.await_address("logout.php")
    browser.open(ACME.host, "/app/start")
    assert browser.has_field("email")


def sign_out(browser: Browser) -> None:
    """Signs out here, and waits until the provider's answer has come back."""
    browser.open(ACME.host, "/.gatehouse/logout")
    browser.press("Sign out")
    browser.await_address("/.gatehouse/logout?")


# --- looks -----------------------------------------------------------------------------------------------------------


def pages(world: World, browser: Browser) -> Iterator[str]:
    """Opens one page after the other, and says which it is."""
    browser.forget()
    browser.open(ACME.host, "/app/start")
    yield "sso-1-email"
    browser.type_and_enter("email", "somebody@acme.example")
    yield "sso-2-password"
    browser.open(ACME.host, "/app/start")
    browser.click("button[name=connection]")
    at_provider(browser, LEA)
    browser.await_address(ACME.host)
    yield "sso-3-link"
    browser.forget()
    world.provider.set(pair="other")
    browser.open(ACME.host, "/app/start")
    browser.click("button[name=connection]")
    at_provider(browser, ADA)
    browser.await_address(ACME.path("acs"))
    yield "sso-4-refused"
    world.provider.set()
    browser.forget()
    browser.driver.get(world.provider.initiated(ACME.entity_id))
    at_provider(browser, ADA)
    browser.await_address(ACME.path("acs"))
    yield "sso-5-not-begun-here"
    browser.open(DOWN.host, "/app/start")
    browser.click("button[name=connection]")
    browser.await_address(DOWN.host)
    yield "sso-6-unavailable"
    browser.forget()
    sign_in_before(world, browser)
    browser.open(ACME.host, "/.gatehouse/account")
    yield "sso-7-account"
    browser.open(ACME.host, "/brief/page")
    yield "sso-8-step-up"
    browser.open(ACME.host, "/.gatehouse/logout")
    browser.click("main form button")
    browser.await_address("/.gatehouse/logout?")
    yield "sso-9-signed-out"


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_can_be_read_by_everybody(world: World, language: str) -> None:
    """In each language: the page says its language, axe-core finds nothing against WCAG 2.2 AA in light or dark, and
    nobody scrolls sideways at 320 pixels; each is photographed in four looks."""
    faults: list[str] = []
    with world.chromium(language) as browser:  # type: ignore[attr-defined]
        for name in pages(world, browser):
            if browser.language != language:
                faults.append(f"{name} says that it is {browser.language!r}")
            faults += browser.drawn(name, REPORTS)
            browser.look(1280, "light")
            faults += [f"{name}: {words}" for words in ours(browser)]
    assert faults == []
