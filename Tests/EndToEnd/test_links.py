"""Invitation, change of a password, and a change that the next login asks for, as a browser without scripts walks them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.installation import ACME, GLOBEX, MIA, Member
from support.promises import await_effect
from support.stage import Stage, heard, stage
from support.visitor import PUBLIC_PORT, Page, Visitor, blanked

SESSION, LOGIN = "__Host-gatehouse", "__Host-gatehouse-login"
NEW_PASSWORD, OTHER_PASSWORD = "Nine-Kestrels_6-Supper", "Five-Curlews_8-Brunch"
CHANGE, FORGOT = "/.gatehouse/account/password", "/.gatehouse/password/forgot"
BAD_DATA, USAGE = 65, 64


@pytest.fixture(scope="module")
def acme(binary: Path) -> Iterator[Stage]:
    """One installation for every walk of this file, without mail."""
    with stage(binary) as made:
        yield made


def invite(acme: Stage, name: str, *more: str) -> tuple[Member, str]:
    """`user create --invite --print-link`; who was made, and path and query of the link."""
    email = f"{name}@acme.example"
    said = acme.site.done(
        "user", "create", "--tenant", "acme", "--email", email, "--name", name.title(), "--invite", "--print-link",
        *more)
    id, link = said.split()
    there = urlsplit(link)
    assert (there.scheme, there.hostname, there.port) == ("https", ACME, PUBLIC_PORT), link
    assert there.path == "/.gatehouse/invitation"
    return Member("acme", email, name.title(), (), id), f"{there.path}?{there.query}"


def set_password(visitor: Visitor, page: Page, password: str = NEW_PASSWORD) -> Page:
    """Fills in the only field that is empty."""
    return visitor.submit(page, page.form("password"), password=password)


# --- invitation ------------------------------------------------------------------------------------------------------


def test_whoever_is_invited_chooses_a_password_and_signs_in(acme: Stage) -> None:
    """The link shows as often as it is opened, sets once, and leads to the sign-in."""
    member, link = invite(acme, "ina-invited", "--role", "billing")
    scanner, visitor = acme.visitor(), acme.visitor()
    for _ in range(2):
        assert scanner.get(link).status == 200
    page = visitor.open(link)
    assert "Acme GmbH" in page.read.words and member.name in page.read.words
    assert page.form("password").value("token") == link.rpartition("=")[2]
    assert page.header("Referrer-Policy") == "no-referrer"
    done = set_password(visitor, page)
    assert done.status == 303
    assert not visitor.is_signed_in, "an invitation signs nobody in"
    arrived = visitor.follow(done)
    assert arrived.asks_for("email") and "password is set" in arrived.read.words
    visitor.sign_in(member.email, NEW_PASSWORD)
    headers = heard(visitor)
    assert headers["x-user-id"] == [member.id]
    assert set(headers["x-user-roles"][0].split(",")) == {"user", "billing"}


def test_a_used_link_and_every_other_that_fits_nothing_have_one_page(acme: Stage) -> None:
    """Used, made up, cut, of another tenant's host: 410 and the way on."""
    member, link = invite(acme, "uwe-used")
    never = acme.visitor().get("/.gatehouse/invitation?token=" + "acme." + "A" * 43)
    assert never.status == 410 and "/.gatehouse/login" in [target for target, _ in never.read.links]
    assert acme.visitor(GLOBEX).get(link).status == 410
    assert acme.visitor().get(link[:-1]).status == 410
    visitor = acme.visitor()
    page = visitor.open(link)
    assert set_password(visitor, page).status == 303
    used = acme.visitor().get(link)
    assert used.status == 410
    assert blanked(used) == blanked(never)
    assert set_password(visitor, page, OTHER_PASSWORD).status == 303, "a second press of the button leads on"
    visitor.sign_in(member.email, NEW_PASSWORD)


def test_an_invitation_is_replaced_by_a_newer_one(acme: Stage) -> None:
    """`user invite` prints another link, and the former is worth nothing; an active user is not invited again."""
    member, link = invite(acme, "nora-newer")
    id, newer = acme.site.done("user", "invite", "--tenant", "acme", member.email, "--print-link").split()
    assert id == member.id
    assert acme.visitor().get(link).status == 410
    visitor = acme.visitor()
    assert set_password(visitor, visitor.open(urlsplit(newer).path + "?" + urlsplit(newer).query)).status == 303
    ended = acme.site.command("user", "invite", "--tenant", "acme", member.email, "--print-link")
    assert ended.returncode == BAD_DATA and "invit" in ended.stderr


def test_without_mail_an_invitation_needs_its_link_printed(acme: Stage) -> None:
    """It says so, and makes nobody; flags that do not fit are usage."""
    made = ("user", "create", "--tenant", "acme", "--email", "mona@acme.example", "--name", "Mona")
    ended = acme.site.command(*made, "--invite")
    assert ended.returncode == BAD_DATA and "--print-link" in ended.stderr
    assert acme.site.command("user", "show", "--tenant", "acme", "mona@acme.example").returncode == BAD_DATA
    for flags in [(), ("--invite", "--password-stdin"), ("--password-stdin", "--print-link")]:
        assert acme.site.command(*made, *flags, stdin=NEW_PASSWORD + "\n").returncode == USAGE, flags


def test_whoever_was_invited_cannot_sign_in_before(acme: Stage) -> None:
    """No password fits, and the answer is everybody's."""
    member, _ = invite(acme, "wim-waits")
    answer = acme.visitor().try_sign_in(member.email, NEW_PASSWORD)
    wrong = acme.visitor().try_sign_in("nobody@acme.example", NEW_PASSWORD)
    assert answer.status == wrong.status
    assert blanked(answer, member.email) == blanked(wrong, "nobody@acme.example")


def test_rules_that_are_broken_are_named_in_both_languages(acme: Stage) -> None:
    """422, the form again, the rules and the strength; the password is not shown."""
    member, link = invite(acme, "rita-rules")
    for language, words in [("en", "too short"), ("de", "zu kurz")]:
        visitor = acme.visitor(language=language)
        page = set_password(visitor, visitor.open(link), "Rita1!")
        assert page.status == 422 and words in page.read.words
        assert "<meter" in page.text and "Rita1!" not in page.text
        assert page.read.language == language
    assert set_password(visitor, page).status == 303


# --- change ----------------------------------------------------------------------------------------------------------


def test_a_change_keeps_this_session_and_ends_the_others(acme: Stage) -> None:
    """Under a new token; the old token and every other session are nobody's within a second."""
    member = acme.newcomer("carla-changes")
    here, there = acme.signed_in(member), acme.signed_in(member)
    token = here.jar.value(ACME, SESSION)
    page = here.open("/.well-known/change-password")
    assert page.path == CHANGE
    done = here.submit(page, page.form("password"), current_password=member.password, password=NEW_PASSWORD)
    assert done.status == 303
    assert "changed" in here.follow(done).read.words
    assert here.jar.value(ACME, SESSION) != token and here.is_signed_in
    await_effect(lambda: not there.is_signed_in, "other sessions end with a change of the password")
    thief = acme.visitor()
    thief.jar.put(ACME, SESSION, token)
    await_effect(lambda: not thief.is_signed_in, "the former token is nobody's")
    assert acme.visitor().try_sign_in(member.email, member.password).status == 422
    acme.visitor().sign_in(member.email, NEW_PASSWORD)


def test_a_wrong_current_password_changes_nothing(acme: Stage) -> None:
    """422, and ten of them are as many as a sign-in has."""
    member = acme.newcomer("walt-wrong")
    visitor = acme.signed_in(member)
    visitor.jar.drop(ACME, "__Host-gatehouse-device")
    page = visitor.open(CHANGE)
    for _ in range(10):
        answer = visitor.submit(page, page.form("password"), current_password=OTHER_PASSWORD, password=NEW_PASSWORD)
        assert answer.status == 422
    answer = visitor.submit(page, page.form("password"), current_password=member.password, password=NEW_PASSWORD)
    assert answer.status == 429 and int(answer.header("Retry-After")) > 0
    assert visitor.is_signed_in


def test_visitors_are_led_to_the_sign_in_and_back(acme: Stage) -> None:
    """Whoever opens the page without a session comes to it after signing in."""
    visitor = acme.visitor()
    page = visitor.sign_in(MIA.email, MIA.password, CHANGE)
    assert page.path == CHANGE and page.asks_for("current_password")


@pytest.mark.parametrize("how", ["no token", "forged", "another session's", "another site"])
def test_nobody_else_changes_a_password(acme: Stage, how: str) -> None:
    """Without this session's own token, or from another origin: 403, and the password stays."""
    member = acme.newcomer(f"fred-{how.replace(' ', '-').replace(chr(39), '')}")
    visitor, other = acme.signed_in(member), acme.signed_in(MIA)
    own = visitor.get(CHANGE).form("password").value("csrf")
    token = {"no token": "", "forged": "A" * 43, "another session's": other.get(CHANGE).form("password").value("csrf"),
             "another site": own}[how]
    fields = (("Origin", "https://evil.example"),) if how == "another site" else ()
    values = {"csrf": token, "current_password": member.password, "password": NEW_PASSWORD}
    assert visitor.post(CHANGE, values, fields=fields).status == 403
    acme.visitor().sign_in(member.email, member.password)


# --- at the next login -----------------------------------------------------------------------------------------------


def test_a_password_of_the_operator_s_must_be_changed_at_the_next_login(acme: Stage) -> None:
    """The sign-in asks for another one before any session, in the same attempt, and leads to the target then."""
    member = acme.newcomer("olga-operator")
    acme.site.done(
        "user", "set-password", "--tenant", "acme", member.email, "--must-change", "--password-stdin",
        stdin=OTHER_PASSWORD + "\n")
    shown = json.loads(acme.site.done("user", "show", "--tenant", "acme", member.email, "--json"))
    assert shown["must_change_password"] is True
    visitor = acme.visitor()
    page = visitor.try_sign_in(member.email, OTHER_PASSWORD, "/app/forced")
    assert page.status == 200 and page.asks_for("password")
    assert not visitor.jar.value(ACME, SESSION)
    again = set_password(visitor, page, OTHER_PASSWORD)
    assert again.status == 422, "the same password does not come back"
    done = set_password(visitor, again)
    assert (done.status, done.header("Location")) == (303, "/app/forced")
    assert heard(visitor)["x-user-id"] == [member.id]
    fresh = acme.visitor()
    fresh.sign_in(member.email, NEW_PASSWORD)


# --- forgotten, without mail -----------------------------------------------------------------------------------------


def test_without_mail_the_pages_say_whom_to_ask(acme: Stage) -> None:
    """The sign-in shows no link that leads nowhere."""
    visitor = acme.visitor()
    step = visitor.to_password(MIA.email)
    assert "administrator" in step.read.words and FORGOT not in step.text
    page = visitor.open(FORGOT)
    assert page.status == 200 and "administrator" in page.read.words and not page.asks_for("email")


# --- nothing leaks ---------------------------------------------------------------------------------------------------


def test_the_log_and_the_data_hold_no_link(acme: Stage) -> None:
    """After all the walks: neither a token nor a password stands in the log or in a database."""
    member, link = invite(acme, "lena-leaks")
    visitor = acme.visitor()
    page = visitor.open(link)
    token = link.rpartition("=")[2]
    kept = b"".join(file.read_bytes() for file in acme.site.data.rglob("*") if file.is_file())
    assert token.partition(".")[2].encode() not in kept
    set_password(visitor, page)
    text = (acme.site.folder / "gatehouse.log").read_text() + acme.server.said()
    for secret in (token, token.partition(".")[2], NEW_PASSWORD, member.email):
        assert secret not in text
    assert re.search(r'"path":"/\.gatehouse/invitation"', text), "the path alone stands in the log"
