"""Forms of the sign-in that are forged, foreign, used, oversized, sent by other sites or shown in frames."""

from __future__ import annotations


import pytest

from support.installation import ADA, GLOBEX, MIA, OTTO
from support.stage import Stage, heard
from support.visitor import Page

SESSION = "__Host-gatehouse"


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
    answer = visitor.give_password(page, "x" * int(megabytes * 1024 * 1024))
    assert answer.status == 413 if megabytes >= 1 else answer.status < 500, answer.status
    assert SESSION not in visitor.jar.hosts["acme.example.org"]
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
