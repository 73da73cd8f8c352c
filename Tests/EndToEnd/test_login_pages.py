"""The sign-in's pages and cookies: nothing kept, framed or scripted, both languages, and nothing told of anybody."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter

import pytest

from support.installation import MIA, OTTO
from support.stage import Stage
from support.visitor import Page, blanked, comparable

SESSION, LOGIN, DEVICE, LANGUAGE = (
    "__Host-gatehouse", "__Host-gatehouse-login", "__Host-gatehouse-device", "__Host-gatehouse-lang")
TOKEN = re.compile(r"([a-z0-9-]{1,63})\.([A-Za-z0-9_-]{43})")
DEVICE_DAYS = 180
WRONG_PASSWORD = "Wrong-Herons_4-Breakfast"


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
    policy = {
        words.split()[0]: words.split()[1:] for words in page.header("Content-Security-Policy").split(";")}
    listed = [
        element for element, text in page.read.embedded
        if f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        in policy.get(f"{element}-src", [])
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
