"""pysaml2 as the provider: a second reading of the standard, with assertions encrypted by AES-GCM (xmlsec1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.pysaml2_provider import BASE, PySAML2
from support.scripted_provider import Person, message_in
from support.sso import Place, SSOStage, connection, signed_in, sso_installation, stage_of, write_tenant
from support.stage import heard
from support.traveller import Traveller
from support.visitor import Page

ACME, SEALED = Place("acme"), Place("sealed")
PIA = Person("p-7f31", "pia@acme.example", "Pia Ø. Second", ("Gate Admins",))
SAM = Person("p-90aa", "sam@sealed.example", "Sam Sealed")


@dataclass
class World(SSOStage):
    """The stage with a provider for each tenant."""

    providers: dict[str, PySAML2] = None  # type: ignore[assignment]

    def tried(self, place: Place, person: Person, **how: object) -> tuple[Traveller, Page]:
        """The whole walk, whatever comes of it: pysaml2 verifies our request first."""
        provider, traveller = self.providers[place.tenant], self.traveller(place)
        _, _, address = message_in(self.to_provider(traveller, place))
        where = provider.read(address)
        assert where.issuer == place.entity_id and where.consumer == place.consumer
        page = traveller.post(where.consumer, provider.answer(where, person, **how), BASE)  # type: ignore[arg-type]
        return traveller, traveller.on(page)


@pytest.fixture(scope="module")
def world(binary: Path) -> Iterator[World]:
    """A tenant that takes assertions as they are, and one that wants them encrypted."""
    with sso_installation(binary) as site:
        providers = {}
        for name, more in (("acme", {"role_mapping": {"Gate Admins": "admin", "*": "user"}}),
                           ("sealed", {"encrypted_assertions": "required"})):
            folder = site.folder / f"second-{name}"
            folder.mkdir()
            providers[name] = PySAML2(folder)
            (folder / "idp.xml").write_text(providers[name].metadata())
            write_tenant(site, name, connection(folder / "idp.xml", **more))
        with site.running() as server:
            made = stage_of(site, server)
            for name, provider in providers.items():
                provider.trust(made.metadata(Place(name)))
            yield World(made.site, made.server, made.members, providers)


@pytest.mark.parametrize(
    "how", [{}, {"signs_response": True, "signs_assertion": False}, {"signs_response": True}, {"encryption": 256},
            {"encryption": 128}, {"encryption": 256, "signs_response": True}],
    ids=["assertion", "response", "both", "aes-256-gcm", "aes-128-gcm", "aes-256-gcm-in-a-signed-response"])
def test_what_it_signs_and_encrypts_is_accepted(world: World, how: dict[str, object]) -> None:
    """Each way leads to the application, which hears who it is."""
    traveller, page = world.tried(ACME, PIA, **how)
    assert (page.status, page.path) == (200, "/app/start"), f"{page.status} {page.text[:3000]}"
    told = heard(traveller.visitor)
    assert told["x-user-email"] == [PIA.mail] and told["x-user-name"] == ["Pia %C3%98. Second"]
    assert set(told["x-user-roles"][0].split(",")) == {"user", "admin"}


@pytest.mark.parametrize(
    ("reason", "how", "twin"),
    [("signature-missing", {"signs_assertion": False}, {}),
     ("encryption-method-refused", {"encryption": -256}, {"encryption": -256, "signs_response": True})],
    ids=["unsigned", "aes-cbc"])
def test_what_is_not_safe_is_refused(
    world: World, reason: str, how: dict[str, object], twin: dict[str, object]
) -> None:
    """The same with a signature where it must be is accepted."""
    traveller, page = world.tried(ACME, PIA, **how)
    world.refused(page, reason)
    assert not signed_in(traveller)
    traveller, page = world.tried(ACME, PIA, **twin)
    assert page.path == "/app/start" and signed_in(traveller)


def test_where_encryption_is_required_nothing_else_is_taken(world: World) -> None:
    """Refused as it is, accepted in AES-GCM."""
    traveller, page = world.tried(SEALED, SAM)
    world.refused(page, "encryption-required", "sealed")
    assert not signed_in(traveller, SEALED)
    traveller, page = world.tried(SEALED, SAM, encryption=256)
    assert page.path == "/app/start" and signed_in(traveller, SEALED)


def test_what_is_encrypted_for_somebody_else_is_refused(world: World) -> None:
    """For another connection's certificate: one reason, and the right one works."""
    provider = world.providers["sealed"]
    ours = world.metadata(SEALED)
    try:
        head, mark, tail = ours.partition('use="encryption"')
        provider.trust(head + mark + tail.replace(_encryption(ours), _encryption(world.metadata(ACME))))
        traveller, page = world.tried(SEALED, SAM, encryption=256)
    finally:
        provider.trust(ours)
    world.refused(page, "decryption-failed", "sealed")
    assert not signed_in(traveller, SEALED)
    traveller, page = world.tried(SEALED, SAM, encryption=256)
    assert signed_in(traveller, SEALED)


def test_a_request_that_was_changed_is_refused_by_it(world: World) -> None:
    """Our signature covers the relay state; the request as we made it is taken."""
    traveller = world.traveller()
    _, _, address = message_in(world.to_provider(traveller))
    provider = world.providers["acme"]
    with pytest.raises(Exception, match="not signed correctly"):
        provider.read(address.replace("RelayState=", "RelayState=x", 1))
    assert provider.read(address).issuer == ACME.entity_id


def _encryption(metadata: str) -> str:
    """The certificate for encryption of a document."""
    return metadata.split('use="encryption"', 1)[1].split("X509Certificate>", 1)[1].split("<", 1)[0]
