"""A second factor in the middle of a session: what routes ask for, what is proved again, what ends sessions, and hosts
that share a sign-in."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from support.factors import (
    FACTORS, HOOLI, PORTAL, SESSION, STEP_UP, App, Enrolled, Gate, a_form, account_page, add_app, add_in_account,
    asks_for_enrolment_code, asks_for_second_factor, enrolled, enrolment_code, gate, give_enrolment_code,
    give_recovery_code, give_totp, go_on, has_session, later, prepared, recovery_codes_on, refused, reload_tenant,
    sign_in, to_second_factor,
)
from support.installation import ACME, GLOBEX, Member
from support.promises import await_effect
from support.running import await_that
from support.stage import account_form, heard, who
from support.streams import OpenStream
from support.visitor import Page, Visitor
from test_factors_plain import amr

ACCOUNT, NEW_PASSWORD = "/.gatehouse/account", "Nine-Kestrels_6-Supper"
SHOP, DOCS, PORTAL = "shop.example.org", "docs.example.org", "id.example.org"
SEVERAL = {"globex": f"name: Globex Corporation\nhosts: [ {GLOBEX}, {SHOP}, {DOCS} ]\nmfa: required\n"}


_number = itertools.count(1)


@pytest.fixture(scope="module")
def here(binary: Path) -> Iterator[Gate]:
    """One installation for every walk of this file."""
    with gate(binary) as made:
        yield made


def at_step_up(visitor: Visitor, target: str = "/vault/x") -> Page:
    """The page that the application's address leads to."""
    page = visitor.open(target)
    assert page.status == 200 and page.path.startswith(f"{STEP_UP}?return_to="), f"{page.status} {page.url}"
    return page


def step_up(visitor: Visitor, page: Page, code: str, method: str = "totp") -> Page:
    """The answer to a code on that page."""
    forms = [
        form for form in page.read.forms
        if form.has("code") and any(each.name == "method" and each.value == method for each in form.controls)
    ]
    assert len(forms) == 1, f"{len(forms)} forms for {method}: {page.text[-4000:]}"
    filled = [(name, value) for name, value in forms[0].filled(code=code) if name != "method"] + [("method", method)]
    there = urlsplit(forms[0].action)
    return visitor.post(f"{there.path}?{there.query}" if there.query else there.path, filled)


@pytest.fixture
def nora(here: Gate) -> Enrolled:
    """Somebody with an app, in a tenant that never asks for it: a session with the password alone."""
    member = here.newcomer(f"nora-{next(_number)}", "hooli")
    reload_tenant(here, "hooli", "required")
    try:
        made = enrolled(here, member)
    finally:
        reload_tenant(here, "hooli", "none")
    made.visitor.jar.drop(HOOLI, SESSION)
    made.visitor.sign_in(member.email, member.password)
    return made


# --- what a route asks for -------------------------------------------------------------------------------------------


def test_a_route_asks_for_a_second_factor_in_the_middle(here: Gate, nora: Enrolled) -> None:
    """Before: password alone, in headers, `whoami` and assertion.  After: both, under another token."""
    visitor = nora.visitor
    assert heard(visitor)["x-auth-factors"] == ["password"] and amr(visitor) == ["password"]
    assert who(visitor)["factors"] == ["password"]  # type: ignore[index]
    before, handle = visitor.jar.value(HOOLI, SESSION), heard(visitor)["x-session-id"]
    sent = visitor.get("/vault/x?a=1&b=%20")
    assert sent.status == 302 and urlsplit(sent.header("Location")).path == STEP_UP
    assert parse_qs(urlsplit(sent.header("Location")).query)["return_to"] == ["/vault/x?a=1&b=%20"]
    page = visitor.follow(sent)
    assert page.header("Cache-Control") == "no-store" and "unsafe" not in page.header("Content-Security-Policy")
    again = step_up(visitor, page, nora.app.wrong())
    assert refused(again) and visitor.jar.value(HOOLI, SESSION) == before
    done = step_up(visitor, again, nora.app.code())
    assert (done.status, done.header("Location")) == (303, "/vault/x?a=1&b=%20")
    assert visitor.jar.value(HOOLI, SESSION) != before
    assert visitor.follow(done).status == 200
    assert heard(visitor, "/vault/x")["x-auth-factors"] == ["password,totp"]
    assert amr(visitor, "/vault/x") == ["password", "totp"]
    assert who(visitor)["factors"] == ["password", "totp"]  # type: ignore[index]
    assert heard(visitor)["x-session-id"] == handle, "it is the same session"


def test_a_recovery_code_does_too(here: Gate, nora: Enrolled) -> None:
    """And is named."""
    visitor = nora.visitor
    answer = step_up(visitor, at_step_up(visitor), nora.recovery_codes[0], "recovery-code")
    assert visitor.follow(answer).status == 200
    assert heard(visitor, "/vault/x")["x-auth-factors"] == ["password,recovery-code"]
    other = here.visitor(HOOLI)
    other.sign_in(nora.member.email, nora.member.password)
    assert refused(step_up(other, at_step_up(other), nora.recovery_codes[0], "recovery-code"))


def test_a_proof_grows_old(binary: Path) -> None:
    """Two minutes later, by a clock that is moved, the route with one minute asks again; the other does not."""
    with prepared(binary) as site:
        with site.running() as server:
            otto = site.add(Member("globex", "otto-old@globex.example", "Otto Old"))
            code = enrolment_code(site.done("user", "reset-mfa", "--tenant", "globex", otto.email, "--print-code"))
            visitor = site.visitor(server, GLOBEX)
            page = visitor.try_sign_in(otto.email, otto.password)
            app, page = add_app(visitor, give_enrolment_code(visitor, page, code))
            go_on(visitor, page)
            assert visitor.get("/brief/x").status == 200
        with site.running(prefix=later("+2m")) as server:
            visitor.port, app.seconds_ahead = server.port, 120
            assert visitor.get("/vault/x").status == 200
            page = at_step_up(visitor, "/brief/x")
            done = step_up(visitor, page, app.code())
            assert (done.status, done.header("Location")) == (303, "/brief/x")
            assert visitor.get("/brief/x").status == 200


def test_a_program_is_told_in_the_words_of_the_standard(here: Gate, nora: Enrolled) -> None:
    """RFC 9470: 401, `insufficient_user_authentication`, `max_age`."""
    answer = nora.visitor.get("/vault/x", accept="application/json")
    assert answer.status == 401
    assert answer.header("Content-Type").startswith("application/problem+json")
    assert json.loads(answer.body)["code"] == "mfa-required"
    challenge = answer.header("WWW-Authenticate")
    assert challenge.startswith("Bearer ") and 'error="insufficient_user_authentication"' in challenge
    assert re.search(r'max_age="?43200"?', challenge), challenge


def test_what_was_sent_must_be_sent_again_and_the_page_says_so(here: Gate, nora: Enrolled) -> None:
    """A form that meets the rule reaches nobody; nothing of it is kept or repeated."""
    visitor = nora.visitor
    own = f"https://{HOOLI}:8443"
    sent = visitor.post("/vault/save", {"a": "1"}, fields=(("Origin", own), ("Referer", f"{own}/vault/form")))
    assert sent.status == 303
    query = parse_qs(urlsplit(sent.header("Location")).query)
    assert query["return_to"] == ["/vault/form"] and query["repeat"] == ["1"]
    said = visitor.follow(sent).read.words
    assert said != at_step_up(visitor, "/vault/form").read.words, "it says that something was not done"
    german = here.visitor(HOOLI, "de")
    german.jar = visitor.jar
    assert "nicht" in german.follow(sent).read.words
    program = visitor.post("/vault/save", {"a": "1"}, fields=(("Origin", own),), accept="application/json")
    assert program.status == 401
    done = step_up(visitor, visitor.follow(sent), nora.app.code())
    assert (done.status, done.header("Location")) == (303, "/vault/form")


def test_somebody_without_a_factor_is_led_to_add_one_and_back(here: Gate) -> None:
    """The account's page explains; after the first app it leads on."""
    hank = here.newcomer("hank-hasnt")
    visitor = here.signed_in(hank)
    others = here.signed_in(hank)
    page = visitor.open("/vault/x")
    assert page.path.startswith(f"{FACTORS}?return_to="), page.url
    app, codes, arrived = add_in_account(here, visitor, hank, page)
    assert (arrived.status, arrived.path) == (200, "/vault/x")
    assert len(codes) == 10
    assert heard(visitor, "/vault/x")["x-auth-factors"] == ["password,totp"]
    await_effect(lambda: not others.is_signed_in, "the first factor ends every other session")
    to_second_factor(here.visitor(ACME), hank)


@pytest.mark.parametrize("target", [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/.gatehouse/logout"])
def test_a_way_back_that_leads_elsewhere_is_ignored(here: Gate, nora: Enrolled, target: str) -> None:
    """On the page, and in a form that was changed."""
    visitor = nora.visitor
    page = visitor.open(f"{STEP_UP}?return_to={quote(target, safe='')}")
    done = step_up(visitor, page, nora.app.code())
    assert (done.status, done.header("Location")) == (303, "/")


def test_the_page_is_for_members_alone(here: Gate, nora: Enrolled) -> None:
    """A visitor is led to the sign-in; a form without the session's token, from elsewhere or in a frame is refused."""
    assert here.visitor(HOOLI).get(STEP_UP).header("Location").startswith("/.gatehouse/login?")
    visitor = nora.visitor
    code = nora.app.code()
    for values, fields, status in (
        ({"method": "totp", "code": code}, (), 403),
        ({"method": "totp", "code": code, "csrf": "A" * 43}, (), 403),
        ({"method": "totp", "code": code}, (("Origin", "https://evil.example"),), 403),
        ({"method": "totp", "code": code}, (("Sec-Fetch-Dest", "iframe"),), 403),
    ):
        assert visitor.post(STEP_UP, values, fields=fields).status == status
    assert heard(visitor)["x-auth-factors"] == ["password"]


def test_a_stream_goes_on_over_a_step_up(here: Gate, nora: Enrolled) -> None:
    """The token changes, the session does not."""
    visitor = nora.visitor
    with OpenStream(visitor, "/streams/x") as stream:
        await_that(lambda: stream.bytes_read > 0, "the stream flows")
        assert step_up(visitor, at_step_up(visitor), nora.app.code()).status == 303
        seen = stream.bytes_read
        await_that(lambda: stream.bytes_read > seen, "the stream goes on")


def test_the_former_token_is_worth_what_it_was(here: Gate, nora: Enrolled) -> None:
    """Half a minute it holds for what is under way; whoever stole it proves nothing by the owner's proof: routes ask,
    and nothing of the account can be changed."""
    visitor, thief = nora.visitor, here.visitor(HOOLI)
    thief.jar.put(HOOLI, SESSION, visitor.jar.value(HOOLI, SESSION))
    csrf = account_form(thief).form("name").value("csrf")
    assert step_up(visitor, at_step_up(visitor), nora.app.code()).status == 303
    if not thief.is_signed_in:
        return
    assert thief.get("/vault/x").status == 302
    for page in ("app", "passkey", "recovery-codes"):
        shown = thief.get(f"{FACTORS}/{page}")
        assert shown.is_redirect and urlsplit(shown.header("Location")).path in (STEP_UP, f"{ACCOUNT}/proof"), page
        taken = thief.post(f"{FACTORS}/{page}", {"csrf": csrf, "code": "123456", "name": "x", "passkey": "{}"})
        assert not recovery_codes_on(taken) and taken.status in (303, 403, 422)
    assert not thief.get(f"{ACCOUNT}/email").asks_for("email")


def test_a_password_is_not_changed_without_the_factor(here: Gate, nora: Enrolled) -> None:
    """Whoever has only the password has a session where nobody is asked; it must not become theirs for good."""
    visitor = nora.visitor
    page = visitor.get(f"{ACCOUNT}/password")
    if page.status == 200:
        done = visitor.submit(
            page, page.form("current_password"), current_password=nora.member.password, password=NEW_PASSWORD)
        assert not urlsplit(done.header("Location")).query.startswith("done"), "the password was changed"
    here.visitor(HOOLI).sign_in(nora.member.email, nora.member.password)
    step_up(visitor, at_step_up(visitor), nora.app.code())
    page = visitor.open(f"{ACCOUNT}/password")
    done = visitor.submit(
        page, page.form("current_password"), current_password=nora.member.password, password=NEW_PASSWORD)
    assert done.status == 303, f"{done.status} {done.text[:2000]}"
    here.visitor(HOOLI).sign_in(nora.member.email, NEW_PASSWORD)


# --- what ends sessions ----------------------------------------------------------------------------------------------


def test_a_reset_by_the_operator_ends_everything_within_a_second(here: Gate) -> None:
    """Sessions, streams, factors, recovery codes; a mail says so, and the next sign-in begins with a first factor."""
    rolf = here.enrolled("rolf-reset")
    other = here.visitor(GLOBEX)
    sign_in(other, rolf.member, rolf.app)
    shown = json.loads(here.site.done("user", "show", "--tenant", "globex", rolf.member.email, "--json"))
    assert "totp" in json.dumps(shown)
    with OpenStream(other, "/streams/x") as stream:
        await_that(lambda: stream.bytes_read > 0, "the stream flows")
        here.site.done("user", "reset-mfa", "--tenant", "globex", rolf.member.email)
        await_effect(lambda: not stream.is_open, "a stream ends with its member's factors")
    await_effect(lambda: not rolf.visitor.is_signed_in and not other.is_signed_in, "a reset ends every session")
    assert "administ" in here.mails.mail(rolf.member.email, r"(?i)factor.*(removed|reset)").part("plain")
    visitor = here.visitor(GLOBEX)
    page = visitor.try_sign_in(rolf.member.email, rolf.member.password)
    assert page.status == 200 and not asks_for_second_factor(page)
    again = enrolled(here, rolf.member)
    assert not set(again.recovery_codes) & set(rolf.recovery_codes)
    fresh = here.visitor(GLOBEX)
    assert refused(give_totp(fresh, to_second_factor(fresh, rolf.member), rolf.app.code()))


def test_a_reset_names_what_is_wrong(here: Gate) -> None:
    """A member who is not there, and one who has nothing: told apart from success."""
    nobody = here.site.command("user", "reset-mfa", "--tenant", "globex", "nobody.atall@globex.example")
    assert nobody.returncode == 65 and "no user" in nobody.stderr
    empty = here.newcomer("erna-empty", "globex")
    said = here.site.command("user", "reset-mfa", "--tenant", "globex", empty.email)
    assert said.returncode == 0, "whoever has none gets ready for the first"
    code = enrolment_code(here.site.done("user", "reset-mfa", "--tenant", "globex", empty.email, "--print-code"))
    assert len(code) == 8


def test_the_last_required_factor_stays(here: Gate) -> None:
    """The page says why, and a form that is sent all the same changes nothing."""
    last = here.enrolled("lars-last")
    page = account_page(last.visitor, last.visitor.open(FACTORS), "/factors/remove")
    assert not [form for form in page.read.forms if form.action.split("?")[0].endswith("/remove")]
    listed = last.visitor.open(FACTORS)
    csrf = account_page(last.visitor, listed, "/factors/rename").form("name").filled(name="x")
    forged = last.visitor.post(f"{FACTORS}/remove", [each for each in csrf if each[0] != "name"])
    assert forged.status in (200, 303, 409, 422)
    assert has_session(last.visitor)
    to_second_factor(here.visitor(GLOBEX), last.member)


def test_an_optional_factor_can_go(here: Gate) -> None:
    """With the recovery codes; sessions elsewhere end, a mail says so, and the password alone does again."""
    olaf = here.newcomer("olaf-optional")
    visitor = here.signed_in(olaf)
    app, codes, _ = add_in_account(here, visitor, olaf, visitor.open(FACTORS))
    assert len(codes) == 10
    other = here.visitor(ACME)
    sign_in(other, olaf, app)
    page = account_page(visitor, visitor.open(FACTORS), "/factors/remove")
    removed = visitor.submit(page, a_form(page, ends="/factors/remove"))
    assert removed.status == 303, f"{removed.status} {removed.text[:2000]}"
    await_effect(lambda: not other.is_signed_in, "removing a factor ends every other session")
    assert visitor.is_signed_in
    assert here.mails.mail(olaf.email, r"(?i)removed")
    here.signed_in(olaf)


def test_a_second_app_needs_no_code_and_can_be_named(here: Gate) -> None:
    """After a recent proof: no recovery codes anew, no other session ends; each app does."""
    zara = here.enrolled("zara-second")
    other = here.visitor(GLOBEX)
    sign_in(other, zara.member, zara.app)
    page = account_page(zara.visitor, zara.visitor.open(FACTORS), "/factors/app")
    second, shown = add_app(zara.visitor, page, "Work phone")
    assert recovery_codes_on(shown) == [] and "Work phone" in zara.visitor.open(FACTORS).read.words
    assert other.is_signed_in and zara.visitor.is_signed_in
    named = account_page(zara.visitor, zara.visitor.open(FACTORS), "/factors/rename")
    assert refused(zara.visitor.submit(named, named.form("name"), name="x" * 65))
    assert zara.visitor.submit(named, named.form("name"), name="Old phone").status == 303
    assert "Old phone" in zara.visitor.open(FACTORS).read.words
    assert second.secret != zara.app.secret
    sign_in(here.visitor(GLOBEX), zara.member, second)


def test_new_recovery_codes_replace_the_former(here: Gate) -> None:
    """After a recent proof; a mail says so."""
    nina = here.enrolled("nina-new-codes")
    page = account_page(nina.visitor, nina.visitor.open(FACTORS), "/factors/recovery-codes")
    shown = nina.visitor.follow(nina.visitor.submit(page, a_form(page, ends="/recovery-codes", without=("sheet",))))
    fresh = recovery_codes_on(shown)
    assert len(fresh) == 10 and not set(fresh) & set(nina.recovery_codes)
    sheet = nina.visitor.submit(shown, a_form(shown, "sheet"))
    assert sheet.header("Content-Type").startswith("text/plain") and "attachment" in sheet.header("Content-Disposition")
    assert all(code in sheet.text for code in fresh) and sheet.header("Cache-Control") == "no-store"
    assert here.mails.mail(nina.member.email, r"(?i)recovery codes")
    visitor = here.visitor(GLOBEX)
    page = to_second_factor(visitor, nina.member)
    assert refused(give_recovery_code(visitor, page, nina.recovery_codes[0]))
    give_recovery_code(visitor, page, fresh[0])
    assert has_session(visitor)


# --- several hosts ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["plain", "portal"])
def hosts(binary: Path, request: pytest.FixtureRequest) -> Iterator[Gate]:
    """globex with three hosts, without `portal_host` and with one."""
    more = f"portal_host: {PORTAL}\n" if request.param == "portal" else ""
    with gate(binary, more=more, tenants=SEVERAL) as made:
        yield made


def home(gate: Gate) -> str:
    """Where globex's members sign in."""
    return PORTAL if "portal_host" in gate.site.configuration.read_text() else GLOBEX


def walked_in(gate: Gate, member: Member, app: App | None, host: str = SHOP) -> tuple[Visitor, App]:
    """Signed in from a host, over the one where that is done; without an app one is added."""
    visitor = gate.visitor(host)
    page = visitor.open("/app/start?a=1")
    assert urlsplit(page.url).hostname == home(gate)
    page = visitor.follow(visitor.submit(page, page.form("email"), email=member.email))
    page = visitor.follow(visitor.submit(page, page.form("password"), password=member.password))
    if app is None:
        assert asks_for_enrolment_code(page)
        page = give_enrolment_code(visitor, page, gate.mails.code(member.email))
        app, page = add_app(visitor, page)
        page = go_on(visitor, page)
    else:
        page = visitor.follow(give_totp(visitor, page, app.code()))
    assert (page.status, urlsplit(page.url).hostname, page.path) == (200, host, "/app/start?a=1"), page.url
    return visitor, app


def test_one_sign_in_with_a_factor_serves_every_host(hosts: Gate) -> None:
    """Begun anywhere, ended there; each host's application hears of both factors."""
    member = hosts.newcomer("hella-hosts", "globex")
    _, app = walked_in(hosts, member, None)
    visitor, _ = walked_in(hosts, member, app, DOCS)
    for host in (GLOBEX, SHOP, DOCS):
        assert visitor.open("/app/x", host=host).status == 200
        told = heard(visitor, host=host)
        assert told["x-auth-factors"] == ["password,totp"]


def test_a_step_up_on_one_host_leads_back_to_it(hosts: Gate) -> None:
    """Also where members sign in on the portal.  A token is worth what was proved in its own host's browser: the others
    ask for themselves (decision 21)."""
    member = hosts.newcomer("stella-step", "globex")
    _, app = walked_in(hosts, member, None)
    reload_tenant(hosts, "globex", "none")
    try:
        visitor = hosts.visitor(SHOP)
        page = visitor.open("/app/start")
        page = visitor.follow(visitor.submit(page, page.form("email"), email=member.email))
        page = visitor.follow(visitor.submit(page, page.form("password"), password=member.password))
        for host, other in ((SHOP, DOCS), (DOCS, SHOP)):
            assert visitor.open("/app/x", host=host).status == 200
            page = visitor.open("/vault/x", host=host)
            assert urlsplit(page.url).hostname == host
            done = visitor.follow(step_up_at(visitor, page, app))
            assert (done.status, urlsplit(done.url).hostname, done.path) == (200, host, "/vault/x"), done.url
            assert heard(visitor, "/vault/x", host=host)["x-auth-factors"] == ["password,totp"]
            assert host == DOCS or visitor.open("/app/x", host=other).status == 200
    finally:
        reload_tenant(hosts, "globex", "required")


def test_who_has_no_factor_comes_back_to_the_host_that_asked(hosts: Gate) -> None:
    """From the application over the account, on whatever host it is, and back; each host's token proves for itself."""
    member = hosts.newcomer("ophelia-optional", "globex")
    reload_tenant(hosts, "globex", "optional")
    try:
        visitor = hosts.visitor(SHOP)
        page = visitor.open("/app/start")
        page = visitor.follow(visitor.submit(page, page.form("email"), email=member.email))
        page = visitor.follow(visitor.submit(page, page.form("password"), password=member.password))
        page = visitor.open("/vault/x")
        assert (urlsplit(page.url).hostname, urlsplit(page.url).path) == (account_host(hosts), FACTORS)
        visitor.host = account_host(hosts)
        app, codes, page = add_in_account(hosts, visitor, member, page)
        visitor.host = SHOP
        assert len(codes) == 10
        if page.path.startswith(STEP_UP):
            page = visitor.follow(step_up_at(visitor, page, app))
        assert (page.status, urlsplit(page.url).hostname, page.path) == (200, SHOP, "/vault/x"), page.url
    finally:
        reload_tenant(hosts, "globex", "required")


def account_host(gate: Gate) -> str:
    """Where a member who came from the shop sees the account."""
    return PORTAL if home(gate) == PORTAL else SHOP


def step_up_at(visitor: Visitor, page: Page, app: App) -> Page:
    """The answer to a code on the page that was reached, on whatever host."""
    host, before = urlsplit(page.url).hostname or "", visitor.host
    visitor.host = host
    try:
        return step_up(visitor, page, app.code())
    finally:
        visitor.host = before
