"""What we write, held against the schemas of OASIS by xmllint, and our signatures by xmlsec1: neither is ours."""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from urllib.parse import parse_qs, unquote, urlsplit

from support.saml.keys import Pair
from support.scripted_provider import Person, ScriptedProvider, asked, asked_to_end, message_in
from support.sso import Place, SSOStage, connection, signed_in, sso_installation, stage_of, write_tenant
from support.stage import who
from support.traveller import Traveller, onward
from support.visitor import Page

SCHEMAS = Path("/usr/share/simplesamlphp/schemas")
"""The standard's own files, with those of XML Signature and XML Encryption beside them."""
WHOLE = """\
<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
{imports}
</xs:schema>
"""
SPACES = {
    "urn:oasis:names:tc:SAML:2.0:protocol": "saml-schema-protocol-2.0.xsd",
    "urn:oasis:names:tc:SAML:2.0:assertion": "saml-schema-assertion-2.0.xsd",
    "urn:oasis:names:tc:SAML:2.0:metadata": "saml-schema-metadata-2.0.xsd",
    "http://www.w3.org/2000/09/xmldsig#": "xmldsig-core-schema.xsd",
    "http://www.w3.org/2001/04/xmlenc#": "xenc-schema.xsd",
}
# The schemas import each other by the addresses where they were published: a catalog leads to the files.
CATALOG = """\
<?xml version="1.0"?>
<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">
{entries}
</catalog>
"""
PUBLISHED = {
    "http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd": "xmldsig-core-schema.xsd",
    "http://www.w3.org/TR/xmldsig-core/xmldsig-core-schema.xsd": "xmldsig-core-schema.xsd",
    "http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd": "xenc-schema.xsd",
    "http://www.w3.org/2001/xml.xsd": "xml.xsd",
}
PROVIDER = ScriptedProvider()
ACME, POSTED = Place("acme"), Place("posted")
PERSON = Person("acme|sina", "sina@acme.example", "Sina Schema")


@pytest.fixture(scope="module")
def stage(binary: Path) -> Iterator[SSOStage]:
    """One connection that sends addresses, one that sends forms."""
    with sso_installation(binary) as site:
        file = site.folder / "idp.xml"
        file.write_text(PROVIDER.metadata())
        contexts = ["urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"]
        write_tenant(site, "acme", connection(
            file, authentication_contexts=contexts, force_authentication=True))
        write_tenant(site, "posted", connection(file, request_binding="post"))
        with site.running() as server:
            yield stage_of(site, server)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """The tools."""
    return Judge(tmp_path_factory.mktemp("schemas"))


class Judge:
    """Calls xmllint and xmlsec1."""

    def __init__(self, folder: Path) -> None:
        assert SCHEMAS.is_dir(), "Debian's package simplesamlphp is needed; deploy/test installs it"
        self.folder = folder
        imports = "\n".join(
            f'<xs:import namespace="{space}" schemaLocation="{SCHEMAS / name}"/>' for space, name in SPACES.items())
        (folder / "whole.xsd").write_text(WHOLE.format(imports=imports))
        entries = "\n".join(f'<system systemId="{place}" uri="{SCHEMAS / name}"/>\n<uri name="{place}" '
                            f'uri="{SCHEMAS / name}"/>' for place, name in PUBLISHED.items())
        (folder / "catalog.xml").write_text(CATALOG.format(entries=entries))

    def faults(self, document: bytes) -> str:
        """What the schemas have against a document; empty where it is valid."""
        file = self.folder / "document.xml"
        file.write_bytes(document)
        ended = subprocess.run(
            ["xmllint", "--nonet", "--noout", "--schema", str(self.folder / "whole.xsd"), str(file)],
            env={"XML_CATALOG_FILES": str(self.folder / "catalog.xml"), "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode in (0, 3), f"{ended.returncode} {ended.stderr}"
        return ended.stderr if ended.returncode else ""

    def is_signed(self, document: bytes, element: str, pair: Pair) -> bool:
        """Whether xmlsec1 finds the element signed by this certificate's key."""
        from cryptography.hazmat.primitives.serialization import Encoding

        file, certificate = self.folder / "document.xml", self.folder / "certificate.pem"
        file.write_bytes(document)
        certificate.write_bytes(pair.certificate.public_bytes(Encoding.PEM))
        ended = subprocess.run(
            ["xmlsec1", "--verify", "--enabled-key-data", "rsa", "--pubkey-cert-pem", str(certificate), "--id-attr:ID",
             element, str(file)],
            capture_output=True, text=True, timeout=60, check=False)
        return ended.returncode == 0


def query_is_signed(address: str, pair: Pair) -> bool:
    """Whether the query is signed (SAML Bindings §3.4.4.1), by our own arithmetic: there is no tool for it."""
    query = urlsplit(address).query
    signed, _, signature = query.partition("&Signature=")
    assert parse_qs(query)["SigAlg"] == ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"]
    key = pair.certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        key.verify(base64.b64decode(unquote(signature)), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    except Exception:  # noqa: BLE001 — whatever it says, it is not signed.
        return False
    return True


def spoilt(document: bytes) -> bytes:
    """The document with another version, which no schema forbids and every signature covers."""
    changed = re.sub(rb'((?:Version|entityID)="[^"]*)"', rb'\1x"', document, count=1)
    assert changed != document
    return changed


def messages(stage: SSOStage, place: Place) -> Iterator[tuple[str, Page, str]]:
    """Each kind of message that we send, as an answer of ours carries it: element, page, parameter."""
    traveller = stage.traveller(place)
    page = stage.to_provider(traveller, place)
    yield "AuthnRequest", page, "SAMLRequest"
    where = asked(page)
    answer = PROVIDER.answer(where, Person(PERSON.id, f"sina@{place.tenant}.example", PERSON.name))
    traveller.post(where.consumer, answer, PROVIDER.site)
    assert signed_in(traveller, place) and who(traveller.visitor)
    page = traveller.open(place.at("/.gatehouse/logout"))
    page = traveller.press(page, "Sign out")
    yield "LogoutRequest", page, "SAMLRequest"
    request, _, _ = asked_to_end(page)
    assert request.issuer == place.entity_id
    from_there = PROVIDER.logout_request(place.logout, place.entity_id, PERSON)
    yield "LogoutResponse", Traveller(stage.visitor(place.host), stage.site.authority.file).get(
        from_there, PROVIDER.site), "SAMLResponse"


def test_our_metadata_are_valid_and_signed(stage: SSOStage, judge: Judge) -> None:
    """With one certificate and, during a roll-over, with two; a spoilt copy is neither."""
    document = stage.metadata().encode()
    pair = stage.certificates(use="signing")[0]
    assert judge.faults(document) == ""
    element = "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor"
    assert judge.is_signed(document, element, pair)
    assert not judge.is_signed(spoilt(document), element, pair)
    assert "SPSSODescriptor" in judge.faults(document.replace(b"protocolSupportEnumeration", b"protocols"))
    stage.site.done("saml", "rotate-keys", "--tenant", "acme", "okta", "--begin")
    both = stage.metadata().encode()
    assert both.count(b"<md:KeyDescriptor") == 2 * document.count(b"<md:KeyDescriptor")
    assert judge.faults(both) == "" and judge.is_signed(both, element, pair)
    stage.site.done("saml", "rotate-keys", "--tenant", "acme", "okta", "--cancel")


@pytest.mark.parametrize("place", [ACME, POSTED], ids=["redirect", "post"])
def test_our_messages_are_valid_and_signed(stage: SSOStage, judge: Judge, place: Place) -> None:
    """Requests to sign in and out, and answers; each spoilt copy is refused by the same tool."""
    pair = stage.certificates(place, "signing")[0]
    seen = []
    for element, page, parameter in messages(stage, place):
        document, _, address = message_in(page, parameter)
        assert judge.faults(document) == "", element
        assert judge.faults(document.replace(b"IssueInstant", b"Issued", 1)), element
        if address_of := onward(page):
            assert query_is_signed(address_of, pair), element
            assert not query_is_signed(address_of.replace("SAMLRe", "SAMLRE", 1), pair)
        else:
            name = f"urn:oasis:names:tc:SAML:2.0:protocol:{element}"
            assert judge.is_signed(document, name, pair), element
            assert not judge.is_signed(spoilt(document), name, pair)
        assert address.startswith(PROVIDER.site)
        seen.append(element)
    assert seen == ["AuthnRequest", "LogoutRequest", "LogoutResponse"]
