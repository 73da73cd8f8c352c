"""The sign-in as a browser without scripts walks it: in, out, throttled, on shared hosts; hidden fields kept."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from support.installation import ADA, BEA, MIA, OTTO, SHARED
from support.promises import await_effect
from support.stage import Stage, heard, login_path
from support.visitor import Page, Visitor, blanked, comparable

SESSION, LOGIN, DEVICE = "__Host-gatehouse", "__Host-gatehouse-login", "__Host-gatehouse-device"
WRONG_PASSWORD = "Wrong-Herons_4-Breakfast"
FAILURES = 10
"""`login.throttle.per_account_and_address.failures`, unless configured."""
PER_ACCOUNT_SECONDS = 15 * 60


# --- the way in ------------------------------------------------------------------------------------------------------


def test_a_member_signs_in_and_reaches_the_page_they_wanted(acme: Stage) -> None:
    """A page load is led to the sign-in, e-mail first, then password, then to the very page, with the identity."""
    visitor = acme.visitor()
    sent = visitor.get("/app/start?a=1&b=%20")
    assert sent.status == 302
    assert parse_qs(urlsplit(sent.header("Location")).query)["return_to"] == ["/app/start?a=1&b=%20"]
    assert urlsplit(sent.header("Location")).path == "/.gatehouse/login"
    first = visitor.follow(sent)
    assert first.status == 200
    assert first.asks_for("email") and not first.asks_for("password")
    second = visitor.follow(visitor.submit(first, first.form("email"), email=MIA.email))
    assert second.status == 200
    assert second.asks_for("password")
    done = visitor.give_password(second, MIA.password)
    assert done.status == 303
    assert done.header("Location") == "/app/start?a=1&b=%20"
    page = visitor.follow(done)
    assert page.status == 200
    assert MIA.name in page.read.words


@pytest.mark.parametrize("spelling", [MIA.email.upper(), f"  {MIA.email} ", "Mia.Member@ACME.example"])
def test_an_address_is_read_as_people_type_it(acme: Stage, spelling: str) -> None:
    """Case and blanks around an address do not count."""
    visitor = acme.visitor()
    visitor.sign_in(spelling, MIA.password)
    assert heard(visitor)["x-user-email"] == [MIA.email]


def test_a_sign_in_without_a_wish_leads_to_the_root(acme: Stage) -> None:
    """Whoever opens the sign-in itself comes to `/`."""
    visitor = acme.visitor()
    done = visitor.try_sign_in(MIA.email, MIA.password, "/.gatehouse/login")
    assert (done.status, done.header("Location")) == (303, "/")


def test_a_form_that_was_posted_without_a_session_returns_to_its_page(acme: Stage) -> None:
    """Another method than GET: 303 to the sign-in, `return_to` from the same-origin Referer."""
    visitor = acme.visitor()
    referer = ("Referer", "https://acme.example.org:8443/app/form?x=1")
    page = visitor.post("/app/save", {"a": "1"}, fields=(referer, ("Origin", "https://acme.example.org:8443")))
    assert page.status == 303
    assert parse_qs(urlsplit(page.header("Location")).query)["return_to"] == ["/app/form?x=1"]


def test_every_page_of_the_sign_in_keeps_what_was_typed_before(acme: Stage) -> None:
    """`return_to` and the address survive each step, a wrong password included."""
    visitor = acme.visitor()
    page = visitor.to_password(MIA.email, "/app/kept")
    page = visitor.give_password(page, WRONG_PASSWORD)
    assert page.asks_for("password")
    assert MIA.email in page.text
    assert visitor.give_password(page, MIA.password).header("Location") == "/app/kept"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example", "///evil.example",
        "javascript:alert(1)", "/%09/evil.example", "/\t/evil.example", "https:evil.example", "evil.example",
        "/.gatehouse/logout", "/.GATEHOUSE/logout", "/.gatehouse/login?return_to=/x", "/x/../.gatehouse/logout",
        "/a\r\nSet-Cookie: x=1", "https://globex.example.org:8443/app/x",
    ])
def test_a_return_to_that_leads_elsewhere_is_ignored(acme: Stage, target: str) -> None:
    """Only a path of this tenant's hosts is followed, never sign-in or sign-out; anything else counts as none."""
    visitor = acme.visitor()
    done = visitor.try_sign_in(MIA.email, MIA.password, login_path(target))
    assert (done.status, done.header("Location")) == (303, "/")
    assert "x" not in {cookie.name for _, cookie in visitor.jar.seen}


def test_somebody_signed_in_who_opens_the_sign_in_is_led_on(acme: Stage) -> None:
    """With a session the sign-in's first page leads to its target; nobody has to sign in twice."""
    visitor = acme.signed_in(MIA)
    page = visitor.get(login_path("/app/on"))
    assert (page.status, page.header("Location")) in ((302, "/app/on"), (303, "/app/on"))


# --- throttling ------------------------------------------------------------------------------------------------------


def test_guessing_is_stopped_and_a_known_device_still_gets_in(acme: Stage) -> None:
    """Ten failures from one address on one account: 429 with Retry-After, even for the right password; the member's
    own browser behind the same address, and other members there, still get in."""
    victim, neighbour = acme.newcomer("thea-throttled"), acme.newcomer("nora-neighbour")
    known = acme.signed_in(victim)
    known.jar.drop("acme.example.org", SESSION)
    guesser = acme.visitor(address=known.address)
    page = guesser.to_password(victim.email)
    for count in range(FAILURES):
        page = guesser.give_password(page, f"{WRONG_PASSWORD}{count}")
        assert page.status != 429, f"throttled after {count} failures"
    for password in (WRONG_PASSWORD, victim.password):
        answer = acme.visitor(address=known.address).try_sign_in(victim.email, password)
        assert answer.status == 429
        assert 1 <= int(answer.header("Retry-After")) <= PER_ACCOUNT_SECONDS
        assert answer.header("Cache-Control") == "no-store"
        assert "html" in answer.header("Content-Type")
    known.sign_in(victim.email, victim.password)
    assert known.is_signed_in, "a device that the account knows keeps its own allowance"
    elsewhere = acme.visitor()
    elsewhere.sign_in(victim.email, victim.password)
    assert elsewhere.is_signed_in, "an account alone is never locked"
    beside = acme.visitor(address=known.address)
    beside.sign_in(neighbour.email, neighbour.password)
    assert beside.is_signed_in, "another account behind the same address is not concerned"


def test_throttling_says_nothing_of_who_is_there(acme: Stage) -> None:
    """An address that nobody has is throttled like one that somebody has, with the same page."""
    victim = acme.newcomer("tilda-throttled")
    pages = []
    for email in (victim.email, "nobody.throttled@acme.example"):
        visitor = acme.visitor()
        page = visitor.to_password(email)
        for _ in range(FAILURES):
            page = visitor.give_password(page, WRONG_PASSWORD)
        last = visitor.give_password(page, WRONG_PASSWORD)
        assert last.status == 429
        fields = [(name, value) for name, value in comparable(last) if name != "retry-after"]
        pages.append((fields, re.sub(r"\b\d+\b", "N", blanked(last, email))))
    assert pages[0] == pages[1]


# --- the way out -----------------------------------------------------------------------------------------------------


def test_signing_out_asks_first_and_ends_the_session(acme: Stage) -> None:
    """GET shows a confirmation and ends nothing; the POST ends the session everywhere and takes the cookie away."""
    visitor = acme.signed_in(MIA)
    token = visitor.jar.value("acme.example.org", SESSION)
    page = visitor.get("/.gatehouse/logout")
    assert page.status == 200
    assert visitor.is_signed_in
    ended = visitor.submit(page, page.form("csrf", action_ends="logout"))
    assert ended.status == 303
    assert visitor.jar.value("acme.example.org", SESSION) == ""
    thief = acme.visitor()
    thief.jar.put("acme.example.org", SESSION, token)
    assert thief.get("/app/x").status == 302
    assert visitor.jar.value("acme.example.org", DEVICE), "the device stays known"
    visitor.sign_in(MIA.email, MIA.password)


def test_signing_out_ends_this_session_alone(acme: Stage) -> None:
    """The member's other browser goes on."""
    one, other = acme.signed_in(MIA), acme.signed_in(MIA)
    page = one.get("/.gatehouse/logout")
    one.submit(page, page.form("csrf", action_ends="logout"))
    assert not one.is_signed_in
    assert other.is_signed_in


@pytest.mark.parametrize("how", ["no token", "forged", "another session's", "another site"])
def test_nobody_else_can_sign_a_member_out(acme: Stage, how: str) -> None:
    """Without this session's own token, or from another origin: 403, and the session goes on."""
    visitor, other = acme.signed_in(MIA), acme.signed_in(ADA)
    token = visitor.get("/.gatehouse/logout").form("csrf", action_ends="logout").value("csrf")
    foreign = other.get("/.gatehouse/logout").form("csrf", action_ends="logout").value("csrf")
    values = {"no token": {}, "forged": {"csrf": "A" * len(token)}, "another session's": {"csrf": foreign},
              "another site": {"csrf": token}}[how]
    fields = (("Origin", "https://evil.example"),) if how == "another site" else ()
    answer = visitor.post("/.gatehouse/logout", values, fields=fields)
    assert answer.status == 403
    assert visitor.is_signed_in


def test_signing_out_without_a_session_is_no_error(acme: Stage) -> None:
    """Nobody who opens the sign-out meets an error."""
    page = acme.visitor().open("/.gatehouse/logout")
    assert page.status == 200


def test_the_application_signs_out(acme: Stage) -> None:
    """`Gatehouse-Session: end` of an answer ends the session, is not passed on, and takes the cookie away."""
    visitor = acme.signed_in(MIA)
    token = visitor.jar.value("acme.example.org", SESSION)
    own = (("Origin", "https://acme.example.org:8443"),)
    answer = visitor.post("/logout", {"a": "1"}, fields=own)
    assert answer.status < 400
    assert answer.values("Gatehouse-Session") == []
    assert visitor.jar.value("acme.example.org", SESSION) == ""
    thief = acme.visitor()
    thief.jar.put("acme.example.org", SESSION, token)
    await_effect(lambda: thief.get("/app/x").status == 302, "a session that the application ended is nobody's")


# --- shared hosts ----------------------------------------------------------------------------------------------------


def test_on_a_shared_host_the_session_names_the_tenant(acme: Stage) -> None:
    """A member of one tenant signs in on the host of no tenant, and the application hears which tenant it is."""
    for member in (MIA, OTTO):
        visitor = acme.visitor(SHARED)
        visitor.sign_in(member.email, member.password)
        assert heard(visitor)["x-tenant-id"] == [member.tenant]


def choice_of(visitor: Visitor) -> Page:
    """The page that Bea, member of two tenants, meets on the shared host."""
    page = visitor.try_sign_in(BEA.email, BEA.password, "/app/chosen")
    assert page.status == 200
    return page


@pytest.mark.parametrize(("name", "tenant"), [("Acme GmbH", "acme"), ("Globex Corporation", "globex")])
def test_a_member_of_two_tenants_chooses_after_the_proof(acme: Stage, name: str, tenant: str) -> None:
    """The same password fits in both: a page with their names, then the session of the chosen one."""
    visitor = acme.visitor(SHARED)
    # The members of both tenants have the same password: it is made of the address.
    page = choice_of(visitor)
    assert SESSION not in visitor.jar.hosts[SHARED]
    assert "Acme GmbH" in page.read.words and "Globex Corporation" in page.read.words
    form, = [form for form in page.read.forms if any(name in each.words for each in form.buttons)]
    done = visitor.submit(page, form, button=name)
    assert (done.status, done.header("Location")) == (303, "/app/chosen")
    assert heard(visitor)["x-tenant-id"] == [tenant]


def test_a_tenant_that_was_not_offered_cannot_be_chosen(acme: Stage) -> None:
    """A choice of a tenant, or in another browser, that no proof was given for makes no session."""
    visitor, thief = acme.visitor(SHARED), acme.visitor(SHARED)
    page = choice_of(visitor)
    form, = [form for form in page.read.forms if any("Acme GmbH" in each.words for each in form.buttons)]
    filled = form.filled(button="Acme GmbH")
    thief.open("/app/start")
    stolen = thief.post("/.gatehouse/login", filled)
    assert SESSION not in thief.jar.hosts[SHARED], stolen.status
    forged = [(name, "umbrella" if value in ("acme", "globex") else value) for name, value in filled]
    visitor.post("/.gatehouse/login", forged)
    assert SESSION not in visitor.jar.hosts[SHARED]


def test_a_tenant_s_own_host_asks_no_choice(acme: Stage) -> None:
    """On acme's host Bea is acme's."""
    visitor = acme.visitor()
    visitor.sign_in(BEA.email, BEA.password)
    assert heard(visitor)["x-tenant-id"] == ["acme"]


def test_a_wrong_password_on_the_shared_host_does_not_tell_how_many_tenants_there_are(acme: Stage) -> None:
    """None, one or two memberships: the same answer."""
    pages = []
    for email in (BEA.email, MIA.email, "nobody.atall@acme.example"):
        answer = acme.visitor(SHARED).try_sign_in(email, WRONG_PASSWORD)
        pages.append((answer.status, comparable(answer), blanked(answer, email)))
    assert pages[0] == pages[1] == pages[2]


# --- addresses -------------------------------------------------------------------------------------------------------


def test_an_untrusted_peer_s_forwarding_headers_count_for_nothing_and_are_noticed(acme: Stage) -> None:
    """They do not change the address that the application hears; a metric and one warning say that they came."""
    visitor = acme.visitor(address="")
    visitor.sign_in(MIA.email, MIA.password)
    before = acme.server.metric("gatehouse_untrusted_forwarding_headers_total")
    headers = heard(visitor, fields=(("X-Forwarded-For", "203.0.113.9"),))
    assert "203.0.113.9" not in json.dumps(headers)
    acme.server.await_metric("gatehouse_untrusted_forwarding_headers_total", before + 1)
    warned = acme.server.await_event("forwarding-headers-untrusted")
    assert "trusted_proxies" in warned["message"]
    heard(visitor, fields=(("X-Forwarded-For", "203.0.113.10"),))
    assert len(acme.server.events("forwarding-headers-untrusted")) == 1


def test_a_trusted_balancer_s_visitor_has_the_address_that_it_says(acme: Stage) -> None:
    """The application hears the visitor's address, as the balancer gave it."""
    visitor = acme.signed_in(MIA)
    assert visitor.address in heard(visitor)["x-forwarded-for"][0]


# --- nothing leaks ---------------------------------------------------------------------------------------------------


def test_the_log_holds_no_token_password_or_address(acme: Stage) -> None:
    """After all the walks: no session or device token, no form's token, no password and no full address in the log."""
    visitor = acme.visitor()
    page = visitor.to_password(MIA.email)
    form = page.form("password")
    visitor.give_password(page, WRONG_PASSWORD)
    visitor.follow(visitor.give_password(page, MIA.password))
    secrets = [
        MIA.password, WRONG_PASSWORD, MIA.email, form.value("csrf"), form.value("attempt"),
        *[visitor.jar.value("acme.example.org", name) for name in (SESSION, DEVICE, LOGIN)],
    ]
    text = (acme.site.folder / "gatehouse.log").read_text() + acme.server.said()
    assert all(secrets)
    for secret in secrets:
        assert secret not in text
        assert secret.split(".")[-1] not in text or "@" in secret
