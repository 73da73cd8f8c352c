"""The sign-in as a browser without scripts walks it: a form at each step, hidden fields kept, cookies obeyed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
import pytest

from support.installation import ADA, BEA, GLOBEX, MIA, OTTO, SHARED
from support.stage import Stage, heard, login_path, stage, who
from support.visitor import Page, Visitor, blanked

SESSION, LOGIN, DEVICE, LANGUAGE = (
    "__Host-gatehouse", "__Host-gatehouse-login", "__Host-gatehouse-device", "__Host-gatehouse-lang")
TOKEN = re.compile(r"([a-z0-9-]{1,63})\.([A-Za-z0-9_-]{43})")
DEVICE_DAYS = 180
WRONG_PASSWORD = "Wrong-Herons_4-Breakfast"
FAILURES = 10
"""`login.throttle.per_account_and_address.failures`, unless configured."""
PER_ACCOUNT_SECONDS = 15 * 60


@pytest.fixture(scope="module")
def acme(binary: Path) -> Iterator[Stage]:
    """One installation for every walk of this file; each visitor comes from an address of their own."""
    with stage(binary) as made:
        yield made


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


# --- what pages and cookies look like --------------------------------------------------------------------------------


def pages_of_a_walk(acme: Stage, language: str = "en") -> dict[str, Page]:
    """Each page that a walk meets."""
    visitor = acme.visitor(language=language)
    first = visitor.open("/app/start")
    second = visitor.to_password(MIA.email)
    wrong = visitor.give_password(second, WRONG_PASSWORD)
    visitor.follow(visitor.give_password(wrong, MIA.password))
    return {
        "email": first, "password": second, "wrong password": wrong, "role refused": visitor.get("/admin/x"),
        "sign-out": visitor.get("/.gatehouse/logout"),
    }


def test_no_page_may_be_kept_framed_or_scripted(acme: Stage) -> None:
    """`no-store`; a policy without inline, frames or foreign forms; `nosniff`; referrer, COOP and CORP as the rules."""
    for name, page in pages_of_a_walk(acme).items():
        assert page.header("Cache-Control") == "no-store", name
        policy = {
            words.split()[0]: words.split()[1:]
            for words in page.header("Content-Security-Policy").split(";") if words.strip()
        }
        assert policy["frame-ancestors"] == ["'none'"], name
        assert policy["form-action"] == ["'self'"], name
        assert policy["default-src"] == ["'none'"], name
        assert policy.get("base-uri") == ["'none'"], name
        assert "unsafe" not in page.header("Content-Security-Policy"), name
        assert page.header("X-Content-Type-Options") == "nosniff", name
        assert page.header("Referrer-Policy") in ("no-referrer", "same-origin", "strict-origin"), name
        assert page.header("Cross-Origin-Opener-Policy") == "same-origin", name
        assert page.header("Cross-Origin-Resource-Policy") == "same-origin", name
        assert page.header("Content-Type") == "text/html; charset=utf-8", name
        assert not runs_unlisted(page), name


def runs_unlisted(page: Page) -> list[str]:
    """What stands in the page itself and is not the very text whose hash the policy lists; attributes never are."""
    policy = page.header("Content-Security-Policy")
    listed = [
        element for element, text in page.read.embedded
        if f"{element}-src 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
    ]
    return sorted((Counter(page.read.inline) - Counter(listed)).elements())


def test_pages_load_nothing_from_elsewhere(acme: Stage) -> None:
    """Every resource is the gateway's own, and is there for somebody without a session."""
    nobody = acme.visitor()
    for name, page in pages_of_a_walk(acme).items():
        for resource in page.read.resources:
            assert resource.startswith("/.gatehouse/"), f"{name}: {resource}"
            assert nobody.get(resource).status == 200, f"{name}: {resource}"


def test_cookies_have_exactly_the_attributes_of_the_contract(acme: Stage) -> None:
    """`Secure; HttpOnly; Path=/; SameSite=Lax` and no Domain on each, no name that the contract does not have."""
    visitor = acme.signed_in(MIA)
    names = {cookie.name for _, cookie in visitor.jar.seen}
    assert {SESSION, LOGIN, DEVICE} <= names <= {SESSION, LOGIN, DEVICE, LANGUAGE}
    for _, cookie in visitor.jar.seen:
        assert set(cookie.attributes) - {"max-age", "expires"} == {"secure", "httponly", "path", "samesite"}
        assert (cookie.attributes["path"], cookie.attributes["samesite"]) == ("/", "Lax"), cookie
    session, = [cookie for _, cookie in visitor.jar.seen if cookie.name == SESSION]
    assert not {"max-age", "expires"} & set(session.attributes), "it ends with the browser"
    device, = [cookie for _, cookie in visitor.jar.seen if cookie.name == DEVICE]
    assert 0 <= DEVICE_DAYS * 24 * 3600 - int(device.attributes["max-age"]) <= 5, "counted from the sign-in's moment"


def test_a_session_s_token_names_the_tenant_and_256_random_bits(acme: Stage) -> None:
    """Each sign-in makes a token of its own; one that was there before is not kept (fixation)."""
    visitor = acme.visitor()
    planted = "acme." + "A" * 43
    visitor.jar.put("acme.example.org", SESSION, planted)
    visitor.sign_in(MIA.email, MIA.password)
    first = visitor.jar.value("acme.example.org", SESSION)
    again = acme.signed_in(MIA).jar.value("acme.example.org", SESSION)
    matches = [TOKEN.fullmatch(token) for token in (first, again)]
    assert all(match and match.group(1) == "acme" for match in matches), (first, again)
    assert len({planted, first, again}) == 3


@pytest.mark.parametrize(
    ("language", "tag", "words"),
    [
        ("de-DE,de;q=0.9,en;q=0.5", "de", ("Anmelden", "Passwort")), ("en-GB,en;q=0.9", "en", ("Sign in", "Password")),
        ("fr", "en", ("Sign in", "Password")),
    ])
def test_pages_speak_the_reader_s_language(acme: Stage, language: str, tag: str, words: tuple[str, ...]) -> None:
    """German or English as the browser asks, English where it asks for neither; the page says which it is."""
    for name, page in pages_of_a_walk(acme, language).items():
        assert page.read.language == tag, name
    visitor = acme.visitor(language=language)
    page = visitor.to_password(MIA.email)
    for word in words:
        assert word.lower() in (page.read.title + " " + page.read.words).lower(), word


def test_a_language_that_was_chosen_wins_and_keeps_the_way(acme: Stage) -> None:
    """The page's link to the other language: it stays chosen whatever the browser asks for, and the target is kept."""
    visitor = acme.visitor(language="en")
    page = visitor.open("/app/chosen")
    target, = [target for target, words in page.read.links if words == "Deutsch"]
    chosen = visitor.open(target)
    assert chosen.read.language == "de"
    assert visitor.jar.value("acme.example.org", LANGUAGE) == "de"
    page = visitor.follow(visitor.submit(chosen, chosen.form("email"), email=MIA.email))
    assert page.read.language == "de"
    assert visitor.give_password(page, MIA.password).header("Location") == "/app/chosen"
    for name, value in (("lang", "xx"), ("lang", "../de"), ("lang", "")):
        assert visitor.open(f"/.gatehouse/logout?{name}={value}").read.language == "de", value


def test_every_visible_field_has_a_label_and_says_what_browsers_may_fill_in(acme: Stage) -> None:
    """`autocomplete` as password managers want it, and a label for each field."""
    walk = pages_of_a_walk(acme)
    wanted = {"email": ("email", {"username", "email"}), "password": ("password", {"current-password"})}
    for page, (name, allowed) in wanted.items():
        control, = [each for each in walk[page].form(name).controls if each.name == name]
        assert allowed & set(control.attributes.get("autocomplete", "").split()), name
        assert f'for="{control.attributes["id"]}"' in walk[page].text, name


# --- what tells nothing ----------------------------------------------------------------------------------------------


def test_the_second_step_is_the_same_whether_somebody_is_there_or_not(acme: Stage) -> None:
    """Two addresses of one domain, one known and one not: the same status, headers and page."""
    known, unknown = acme.visitor(), acme.visitor()
    one = known.to_password(MIA.email)
    other = unknown.to_password("nobody.atall@acme.example")
    assert one.status == other.status
    assert comparable(one) == comparable(other)
    assert blanked(one, MIA.email) == blanked(other, "nobody.atall@acme.example")


def comparable(page: Page) -> list[tuple[str, str]]:
    """Headers without what differs between any two answers."""
    differ = {"x-request-id", "date", "set-cookie", "content-length"}
    names = [(name.lower(), value) for name, value in page.fields if name.lower() not in differ]
    cookies = [("set-cookie", value.split("=")[0]) for name, value in page.fields if name.lower() == "set-cookie"]
    return names + cookies


def test_unknown_wrong_and_disabled_get_one_and_the_same_page(acme: Stage) -> None:
    """Status, headers and page of a refused password say nothing of why; only hidden values and the address differ."""
    disabled = acme.newcomer("dora-disabled")
    acme.site.done("user", "disable", "--tenant", "acme", disabled.email)
    answers = {}
    for what, email, password in (
        ("wrong", MIA.email, WRONG_PASSWORD), ("unknown", "nobody.atall@acme.example", WRONG_PASSWORD),
        ("disabled", disabled.email, disabled.password), ("another tenant's", OTTO.email, OTTO.password),
    ):
        visitor = acme.visitor()
        answer = visitor.try_sign_in(email, password)
        answers[what] = (answer.status, comparable(answer), blanked(answer, email))
        assert SESSION not in {cookie.name for _, cookie in visitor.jar.seen}, what
        assert DEVICE not in {cookie.name for _, cookie in visitor.jar.seen}, what
        assert answer.asks_for("password"), what
    for what, answer in answers.items():
        assert answer == answers["wrong"], what


def test_a_refused_password_does_not_stand_on_the_page(acme: Stage) -> None:
    """The page after a wrong password has an empty field, and the password nowhere."""
    page = acme.visitor().try_sign_in(MIA.email, WRONG_PASSWORD)
    assert page.form("password").value("password") == ""
    assert WRONG_PASSWORD not in page.text


@pytest.mark.parametrize("change", ["x", " ", "\u0301", ""], ids=["longer", "blank-behind", "combining", "empty"])
def test_a_password_that_is_almost_right_is_wrong(acme: Stage, change: str) -> None:
    """One character more, and none at all."""
    visitor = acme.visitor()
    answer = visitor.try_sign_in(MIA.email, MIA.password + change if change else "")
    assert answer.status != 303
    assert not visitor.is_signed_in


@pytest.mark.parametrize(
    "attack", ["<script>alert(1)</script>@acme.example", '"><b id=x>@acme.example', "{{csrf}}@acme.example"])
def test_what_was_typed_is_shown_as_text(acme: Stage, attack: str) -> None:
    """Values in pages are escaped, wherever they stand."""
    visitor = acme.visitor()
    page = visitor.open("/app/start")
    page = visitor.follow(visitor.submit(page, page.form("email"), email=attack))
    assert "<script>alert" not in page.text and "<b id=x>" not in page.text
    assert not runs_unlisted(page)


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


# --- what a session may do -------------------------------------------------------------------------------------------


def test_a_missing_role_is_refused_with_a_page_that_says_so(acme: Stage) -> None:
    """`/admin/` without the role: 403, reason code and request id; with it: the application."""
    refused = acme.signed_in(MIA).get("/admin/x")
    assert refused.status == 403
    assert "role-missing" in refused.text
    assert refused.header("X-Request-ID") and refused.header("X-Request-ID") in refused.text
    assert heard(acme.signed_in(ADA), "/admin/x")["x-user-email"] == [ADA.email]


def test_the_application_hears_the_identity_and_no_cookie_of_ours(acme: Stage) -> None:
    """Tenant, id, address, name, roles, factors, handle; the gateway's cookies stay out, the application's come."""
    visitor = acme.signed_in(ADA)
    cookies = visitor.jar.header("acme.example.org") + "; connect.sid=kept"
    headers = heard(visitor, cookies=cookies)
    assert headers["x-tenant-id"] == ["acme"]
    assert headers["x-user-id"] == [acme.member(ADA).id]
    assert headers["x-user-email"] == [ADA.email]
    assert [unquote(name) for name in headers["x-user-name"]] == [ADA.name]
    assert sorted(headers["x-user-roles"][0].split(",")) == ["admin", "auditor", "user"]
    assert headers["x-auth-factors"] == ["password"]
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-session-id"][0])
    assert headers["cookie"] == ["connect.sid=kept"]
    token = visitor.jar.value("acme.example.org", SESSION)
    assert token.split(".")[1] not in json.dumps(headers)


SPOOFS = {
    "X-Tenant-ID": "globex", "X-User-ID": "spoof", "X-User-Email": "spoof@evil.example", "X-User-Name": "Spoof",
    "X-User-Roles": "admin,spoof", "X-Auth-Factors": "spoof", "X-Session-ID": "spoof", "X-User-External-ID": "spoof",
    "X-Gatehouse-Assertion": "spoof.spoof.spoof", "X_Tenant_ID": "spoof", "x.user.id": "spoof",
    "Remote-User": "spoof", "X-Forwarded-User": "spoof", "X-Forwarded-Email": "spoof", "X-Auth-Request-User": "spoof",
}


@pytest.mark.parametrize("target", ["/app/x", "/optional/x", "/public/x"])
def test_a_spoofed_identity_never_arrives(acme: Stage, target: str) -> None:
    """Whatever the client claims to be: the application hears the session's identity alone, or none at all."""
    spoofs = tuple(SPOOFS.items())
    headers = heard(acme.signed_in(MIA), target, fields=spoofs)
    assert "spoof" not in json.dumps(headers).lower()
    assert "globex" not in json.dumps(headers)
    assert headers.get("x-tenant-id") == (None if target == "/public/x" else ["acme"])
    if target != "/app/x":
        nobody = heard(acme.visitor(), target, fields=spoofs)
        assert "spoof" not in json.dumps(nobody).lower()
        assert not {"x-tenant-id", "x-user-id", "x-user-roles", "x-gatehouse-assertion"} & set(nobody)


def test_the_assertion_verifies_against_the_published_keys(acme: Stage) -> None:
    """ES256 by a key of jwks.json; issuer, audience, at most 60 s, subject, tenant, roles, factors, session."""
    visitor = acme.signed_in(ADA)
    headers = heard(visitor)
    keys = acme.visitor().get("/.gatehouse/jwks.json", accept="application/json")
    assert keys.status == 200
    assert keys.header("Content-Type").split(";")[0] in ("application/json", "application/jwk-set+json")
    published = json.loads(keys.body)["keys"]
    assert all("d" not in key for key in published), "no private part"
    token = headers["x-gatehouse-assertion"][0]
    head = jwt.get_unverified_header(token)
    assert head["alg"] == "ES256"
    key, = [jwt.PyJWK(key) for key in published if key["kid"] == head["kid"]]
    claims = jwt.decode(
        token, key, algorithms=["ES256"], audience="echo-application", issuer="https://app.example.org:8443",
        options={"require": ["iss", "aud", "iat", "exp", "sub"]})
    assert 0 < claims["exp"] - claims["iat"] <= 60
    assert abs(claims["iat"] - time.time()) < 60
    assert claims["sub"] == acme.member(ADA).id
    assert claims["tenant"] == "acme"
    assert claims["email"] == ADA.email
    assert sorted(claims["roles"]) == ["admin", "auditor", "user"]
    assert claims["amr"]
    assert claims["sid"] == headers["x-session-id"][0]
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, key, algorithms=["ES256"], audience="another-application")
    body = token.split(".")
    with pytest.raises(jwt.InvalidSignatureError):
        forged = ".".join([body[0], body[1], "A" * len(body[2])])
        jwt.decode(forged, key, algorithms=["ES256"], audience="echo-application")


def test_each_application_gets_an_assertion_of_its_own(acme: Stage) -> None:
    """Two requests of one session within its time carry the same one: it is signed once."""
    visitor = acme.signed_in(MIA)
    assertions = {heard(visitor, f"/app/{number}")["x-gatehouse-assertion"][0] for number in range(3)}
    assert len(assertions) <= 2


def test_whoami_tells_the_session_s_identity_and_401_without_one(acme: Stage) -> None:
    """JSON of tenant, user, email, roles, factors; 401 as a problem for nobody."""
    told = who(acme.signed_in(ADA))
    assert told is not None
    assert (told["tenant"], told["user"], told["email"]) == ("acme", acme.member(ADA).id, ADA.email)
    assert sorted(told["roles"]) == ["admin", "auditor", "user"]  # type: ignore[arg-type]
    assert told["factors"] == ["password"]
    nobody = acme.visitor().get("/.gatehouse/whoami", accept="application/json")
    assert nobody.status == 401
    assert nobody.header("Content-Type").startswith("application/problem+json")


# --- whose session ---------------------------------------------------------------------------------------------------


def test_a_session_of_another_tenant_counts_as_none(acme: Stage) -> None:
    """Otto's cookie of globex, put into a browser in front of acme: the sign-in, and no identity."""
    otto = acme.signed_in(OTTO)
    token = otto.jar.value(GLOBEX, SESSION)
    thief = acme.visitor()
    thief.jar.put("acme.example.org", SESSION, token)
    assert thief.get("/app/x").status == 302
    assert who(thief) is None
    assert "x-tenant-id" not in heard(thief, "/optional/x")
    assert who(otto) is not None, "where it belongs it holds"


@pytest.mark.parametrize(
    "value",
    [
        "", "acme", "acme.", "acme." + "A" * 43, "acme." + "A" * 42, "acme." + "A" * 44, "." + "A" * 43, "A" * 43,
        "ACME." + "A" * 43, "globex." + "A" * 43, "acme.acme." + "A" * 43, "acme." + "=" * 43, "umbrella." + "A" * 43,
        "../acme." + "A" * 43, "x" * 4000,
    ])
def test_a_forged_session_counts_as_none(acme: Stage, value: str) -> None:
    """Whatever stands in the cookie: the sign-in, no error."""
    visitor = acme.visitor()
    assert visitor.get("/app/x", cookies=f"{SESSION}={value}").status == 302
    assert visitor.get("/.gatehouse/whoami", cookies=f"{SESSION}={value}", accept="application/json").status == 401


def test_a_token_with_one_bit_changed_or_another_tenant_s_name_counts_as_none(acme: Stage) -> None:
    """Near misses of a real token."""
    visitor = acme.signed_in(MIA)
    token = visitor.jar.value("acme.example.org", SESSION)
    secret = token.split(".")[1]
    other = "B" if secret[0] == "A" else "A"
    near = (f"acme.{other}{secret[1:]}", f"globex.{secret}", f"acme.{secret.swapcase()}", token + "A", token[:-1])
    for forged in near:
        for host in ("acme.example.org", GLOBEX, SHARED):
            assert visitor.get("/app/x", host=host, cookies=f"{SESSION}={forged}").status == 302, (forged, host)
    assert visitor.get("/app/x").status == 200


def test_two_session_cookies_count_as_none(acme: Stage) -> None:
    """A second cookie of the name, from a sibling host say, never chooses the session: none is taken."""
    visitor = acme.signed_in(MIA)
    token = visitor.jar.value("acme.example.org", SESSION)
    for cookies in (f"{SESSION}={token}; {SESSION}=other", f"{SESSION}=other; {SESSION}={token}",
                    f"{SESSION}={token}; {SESSION}={token}"):
        assert visitor.get("/app/x", cookies=cookies).status == 302
    assert visitor.get("/app/x", cookies=f"a=1; {SESSION}={token}; b=2").status == 200


# --- forms that are not what was given out ---------------------------------------------------------------------------


def changed(page: Page, name: str, value: str | None) -> list[tuple[str, str]]:
    """The page's password form, filled in rightly, with one hidden field changed or left out."""
    filled = page.form("password").filled(password=MIA.password)
    assert name in dict(filled), f"the form has no field {name}"
    kept = [(own, given) for own, given in filled if own != name]
    return kept if value is None else [*kept, (name, value)]


@pytest.mark.parametrize("text", ["", "nobody", "a b@acme.example", "a@b@c", "x" * 250 + "@acme.example", "@", "a@"])
def test_what_is_no_address_is_asked_for_again(acme: Stage, text: str) -> None:
    """The first step again, with a message that is announced; nobody comes to a second step."""
    visitor = acme.visitor()
    page = visitor.open("/app/start")
    again = visitor.submit(page, page.form("email"), email=text)
    assert again.status == 422
    assert again.asks_for("email") and not again.asks_for("password")
    assert 'role="alert"' in again.text


@pytest.mark.parametrize("how", ["missing", "empty", "forged", "cut", "foreign", "long"])
def test_a_csrf_token_that_is_not_this_browser_s_is_refused(acme: Stage, how: str) -> None:
    """403 `form-refused`, and no session; with the page's own token the same form signs in."""
    visitor, stranger = acme.visitor(), acme.visitor()
    page = visitor.to_password(MIA.email)
    own = page.form("password").value("csrf")
    value = {
        "missing": None, "empty": "", "forged": "A" * len(own), "cut": own[:-1], "long": own + "A" * 100_000,
        "foreign": stranger.to_password(MIA.email).form("password").value("csrf"),
    }[how]
    answer = visitor.post("/.gatehouse/login", changed(page, "csrf", value))
    assert answer.status == (400 if how == "long" else 403)
    assert "form-refused" in answer.text
    assert SESSION not in visitor.jar.hosts["acme.example.org"]
    assert visitor.give_password(page, MIA.password).status == 303


def test_a_form_without_its_browser_s_cookie_makes_no_session(acme: Stage) -> None:
    """A form that another site sends in a browser of its own choosing (login CSRF) carries no cookie of ours."""
    visitor = acme.visitor()
    page = visitor.to_password(MIA.email)
    filled = page.form("password").filled(password=MIA.password)
    answer = visitor.post("/.gatehouse/login", filled, cookies="")
    assert answer.status == 403
    assert SESSION not in visitor.jar.hosts["acme.example.org"]


@pytest.mark.parametrize(
    "fields",
    [
        (("Origin", "https://evil.example"),), (("Origin", "null"),), (("Sec-Fetch-Site", "cross-site"),),
        (("Sec-Fetch-Site", "same-site"),), (("Origin", "http://acme.example.org:8443"),),
        (("Origin", "https://globex.example.org:8443"),),
    ],
    ids=["origin", "null", "cross-site", "same-site", "other-scheme", "other-tenant"])
def test_a_sign_in_that_another_site_sends_is_refused(acme: Stage, fields: tuple[tuple[str, str], ...]) -> None:
    """Right token and cookie, but sent by another origin: 403; from the page's own origin it signs in."""
    visitor = acme.visitor()
    page = visitor.to_password(MIA.email)
    filled = page.form("password").filled(password=MIA.password)
    assert visitor.post("/.gatehouse/login", filled, fields=fields).status == 403
    assert SESSION not in visitor.jar.hosts["acme.example.org"]
    own = (("Origin", "https://acme.example.org:8443"), ("Sec-Fetch-Site", "same-origin"))
    assert visitor.post("/.gatehouse/login", filled, fields=own).status == 303


@pytest.mark.parametrize("how", ["missing", "empty", "forged", "cut", "foreign", "other host's", "long"])
def test_an_attempt_that_is_not_this_browser_s_begins_anew(acme: Stage, how: str) -> None:
    """A forged or foreign attempt makes no session and no error page: a fresh sign-in."""
    visitor, stranger, elsewhere = acme.visitor(), acme.visitor(), acme.visitor(GLOBEX)
    page = visitor.to_password(MIA.email)
    own = page.form("password").value("attempt")
    value = {
        "missing": None, "empty": "", "forged": "A" * len(own), "cut": own[:-1], "long": own + "A" * 100_000,
        "foreign": stranger.to_password(MIA.email).form("password").value("attempt"),
        "other host's": elsewhere.to_password(OTTO.email).form("password").value("attempt"),
    }[how]
    answer = visitor.follow(visitor.post("/.gatehouse/login", changed(page, "attempt", value)))
    assert SESSION not in visitor.jar.hosts["acme.example.org"]
    if how == "long":
        assert (answer.status, "form-refused" in answer.text) == (400, True), "no field of ours is that long"
    else:
        assert answer.asks_for("email"), f"{answer.status} {answer.text[:1000]}"
    assert visitor.give_password(page, MIA.password).status == 303


def test_two_tabs_do_not_disturb_each_other(acme: Stage) -> None:
    """Two sign-ins begun in one browser: both end where they wanted, in either order."""
    visitor = acme.visitor()
    one = visitor.to_password(MIA.email, "/app/one")
    two = visitor.to_password(ADA.email, "/app/two")
    assert visitor.give_password(two, ADA.password).header("Location") == "/app/two"
    assert heard(visitor)["x-user-email"] == [ADA.email]
    late = visitor.give_password(one, MIA.password)
    assert (late.status, late.header("Location")) == (303, "/app/one")


def test_a_form_sent_twice_leads_to_the_target(acme: Stage) -> None:
    """The back button and a second press: no error, no second session."""
    visitor = acme.visitor()
    page = visitor.to_password(MIA.email, "/app/twice")
    assert visitor.give_password(page, MIA.password).header("Location") == "/app/twice"
    before = visitor.jar.value("acme.example.org", SESSION)
    again = visitor.give_password(page, MIA.password)
    assert (again.status, again.header("Location")) == (303, "/app/twice")
    assert visitor.jar.value("acme.example.org", SESSION) == before
    assert visitor.is_signed_in


def test_a_used_form_makes_no_session_for_a_browser_without_one(acme: Stage) -> None:
    """The form of a sign-in that has ended, sent again after signing out, with the right password: a fresh sign-in."""
    visitor = acme.visitor()
    page = visitor.to_password(MIA.email, "/app/used")
    assert visitor.give_password(page, MIA.password).status == 303
    visitor.jar.drop("acme.example.org", SESSION)
    again = visitor.give_password(page, MIA.password)
    assert SESSION not in visitor.jar.hosts["acme.example.org"]
    assert visitor.follow(again).asks_for("email")


@pytest.mark.parametrize("megabytes", [0.9, 1, 4])
def test_a_password_of_a_megabyte_is_refused_at_once(acme: Stage, megabytes: float) -> None:
    """It is never hashed; the bound of the portal's bodies says 413, and the connection's next visitor is served."""
    visitor = acme.visitor()
    page = visitor.to_password(MIA.email)
    begun = time.monotonic()
    answer = visitor.give_password(page, "x" * int(megabytes * 1024 * 1024))
    took = time.monotonic() - begun
    assert answer.status == 413 if megabytes >= 1 else answer.status < 500, answer.status
    assert SESSION not in visitor.jar.hosts["acme.example.org"]
    assert took < 5, f"{took} s"
    assert visitor.give_password(page, MIA.password).status == 303


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"email=a&email=b", "application/x-www-form-urlencoded"), (b"%", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"), (b"{}", "application/json"), (b"", ""),
        (b"&".join(b"a%d=1" % number for number in range(20_000)), "application/x-www-form-urlencoded"),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"), (b"email", "text/plain"),
    ],
    ids=["twice", "percent", "no-utf8", "json", "nothing", "many", "multipart", "text"])
def test_a_body_that_is_no_form_of_ours_is_refused(acme: Stage, body: bytes, kind: str) -> None:
    """4xx, never an error of ours, never a session."""
    visitor = acme.visitor()
    fields = (("Content-Type", kind),) if kind else ()
    answer = visitor.send("POST", "/.gatehouse/login", body=body, fields=fields)
    assert 400 <= answer.status < 500, answer.status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_not_for_the_sign_in(acme: Stage, method: str) -> None:
    """405 with Allow."""
    answer = acme.visitor().send(method, "/.gatehouse/login")
    assert answer.status == 405
    assert {"GET", "POST"} <= set(answer.header("Allow").replace(" ", "").split(","))


@pytest.mark.parametrize("destination", ["iframe", "frame", "embed", "object", "image", "script", "empty"])
@pytest.mark.parametrize("target", ["/.gatehouse/login", "/.gatehouse/logout"])
def test_pages_are_for_documents_only(acme: Stage, target: str, destination: str) -> None:
    """With another `Sec-Fetch-Dest` there is no form to see; as a document there is."""
    visitor = acme.signed_in(MIA) if target.endswith("logout") else acme.visitor()
    answer = visitor.get(target, fields=(("Sec-Fetch-Dest", destination), ("Sec-Fetch-Mode", "navigate")))
    assert answer.status == 403
    assert answer.read.forms == []
    fields = (("Sec-Fetch-Dest", "document"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Site", "none"))
    assert visitor.get(target, fields=fields).status == 200


def test_in_a_frame_the_application_s_page_does_not_lead_to_the_sign_in(acme: Stage) -> None:
    """A page load into a frame without a session: 401 with a page, so that no sign-in is ever framed."""
    answer = acme.visitor().get(
        "/app/framed", fields=(("Sec-Fetch-Dest", "iframe"), ("Sec-Fetch-Mode", "navigate")))
    assert answer.status == 401
    assert not answer.asks_for("email")


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
    deadline = time.monotonic() + 1
    while thief.get("/app/x").status != 302:
        assert time.monotonic() < deadline, "a second later the session still holds"


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
    assert acme.server.metric("gatehouse_untrusted_forwarding_headers_total") == before + 1
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
