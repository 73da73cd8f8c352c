"""Single sign-on with a provider that says what it is told to: who gets a session, who does not, what is told of it."""

from __future__ import annotations

import json
import re
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.installation import Member
from support.promises import await_effect
from support.saml import keys
from support.saml.names import EMAIL
from support.scripted_provider import Asked, Person, ScriptedProvider, asked, asked_to_end, ended, moment
from support.sso import (
    BUTTON, COOKIE, SESSION, Place, SSOStage, connection, signed_in, sso_installation, stage_of, write_tenant)
from support.stage import heard, who
from support.traveller import Traveller
from support.visitor import Page, blanked

DONE, BAD_DATA, UNAVAILABLE = 0, 65, 69
ACME, GLOBEX, STRICT, HIRED, POSTED = (Place(name) for name in ("acme", "globex", "strict", "hired", "posted"))
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
BREAK_GLASS = Member("strict", "it@strict.example", "Ida Emergency")
SUE = Member("strict", "sue@strict.example", "Sue Strict")
VIC = Member("strict", "vic@partner.example", "Vic Visitor")
PROVIDER = ScriptedProvider()
FOREIGN = ScriptedProvider("https://foreign.example", keys.stranger())


def newcomer(name: str, tenant: str = "acme", *groups: str) -> Person:
    """Somebody whom no other test knows, at the provider."""
    return Person(f"{tenant}|{name}", f"{name}@{tenant}.example", name.replace("-", " ").title(), groups)


@pytest.fixture(scope="module")
def acme(binary: Path) -> Iterator[SSOStage]:
    """A tenant for each rule; all but globex have one provider."""
    with sso_installation(binary) as site:
        file, foreign = site.folder / "idp.xml", site.folder / "foreign.xml"
        file.write_text(PROVIDER.metadata())
        foreign.write_text(FOREIGN.metadata())
        write_tenant(site, "acme", connection(
            file, role_mapping={"Gate Admins": "admin", "Team *": "billing", "*": "user"}, counts_as_mfa=True))
        write_tenant(site, "globex", connection(foreign, idp_initiated="accept"))
        write_tenant(
            site, "strict", connection(file, email_domains=["strict.example"]),
            email_domains=["strict.example", "partner.example"],
            sign_in={"methods": ["saml", "password"], "sso_domains": "enforced", "break_glass": [BREAK_GLASS.email]})
        write_tenant(site, "hired", connection(
            file, provisioning="existing_only", name_id_format="transient", encrypted_assertions="required",
            attributes={"email": "mail", "name": "displayName", "subject": "mail"}))
        write_tenant(site, "posted", connection(
            file, request_binding="post", hosts=["posted.example.org"], idp_initiated="restart"))
        with site.running() as server:
            yield stage_of(site, server, BREAK_GLASS, SUE, VIC)


def to_provider(acme: SSOStage, place: Place = ACME, target: str = "/app/start") -> tuple[Traveller, Asked]:
    """A browser that was sent to the provider, and what was asked of that."""
    traveller = acme.traveller(place)
    return traveller, asked(acme.to_provider(traveller, place, target))


def answered(traveller: Traveller, where: Asked, fields: dict[str, str], site: str = PROVIDER.site) -> Page:
    """The browser posts what the provider gave it; one answer."""
    return traveller.post(where.consumer, fields, site)


def sign_in(acme: SSOStage, person: Person, place: Place = ACME, **changes: object) -> Traveller:
    """The whole walk, which must succeed."""
    traveller, where = to_provider(acme, place)
    page = traveller.on(answered(traveller, where, PROVIDER.answer(where, person, changes)))
    assert (page.status, page.path) == (200, "/app/start"), f"{page.status} {page.url} {page.text[:3000]}"
    assert signed_in(traveller, place)
    return traveller


def reload(acme: SSOStage) -> None:
    """Has the configuration read again."""
    before = len(acme.server.events("reloaded"))
    acme.server.send_signal(signal.SIGHUP)
    acme.server.await_event("reloaded", before + 1)


# --- the way in ------------------------------------------------------------------------------------------------------


def test_from_the_button_to_the_application(acme: SSOStage) -> None:
    """One request, one cookie, one response; the application hears who it is, and that a provider said so."""
    person = newcomer("nora-new", "acme", "Gate Admins", "Team Blue")
    traveller, where = to_provider(acme, target="/app/wanted?a=1")
    assert where.issuer == ACME.entity_id and where.consumer == ACME.consumer and not where.is_forced
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", where.relay_state)
    cookie = next(each for _, each in reversed(traveller.visitor.jar.seen) if each.name == COOKIE)
    flags = cookie.attributes
    assert flags["samesite"].lower() == "none" and flags["max-age"] == "600" and {"secure", "httponly"} <= set(flags)
    page = answered(traveller, where, PROVIDER.answer(where, person))
    assert page.status == 303, page.text[:3000]
    page = traveller.on(page)
    assert page.path == "/app/wanted?a=1"
    told = heard(traveller.visitor)
    assert told["x-user-email"] == [person.mail] and told["x-user-name"] == [person.name]
    assert set(told["x-user-roles"][0].split(",")) == {"user", "admin", "billing"}
    assert set(told["x-auth-factors"][0].split(",")) == {"sso", "mfa"}
    assert COOKIE not in json.dumps(told) and not traveller.visitor.jar.value(ACME.host, COOKIE)
    assert who(traveller.visitor)["email"] == person.mail  # type: ignore[index]


def test_the_requests_destination_and_the_cookie_say_nothing_of_the_way_back(acme: SSOStage) -> None:
    """What stands in the relay state is a number; the way back is sealed."""
    traveller, where = to_provider(acme, target="/app/very-private")
    assert "very-private" not in where.address and b"very-private" not in where.document
    assert "very-private" not in traveller.visitor.jar.value(ACME.host, COOKIE)


def test_two_tabs_end_where_each_wanted(acme: SSOStage) -> None:
    """Attempts beside each other in one browser; answered in the other order."""
    person = newcomer("tina-tabs")
    traveller, first = to_provider(acme, target="/app/one")
    second = asked(acme.to_provider(traveller, target="/app/two"))
    assert first.relay_state != second.relay_state and first.id != second.id
    for where, path in ((second, "/app/two"), (first, "/app/one")):
        page = traveller.on(answered(traveller, where, PROVIDER.answer(where, person)))
        assert (page.status, page.path) == (200, path), page.text[:2000]


def test_an_attempt_is_good_for_its_own_request_alone(acme: SSOStage) -> None:
    """The answer to one request under the relay state of another is refused; each under its own is accepted."""
    person = newcomer("mixed-up")
    traveller, first = to_provider(acme)
    second = asked(acme.to_provider(traveller))
    page = answered(traveller, first, PROVIDER.answer(first, person) | {"RelayState": second.relay_state})
    acme.refused(page, "in-response-to-mismatch")
    assert not signed_in(traveller)
    assert traveller.on(answered(traveller, first, PROVIDER.answer(first, person))).path == "/app/start"
    assert signed_in(traveller)


@pytest.mark.parametrize("changed", [("POST", "post"), ("Redirect", "acme")], ids=["post", "redirect"])
def test_requests_go_as_the_connection_says(acme: SSOStage, changed: tuple[str, str]) -> None:
    """By a form that sends itself, with a policy for that provider alone, or by an address."""
    binding, tenant = changed
    place = POSTED if binding == "POST" else ACME
    traveller = acme.traveller(place)
    page = traveller.open(place.at("/app/start")) if binding == "POST" else acme.to_provider(traveller, place)
    where = asked(page)
    if binding == "POST":
        assert page.status == 200 and b"<ds:Signature" in where.document
        assert "form-action 'self' https://idp.example;" in page.header("Content-Security-Policy")
        assert "unsafe-inline" not in page.header("Content-Security-Policy")
        assert "Signature=" not in where.address
    else:
        assert "&Signature=" in where.address and b"<ds:Signature" not in where.document
    person = newcomer(f"bound-{tenant}", place.tenant)
    assert traveller.on(answered(traveller, where, PROVIDER.answer(where, person))).path == "/app/start"
    assert signed_in(traveller, place)


def test_a_host_of_a_connection_leads_straight_to_its_provider(acme: SSOStage) -> None:
    """Without a page between; with `method=password` the sign-in's first step is there, as on other hosts."""
    traveller = acme.traveller(POSTED)
    asked(traveller.open(POSTED.at("/.gatehouse/login")))
    page = traveller.open(POSTED.at("/.gatehouse/login?method=password"))
    assert page.status == 200 and page.asks_for("email")
    assert acme.visitor(ACME.host).open("/.gatehouse/login").asks_for("email")


# --- whose answer counts ---------------------------------------------------------------------------------------------


def test_an_answer_works_once(acme: SSOStage) -> None:
    """The same browser, its cookie brought back, the same answer: no second session.  A new answer works."""
    person = newcomer("rita-replay")
    traveller, where = to_provider(acme)
    kept, fields = traveller.visitor.jar.value(ACME.host, COOKIE), PROVIDER.answer(where, person)
    assert answered(traveller, where, fields).status == 303
    traveller.visitor.jar.drop(ACME.host, SESSION)
    traveller.visitor.jar.put(ACME.host, COOKIE, kept)
    page = answered(traveller, where, fields)
    acme.refused(page, "assertion-replayed")
    assert not signed_in(traveller)
    traveller, where = to_provider(acme)
    assert answered(traveller, where, PROVIDER.answer(where, person)).status == 303 and signed_in(traveller)


def test_a_used_answer_is_known_after_a_restart(binary: Path) -> None:
    """What was used is in the database: the server that starts again refuses it, and takes a new one."""
    person = newcomer("rob-restart")
    with sso_installation(binary) as site:
        file = site.folder / "idp.xml"
        file.write_text(PROVIDER.metadata())
        write_tenant(site, "acme", connection(file))
        with site.running() as server:
            stage = stage_of(site, server)
            traveller, where = to_provider(stage)
            kept, fields = traveller.visitor.jar.value(ACME.host, COOKIE), PROVIDER.answer(where, person)
            assert answered(traveller, where, fields).status == 303 and signed_in(traveller)
        with site.running() as server:
            stage = stage_of(site, server)
            traveller.visitor.port = server.port
            assert signed_in(traveller), "the session is in the database, too"
            traveller.visitor.jar.drop(ACME.host, SESSION)
            traveller.visitor.jar.put(ACME.host, COOKIE, kept)
            stage.refused(answered(traveller, where, fields), "assertion-replayed")
            assert not signed_in(traveller)
            sign_in(stage, person)


def test_another_browsers_answer_makes_no_session(acme: SSOStage) -> None:
    """Somebody signs in at the provider, and has another browser post the answer: that one is offered a fresh start.
    In the browser that began it is good."""
    mallory = newcomer("mallory")
    own, where = to_provider(acme)
    fields = PROVIDER.answer(where, mallory)
    victim = acme.traveller()
    page = answered(victim, where, fields)
    assert page.status in (200, 403) and SESSION not in victim.visitor.jar.hosts.get(ACME.host, {})
    assert not signed_in(victim) and page.read.forms or page.read.links
    assert acme.trace(page)["reason"] in ("attempt-unknown", "in-response-to-unexpected", "idp-initiated-disabled")
    other, _ = to_provider(acme)
    assert answered(other, where, fields).status != 303 and not signed_in(other), "nor one that has begun itself"
    assert answered(own, where, PROVIDER.answer(where, mallory)).status == 303 and signed_in(own)


def test_the_cookie_of_an_attempt_cannot_be_made_up(acme: SSOStage) -> None:
    """Changed in one character it is none."""
    person = newcomer("cora-cookie")
    traveller, where = to_provider(acme)
    kept = traveller.visitor.jar.value(ACME.host, COOKIE)
    middle = len(kept) // 2
    spoilt = kept[:middle] + ("A" if kept[middle] != "A" else "B") + kept[middle + 1:]
    traveller.visitor.jar.put(ACME.host, COOKIE, spoilt)
    assert answered(traveller, where, PROVIDER.answer(where, person)).status != 303 and not signed_in(traveller)
    traveller.visitor.jar.put(ACME.host, COOKIE, kept)
    assert answered(traveller, where, PROVIDER.answer(where, person)).status == 303 and signed_in(traveller)


def test_another_tenants_provider_signs_nobody_in(acme: SSOStage) -> None:
    """Neither under its own name nor under the right one; and addresses of other tenants are none on a host."""
    person = newcomer("olga-other")
    traveller, where = to_provider(acme)
    acme.refused(answered(traveller, where, FOREIGN.answer(where, person)), "signature-invalid")
    impostor = ScriptedProvider(PROVIDER.site, keys.stranger())
    traveller, where = to_provider(acme)
    acme.refused(answered(traveller, where, impostor.answer(where, person)), "signature-invalid")
    for last in ("metadata", "login"):
        assert traveller.visitor.get(GLOBEX.path(last), host=ACME.host).status == 404
    assert traveller.post(ACME.at(GLOBEX.path("acs")), PROVIDER.answer(where, person), PROVIDER.site).status == 404
    assert not signed_in(traveller)
    sign_in(acme, person)


@pytest.mark.parametrize(
    ("reason", "changes"),
    [("audience-mismatch", {"audiences": ("https://elsewhere.example/metadata",)}),
     ("recipient-mismatch", {"recipient": "https://elsewhere.example/acs"}),
     ("expired", {"valid_until": moment(-90)}), ("too-early", {"valid_from": moment(900)}),
     ("issuer-mismatch", {"issuer": "https://elsewhere.example/idp"}),
     ("email-domain", {"attributes_xml": '<saml:Attribute Name="mail"><saml:AttributeValue>eve@elsewhere.example'
                                         "</saml:AttributeValue></saml:Attribute>"}),
     ("email-missing", {"attributes_xml": '<saml:Attribute Name="x"><saml:AttributeValue>y</saml:AttributeValue>'
                                          "</saml:Attribute>"}),
     ("subject-transient", {"name_format": TRANSIENT})],
    ids=lambda each: each if isinstance(each, str) else "")
def test_every_refusal_is_one_neutral_page(acme: SSOStage, reason: str, changes: dict[str, object]) -> None:
    """Its words are those of every other refusal; the reason is in the trace, in words and without personal data."""
    person = newcomer(f"refused-{reason}")
    traveller, where = to_provider(acme)
    page = answered(traveller, where, PROVIDER.answer(where, person, changes))
    kept = acme.refused(page, reason)
    assert not signed_in(traveller)
    written = json.dumps(kept)
    assert person.mail not in written and person.id not in written and "eve@elsewhere.example" not in written
    assert any("failed" in json.dumps(step) or "refused" in json.dumps(step) for step in kept["steps"])  # type: ignore
    unlike, other = to_provider(acme)
    twin = answered(unlike, other, PROVIDER.answer(other, person, pair=keys.stranger()))
    assert twin.status == page.status and blanked(twin) == blanked(page)
    # The page leads back to the sign-in, and the right answer in.
    page = traveller.open(ACME.at(next(each for each, words in page.read.links if words == "Start again")))
    where = asked(traveller.press(page, BUTTON))
    assert answered(traveller, where, PROVIDER.answer(where, person)).status == 303 and signed_in(traveller)


def test_what_no_provider_posts_is_refused_without_a_word(acme: SSOStage) -> None:
    """Nothing, twice, too much, another type, by GET: no session, no 500; the endpoint still works."""
    # At globex: what nobody began is traced ten times a minute, and other tests look for such traces at acme.
    traveller, where = to_provider(acme, GLOBEX)
    fields = FOREIGN.answer(where, newcomer("fred-fields", "globex"))
    for sent, statuses in (
        ({}, (400, 403)), ({"SAMLResponse": ""}, (400, 403)), ({"SAMLResponse": "a" * 400_000}, (400, 403, 413)),
        ([*fields.items(), *fields.items()], (400, 403)), ({"SAMLResponse": "%%%"}, (400, 403)),
    ):
        page = traveller.post(where.consumer, sent, FOREIGN.site)
        assert page.status in statuses, f"{page.status} for {str(sent)[:80]}: {page.text[:500]}"
    assert traveller.visitor.get(GLOBEX.path("acs")).status in (404, 405)
    assert not signed_in(traveller, GLOBEX)
    assert answered(traveller, where, fields, FOREIGN.site).status == 303 and signed_in(traveller, GLOBEX)


def test_a_response_of_many_groups_is_taken(acme: SSOStage) -> None:
    """Close to the bound of 128 KiB; one above it is refused."""
    def groups(count: int) -> Person:
        # 4,096 elements are the bound as well: long names rather than many.
        return Person("acme|greta", "greta@acme.example", "Greta Groups", tuple(
            f"CN=Group {each:04} {'x' * 400},OU=Groups,DC=acme,DC=example" for each in range(count)))

    traveller, where = to_provider(acme)
    page = answered(traveller, where, PROVIDER.answer(where, groups(320)))
    acme.refused(page, "message-too-large")
    traveller, where = to_provider(acme)
    page = answered(traveller, where, PROVIDER.answer(where, groups(240)))
    assert page.status == 303 and signed_in(traveller), acme.trace(page)["steps"]


# --- accounts --------------------------------------------------------------------------------------------------------


def test_roles_follow_the_provider_at_each_sign_in(acme: SSOStage) -> None:
    """Exact names, wildcards and the rest; what it no longer says is gone."""
    person = newcomer("ralf-roles", "acme", "Gate Admins")
    for groups, roles in (
        (("Gate Admins",), {"user", "admin"}), (("Team Green", "other"), {"user", "billing"}), ((), {"user"}),
        (("gate admins",), {"user"}),
    ):
        visitor = sign_in(acme, Person(person.id, person.mail, person.name, groups)).visitor
        assert set(heard(visitor)["x-user-roles"][0].split(",")) == roles


def test_name_and_address_follow_the_provider(acme: SSOStage) -> None:
    """The account is the NameID's: another address, the same member; another NameID with that address is somebody
    else's, and refused."""
    person = newcomer("helga-before")
    first = who(sign_in(acme, person).visitor)
    renamed = Person(person.id, "helga-after@acme.example", "Helga After")
    second = who(sign_in(acme, renamed).visitor)
    assert first and second and first["user"] == second["user"] and second["email"] == renamed.mail
    traveller, where = to_provider(acme)
    page = answered(traveller, where, PROVIDER.answer(where, Person("acme|another", renamed.mail, "Another")))
    acme.refused(page, "account-linked")
    assert not signed_in(traveller)


def test_an_equal_address_takes_no_account_over(acme: SSOStage) -> None:
    """Who has a password proves it once; a wrong one joins nothing; from then on the provider is enough."""
    member = acme.newcomer("lena-linked")
    person = Person("acme|lena", member.email, member.name)
    for password, joins in ((member.password + "x", False), (member.password, True)):
        traveller, where = to_provider(acme, target="/app/linked")
        page = traveller.on(answered(traveller, where, PROVIDER.answer(where, person)))
        assert page.asks_for("password") and not signed_in(traveller), f"{page.status} {page.text[:2000]}"
        page = traveller.press(page, password=password)
        assert signed_in(traveller) == joins
        if joins:
            assert page.path == "/app/linked"
            assert who(traveller.visitor)["user"] == member.id  # type: ignore[index]
    assert who(sign_in(acme, person).visitor)["user"] == member.id  # type: ignore[index]


def test_unlinked_accounts_are_proved_again(acme: SSOStage) -> None:
    """`saml unlink` ends what was joined; it says where there is nothing to end."""
    member = acme.newcomer("uma-unlinked")
    person = Person("acme|uma", member.email, member.name)
    traveller, where = to_provider(acme)
    traveller.press(traveller.on(answered(traveller, where, PROVIDER.answer(where, person))), password=member.password)
    sign_in(acme, person)
    acme.site.done("saml", "unlink", "--tenant", "acme", member.email)
    traveller, where = to_provider(acme)
    page = traveller.on(answered(traveller, where, PROVIDER.answer(where, person)))
    assert page.asks_for("password") and not signed_in(traveller)
    ended_ = acme.site.command("saml", "unlink", "--tenant", "acme", "nobody@acme.example")
    assert ended_.returncode != DONE and "nobody@acme.example" in ended_.stderr


def test_without_provisioning_only_those_who_are_there_come_in(acme: SSOStage) -> None:
    """`existing_only`, with encrypted assertions and a name that is another one each time."""
    person = newcomer("ines-invited", "hired")
    ours = acme.certificates(HIRED)[0]

    def tried(encrypts: bool = True) -> tuple[Traveller, Page]:
        traveller, where = to_provider(acme, HIRED)
        assert b"nameid-format:transient" in where.document
        changes = {"name": secrets.token_hex(8), "name_format": TRANSIENT}
        return traveller, answered(traveller, where, PROVIDER.answer(
            where, person, changes, encrypted_for=ours if encrypts else None))

    acme.refused(tried()[1], "account-missing", "hired")
    acme.newcomer_invited(person.mail, person.name, "hired")
    acme.refused(tried(encrypts=False)[1], "encryption-required", "hired")
    for _ in range(2):
        traveller, page = tried()
        assert page.status == 303 and signed_in(traveller, HIRED), page.text[:2000]


def test_a_disabled_member_gets_no_session(acme: SSOStage) -> None:
    """Disabled here: the sessions end, and no new one comes; enabled again, it does."""
    person = newcomer("dora-disabled")
    traveller = sign_in(acme, person)
    acme.site.done("user", "disable", "--tenant", "acme", person.mail)
    await_effect(lambda: not signed_in(traveller), "a disabled member's sessions end")
    again, where = to_provider(acme)
    acme.refused(answered(again, where, PROVIDER.answer(where, person)), "account-disabled")
    acme.site.done("user", "enable", "--tenant", "acme", person.mail)
    sign_in(acme, person)


def test_the_providers_session_caps_ours(acme: SSOStage) -> None:
    """SessionNotOnOrAfter within the next minutes is the session's end; one that has passed makes none."""
    person = newcomer("cap-capped")
    sign_in(acme, person, session_until=moment(120))
    listed = acme.site.listed("session", "list", "--tenant", "acme", "--email", person.mail)
    assert len(listed) == 1
    ends = [str(value) for name, value in listed[0].items() if "expires" in name or "absolute" in name or "end" in name]
    assert any(moment(60) <= value <= moment(180) for value in ends), listed
    traveller, where = to_provider(acme)
    page = answered(traveller, where, PROVIDER.answer(where, person, {"session_until": moment(-90)}))
    acme.refused(page, "provider-session-expired")
    assert not signed_in(traveller)


# --- enforced domains ------------------------------------------------------------------------------------------------


def test_an_enforced_domain_leads_to_the_provider_and_nowhere_else(acme: SSOStage) -> None:
    """The address leads there by itself; the right password is worth what a wrong one is; other domains have theirs."""
    traveller = acme.traveller(STRICT)
    page = traveller.press(traveller.open(STRICT.at("/app/start")), email=SUE.email)
    where = asked(page)
    answer = PROVIDER.answer(where, Person("strict|kim", "kim@strict.example", "Kim New"))
    assert answered(traveller, where, answer).status == 303 and signed_in(traveller, STRICT)

    def with_password(email: str, password: str) -> tuple[Traveller, Page]:
        other = acme.traveller(STRICT)
        page = other.open(STRICT.at("/.gatehouse/login?method=password&return_to=%2Fapp%2Fstart"))
        page = other.on(other.submit(page, page.form("email"), email=email))
        assert page.asks_for("password"), f"{page.status} {page.url} {page.text[:2000]}"
        return other, other.on(other.submit(page, page.form("password"), password=password))

    right, wrong = with_password(SUE.email, SUE.password), with_password(SUE.email, SUE.password + "x")
    assert right[1].status == wrong[1].status and blanked(right[1]) == blanked(wrong[1])
    assert not signed_in(right[0], STRICT)
    for member in (BREAK_GLASS, VIC):
        traveller, page = with_password(member.email, member.password)
        assert page.path == "/app/start" and signed_in(traveller, STRICT), f"{member.email}: {page.text[:2000]}"


def test_an_enforced_domain_joins_accounts_without_a_question(acme: SSOStage) -> None:
    """There the provider's word is the only one; a break-glass account is never joined so."""
    traveller, where = to_provider(acme, STRICT)
    page = answered(traveller, where, PROVIDER.answer(where, Person("strict|sue", SUE.email, SUE.name)))
    assert page.status == 303 and who(traveller.visitor)["email"] == SUE.email  # type: ignore[index]
    traveller, where = to_provider(acme, STRICT)
    person = Person("strict|ida", BREAK_GLASS.email, BREAK_GLASS.name)
    page = traveller.on(answered(traveller, where, PROVIDER.answer(where, person)))
    assert not signed_in(traveller, STRICT) and page.asks_for("password"), page.text[:2000]


def test_a_reset_is_worth_nothing_in_an_enforced_domain(acme: SSOStage) -> None:
    """The page that promises a mail is the same; the account's page offers no password."""
    visitor = sign_in(acme, Person("strict|pam", "pam@strict.example", "Pam"), STRICT).visitor
    page = visitor.get("/.gatehouse/account/password")
    assert page.status in (303, 403, 404) or not page.asks_for("new_password"), page.text[:2000]
    visitor = acme.visitor(STRICT.host)
    page = visitor.open("/.gatehouse/login?method=password&return_to=%2Fapp%2Fstart")
    page = visitor.follow(visitor.submit(page, page.form("email"), email=VIC.email))
    visitor.follow(visitor.give_password(page, VIC.password))
    assert visitor.get("/.gatehouse/account/password").status == 200, "whose domain has passwords has the page"


# --- step-up ---------------------------------------------------------------------------------------------------------


def test_a_step_up_asks_the_provider_anew(acme: SSOStage) -> None:
    """ForceAuthn; a sign-in there from before is refused, so is somebody else's, a new one leads to the target."""
    person, other = newcomer("stella-step"), newcomer("somebody-else")
    sign_in(acme, other)
    traveller = sign_in(acme, person, authenticated=moment(-120))

    def confirming() -> Asked:
        page = traveller.open(ACME.at("/brief/page"))
        assert page.path != "/brief/page", "the route wants a proof of the last minute"
        where = asked(traveller.press(page, BUTTON))
        assert where.is_forced
        return where

    before = traveller.visitor.jar.value(ACME.host, SESSION)
    where = confirming()
    acme.refused(answered(traveller, where, PROVIDER.answer(
        where, person, {"authenticated": moment(-600)})), "authentication-too-old")
    where = confirming()
    acme.refused(answered(traveller, where, PROVIDER.answer(where, other)), "account-differs")
    assert who(traveller.visitor)["email"] == person.mail  # type: ignore[index]
    where = confirming()
    page = answered(traveller, where, PROVIDER.answer(where, person))
    assert page.header("Location").endswith("/brief/page"), f"{page.status} {page.text[:2000]}"
    assert traveller.on(page).status == 200
    assert traveller.visitor.jar.value(ACME.host, SESSION) != before, "a new token at a change of assurance"


# --- signing out -----------------------------------------------------------------------------------------------------


def signed_out(traveller: Traveller, place: Place = ACME) -> Page:
    """Signs out here; where that leads to."""
    page = traveller.open(place.at("/.gatehouse/logout"))
    return traveller.press(page, "Sign out")


def test_signing_out_ends_the_providers_session_too(acme: SSOStage) -> None:
    """The session here has ended before the provider is asked, with its name of the member and of its session."""
    person = newcomer("lars-logout")
    traveller = sign_in(acme, person)
    page = signed_out(traveller)
    where, name, index = asked_to_end(page)
    assert (name, index) == (person.id, "_session-7") and not signed_in(traveller)
    page = traveller.on(traveller.get(PROVIDER.logout_response(ACME.logout, where), PROVIDER.site))
    assert page.status == 200 and "signed out" in page.read.words.lower(), page.text[:2000]
    sign_in(acme, person)


def test_an_answer_to_no_sign_out_is_refused(acme: SSOStage) -> None:
    """Signed by somebody else, or to a request that nobody made; the true one is shown as done."""
    traveller = sign_in(acme, newcomer("lisa-logout"))
    where, _, _ = asked_to_end(signed_out(traveller))
    forged = PROVIDER.logout_response(ACME.logout, where, pair=keys.stranger())
    assert traveller.get(forged, PROVIDER.site).status == 403
    invented = Asked("_invented", "", "", "-.AAAAAAAAAAAAAAAAAAAAAA")
    assert traveller.get(PROVIDER.logout_response(ACME.logout, invented), PROVIDER.site).status in (200, 403)
    assert traveller.get(PROVIDER.logout_response(ACME.logout, where), PROVIDER.site).status in (200, 303)


def test_the_provider_ends_sessions_by_their_name(acme: SSOStage) -> None:
    """By NameID and session, in whatever browser; a request that another key signed ends nothing."""
    person, other = newcomer("petra-provider"), newcomer("quiet-quentin")
    traveller, bystander = sign_in(acme, person), sign_in(acme, other)
    empty = acme.traveller()
    forged = PROVIDER.logout_request(ACME.logout, ACME.entity_id, person, pair=keys.stranger())
    assert empty.get(forged, PROVIDER.site).status == 403 and signed_in(traveller)
    unsigned = forged.split("&SigAlg=")[0]
    assert empty.get(unsigned, PROVIDER.site).status == 403 and signed_in(traveller)
    another = PROVIDER.logout_request(ACME.logout, ACME.entity_id, person, index="_session-of-another-day")
    empty.get(another, PROVIDER.site)
    assert signed_in(traveller)
    page = empty.get(PROVIDER.logout_request(
        ACME.logout, ACME.entity_id, person, relay_state="what-the-provider-wants"), PROVIDER.site)
    status, _, relay_state = ended(page)
    assert status == SUCCESS and relay_state == "what-the-provider-wants"
    assert not signed_in(traveller) and signed_in(bystander)


def test_a_request_without_a_session_ends_all_of_the_members(acme: SSOStage) -> None:
    """In two browsers at once; another member's stay."""
    person, other = newcomer("two-browsers"), newcomer("one-browser")
    browsers, bystander = [sign_in(acme, person) for _ in range(2)], sign_in(acme, other)
    request = PROVIDER.logout_request(ACME.logout, ACME.entity_id, person, index=None)
    assert ended(acme.traveller().get(request, PROVIDER.site))[0] == SUCCESS
    assert [signed_in(each) for each in browsers] == [False, False] and signed_in(bystander)


# --- the provider begins ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [STRICT, GLOBEX, POSTED], ids=["disabled", "accept", "restart"])
def test_what_nobody_asked_for(acme: SSOStage, place: Place) -> None:
    """Refused, accepted once, or thrown away and asked for anew, as the connection says."""
    provider = FOREIGN if place == GLOBEX else PROVIDER
    person = newcomer("ian-initiated", place.tenant)
    nothing = Asked("", place.consumer, place.entity_id, "")
    fields = provider.answer(nothing, person)
    traveller = acme.traveller(place)
    page = traveller.post(place.consumer, fields, provider.site)
    if place == STRICT:
        acme.refused(page, "idp-initiated-disabled", "strict")
        assert not signed_in(traveller, place)
    elif place == GLOBEX:
        assert page.status == 303 and signed_in(traveller, place)
        replayed = acme.traveller(place)
        acme.refused(replayed.post(place.consumer, fields, provider.site), "assertion-replayed", "globex")
        assert not signed_in(replayed, place)
    else:
        where = asked(traveller.on(page))
        assert not signed_in(traveller, place), "its assertion is worth nothing"
        assert answered(traveller, where, provider.answer(where, person)).status == 303
        assert signed_in(traveller, place)


@pytest.mark.parametrize(
    ("relay_state", "path"),
    [("/app/from-provider", "/app/from-provider"), ("https://evil.example/", "/"), ("//evil.example/", "/"),
     ("/.gatehouse/logout", "/"), ("https://globex.example.org:8443/app/own", "/")],
    ids=["path", "foreign", "protocol-relative", "logout", "own-address"])
def test_a_relay_state_of_the_providers_is_judged_like_a_way_back(
    acme: SSOStage, relay_state: str, path: str
) -> None:
    """A path, or it is ignored."""
    nothing = Asked("", GLOBEX.consumer, GLOBEX.entity_id, relay_state)
    traveller = acme.traveller(GLOBEX)
    page = traveller.post(GLOBEX.consumer, FOREIGN.answer(nothing, newcomer("rolf-relay", "globex")), FOREIGN.site)
    assert page.status == 303 and signed_in(traveller, GLOBEX)
    assert "evil" not in page.header("Location")
    assert page.header("Location").removeprefix("https://globex.example.org:8443") == path


# --- what operators change and ask -----------------------------------------------------------------------------------


def test_a_disabled_connection_ends_its_sessions_at_the_reload(binary: Path) -> None:
    """Those of the connection, within a second, and no others; its addresses and its button are gone until it is
    enabled again."""
    with sso_installation(binary) as site:
        file = site.folder / "idp.xml"
        file.write_text(PROVIDER.metadata())
        write_tenant(site, "acme", connection(file))
        with site.running() as server:
            stage = stage_of(site, server)
            member = stage.newcomer("paul-password")
            by_password = stage.signed_in(member)
            traveller = sign_in(stage, newcomer("sven-sso"))
            write_tenant(site, "acme", connection(file, enabled=False))
            reload(stage)
            await_effect(lambda: not signed_in(traveller), "a disabled connection's sessions end")
            assert by_password.is_signed_in
            for last in ("metadata", "login"):
                assert stage.visitor().get(ACME.path(last)).status == 404
            assert BUTTON not in stage.visitor().open("/app/start").text
            write_tenant(site, "acme", connection(file))
            reload(stage)
            assert BUTTON in stage.visitor().open("/app/start").text
            sign_in(stage, newcomer("sven-sso"))


def test_the_flight_recorder_tells_one_request_and_many(acme: SSOStage) -> None:
    """In text and JSON, by request, by connection and by tenant; a request that never was has none."""
    traveller, where = to_provider(acme)
    page = answered(traveller, where, PROVIDER.answer(where, newcomer("tess-trace"), {"valid_from": moment(94)}))
    kept = acme.refused(page, "too-early")
    assert re.search(r"this clock says .* too early", json.dumps(kept["steps"]))
    request = page.header("X-Request-ID")
    text = acme.site.done("saml", "trace", "--tenant", "acme", "--request", request)
    assert request in text and "too-early" in text and "too early" in text
    assert acme.traces("acme", "--request", "0" * len(request)) == []
    assert request in json.dumps(acme.traces("acme", "--connection", "okta"))
    assert request not in json.dumps(acme.traces("globex"))
    assert len(acme.traces("acme", "--limit", "1")) == 1
    assert "SAMLResponse" not in text and "<saml" not in text


def test_metadata_on_the_command_line_are_those_at_the_address(acme: SSOStage) -> None:
    """The same certificates and addresses; `--addresses` in words; another connection's name is refused."""
    said, served = acme.site.done("saml", "metadata", "--tenant", "acme", "okta"), acme.metadata()
    for text in (said, served):
        assert ACME.entity_id in text and ACME.consumer in text and ACME.logout in text
    certificates = re.findall(r"X509Certificate>([^<]+)<", served)
    assert certificates and set(certificates) <= set(re.findall(r"X509Certificate>([^<]+)<", said))
    words = acme.site.done("saml", "metadata", "--tenant", "acme", "okta", "--addresses")
    assert ACME.entity_id in words and ACME.consumer in words and "<md:" not in words
    for arguments in (("acme", "okto"), ("nobody", "okta")):
        ended_ = acme.site.command("saml", "metadata", "--tenant", *arguments)
        assert ended_.returncode != DONE and arguments[1 if arguments[0] == "acme" else 0] in ended_.stderr


def test_a_connection_is_tested_by_command(acme: SSOStage) -> None:
    """All that is right is said; metadata that have expired are said, with the code of bad configuration."""
    said = acme.site.done("saml", "test", "--tenant", "acme", "okta")
    assert "fail" not in said.lower() and PROVIDER.entity_id in said


def test_keys_roll_over_without_a_gap(acme: SSOStage) -> None:
    """Begun, both certificates are published; finished, the new one signs, and what was encrypted for the old one is
    still read."""
    first = acme.certificates(HIRED)
    assert len(first) == 1
    assert acme.site.command("saml", "rotate-keys", "--tenant", "hired", "okta", "--finish").returncode != DONE
    acme.site.done("saml", "rotate-keys", "--tenant", "hired", "okta", "--begin")
    both = acme.certificates(HIRED)
    assert len(both) == 2 and both[0].certificate == first[0].certificate
    acme.site.done("saml", "rotate-keys", "--tenant", "hired", "okta", "--finish")
    assert [each.certificate for each in acme.certificates(HIRED, "signing")][0] == both[1].certificate
    person = newcomer("rory-rotated", "hired")
    acme.newcomer_invited(person.mail, person.name, "hired")
    for pair in both:
        traveller, where = to_provider(acme, HIRED)
        page = answered(traveller, where, PROVIDER.answer(
            where, person, {"name_format": TRANSIENT}, encrypted_for=pair))
        assert page.status == 303 and signed_in(traveller, HIRED), page.text[:2000]


def test_email_addresses_as_names(acme: SSOStage) -> None:
    """A provider that names members by their address: without attributes, too, where they are asked for by no name."""
    person = Person("nina-named@acme.example", "nina-named@acme.example", "Nina Named")
    assert who(sign_in(acme, person, name_format=EMAIL).visitor)["email"] == person.mail  # type: ignore[index]
