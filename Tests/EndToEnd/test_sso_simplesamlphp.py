"""SimpleSAMLphp as the provider: each way in which it signs, and those that are refused; logout; metadata both ways."""

from __future__ import annotations

import base64
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.connect_proxy import ConnectProxy
from support.installation import Member
from support.running import await_that
from support.simplesamlphp import SHA1, Account, SimpleSAMLphp, simplesamlphp
from support.sso import (
    SESSION, Place, SSOStage, connection, signed_in, sso_installation, stage_of, write_tenant)
from support.stage import heard
from support.traveller import Traveller, is_ours, onward, sent_on
from support.visitor import Page

ACME, GLOBEX, INITECH = Place("acme"), Place("globex"), Place("initech")
ADA = Account("ada", "ada@acme.example", "Ada Äpfel", ("Gate Admins", "R&D"))
BOB = Account("bob", "bob@acme.example", "Bob Builder")
GIL = Account("gil", "gil@globex.example", "Gil Globex")
INA = Account("ina", "ina@initech.example", "Ina Initech")
LOCAL = Member("acme", "local@acme.example", "Lou Local")
ENCRYPTED_HERE = {"encrypts": True, "signs_response": False}


@dataclass
class World(SSOStage):
    """The stage with the provider."""

    provider: SimpleSAMLphp = None  # type: ignore[assignment]

    def trust(self, wants_signatures: bool = True) -> None:
        """Gives the provider what we publish at each place.

        We say that we want signed assertions, and it obeys that before its own settings: where it shall not, it is
        given a document that does not say so.
        """
        documents = [self.metadata(place) for place in (ACME, GLOBEX, INITECH)]
        wanted = 'WantAssertionsSigned="true"'
        assert all(wanted in each for each in documents)
        self.provider.trust(*[
            each if wants_signatures else each.replace(wanted, 'WantAssertionsSigned="false"') for each in documents])

    def sign_in(self, account: Account, place: Place = ACME, target: str = "/app/start") -> Traveller:
        """From the application over button and provider back to the application."""
        traveller = self.traveller(place)
        page = traveller.press(
            self.to_provider(traveller, place, target), username=account.uid, password=account.password)
        assert (page.status, page.path) == (200, target), f"{page.status} {page.url} {page.text[:3000]}"
        return traveller

    def tried(self, account: Account, place: Place = ACME) -> tuple[Traveller, Page]:
        """The same, whatever comes of it."""
        traveller = self.traveller(place)
        page = self.to_provider(traveller, place)
        return traveller, traveller.press(page, username=account.uid, password=account.password)


@pytest.fixture(scope="module")
def running(binary: Path) -> Iterator[World]:
    """One gateway and one provider: metadata by file for acme and initech, by address for globex."""
    with ExitStack() as stack:
        site = stack.enter_context(sso_installation(binary))
        provider = stack.enter_context(simplesamlphp(
            site.folder / "provider", site.authority, (ADA, BOB, GIL, INA), has_own_clock=True))
        file = site.folder / "idp.xml"
        file.write_text(provider.metadata())
        write_tenant(site, "acme", connection(file, role_mapping={"Gate Admins": "admin", "*": "user"}))
        write_tenant(site, "globex", connection(
            provider.entity_id, metadata_ca_file=str(site.authority.file), idp_initiated="accept"))
        write_tenant(site, "initech", connection(file, idp_initiated="restart"))
        server = stack.enter_context(site.running())
        made = stage_of(site, server, LOCAL)
        yield World(made.site, made.server, made.members, provider)


@pytest.fixture
def world(running: World) -> World:
    """The same, with a provider that does everything right."""
    running.provider.set()
    running.provider.clock("+0")
    running.trust()
    return running


# --- what is accepted ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "signs", [{"signs_response": True, "signs_assertion": False}, {"signs_response": False}, {}, {"encrypts": True}],
    ids=["response", "assertion", "both", "encrypted"])
def test_each_way_to_sign_leads_to_the_application(world: World, signs: dict[str, bool]) -> None:
    """The application hears what the provider knows, umlauts included."""
    world.provider.set(**signs)
    world.trust(wants_signatures=signs.get("signs_assertion", True))
    traveller = world.sign_in(ADA, target="/app/start?a=1")
    posted = next(each for each in reversed(traveller.trail) if (form := sent_on(each)) and form.has("SAMLResponse"))
    document = base64.b64decode(sent_on(posted).value("SAMLResponse")).decode()  # type: ignore[union-attr]
    assert ("EncryptedAssertion" in document) == signs.get("encrypts", False)
    if "encrypts" not in signs:
        expected = int(signs.get("signs_response", True)) + int(signs.get("signs_assertion", True))
        assert document.count("<ds:SignatureValue>") == expected
    told = heard(traveller.visitor)
    assert told["x-user-email"] == [ADA.mail] and told["x-auth-factors"] == ["sso"]
    assert told["x-user-name"] == ["Ada %C3%84pfel"]
    assert set(told["x-user-roles"][0].split(",")) == {"user", "admin"}


def test_the_provider_signs_in_once_and_remembers(world: World) -> None:
    """Another tab, and another session of ours: the provider asks nothing again."""
    traveller = world.sign_in(BOB)
    traveller.visitor.jar.drop(ACME.host, SESSION)
    page = world.to_provider(traveller, target="/app/again")
    assert (page.status, page.path) == (200, "/app/again") and signed_in(traveller)


def test_a_wrong_password_there_is_no_matter_of_ours(world: World) -> None:
    """The provider asks again; then the way goes on."""
    traveller = world.traveller()
    page = traveller.press(world.to_provider(traveller), username=BOB.uid, password="wrong")
    assert not is_ours(page.url) and page.asks_for("password")
    page = traveller.press(page, username=BOB.uid, password=BOB.password)
    assert page.path == "/app/start" and signed_in(traveller)


# --- what is refused, and its twin -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "made", "ahead"),
    [("signature-invalid", {"pair": "other"}, "+0"), ("signature-method-refused", {"algorithm": SHA1}, "+0"),
     ("signature-missing", {"signs_response": False, "signs_assertion": False}, "+0"),
     ("encryption-method-refused", ENCRYPTED_HERE, "+0"), ("expired", {}, "-1h"), ("too-early", {}, "+1h")],
    ids=["wrong-key", "sha-1", "unsigned", "encrypted-with-cbc-in-an-unsigned-response", "expired", "too-early"])
def test_what_is_wrong_makes_no_session(world: World, reason: str, made: dict[str, object], ahead: str) -> None:
    """The neutral page; the reason in the trace; the same browser comes in as soon as the provider does it right."""
    world.provider.set(**made)
    world.provider.clock(ahead)
    world.trust(wants_signatures=reason != "signature-missing")
    traveller, page = world.tried(BOB)
    world.refused(page, reason)
    assert not signed_in(traveller)
    world.provider.set()
    world.provider.clock("+0")
    traveller = world.traveller()
    page = traveller.press(world.to_provider(traveller), username=BOB.uid, password=BOB.password)
    assert page.path == "/app/start" and signed_in(traveller)


def test_a_request_that_is_not_ours_is_refused_by_the_provider(world: World) -> None:
    """It holds our requests to the certificate of our metadata: changed in one character it shows an error."""
    traveller = world.traveller()
    assert world.to_provider(traveller).asks_for("username")
    address = next(each.url for each in reversed(traveller.trail) if "SSOService.php?" in each.url)
    spoilt = address.replace("RelayState=", "RelayState=x", 1)
    page = world.traveller().open(spoilt)
    assert page.read.title == "Unhandled exception" and not page.asks_for("username"), page.text[:1000]
    assert world.traveller().open(address).asks_for("username")


# --- the provider begins ---------------------------------------------------------------------------------------------


def begun_there(world: World, place: Place, account: Account, relay_state: str = "") -> tuple[Traveller, Page]:
    """A sign-in that begins at the provider."""
    traveller = world.traveller(place)
    page = traveller.open(world.provider.initiated(place.entity_id, relay_state))
    return traveller, traveller.press(page, username=account.uid, password=account.password)


def test_the_provider_begins_where_that_is_accepted(world: World) -> None:
    """A session, and the path that the provider named."""
    traveller, page = begun_there(world, GLOBEX, GIL, "/app/from-there")
    assert (page.status, page.path) == (200, "/app/from-there") and signed_in(traveller, GLOBEX)
    assert heard(traveller.visitor)["x-tenant-id"] == ["globex"]


def test_the_provider_begins_and_is_asked_anew(world: World) -> None:
    """The first assertion is thrown away: a request of ours follows, and only its answer counts."""
    traveller, page = begun_there(world, INITECH, INA, "/app/from-there")
    assert page.status == 200 and signed_in(traveller, INITECH), f"{page.status} {page.text[:2000]}"
    urls = [each.url.split("?")[0] for each in traveller.trail]
    first, last = urls.index(INITECH.consumer), len(urls) - 1 - urls[::-1].index(INITECH.consumer)
    assert first < last and any("SSOService.php" in url for url in urls[first:last]), urls


def test_the_provider_begins_in_vain(world: World) -> None:
    """Where it is not taken there is no session; the button still leads in, without a password now."""
    traveller, page = begun_there(world, ACME, BOB)
    assert page.status in (200, 403) and not signed_in(traveller)
    assert world.trace(page)["reason"] == "idp-initiated-disabled"
    assert world.to_provider(traveller).path == "/app/start" and signed_in(traveller)


# --- logout ----------------------------------------------------------------------------------------------------------


def test_signing_out_here_signs_out_there(world: World) -> None:
    """Next time the provider asks for the password; without the sign-out it would not."""
    traveller = world.sign_in(BOB)
    traveller.visitor.jar.drop(ACME.host, SESSION)
    assert world.to_provider(traveller).path == "/app/start", "the twin: the provider remembers"
    page = traveller.press(traveller.open(ACME.at("/.gatehouse/logout")), "Sign out")
    assert is_ours(page.url) and page.status == 200 and not signed_in(traveller), f"{page.url} {page.text[:2000]}"
    assert any("SingleLogoutService.php" in each.url for each in traveller.trail)
    page = world.to_provider(traveller)
    assert page.asks_for("username"), f"{page.status} {page.url} {page.text[:2000]}"


def test_signing_out_there_signs_out_here(world: World) -> None:
    """The provider's request ends the session of that browser and no other, and its page says that all went well."""
    traveller, other = world.sign_in(BOB), world.sign_in(ADA)
    page = traveller.open(world.provider.logout)
    assert not is_ours(page.url) and page.status == 200, f"{page.status} {page.url} {page.text[:2000]}"
    assert any(each.url.startswith(ACME.logout) for each in traveller.trail)
    assert not signed_in(traveller) and signed_in(other)
    page = world.to_provider(traveller)
    assert page.asks_for("username")


# --- metadata --------------------------------------------------------------------------------------------------------


def test_metadata_are_exchanged_by_address_both_ways(world: World) -> None:
    """We fetched the provider's at its address (globex); it fetches ours at their address, over TLS, each time."""
    with ConnectProxy(world.server.port) as proxy:
        world.provider.trust(urls=(GLOBEX.entity_id,), proxy_port=proxy.port)
        traveller = world.sign_in(GIL, GLOBEX)
        assert "globex.example.org:8443" in proxy.asked
        assert heard(traveller.visitor)["x-user-email"] == [GIL.mail]
    # The twin: what it cannot fetch it does not know.
    page = world.to_provider(world.traveller(GLOBEX), GLOBEX)
    assert page.read.title == "Unhandled exception" and not page.asks_for("username"), page.text[:1000]


def test_metadata_that_cannot_be_fetched_sign_nobody_in_until_they_can(binary: Path) -> None:
    """An authority that nobody trusts, then the right one: the page says that it is not possible now, then it is."""
    with ExitStack() as stack:
        site = stack.enter_context(sso_installation(binary))
        provider = stack.enter_context(simplesamlphp(site.folder / "provider", site.authority, (BOB,)))
        write_tenant(site, "acme", connection(provider.entity_id))
        server = stack.enter_context(site.running())
        stage = stage_of(site, server)
        traveller = stage.traveller()
        page = stage.to_provider(traveller)
        assert page.status == 503 and not onward(page), f"{page.status} {page.url} {page.text[:2000]}"
        assert page.header("X-Request-ID") in page.read.words
        found = site.command("saml", "test", "--tenant", "acme", "okta")
        assert found.returncode != 0 and "certificate" in (found.stdout + found.stderr).lower(), found.stdout
        write_tenant(site, "acme", connection(provider.entity_id, metadata_ca_file=str(site.authority.file)))
        server.send_signal(signal.SIGHUP)
        server.await_event("reloaded")
        provider.trust(stage.metadata())
        await_that(lambda: stage.to_provider(traveller).asks_for("username"), "the metadata are fetched anew")
        page = traveller.press(traveller.trail[-1], username=BOB.uid, password=BOB.password)
        assert page.path == "/app/start" and signed_in(traveller)
        assert site.command("saml", "test", "--tenant", "acme", "okta").returncode == 0
