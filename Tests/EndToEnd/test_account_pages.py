"""A member's account as a plain HTML client meets it: own data, another address, sessions, and what that does behind."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest

from support.installation import ACME, BEA, MIA, SHARED
from support.promises import await_effect
from support.running import await_that
from support.stage import Stage, account_form, heard, prove
from support.streams import OpenStream
from support.visitor import Page
from test_login_pages import runs_unlisted

ACCOUNT = "/.gatehouse/account"
SESSION = "__Host-gatehouse"
PAGES = ["", "/email", "/sessions", "/password"]


def texts(page: Page) -> str:
    """What can be read on it."""
    return page.read.words


# --- the way in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [*PAGES, "/proof"])
def test_a_visitor_is_led_to_the_sign_in_and_back(acme: Stage, page: str) -> None:
    """Over the sign-in to the page that was asked for; a form that is sent without a session changes nothing."""
    visitor = acme.visitor()
    assert visitor.get(ACCOUNT + page).header("Location") == f"/.gatehouse/login?return_to={ACCOUNT}{page}"
    shown = visitor.sign_in(MIA.email, MIA.password, ACCOUNT + page)
    assert shown.status == 200 and shown.path.startswith(ACCOUNT)
    assert acme.visitor().post(ACCOUNT + page, {"name": "x"}).header("Location").startswith("/.gatehouse/login?")


@pytest.mark.parametrize("page", PAGES)
def test_no_page_may_be_kept_framed_or_scripted(acme: Stage, page: str) -> None:
    """The policy of the sign-in's pages; nothing inline that it does not list; every field has a label."""
    shown = account_form(acme.signed_in(MIA), page)
    assert shown.header("Cache-Control") == "no-store"
    policy = shown.header("Content-Security-Policy")
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert not runs_unlisted(shown)
    assert shown.read.resources == []
    for form in shown.read.forms:
        for control in form.controls:
            if control.kind not in ("hidden", "submit"):
                assert f'for="{control.attributes["id"]}"' in shown.text, control


def test_other_sites_and_frames_change_nothing(acme: Stage) -> None:
    """A foreign origin, a frame, a form without the session's token."""
    visitor = acme.signed_in(acme.newcomer("fay-forged"))
    csrf = account_form(visitor).form("name").value("csrf")
    forged = {"csrf": csrf, "name": "Mallory"}
    for fields, values, reason in (
        ((("Sec-Fetch-Site", "cross-site"),), forged, "cross-origin"),
        ((("Origin", "https://evil.example"),), forged, "cross-origin"),
        ((("Sec-Fetch-Dest", "iframe"),), forged, "cross-origin"),
        ((), {"name": "Mallory"}, "form-refused"),
        ((), {"name": "Mallory", "csrf": "A" * 43}, "form-refused"),
    ):
        refused = visitor.post(ACCOUNT, values, fields=fields)
        assert refused.status == 403 and reason in refused.text, fields
    assert "Mallory" not in account_form(visitor).text


# --- own data --------------------------------------------------------------------------------------------------------


def test_a_member_sees_their_data_and_corrects_the_name(acme: Stage) -> None:
    """The application hears the new name within a second, in other browsers too; sending twice and loading again are
    harmless."""
    nora = acme.newcomer("nora-name", roles=("admin",))
    visitor, other = acme.signed_in(nora), acme.signed_in(nora)
    page = account_form(visitor)
    for words in (nora.email, "Acme GmbH", "user, admin", "Last sign-in"):
        assert words in texts(page), words
    done = visitor.submit(page, page.form("name"), name="Nora Ñandú")
    assert (done.status, done.header("Location")) == (303, f"{ACCOUNT}?done=name")
    assert "Your name has been changed." in texts(visitor.follow(done))
    assert visitor.submit(page, page.form("name"), name="Nora Ñandú").status == 303
    await_effect(lambda: unquote(heard(other)["x-user-name"][0]) == "Nora Ñandú", "another name is told")
    listed, = [each for each in acme.site.listed("user", "list", "--tenant", "acme") if each["email"] == nora.email]
    assert listed["name"] == "Nora Ñandú"


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\u202eb", "a\tb", "a\x00b"])
def test_a_name_that_is_none_is_said(acme: Stage, name: str) -> None:
    """With a list of faults that leads to the field."""
    visitor = acme.signed_in(MIA)
    page = account_form(visitor)
    refused = visitor.submit(page, page.form("name"), name=name)
    assert refused.status == 422
    assert ("#name", "Enter your name") in [(target, words[:15]) for target, words in refused.read.links]
    assert refused.read.title.startswith("Error: ")
    assert MIA.name in account_form(visitor).text


def test_another_address_is_the_one_to_sign_in_with(acme: Stage) -> None:
    """The old one is unknown at once; the application hears the new one within a second."""
    emil = acme.newcomer("emil-email")
    visitor = acme.signed_in(emil)
    page = account_form(visitor, "/email")
    taken = visitor.submit(page, page.form("email"), email=MIA.email)
    assert taken.status == 422 and "cannot be used" in texts(taken)
    assert visitor.submit(page, page.form("email"), email="no address").status == 422
    done = visitor.submit(page, page.form("email"), email="emil.neu@example.net")
    assert done.header("Location") == f"{ACCOUNT}?done=email"
    await_effect(lambda: heard(visitor)["x-user-email"] == ["emil.neu@example.net"], "another address is told")
    acme.visitor().sign_in("emil.neu@example.net", emil.password)
    assert acme.visitor().try_sign_in(emil.email, emil.password).status == 422


# --- the password again ----------------------------------------------------------------------------------------------


def test_a_proof_gives_the_session_a_new_token_and_keeps_the_old_one_for_what_is_under_way(acme: Stage) -> None:
    """The same session under another token; streams go on; a wrong password gives nothing."""
    paul = acme.newcomer("paul-proof")
    visitor = acme.signed_in(paul)
    before, handle = visitor.jar.value(ACME, SESSION), heard(visitor)["x-session-id"]
    with OpenStream(visitor, "/streams/x") as stream:
        await_that(lambda: stream.bytes_read > 0, "the stream flows")
        wrong = prove(visitor, "Wrong-Herons_4-Breakfast")
        assert wrong.status == 422 and "The password is wrong." in texts(wrong)
        assert visitor.jar.value(ACME, SESSION) == before
        right = prove(visitor, paul.password)
        assert (right.status, right.header("Location")) == (303, ACCOUNT)
        after = visitor.jar.value(ACME, SESSION)
        assert after != before and after.startswith("acme.")
        assert heard(visitor)["x-session-id"] == handle
        late = acme.visitor()
        late.jar.put(ACME, SESSION, before)
        assert heard(late)["x-session-id"] == handle
        seen = stream.bytes_read
        await_that(lambda: stream.bytes_read > seen, "the stream goes on")
    acme.site.done("session", "revoke", "--tenant", "acme", "--session", handle[0])
    await_effect(lambda: not late.is_signed_in and not visitor.is_signed_in, "both tokens end with their session")


# --- sessions --------------------------------------------------------------------------------------------------------


def test_a_member_sees_each_browser_and_ends_one_of_them(acme: Stage) -> None:
    """This one is marked; the other ends within a second, with its streams; the member sees the whole address."""
    sven = acme.newcomer("sven-sessions")
    here, there = acme.signed_in(sven), acme.signed_in(sven)
    page = account_form(here, "/sessions")
    for words in ("PlainReader", "this browser", here.address, there.address, "2 devices are known"):
        assert words in texts(page), words
    handle = heard(there)["x-session-id"][0]
    button, = [each for each in page.form("session").buttons if each.name == "session"]
    assert button.value == handle
    with OpenStream(there, "/streams/x") as stream:
        await_that(lambda: stream.bytes_read > 0, "the stream flows")
        csrf = page.form("session").value("csrf")
        done = here.post(f"{ACCOUNT}/sessions", {"csrf": csrf, "session": handle})
        assert done.header("Location") == f"{ACCOUNT}/sessions?done=session"
        await_effect(lambda: not stream.is_open, "a stream ends with the session that its member ends")
    await_effect(lambda: not there.is_signed_in, "the other browser is signed out")
    assert here.is_signed_in
    assert here.post(f"{ACCOUNT}/sessions", {"csrf": csrf, "session": handle}).status == 303
    assert "nowhere else" in texts(here.follow(done))


def test_a_member_ends_all_others_or_all(acme: Stage) -> None:
    """Others: this one goes on.  All: this one too, and its cookie goes."""
    olga = acme.newcomer("olga-others")
    here, one, two = acme.signed_in(olga), acme.signed_in(olga), acme.signed_in(olga)
    csrf = account_form(here, "/sessions").form("session").value("csrf")
    assert here.post(f"{ACCOUNT}/sessions", {"csrf": csrf, "end": "others"}).status == 303
    await_effect(lambda: not one.is_signed_in and not two.is_signed_in, "all others are signed out")
    assert here.is_signed_in
    again = acme.signed_in(olga)
    ended = here.post(f"{ACCOUNT}/sessions", {"csrf": csrf, "end": "all"})
    assert ended.header("Location") == "/.gatehouse/logout?done"
    assert here.jar.value(ACME, SESSION) == ""
    await_effect(lambda: not again.is_signed_in, "every browser is signed out")
    assert acme.site.listed("session", "list", "--tenant", "acme", "--email", olga.email) == []


def test_nobody_ends_a_session_of_somebody_else(acme: Stage) -> None:
    """Its handle is no secret, and gives nothing."""
    tim = acme.signed_in(acme.newcomer("tim-theirs"))
    mia = acme.signed_in(MIA)
    csrf = account_form(mia, "/sessions").form("session").value("csrf")
    mia.post(f"{ACCOUNT}/sessions", {"csrf": csrf, "session": heard(tim)["x-session-id"][0]})
    assert tim.is_signed_in


def test_on_the_shared_host_a_member_sees_their_own_organisation(acme: Stage) -> None:
    """By the session's tenant, since the host has none."""
    visitor = acme.visitor(SHARED)
    page = visitor.follow(visitor.give_password(visitor.to_password(BEA.email), BEA.password))
    chosen = visitor.submit(page, page.form("tenant"), button="Globex")
    assert chosen.status == 303, chosen.text[:1000]
    assert "Globex Corporation" in account_form(visitor).read.title


def test_a_proof_by_json_is_no_form(acme: Stage) -> None:
    """Only forms are read."""
    visitor = acme.signed_in(MIA)
    answer = visitor.send(
        "POST", f"{ACCOUNT}/proof", fields=(("Content-Type", "application/json"),),
        body=json.dumps({"password": MIA.password}).encode())
    assert answer.status == 415
