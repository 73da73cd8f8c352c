"""Second factors in Chromium: passkeys on a virtual device and an app whose code is scanned, made and used, in both
languages, with scripts and without; screenshots go where `GATEHOUSE_REPORTS` says."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import zxingcpp
from PIL import Image

from support.browser import Browser, chromium
from support.factors import (
    FACTORS, HOOLI, SESSION, STEP_UP, App, Gate, enrolment_code, gate, give_recovery_code, reload_tenant,
    to_second_factor,
)
from support.installation import ACME, GLOBEX, Member
from support.passkeys import origin
from support.visitor import Visitor
from test_factors_step_up import PORTAL, SEVERAL, SHOP
from test_factors_tampering import factors

REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")
PASSKEY, NEW_PASSKEY = "form[data-passkey=get] button", "form[data-passkey=create] button[type=submit]"
CODE = "form:has(input[name=code]) button[type=submit]"


@pytest.fixture(scope="module")
def here(binary: Path) -> Iterator[Gate]:
    """One installation for every walk of this file."""
    with gate(binary) as made:
        yield made


@contextmanager
def opened(made: Gate, language: str = "en", scripts: bool = True) -> Iterator[Browser]:
    """A browser before it, with a device for passkeys; it must have had nothing to complain about."""
    with chromium(made.server.port, made.site.folder / "tls/chain.pem", language, scripts=scripts) as browser:
        if scripts:
            browser.plug_in()
        yield browser
        assert browser.complaints() == []


def prepared(made: Gate, name: str, tenant: str = "globex") -> tuple[Member, str]:
    """A newcomer, and the code that an operator has printed for the first factor."""
    member = made.newcomer(name, tenant)
    return member, enrolment_code(
        made.site.done("user", "reset-mfa", "--tenant", tenant, member.email, "--print-code"))


def to_enrolment(browser: Browser, member: Member, code: str, target: str = "/app/start") -> None:
    """The way in up to the page on which a factor is added."""
    browser.sign_in(f"{member.tenant}.example.org", member.email, member.password, target)
    browser.type_and_enter("code", code)


def with_passkey(browser: Browser, made: Gate, name: str, tenant: str = "globex") -> Member:
    """A newcomer who makes a passkey at the first sign-in, and is in."""
    member, code = prepared(made, name, tenant)
    to_enrolment(browser, member, code)
    browser.click(NEW_PASSKEY)
    leave_codes(browser)
    assert member.name in browser.text
    return member


def leave_codes(browser: Browser) -> None:
    """On from the recovery codes, of which ten are shown."""
    assert len(browser.driver.find_elements("css selector", ".recovery code")) == 10, browser.text
    browser.click("main .actions .button, main .actions button:not(.quiet)")


def whoami(browser: Browser, host: str) -> dict[str, object]:
    """What the gateway says of the browser's session."""
    browser.open(host, "/.gatehouse/whoami")
    return dict(json.loads(browser.driver.find_element("tag name", "pre").text))


# --- passkeys --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_passkey_is_made_and_is_the_second_factor(here: Gate, language: str) -> None:
    """At the first sign-in; next time behind the password, by one press."""
    with opened(here, language) as browser:
        browser.offer_no_passkeys()
        member = with_passkey(browser, here, f"pia-passkey-{language}")
        assert browser.passkeys == [GLOBEX]
        assert factors(here, member)["passkey"] == 1
        browser.forget()
        browser.sign_in(GLOBEX, member.email, member.password, "/app/wanted")
        assert browser.language == language and browser.can_see(PASSKEY)
        browser.click(PASSKEY)
        assert browser.path == "/app/wanted"
        assert whoami(browser, GLOBEX)["factors"] == ["password", "passkey"]


def test_a_passkey_alone_is_enough(here: Gate) -> None:
    """Offered by the browser behind the field for the address, or by the button; nothing is typed."""
    with opened(here) as browser:
        browser.offer_no_passkeys()
        member = with_passkey(browser, here, "una-username-less")
        browser.forget()
        browser.open(GLOBEX, "/app/alone")
        assert browser.field("email").get_attribute("autocomplete") == "username webauthn"
        browser.click(PASSKEY)
        assert browser.path == "/app/alone" and member.name in browser.text
        assert whoami(browser, GLOBEX)["factors"] == ["passkey"]
        browser.open(GLOBEX, "/vault/x")
        assert browser.path == "/vault/x", "it counts as a second factor"


def test_a_browser_offers_the_passkey_by_itself(here: Gate) -> None:
    """Conditional mediation: the virtual device agrees at once."""
    with opened(here) as browser:
        member = with_passkey(browser, here, "otto-offered")
        browser.forget()
        browser.open(GLOBEX, "/app/offered")
        browser.await_path("/app/offered")
        assert member.name in browser.text


def test_a_device_that_does_not_know_its_user_opens_nothing(here: Gate) -> None:
    """The page says so, stays as it is, and the other ways stay open."""
    with opened(here) as browser:
        browser.offer_no_passkeys()
        member = with_passkey(browser, here, "vic-verification")
        browser.forget()
        browser.verify_user(False)
        browser.open(GLOBEX, "/app/start")
        assert browser.click_in_vain(PASSKEY)
        browser.verify_user(True)
        browser.click(PASSKEY)
        assert member.name in browser.text


def test_a_passkey_that_the_device_has_lost(here: Gate) -> None:
    """The browser's own refusal is told in the page's words; a recovery code lets the member in."""
    with opened(here) as browser:
        browser.offer_no_passkeys()
        member, code = prepared(here, "lou-lost")
        to_enrolment(browser, member, code)
        browser.click(NEW_PASSKEY)
        recovery = browser.driver.find_element("css selector", ".recovery code").text
        leave_codes(browser)
        browser.forget()
        browser.forget_passkeys()
        browser.sign_in(GLOBEX, member.email, member.password)
        assert "passkey" in browser.click_in_vain(PASSKEY).lower()
        browser.driver.find_element("css selector", "details summary").click()
        browser.type_and_enter("code", recovery)
        assert member.name in browser.text


def test_a_passkey_that_the_gateway_has_lost(here: Gate) -> None:
    """The device still has it: it is refused in words, alone and behind the password."""
    with opened(here) as browser:
        browser.offer_no_passkeys()
        member = with_passkey(browser, here, "rex-removed")
        here.site.done("user", "reset-mfa", "--tenant", "globex", member.email)
        browser.forget()
        browser.open(GLOBEX, "/app/start")
        browser.click(PASSKEY)
        assert browser.can_see("[role=alert]") and browser.has_field("email")
        browser.type_and_enter("email", member.email)
        browser.type_and_enter("password", member.password)
        assert not browser.can_see(PASSKEY) and browser.has_field("code"), "a first factor is asked for"


def test_passkeys_in_the_account(here: Gate) -> None:
    """The same device is not taken twice; an app is added beside it; one of the two can go."""
    with opened(here) as browser:
        browser.offer_no_passkeys()
        member = with_passkey(browser, here, "ann-account")
        browser.open(GLOBEX, FACTORS)
        browser.follow("Add a passkey")
        assert browser.click_in_vain(NEW_PASSKEY), "this device has one already"
        browser.open(GLOBEX, FACTORS)
        browser.follow("Add an authenticator app")
        app = App(scanned(browser)["secret"])
        browser.type_and_enter("code", app.code())
        assert factors(here, member) == {"passkey": 1, "totp": 1, "recovery-code": 10}
        browser.open(GLOBEX, FACTORS)
        browser.click("a[href*='/factors/remove']")
        browser.click("form[action*='/factors/remove'] button")
        left = factors(here, member)
        assert (left["passkey"] + left["totp"], left["recovery-code"]) == (1, 10)


# --- apps ------------------------------------------------------------------------------------------------------------


def scanned(browser: Browser) -> dict[str, str]:
    """What a phone reads from the picture on the page: the parts of an `otpauth` address."""
    picture = browser.driver.find_element("css selector", ".picture svg")
    read, = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.screenshot_as_png)))
    address = urlsplit(read.text)
    assert (address.scheme, address.netloc) == ("otpauth", "totp"), read.text
    parts = {name: value for name, (value,) in parse_qs(address.query).items()}
    return parts | {"label": unquote(address.path).removeprefix("/")}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_can_scan_the_picture(here: Gate, scheme: str) -> None:
    """In light and dark: the secret that stands below, who issues it and for whom."""
    with opened(here) as browser:
        member, code = prepared(here, f"sam-scans-{scheme}")
        to_enrolment(browser, member, code)
        browser.look(360, scheme)
        found = scanned(browser)
        shown = browser.driver.find_element("css selector", "main code").text.replace(" ", "")
        assert found["secret"] == shown and len(shown) == 32
        assert found["issuer"] == "Globex Corporation"
        assert found["label"] == f"Globex Corporation:{member.email}"
        app = App(found["secret"])
        browser.type_and_enter("code", app.code())
        leave_codes(browser)
        assert member.name in browser.text


def test_the_walk_without_scripts(here: Gate) -> None:
    """An app is added and used by a browser that runs none; no button for passkeys is seen."""
    with opened(here, scripts=False) as browser:
        member, code = prepared(here, "nils-no-script")
        browser.open(GLOBEX, "/app/start")
        assert not browser.can_see(PASSKEY)
        browser.field("email").send_keys(member.email)
        browser.press("Continue")
        browser.field("password").send_keys(member.password)
        browser.press("Sign in")
        browser.field("code").send_keys(code)
        browser.press("Continue")
        assert not browser.can_see(NEW_PASSKEY)
        app = App(browser.driver.find_element("css selector", "main code").text.replace(" ", ""))
        browser.field("code").send_keys(app.wrong())
        browser.press("Add the app")
        assert browser.can_see("[role=alert]")
        browser.field("code").send_keys(app.code())
        browser.press("Add the app")
        leave_codes(browser)
        assert member.name in browser.text
        browser.forget()
        browser.open(GLOBEX, "/app/again")
        browser.field("email").send_keys(member.email)
        browser.press("Continue")
        browser.field("password").send_keys(member.password)
        browser.press("Sign in")
        browser.field("code").send_keys(app.code())
        browser.click("form[action*='/login/totp'] button")
        assert browser.path == "/app/again"


# --- in the middle ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_route_asks_in_the_middle(here: Gate, language: str) -> None:
    """From the application's page to the passkey and back; a form that was sent says that it must be sent again."""
    with opened(here, language) as browser:
        browser.offer_no_passkeys()
        reload_tenant(here, "hooli", "required")
        try:
            member = with_passkey(browser, here, f"mia-middle-{language}", "hooli")
        finally:
            reload_tenant(here, "hooli", "none")
        browser.forget()
        browser.sign_in(HOOLI, member.email, member.password, "/app/start")
        assert browser.path == "/app/start"
        browser.open(HOOLI, "/vault/page?a=1")
        assert browser.path.startswith(f"{STEP_UP}?return_to=") and browser.language == language
        browser.click(PASSKEY)
        assert browser.path == "/vault/page?a=1" and member.name in browser.text
        assert whoami(browser, HOOLI)["factors"] == ["password", "passkey"]
        browser.forget()
        browser.sign_in(HOOLI, member.email, member.password, "/app/form")
        browser.driver.execute_script(
            "const f = document.createElement('form'); f.method = 'post'; f.action = '/vault/save';"
            "document.body.append(f); f.submit()")
        browser.await_path(STEP_UP)
        assert {"en": "was not done", "de": "nicht"}[language] in browser.text
        browser.click(PASSKEY)
        assert browser.path == "/app/form"


# --- several hosts ---------------------------------------------------------------------------------------------------


def test_related_origins_are_told(here: Gate) -> None:
    """`/.well-known/webauthn` of each host: the origins of its tenant, as JSON, to anybody."""
    for host in (ACME, GLOBEX):
        answer = here.visitor(host).get("/.well-known/webauthn", accept="application/json")
        assert answer.status == 200 and answer.header("Content-Type").split(";")[0] == "application/json"
        assert json.loads(answer.body) == {"origins": [origin(host)]}


def test_one_passkey_for_the_portal_and_the_tenants_own_host(binary: Path) -> None:
    """Its relying party is the tenant's first host; on the portal the browser asks that host whether it is related."""
    with gate(binary, more=f"portal_host: {PORTAL}\n", tenants=SEVERAL) as made, opened(made) as browser:
        browser.offer_no_passkeys()
        told = json.loads(made.visitor(GLOBEX).get("/.well-known/webauthn").body)["origins"]
        assert set(told) >= {origin(GLOBEX), origin(SHOP), origin(PORTAL)}
        member, code = prepared(made, "ron-related")
        browser.sign_in(GLOBEX, member.email, member.password)
        assert f"//{PORTAL}:" in browser.driver.current_url
        browser.type_and_enter("code", code)
        browser.click(NEW_PASSKEY)
        assert browser.passkeys == [GLOBEX]
        leave_codes(browser)
        browser.forget()
        browser.open(SHOP, "/app/shop")
        browser.click(PASSKEY)
        assert (f"//{SHOP}:" in browser.driver.current_url, browser.path) == (True, "/app/shop")
        assert whoami(browser, SHOP)["factors"] == ["passkey"]


def test_a_relying_party_can_be_chosen(binary: Path) -> None:
    """`webauthn: { rp_id }` a domain above the hosts: one passkey for all of them, no related origin needed."""
    tenants = {"globex": SEVERAL["globex"] + "webauthn: { rp_id: example.org }\n"}
    with gate(binary, more=f"portal_host: {PORTAL}\n", tenants=tenants) as made, opened(made) as browser:
        browser.offer_no_passkeys()
        with_passkey(browser, made, "dora-domain")
        assert browser.passkeys == ["example.org"]
        browser.forget()
        browser.open(SHOP, "/app/shop")
        browser.click(PASSKEY)
        assert browser.path == "/app/shop"


# --- for everybody ---------------------------------------------------------------------------------------------------


def pages(browser: Browser, here: Gate, language: str) -> Iterator[str]:
    """Opens one page after the other, and says which it is."""
    browser.offer_no_passkeys()
    member, code = prepared(here, f"wanda-walks-{language}")
    browser.open(GLOBEX, "/app/start")
    yield "factors-01-email"
    browser.sign_in(GLOBEX, member.email, member.password)
    yield "factors-02-code"
    browser.type_and_enter("code", "12345678" if code != "12345678" else "12345679")
    yield "factors-03-wrong-code"
    browser.click("button[name=send]")
    yield "factors-04-sent"
    browser.type_and_enter("code", here.mails.code(member.email))
    yield "factors-05-enrol"
    app = App(browser.driver.find_element("css selector", "main code").text.replace(" ", ""))
    browser.type_and_enter("code", app.wrong())
    yield "factors-06-wrong"
    browser.type_and_enter("code", app.code())
    yield "factors-07-recovery-codes"
    recovery = [each.text for each in browser.driver.find_elements("css selector", ".recovery code")]
    leave_codes(browser)
    browser.open(GLOBEX, FACTORS)
    yield "factors-08-account"
    browser.click("a[href*='/factors/passkey']")
    yield "factors-09-add-passkey"
    browser.click(NEW_PASSKEY)
    yield "factors-10-added"
    browser.open(GLOBEX, f"{FACTORS}/app")
    yield "factors-11-add-app"
    browser.open(GLOBEX, FACTORS)
    browser.click("a[href*='/factors/rename']")
    yield "factors-12-rename"
    browser.open(GLOBEX, FACTORS)
    browser.click("a[href*='/factors/remove']")
    yield "factors-13-remove"
    browser.open(GLOBEX, f"{FACTORS}/recovery-codes")
    yield "factors-14-new-codes"
    browser.forget()
    browser.sign_in(GLOBEX, member.email, member.password)
    yield "factors-15-second-factor"
    browser.type_and_enter("code", app.wrong())
    yield "factors-16-wrong"
    browser.driver.find_element("css selector", "details summary").click()
    yield "factors-17-recovery-code"
    use_up(here, member, recovery[:6])
    browser.type_into_and_enter("#recovery-code", recovery[6])
    yield "factors-18-few-left"
    browser.open(GLOBEX, f"{STEP_UP}?return_to=/app/x&repeat=1")
    yield "factors-19-step-up"
    while browser.has_field("code"):
        browser.type_and_enter("code", app.wrong())
    yield "factors-20-throttled"


def use_up(here: Gate, member: Member, codes: list[str]) -> None:
    """Signs in with each."""
    for code in codes:
        visitor: Visitor = here.visitor(GLOBEX)
        give_recovery_code(visitor, to_second_factor(visitor, member), code)
        assert visitor.jar.value(GLOBEX, SESSION)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_can_be_read_by_everybody(here: Gate, language: str) -> None:
    """In each language: axe-core finds nothing against WCAG 2.2 AA (English in light, German in dark), nobody scrolls
    sideways at 320 pixels; each is photographed in four looks, and judged in both, where that is asked for."""
    schemes = ("light",) if language == "en" else ("dark",)
    faults: list[str] = []
    with opened(here, language) as browser:
        for name in pages(browser, here, language):
            if browser.language != language:
                faults.append(f"{name} says that it is {browser.language!r}")
            faults += browser.drawn(name, REPORTS, schemes)
            faults += [f"{name}: {words}" for words in browser.complaints()]
    assert faults == []
