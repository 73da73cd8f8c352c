"""One sign-in for every host of a tenant, with `portal_host` and without: in, out, and what an attacker would try."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from support.browser import chromium
from support.installation import ACME, BEA, BEA_AT_GLOBEX, GLOBEX, MIA, OTTO, SHARED, installation
from support.mail_server import free_port
from support.promises import await_effect
from support.stage import Stage, heard
from support.successors import Successors
from support.visitor import PUBLIC_PORT, Page, Visitor

REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")
SHOP, DOCS, PORTAL = "shop.example.org", "docs.example.org", "id.example.org"
SESSION, LOGIN = "__Host-gatehouse", "__Host-gatehouse-login"
HANDOFF = "/.gatehouse/session/handoff"
ACME_FILE = f"id: acme\nname: Acme GmbH\nhosts: [ {ACME}, {SHOP}, {DOCS} ]\nmfa: none\n"


@contextmanager
def hosts(binary: Path, portal: str = "") -> Iterator[Stage]:
    """acme with three hosts, globex with one, a shared one, and `portal_host` where it is given."""
    with installation(binary) as site:
        (site.folder / "tenants/acme.yaml").write_text(ACME_FILE)
        if portal:
            site.configuration.write_text(f"{site.configuration.read_text()}portal_host: {portal}\n")
        with site.running() as server:
            made = [site.add(each) for each in (MIA, OTTO, BEA, BEA_AT_GLOBEX)]
            yield Stage(site, server, {(each.tenant, each.email): each for each in made})


@pytest.fixture(scope="module")
def plain(binary: Path) -> Iterator[Stage]:
    """Without `portal_host`."""
    with hosts(binary) as made:
        yield made


@pytest.fixture(scope="module")
def portal(binary: Path) -> Iterator[Stage]:
    """With one."""
    with hosts(binary, PORTAL) as made:
        yield made


@pytest.fixture(params=["plain", "portal"])
def either(request: pytest.FixtureRequest) -> Stage:
    """Both, one after the other."""
    made: Stage = request.getfixturevalue(request.param)
    return made


def home(stage: Stage) -> str:
    """Where acme's members sign in."""
    return PORTAL if "portal_host" in stage.site.configuration.read_text() else ACME


def code_page(visitor: Visitor, host: str = SHOP) -> Page:
    """The answer that carries a code for this host, whose visitor is signed in already."""
    departure = visitor.get("/.gatehouse/login?return_to=/app/x", host=host)
    there = urlsplit(departure.header("Location"))
    return visitor.get(f"{there.path}?{there.query}", host=there.hostname or "")


def target(page: Page) -> str:
    """Path and query of the place that it leads to."""
    there = urlsplit(page.header("Location"))
    return f"{there.path}?{there.query}"


# --- one sign-in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [ACME, SHOP, DOCS])
def test_one_sign_in_serves_every_host(either: Stage, first: str) -> None:
    """Begun on any host, it ends there; the others meet no page; the application hears one session."""
    visitor = either.visitor(first)
    page = visitor.open("/app/start?a=1")
    assert urlsplit(page.url).hostname == home(either)
    assert "Acme GmbH" in page.read.words
    page = visitor.follow(visitor.submit(page, page.form("email"), email=MIA.email))
    page = visitor.follow(visitor.submit(page, page.form("password"), password=MIA.password))
    assert (urlsplit(page.url).hostname, page.path) == (first, "/app/start?a=1")
    sessions = set()
    for host in (ACME, SHOP, DOCS):
        page = visitor.open("/app/other", host=host)
        assert (page.status, urlsplit(page.url).hostname) == (200, host)
        told = json.loads(visitor.get("/app/x", host=host, accept="application/json").body)["headers"]
        sessions.add(told["x-session-id"][0])
    assert len(sessions) == 1
    tokens = {visitor.jar.value(host, SESSION) for host in (ACME, SHOP, DOCS)}
    assert len(tokens) == 3
    listed = either.site.listed("session", "list", "--tenant", "acme", "--email", MIA.email)
    assert len([each for each in listed if each["session"] in sessions]) == 1


@pytest.mark.parametrize("last", [ACME, SHOP])
def test_signing_out_anywhere_ends_it_everywhere(either: Stage, last: str) -> None:
    """By the form of any host."""
    visitor = either.visitor(SHOP)
    visitor.sign_in(MIA.email, MIA.password)
    for host in (ACME, DOCS):
        assert visitor.open("/app/x", host=host).status == 200
    question = visitor.get("/.gatehouse/logout", host=last)
    done = visitor.follow(visitor.submit(question, question.form(action_ends="/logout")))
    assert urlsplit(done.url).hostname == last
    for host in (ACME, SHOP, DOCS):
        await_effect(lambda host=host: visitor.get("/app/x", host=host).status == 302, f"the session ends on {host}")
    assert visitor.open("/app/x", host=DOCS).asks_for("email")


def test_a_command_ends_it_everywhere(either: Stage) -> None:
    """`session revoke` by the session's name."""
    visitor = either.visitor(SHOP)
    visitor.sign_in(MIA.email, MIA.password)
    assert visitor.open("/app/x", host=DOCS).status == 200
    name = heard(visitor, host=DOCS)["x-session-id"][0]
    either.site.done("session", "revoke", "--tenant", "acme", "--session", name)
    for host in (SHOP, DOCS):
        await_effect(lambda host=host: visitor.get("/app/x", host=host).status == 302, f"the session ends on {host}")


def test_a_token_opens_its_own_host_alone(either: Stage) -> None:
    """Whoever takes the cookie of one host has no other, the portal least of all."""
    visitor = either.visitor(SHOP)
    visitor.sign_in(MIA.email, MIA.password)
    thief = either.visitor(SHOP)
    stolen = visitor.jar.value(SHOP, SESSION)
    for host in (ACME, DOCS, SHARED, home(either)):
        thief.jar.put(host, SESSION, stolen)
        assert thief.get("/.gatehouse/whoami", host=host, accept="application/json").status == 401
    thief.jar.put(SHOP, SESSION, stolen)
    assert thief.get("/.gatehouse/whoami", accept="application/json").status == 200


def test_it_outlives_the_process(binary: Path) -> None:
    """Tokens of every host are found after a restart."""
    with installation(binary) as site:
        (site.folder / "tenants/acme.yaml").write_text(ACME_FILE)
        with site.running() as server:
            site.add(MIA)
            visitor = site.visitor(server, SHOP)
            visitor.sign_in(MIA.email, MIA.password)
        with site.running() as server:
            visitor.port = server.port
            for host in (ACME, SHOP):
                assert visitor.get("/app/x", host=host).status == 200
            assert visitor.open("/app/x", host=DOCS).status == 200


# --- what must not work ----------------------------------------------------------------------------------------------


def test_a_code_works_once_and_in_its_own_browser_alone(either: Stage) -> None:
    """Replayed, planted in another browser, or brought to another host, it makes no session."""
    visitor = either.visitor(SHOP)
    visitor.sign_in(MIA.email, MIA.password)
    visitor.jar.drop(SHOP, SESSION)
    page = code_page(visitor)
    code = parse_qs(urlsplit(page.header("Location")).query)["code"][0]
    assert code.startswith("acme.") and len(code) == len("acme.") + 43
    # A browser that was never here.
    stranger = either.visitor(SHOP)
    refused = stranger.get(target(page))
    assert (refused.status, "handoff-refused" in refused.text) == (403, True)
    # One that was.
    victim = either.visitor(SHOP)
    victim.get("/.gatehouse/login")
    anew = victim.get(target(page))
    assert (anew.status, urlsplit(anew.header("Location")).path) == (303, "/.gatehouse/login")
    # Its own, first on another host.
    other = visitor.get(target(page), host=DOCS)
    assert other.status in (303, 403)
    for wrong in (stranger, victim, visitor):
        assert not [host for host in (SHOP, DOCS) if wrong.jar.value(host, SESSION) and wrong is not visitor]
    assert not visitor.jar.value(DOCS, SESSION)
    # Its own, where it belongs, twice.
    page = code_page(visitor)
    assert visitor.get(target(page)).status == 303 and visitor.jar.value(SHOP, SESSION)
    visitor.jar.drop(SHOP, SESSION)
    again = visitor.get(target(page))
    assert not visitor.jar.value(SHOP, SESSION)
    assert visitor.follow(again).status == 200, "it leads in, over the host of the sign-in"
    assert visitor.jar.value(SHOP, SESSION)


@pytest.mark.parametrize(
    "to", [
        "evil.example", "//evil.example", "/\\evil.example", "https://evil.example", GLOBEX, f"{SHOP}:{PUBLIC_PORT}",
        f"{SHOP}:1", SHOP.upper(), f"{SHOP}.", f"{SHOP}@evil.example", f"evil.example/{SHOP}", f"{SHOP}%2eevil.example",
        f"{SHOP}\r\nX: y", "", " ", f" {SHOP}",
    ])
def test_no_code_leaves_for_another_place(plain: Stage, to: str) -> None:
    """`to` is one of the tenant's hosts, letter for letter, or there is no such page."""
    visitor = plain.visitor(ACME)
    visitor.sign_in(MIA.email, MIA.password)
    for state in ("", f"&state={'a' * 84}"):
        page = visitor.get(f"{HANDOFF}?to={quote(to, safe='')}{state}&return_to=/app/x")
        assert (page.status, page.values("Location")) == (404, [])


@pytest.mark.parametrize("way", ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)"])
def test_a_way_back_leads_to_the_host_that_was_asked(either: Stage, way: str) -> None:
    """Whatever it says, on the way out and on the way in."""
    visitor = either.visitor(SHOP)
    visitor.sign_in(MIA.email, MIA.password)
    visitor.jar.drop(SHOP, SESSION)
    page = visitor.open(f"/.gatehouse/login?return_to={quote(way, safe='')}")
    assert (urlsplit(page.url).hostname, page.path) == (SHOP, "/")
    visitor.jar.drop(SHOP, SESSION)
    page = code_page(visitor)
    changed = target(page).replace("return_to=/app/x", f"return_to={quote(way, safe='')}")
    assert visitor.get(changed).header("Location") == "/"


def test_a_member_of_one_tenant_is_nobody_on_anothers_host(portal: Stage) -> None:
    """On the portal one signs in for a tenant; for another one it is asked anew, and a code never crosses."""
    visitor = portal.visitor(ACME)
    visitor.sign_in(MIA.email, MIA.password)
    page = visitor.open("/app/x", host=GLOBEX)
    assert page.asks_for("email") and "Globex Corporation" in page.read.words
    assert not visitor.jar.value(GLOBEX, SESSION)
    code = code_page(visitor)
    taken = visitor.get(target(code).replace("acme.", "globex."), host=SHOP)
    assert (taken.status, visitor.jar.value(SHOP, SESSION)) == (403, "")
    page = visitor.follow(visitor.submit(page, page.form("email"), email=OTTO.email))
    page = visitor.follow(visitor.submit(page, page.form("password"), password=OTTO.password))
    assert urlsplit(page.url).hostname == GLOBEX
    assert "x-tenant-id" in (told := heard(visitor, host=GLOBEX)) and told["x-tenant-id"] == ["globex"]
    # The first session goes on where it was.
    assert heard(visitor, host=ACME)["x-tenant-id"] == ["acme"]


# --- portal_host -----------------------------------------------------------------------------------------------------


def test_the_portal_has_no_application(portal: Stage) -> None:
    """Whatever the routes say; and explain says the same."""
    visitor = portal.visitor(PORTAL)
    assert visitor.get("/public/x").status == 404
    assert visitor.get("/.gatehouse/whoami", accept="application/json").status == 401
    said = portal.site.command("explain", "--host", PORTAL, "--path", "/public/x")
    assert (said.returncode, "portal_host" in said.stdout, "route-missing" in said.stdout) == (77, True, True)
    said = portal.site.command("explain", "--host", ACME, "--path", "/.gatehouse/account")
    assert (said.returncode, f"leads to {PORTAL}" in said.stdout) == (0, True)


def test_pages_of_the_portal_lead_there(portal: Stage) -> None:
    """With the tenant; what applications ask their own origin stays."""
    visitor = portal.visitor(SHOP)
    page = visitor.get("/.gatehouse/account/x?a=b")
    assert page.status == 302
    assert page.header("Location") == f"https://{PORTAL}:{PUBLIC_PORT}/.gatehouse/account/x?a=b&tenant=acme"
    assert visitor.get("/.gatehouse/jwks.json").status == 200
    assert visitor.get("/.gatehouse/logout").status == 200
    assert visitor.get("/.gatehouse/whoami", accept="application/json").status == 401


def test_who_came_from_nowhere_sees_who_they_are(portal: Stage) -> None:
    """`/` of the portal: in, on and out."""
    visitor = portal.visitor(PORTAL)
    page = visitor.open("/")
    page = visitor.follow(visitor.submit(page, page.form("email"), email=MIA.email))
    page = visitor.follow(visitor.submit(page, page.form("password"), password=MIA.password))
    assert (page.status, page.path) == (200, "/")
    assert MIA.email in page.read.words
    assert f'href="https://{ACME}:{PUBLIC_PORT}/"' in page.text
    assert visitor.open("/app/x", host=ACME).status == 200
    out = visitor.follow(visitor.submit(page, page.form(action_ends="/logout")))
    assert out.status == 200
    await_effect(lambda: visitor.get("/app/x", host=ACME).status == 302, "the session ends on the application's host")


def test_a_shared_host_takes_members_of_every_tenant(portal: Stage) -> None:
    """Who signs in for it is the address's matter, as without a portal."""
    visitor = portal.visitor(SHARED)
    page = visitor.open("/app/x")
    assert urlsplit(page.url).hostname == PORTAL
    page = visitor.follow(visitor.submit(page, page.form("email"), email=BEA.email))
    page = visitor.follow(visitor.submit(page, page.form("password"), password=BEA.password))
    form, = [form for form in page.read.forms if any("Globex" in each.words for each in form.buttons)]
    page = visitor.follow(visitor.submit(page, form, button="Globex Corporation"))
    assert (urlsplit(page.url).hostname, page.path) == (SHARED, "/app/x")
    assert heard(visitor, host=SHARED)["x-tenant-id"] == ["globex"]


def test_the_portal_comes_and_goes_with_a_reload(binary: Path) -> None:
    """Sessions stay; a form that was open on the old host leads to the new one."""
    with installation(binary) as site:
        (site.folder / "tenants/acme.yaml").write_text(ACME_FILE)
        before = site.configuration.read_text()
        with site.running() as server:
            site.add(MIA)
            member = site.visitor(server, ACME)
            member.sign_in(MIA.email, MIA.password)
            late = site.visitor(server, ACME)
            form = late.to_password(MIA.email, "/app/late")
            site.configuration.write_text(f"{before}portal_host: {PORTAL}\n")
            Successors(server).reload()
            assert member.get("/app/x").status == 200
            page = late.follow(late.give_password(form, MIA.password))
            assert urlsplit(page.url).hostname == PORTAL and page.asks_for("email")
            page = late.follow(late.submit(page, page.form("email"), email=MIA.email))
            page = late.follow(late.submit(page, page.form("password"), password=MIA.password))
            assert (urlsplit(page.url).hostname, page.path) == (ACME, "/app/late")
            site.configuration.write_text(before)
            Successors(server).reload()
            assert late.get("/app/x").status == 200
            assert late.get("/.gatehouse/login", host=PORTAL).status == 421


def test_doctor_goes_where_members_sign_in(binary: Path) -> None:
    """It judges the page there, and fails where the way there does not work."""
    with installation(binary) as site:
        (site.folder / "tenants/acme.yaml").write_text(ACME_FILE)
        port = free_port()
        text = site.configuration.read_text()
        text = text.replace('address: "127.0.0.1:0"\n    tls', f'address: "127.0.0.1:{port}"\n    tls')
        text = text.replace(f":{PUBLIC_PORT}", f":{port}")
        site.configuration.write_text(f"{text}portal_host: {PORTAL}\n")
        with site.running():
            def checks(*names: str) -> dict[str, dict[str, str]]:
                resolve = [argument for name in names for argument in ("--resolve", f"{name}:{port}:127.0.0.1")]
                said = site.command(
                    "doctor", "--url", f"https://{SHOP}:{port}/", "--ca-file", str(site.authority.file), *resolve,
                    "--json")
                return {each["name"]: each for each in json.loads(said.stdout)["checks"]}

            good = checks(SHOP, PORTAL)
            assert good["login-page"]["seen"] == f"https://{PORTAL}:{port}/.gatehouse/login answers 200 with a page"
            for name in ("login-page", "login-cookies", "content-security-policy"):
                assert good[name]["verdict"] == "pass", good[name]
            bad = checks(SHOP)["login-page"]
            assert (bad["verdict"], "portal_host" in bad["mend"]) == ("fail", True), bad


# --- in Chromium -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_in_a_browser(either: Stage, scripts: bool) -> None:
    """No policy of ours stands in the way of the redirects behind the form."""
    with chromium(either.server.port, either.site.folder / "tls/chain.pem", scripts=scripts) as browser:
        browser.open(SHOP, "/app/start?a=1")
        assert f"//{home(either)}:" in browser.driver.current_url
        browser.field("email").send_keys(MIA.email)
        browser.press("Continue")
        browser.field("password").send_keys(MIA.password)
        browser.press("Sign in")
        assert (f"//{SHOP}:" in browser.driver.current_url, browser.path) == (True, "/app/start?a=1")
        assert MIA.name in browser.text
        browser.open(DOCS, "/app/docs")
        assert (f"//{DOCS}:" in browser.driver.current_url, browser.path) == (True, "/app/docs")
        # Back to the form, which is sent again: to the target.
        browser.driver.back()
        browser.driver.back()
        browser.driver.refresh()
        assert "form-refused" not in browser.text and "handoff-refused" not in browser.text
        browser.open(DOCS, "/.gatehouse/logout")
        browser.press("Sign out")
        browser.open(SHOP, "/app/start")
        assert browser.has_field("email")
        assert browser.complaints() == []


def test_two_tabs_for_two_hosts(either: Stage) -> None:
    """Begun side by side, each ends where it wanted."""
    with chromium(either.server.port, either.site.folder / "tls/chain.pem") as browser:
        first = browser.driver.current_window_handle
        browser.open(SHOP, "/app/one")
        browser.type_and_enter("email", MIA.email)
        browser.driver.switch_to.new_window("tab")
        second = browser.driver.current_window_handle
        browser.open(DOCS, "/app/two")
        browser.type_and_enter("email", MIA.email)
        browser.driver.switch_to.window(first)
        browser.type_and_enter("password", MIA.password)
        assert (f"//{SHOP}:" in browser.driver.current_url, browser.path) == (True, "/app/one")
        browser.driver.switch_to.window(second)
        browser.type_and_enter("password", MIA.password)
        assert (f"//{DOCS}:" in browser.driver.current_url, browser.path) == (True, "/app/two")


def test_a_browser_without_cookies_is_told_so(either: Stage) -> None:
    """No circle of redirects: the form comes, and then the page that says what is missing."""
    with chromium(either.server.port, either.site.folder / "tls/chain.pem", cookies=False) as browser:
        browser.open(SHOP, "/app/start")
        browser.type_and_enter("email", MIA.email)
        assert "form-refused" in browser.text and "Cookies must be allowed" in browser.text


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_start_page_of_the_portal(portal: Stage, language: str) -> None:
    """Who comes to `portal_host` from nowhere is told who they are, and finds the ways on and out."""
    with chromium(portal.server.port, portal.site.folder / "tls/chain.pem", language) as browser:
        browser.open(PORTAL, "/")
        browser.type_and_enter("email", MIA.email)
        browser.type_and_enter("password", MIA.password)
        browser.await_path("/")
        assert MIA.email in browser.text
        assert browser.drawn("portal-start", REPORTS) == []
        assert browser.complaints() == []
