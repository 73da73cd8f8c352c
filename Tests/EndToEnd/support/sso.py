"""Installations whose tenants sign in through a provider: their files, where the endpoints are, the walks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from lxml import etree

from .installation import Installation, Member, installation
from .running import Running, await_that
from .saml.keys import Pair
from .scripted_provider import SPACES
from .stage import Stage
from .traveller import Traveller
from .visitor import PUBLIC_PORT, Page

BUTTON = "Acme ID"
"""The display name of every connection."""
SESSION, COOKIE = "__Host-gatehouse", "__Host-gatehouse-sso"
LOOPBACK = 'outbound: { allowed_networks: [ "127.0.0.0/8", "::1/128" ] }\n'
ROUTES = """\
routes:
  - { name: vault, match: { host: "*.example.org", path: /vault/ }, access: { mfa: { within: 12h } }, upstream: echo }
  - { name: brief, match: { host: "*.example.org", path: /brief/ }, access: { mfa: { within: 1m } }, upstream: echo }
"""


@dataclass(frozen=True)
class Place:
    """Where a connection's endpoints are."""

    tenant: str = "acme"
    name: str = "okta"

    @property
    def host(self) -> str:
        """The tenant's sign-in host."""
        return f"{self.tenant}.example.org"

    def at(self, target: str) -> str:
        """An address on that host."""
        return f"https://{self.host}:{PUBLIC_PORT}{target}"

    def path(self, last: str) -> str:
        """The path of an endpoint: metadata, login, acs or slo."""
        return f"/.gatehouse/saml/{self.tenant}/{self.name}/{last}"

    @property
    def entity_id(self) -> str:
        """Our name there, and where our metadata are."""
        return self.at(self.path("metadata"))

    @property
    def consumer(self) -> str:
        """Where responses are posted to."""
        return self.at(self.path("acs"))

    @property
    def logout(self) -> str:
        """Where messages about sign-outs go."""
        return self.at(self.path("slo"))


def connection(metadata: Path | str, **keys: object) -> dict[str, object]:
    """A connection as a tenant's file has it; `metadata` is a file or an address."""
    source = {"metadata_file": str(metadata)} if isinstance(metadata, Path) else {"metadata_url": metadata}
    return {
        "name": "okta", "display_name": BUTTON, **source,
        "attributes": {"email": "mail", "name": "displayName", "roles": "groups"}, "provisioning": "just_in_time",
        **keys}


def tenant_file(tenant: str, *connections: dict[str, object], **keys: object) -> str:
    """A tenant's file; a value within YAML may stand as JSON."""
    values = {
        "id": tenant, "name": f"{tenant.title()} Corporation", "hosts": [f"{tenant}.example.org"],
        "email_domains": [f"{tenant}.example"], "mfa": "none", **keys, "saml": list(connections)}
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in values.items())


@contextmanager
def sso_installation(binary: Path, login: str = "") -> Iterator[Installation]:
    """An installation that may ask loopback addresses for metadata; its tenants' files are the test's to write."""
    with installation(binary, login) as site:
        for file in (site.folder / "tenants").iterdir():
            file.unlink()
        text = site.configuration.read_text().replace("routes:\n", ROUTES, 1)
        site.configuration.write_text(text + LOOPBACK)
        yield site


def write_tenant(site: Installation, tenant: str, *connections: dict[str, object], **keys: object) -> None:
    """Writes a tenant's file, by rename as editors do."""
    fresh = site.folder / f"tenants/{tenant}.new"
    fresh.write_text(tenant_file(tenant, *connections, **keys))
    fresh.rename(site.folder / f"tenants/{tenant}.yaml")


@dataclass
class SSOStage(Stage):
    """The stage, with what concerns providers."""

    members: dict[tuple[str, str], Member] = field(default_factory=dict)

    def traveller(self, place: Place = Place(), language: str = "en") -> Traveller:
        """A browser that nobody knows."""
        return Traveller(self.visitor(place.host, language), self.site.authority.file)

    def to_provider(self, traveller: Traveller, place: Place = Place(), target: str = "/app/start") -> Page:
        """From the application's page over the sign-in's button to where the provider is asked."""
        page = traveller.open(place.at(target))
        assert page.asks_for("email"), f"no sign-in: {page.status} {page.url} {page.text[:2000]}"
        return traveller.press(page, BUTTON)

    def metadata(self, place: Place = Place()) -> str:
        """What we publish, at its address."""
        page = self.visitor(place.host).get(place.path("metadata"))
        assert page.status == 200, f"{page.status} {page.text[:2000]}"
        return page.text

    def certificates(self, place: Place = Place(), use: str = "encryption") -> list[Pair]:
        """Those of our metadata for one use; the keys of ours are not ours to see, so that they are no whole pairs."""
        root = etree.fromstring(self.metadata(place).encode())
        found = root.iterfind(f".//md:KeyDescriptor[@use='{use}']//ds:X509Certificate", SPACES)
        texts = ["".join((each.text or "").split()) for each in found]
        pems = [f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n" for text in texts]
        return [Pair(None, x509.load_pem_x509_certificate(pem.encode())) for pem in pems]  # type: ignore[arg-type]

    def newcomer_invited(self, email: str, name: str, tenant: str) -> None:
        """An account without a password, as an operator makes it."""
        self.site.done(
            "user", "create", "--tenant", tenant, "--email", email, "--name", name, "--invite", "--print-link")

    # --- the flight recorder -------------------------------------------------------------------------------------

    def traces(self, tenant: str = "acme", *arguments: str) -> list[dict[str, object]]:
        """What `saml trace` says."""
        return self.site.listed("saml", "trace", "--tenant", tenant, *arguments)

    def trace(self, page: Page, tenant: str = "acme") -> dict[str, object]:
        """The trace of the request whose answer this is."""
        request, found = page.header("X-Request-ID"), []

        def is_there() -> bool:
            found[:] = self.traces(tenant, "--request", request)
            return bool(found)

        await_that(is_there, f"a trace of {request} is kept", 5)
        assert len(found) == 1, found
        return dict(found[0])

    def refused(self, page: Page, reason: str, tenant: str = "acme", status: int = 403) -> dict[str, object]:
        """Asserts that this is the neutral page, and that the trace alone knows why; the trace."""
        assert page.status == status, f"{page.status} {page.url} {page.header('Location')} {page.text[:3000]}"
        request = page.header("X-Request-ID")
        assert request and request in page.read.words, page.read.words
        assert reason not in page.text
        kept = self.trace(page, tenant)
        assert kept["reason"] == reason, kept
        return kept


def signed_in(traveller: Traveller, place: Place = Place()) -> bool:
    """What `whoami` says on the tenant's host."""
    return traveller.visitor.get("/.gatehouse/whoami", host=place.host, accept="application/json").status == 200


def stage_of(site: Installation, server: Running, *members: Member) -> SSOStage:
    """The stage on a running installation."""
    made = [site.add(member) for member in members]
    return SSOStage(site, server, {(each.tenant, each.email): each for each in made})
