"""Metadata of a provider at an address, over time: what is taken, what is refused, what administrators are told.

The gateway runs with its clock behind, stops, and starts again later: it asks again when it is due, and goes on with
what it had.  The last run has the true clock.
"""

from __future__ import annotations

import datetime
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from support.clock import ahead
from support.factors import Post, post_to
from support.installation import Installation, Member
from support.mail_server import mail_server
from support.metadata_server import HOST, MetadataServer
from support.running import Running, await_that
from support.saml import keys
from support.saml.keys import Pair
from support.scripted_provider import Person, ScriptedProvider, asked, moment
from support.sso import LOOPBACK, Place, SSOStage, connection, signed_in, sso_installation, write_tenant
from support.traveller import Traveller
from support.visitor import Page

ACME = Place("acme")
ADA = Member("acme", "ada.admin@acme.example", "Ada Admin", ("admin",))
MINA = Person("acme|mina", "mina@acme.example", "Mina Metadata")
BAD_DATA = 65
MINUTE, HOUR = 60, 3600


def pair_until(days: int, *extensions: x509.ExtensionType) -> Pair:
    """A key whose certificate, signed by itself, is old and has so many days left."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example")])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=300))
        .not_valid_after(now + datetime.timedelta(days=days, hours=1)))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return Pair(key, builder.sign(key, hashes.SHA256()))


def self_signed() -> Pair:
    """For TLS, trusted as it is, also by a clock behind."""
    return pair_until(30, x509.SubjectAlternativeName([x509.DNSName(HOST)]))


@dataclass
class World:
    """An installation that starts and stops, its provider, where that one's metadata are, and the mails."""

    site: Installation
    served: MetadataServer
    post: Post
    provider: ScriptedProvider = field(default_factory=ScriptedProvider)
    members: bool = False

    def publish(self, *pairs: Pair, valid_for: int | None = None, entity: str = "") -> None:
        """The provider publishes these certificates; the document ends in so many seconds."""
        text = self.provider.metadata(*pairs, valid_until=None if valid_for is None else moment(valid_for))
        self.served.document = text.replace(self.provider.entity_id, entity) if entity else text

    @contextmanager
    def running(self, ago: int = 0) -> Iterator[SSOStage]:
        """The gateway, and the provider, with their clocks so many seconds behind."""
        self.provider.seconds_ahead = -ago
        with self.site.running(prefix=ahead(f"-{ago}s") if ago else ()) as server:
            if not self.members:
                self.site.add(ADA)
                self.members = True
            yield SSOStage(self.site, server, {})

    def sign_in(self, stage: SSOStage, pair: Pair | None = None) -> tuple[Traveller, Page]:
        """The whole walk, whatever comes of it."""
        traveller = stage.traveller()
        page = stage.to_provider(traveller)
        if page.status == 503:
            return traveller, page
        where = asked(page)
        return traveller, traveller.post(
            where.consumer, self.provider.answer(where, MINA, pair=pair), self.provider.site)


@pytest.fixture
def world(binary: Path) -> Iterator[World]:
    """A tenant whose provider's metadata are at an address."""
    with sso_installation(binary) as site, mail_server() as mails:
        chain, key = site.folder / "tls/idp.pem", site.folder / "tls/idp.key"
        own = self_signed()
        chain.write_bytes(own.certificate.public_bytes(Encoding.PEM))
        key.write_bytes(own.pem)
        with MetadataServer(chain, key) as served:
            post_to(site.configuration, mails.port)
            write_tenant(site, "acme", connection(served.url, metadata_ca_file=str(chain)))
            made = World(site, served, Post(mails))
            made.publish()
            yield made


def fetched(server: Running, outcome: str = "fetched") -> float:
    """How often the address was asked since the start."""
    return server.metric(f'gatehouse_connection_fetches_total{{outcome="{outcome}"}}')


def accepted(walked: tuple[Traveller, Page]) -> bool:
    """True where the walk led to a session."""
    traveller, page = walked
    assert (page.status == 303) == signed_in(traveller), f"{page.status} {page.text[:1000]}"
    return page.status == 303


def reload(stage: SSOStage) -> None:
    """Has the configuration read again."""
    before = len(stage.server.events("reloaded"))
    stage.server.send_signal(signal.SIGHUP)
    stage.server.await_event("reloaded", before + 1)


def test_another_certificate_is_taken_and_told_once(world: World) -> None:
    """Two days ago it is fetched, a day ago it is the same, now it is another: the new key alone counts, and
    administrators have one mail with both fingerprints."""
    other = keys.stranger()
    with world.running(50 * HOUR) as stage:
        await_that(lambda: fetched(stage.server) == 1, "the metadata are fetched at the start")
        assert accepted(world.sign_in(stage))
    with world.running(25 * HOUR) as stage:
        await_that(lambda: fetched(stage.server) == 1, "the metadata are asked for again after a day")
        assert world.served.asked[-1].get("if-none-match") == world.served.etag
        assert accepted(world.sign_in(stage))
    with world.running(24 * HOUR) as stage:
        count = len(world.served.asked)
        assert accepted(world.sign_in(stage)) and len(world.served.asked) == count, "an hour later they are not"
    world.publish(other)
    with world.running() as stage:
        await_that(lambda: fetched(stage.server) == 1, "the other metadata are fetched")
        _, page = world.sign_in(stage)
        stage.refused(page, "signature-invalid")
        assert accepted(world.sign_in(stage, other))
        told = world.post.mail(ADA.email, "Other certificates of an identity provider").part("plain")
        assert all(name in told for name in ("okta", "Added", "Removed")), told
        shown = json.loads(world.site.done("saml", "list", "--tenant", "acme", "--json"))[0]
        assert [each["fingerprint"] in told for each in shown["certificates"] if each["use"] == "provider"] == [True]
        assert world.post.find(ADA.email, "Other certificates", seconds=0.5) is None
        assert stage.server.metric("gatehouse_connection_certificate_changes_total") == 1


def test_what_was_fetched_serves_until_it_ends(world: World) -> None:
    """The address fails: sign-ins go on until `validUntil`, and then they do not; a new document mends that."""
    world.publish(valid_for=-HOUR)
    with world.running(7 * HOUR) as stage:
        assert accepted(world.sign_in(stage))
    world.served.status = 500
    with world.running(2 * HOUR) as stage:
        await_that(lambda: fetched(stage.server, "failed") == 1, "a fetch fails")
        assert accepted(world.sign_in(stage))
    with world.running(20 * MINUTE) as stage:
        _, page = world.sign_in(stage)
        assert page.status == 503 and page.header("X-Request-ID") in page.read.words
        await_that(
            lambda: "gatehouse_connection_up{" in stage.server.operations("/metrics")[1], "its first turn is over")
        assert stage.server.metric('gatehouse_connection_up{tenant="acme",connection="okta"}') == 0
        assert world.site.command("saml", "test", "--tenant", "acme", "okta").returncode == BAD_DATA
    world.served.status = 200
    world.publish(valid_for=48 * HOUR)
    with world.running() as stage:
        await_that(lambda: fetched(stage.server) == 1, "the metadata are fetched again")
        assert accepted(world.sign_in(stage))


def test_a_document_that_is_no_good_takes_nobodys_place(world: World) -> None:
    """Somebody else's, none at all, one that has ended, one of three megabytes: the one before goes on, the fault is
    told; the right document is taken when it is back."""
    with world.running(25 * HOUR) as stage:
        assert accepted(world.sign_in(stage))
    good = world.served.document
    bad = [
        good.replace("https://idp.example/metadata", "https://evil.example/metadata"),
        "<html><body>Sign in</body></html>", world.provider.metadata(valid_until=moment(-HOUR)),
        good + " " * (3 << 20),
    ]
    bad = [each.replace(keys.provider().text, keys.stranger().text) for each in bad]
    world.served.document = bad[0]
    faults = set()
    with world.running() as stage:
        for count, document in enumerate(bad, 1):
            if count > 1:
                world.served.document = document
                reload(stage)
            await_that(lambda: fetched(stage.server, "failed") == count, "the document is refused")  # noqa: B023
            assert accepted(world.sign_in(stage)) and not accepted(world.sign_in(stage, keys.stranger()))
            shown = json.loads(world.site.done("saml", "list", "--tenant", "acme", "--json"))[0]
            assert shown["fault"], shown
            faults.add(shown["fault"])
        world.served.document = good
        reload(stage)
        await_that(lambda: fetched(stage.server) == 1, "a reload asks again at once where the last try failed")
        assert accepted(world.sign_in(stage))
    assert len(faults) == len(bad), faults


def test_addresses_inside_are_asked_only_where_the_operator_allows_it(world: World) -> None:
    """Loopback: no connection is opened; allowed by a reload, the same address answers; a way out of TLS is refused."""
    text = world.site.configuration.read_text()
    world.site.configuration.write_text(text.replace(LOOPBACK, ""))
    with world.running() as stage:
        _, page = world.sign_in(stage)
        assert page.status == 503
        found = world.site.command("saml", "test", "--tenant", "acme", "okta")
        assert found.returncode == BAD_DATA and not world.served.asked, found.stdout
        world.site.configuration.write_text(text)
        reload(stage)
        await_that(lambda: fetched(stage.server) == 1, "the allowed address is asked at once")
        assert accepted(world.sign_in(stage))
        assert world.site.command("saml", "test", "--tenant", "acme", "okta").returncode == 0
        world.served.location = f"http://{HOST}:{world.served.port}/metadata"
        found = world.site.command("saml", "test", "--tenant", "acme", "okta")
        assert found.returncode == BAD_DATA, found.stdout


def test_ends_are_told_in_time_and_once(world: World) -> None:
    """A certificate with a year left is not told; one with 20 days is, by one mail and `doctor`, and it stops nobody."""
    far, near = pair_until(400), pair_until(20)
    world.publish(far)
    with world.running(50 * HOUR) as stage:
        await_that(lambda: fetched(stage.server) == 1, "the metadata are fetched")
        assert accepted(world.sign_in(stage, far))
    world.publish(near)
    with world.running(25 * HOUR) as stage:
        await_that(lambda: fetched(stage.server) == 1, "the metadata are fetched again")
        assert accepted(world.sign_in(stage, near))
    with world.running() as stage:
        told = world.post.mail(ADA.email, "certificate ends soon").part("plain")
        assert "okta" in told and "Fingerprint" in told
        assert accepted(world.sign_in(stage, near))
        assert world.post.find(ADA.email, "certificate ends soon", seconds=0.5) is None
        port = stage.server.port
        found = world.site.command(
            "doctor", "--url", f"https://{ACME.host}:{port}/", "--resolve", f"{ACME.host}:{port}:127.0.0.1",
            "--ca-file", str(world.site.authority.file), "--json")
        checks = {each["name"]: each for each in json.loads(found.stdout)["checks"]}
        assert checks["single-sign-on"]["verdict"] == "warn", found.stdout
