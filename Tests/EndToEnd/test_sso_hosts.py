"""Single sign-on where a tenant has several hosts, with `portal_host` and without; second factors of our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.scripted_provider import Person, ScriptedProvider, asked
from support.sso import (
    BUTTON, COOKIE, SESSION, Place, SSOStage, connection, sso_installation, stage_of, write_tenant)
from support.traveller import Traveller
from support.visitor import PUBLIC_PORT, Page

SHOP, PORTAL = "shop.example.org", "id.example.org"
PROVIDER = ScriptedProvider()


@dataclass(frozen=True)
class At(Place):
    """A connection whose endpoints stand on another host than the tenant's name says."""

    portal: str = ""

    @property
    def host(self) -> str:
        """Where its members sign in."""
        return self.portal or f"{self.tenant}.example.org"


@contextmanager
def hosts(binary: Path, portal: str) -> Iterator[tuple[SSOStage, At]]:
    """acme with two hosts; `portal` is empty for none."""
    with sso_installation(binary) as site:
        file = site.folder / "idp.xml"
        file.write_text(PROVIDER.metadata())
        write_tenant(site, "acme", connection(file), hosts=["acme.example.org", SHOP])
        write_tenant(site, "globex", connection(file), mfa="required")
        write_tenant(site, "hooli", connection(file, counts_as_mfa=True), mfa="required")
        if portal:
            site.configuration.write_text(f"{site.configuration.read_text()}portal_host: {portal}\n")
        with site.running() as server:
            yield stage_of(site, server), At("acme", "okta", portal)


@pytest.fixture(scope="module")
def plain(binary: Path) -> Iterator[tuple[SSOStage, At]]:
    """Without `portal_host`."""
    with hosts(binary, "") as made:
        yield made


@pytest.fixture(scope="module")
def portal(binary: Path) -> Iterator[tuple[SSOStage, At]]:
    """With one."""
    with hosts(binary, PORTAL) as made:
        yield made


@pytest.fixture(params=["plain", "portal"])
def either(request: pytest.FixtureRequest) -> tuple[SSOStage, At]:
    """Both, one after the other."""
    made: tuple[SSOStage, At] = request.getfixturevalue(request.param)
    return made


def begun(stage: SSOStage, host: str, target: str) -> tuple[Traveller, Page]:
    """From an application's page on this host to where the provider is asked."""
    traveller = Traveller(stage.visitor(host), stage.site.authority.file)
    page = traveller.open(f"https://{host}:{PUBLIC_PORT}{target}")
    # Where one host is for several tenants, the address says whose connections are offered.
    if not any(BUTTON in each.words for form in page.read.forms for each in form.buttons):
        page = traveller.press(page, email="somebody@acme.example")
    return traveller, traveller.press(page, BUTTON)


@pytest.mark.parametrize("first", ["acme.example.org", SHOP])
def test_one_sign_in_at_the_provider_serves_every_host(either: tuple[SSOStage, At], first: str) -> None:
    """The endpoints stand on the sign-in host; begun on any host it ends there, and the other meets no page."""
    stage, place = either
    person = Person("acme|hana", "hana@acme.example", "Hana Hosts")
    traveller, page = begun(stage, first, "/app/start?a=1")
    where = asked(page)
    assert where.consumer == place.consumer and where.issuer == place.entity_id
    page = traveller.on(traveller.post(where.consumer, PROVIDER.answer(where, person), PROVIDER.site))
    assert (urlsplit(page.url).hostname, page.path, page.status) == (first, "/app/start?a=1", 200), page.text[:2000]
    other = SHOP if first != SHOP else "acme.example.org"
    page = traveller.open(f"https://{other}:{PUBLIC_PORT}/app/other")
    assert (urlsplit(page.url).hostname, page.status) == (other, 200)
    assert not any(jar.get(COOKIE) for jar in traveller.visitor.jar.hosts.values())


def test_the_endpoints_are_on_one_host_alone(either: tuple[SSOStage, At]) -> None:
    """On every other host of the tenant, and of others, they are unknown."""
    stage, place = either
    assert stage.visitor(place.host).get(place.path("metadata")).status == 200
    for host in {"acme.example.org", SHOP, "globex.example.org"} - {place.host}:
        for last in ("metadata", "login"):
            page = stage.visitor(host).get(place.path(last))
            assert page.status in (404, 421), f"{page.status} at {host}"


def test_signing_out_at_the_provider_ends_it_on_every_host(either: tuple[SSOStage, At]) -> None:
    """One session, whose copies end together."""
    stage, place = either
    person = Person("acme|olaf", "olaf@acme.example", "Olaf Out")
    traveller, page = begun(stage, SHOP, "/app/start")
    where = asked(page)
    assert traveller.on(traveller.post(where.consumer, PROVIDER.answer(where, person), PROVIDER.site)).status == 200
    assert traveller.open(f"https://acme.example.org:{PUBLIC_PORT}/app/x").status == 200
    request = PROVIDER.logout_request(place.logout, place.entity_id, person)
    Traveller(stage.visitor(place.host), stage.site.authority.file).get(request, PROVIDER.site)
    for host in (SHOP, "acme.example.org"):
        assert stage_is_out(traveller, host), host


def stage_is_out(traveller: Traveller, host: str) -> bool:
    """True where the host's application would ask for a sign-in."""
    return traveller.visitor.get("/.gatehouse/whoami", host=host, accept="application/json").status == 401


@pytest.mark.parametrize("tenant", ["globex", "hooli"])
def test_a_second_factor_is_asked_for_unless_the_providers_counts(
    plain: tuple[SSOStage, At], tenant: str
) -> None:
    """Where the tenant requires one: after the provider the enrolment of our own, or the application at once."""
    stage, _ = plain
    place = Place(tenant)
    traveller = stage.traveller(place)
    where = asked(stage.to_provider(traveller, place))
    person = Person(f"{tenant}|mara", f"mara@{tenant}.example", "Mara Factor")
    page = traveller.on(traveller.post(where.consumer, PROVIDER.answer(where, person), PROVIDER.site))
    has_session = bool(traveller.visitor.jar.value(place.host, SESSION))
    if tenant == "hooli":
        assert page.path == "/app/start" and has_session
    else:
        assert page.status == 200 and not page.path.startswith("/app/") and not has_session, page.text[:2000]
        assert "second factor" in page.read.words.lower(), page.read.words


def test_nothing_of_a_provider_is_readable_in_files(plain: tuple[SSOStage, At]) -> None:
    """Neither whom it names nor our keys stand in the data folder or the log; the log has the reason of a refusal."""
    stage, _ = plain
    person = Person("acme|zelda-9d41", "zelda-9d41@acme.example", "Zelda Zwölf")
    traveller, page = begun(stage, "acme.example.org", "/app/start")
    where = asked(page)
    fields = PROVIDER.answer(where, person)
    assert traveller.post(where.consumer, fields, PROVIDER.site).status == 303
    traveller, page = begun(stage, "acme.example.org", "/app/start")
    where = asked(page)
    refused = traveller.post(where.consumer, PROVIDER.answer(where, person, {"audiences": ("x",)}), PROVIDER.site)
    assert refused.status == 403
    line = next(each for each in reversed(stage.server.events("sso-refused")))
    assert line["reason"] == "audience-mismatch" and line["request_id"] == refused.header("X-Request-ID")
    secrets = [person.id, person.mail, person.name, "PRIVATE KEY", fields["SAMLResponse"][:60]]
    files = [*(each for each in stage.site.data.rglob("*") if each.is_file()), stage.server.log]
    for file in files:
        content = file.read_bytes()
        assert not [each for each in secrets if each.encode() in content], file
    # The twin: what may be read is found so.
    everything = b"".join(each.read_bytes() for each in files)
    assert b"SQLite format 3" in everything and refused.header("X-Request-ID").encode() in everything


@pytest.mark.parametrize(
    ("keys", "words"),
    [({"role_mapping": {"*": "usr"}}, '"usr" is neither'), ({"email_domains": ["partner.example"]}, "partner.example"),
     ({"hosts": ["globex.example.org"]}, "globex.example.org"), ({"metadata_file": "nowhere.xml"}, "nowhere.xml"),
     ({"metadata_url": "http://idp.example/metadata"}, "metadata_url"), ({"clock_skew": "6m"}, "clock_skew"),
     ({"provisioning": "always"}, "provisioning"), ({"signature_algorithms": ["rsa-sha1"]}, "rsa-sha1"),
     ({"name_id_formt": "persistent"}, "name_id_format")],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "")
def test_what_is_wrong_in_a_file_is_said_with_its_place(
    binary: Path, tmp_path: Path, keys: dict[str, object], words: str
) -> None:
    """File and line, and 78; the file without that key is good."""
    with sso_installation(binary) as site:
        file = site.folder / "idp.xml"
        file.write_text(PROVIDER.metadata())
        right = connection(file)
        write_tenant(site, "acme", right)
        assert site.command("check").returncode == 0, site.command("check").stderr
        wrong = {**right, **keys}
        if "metadata_url" in keys:
            del wrong["metadata_file"]
        write_tenant(site, "acme", wrong)
        ended = site.command("check")
        said = ended.stdout + ended.stderr
        assert ended.returncode == 78 and words in said and "tenants/acme.yaml:" in said, said
