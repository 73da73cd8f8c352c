"""A provider that says what a test wants it to say.

It serves nothing: it reads where a browser was sent, and gives what that browser would post back.
"""

from __future__ import annotations

import base64
import datetime
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlsplit
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from .saml import keys
from .saml.encryption import Encryption
from .saml.keys import Pair
from .saml.messages import Assertion, Response, attributes
from .saml.names import ASSERTION, METADATA, PERSISTENT, PROTOCOL, RSA_SHA256, SUCCESS
from .saml.signing import PARSER, SIGN
from .traveller import onward, sent_on
from .visitor import Page

BINDINGS = {name: f"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-{name}" for name in ("Redirect", "POST")}
LIFETIME_SECONDS = 300
SPACES = {"saml": ASSERTION, "samlp": PROTOCOL, "md": METADATA, "ds": "http://www.w3.org/2000/09/xmldsig#"}


@dataclass(frozen=True)
class Person:
    """Somebody whom a provider names."""

    id: str
    mail: str
    name: str
    groups: tuple[str, ...] = ()

    @property
    def attributes(self) -> dict[str, list[str]]:
        """As an assertion has them; without values there is no attribute."""
        given = {"mail": [self.mail], "displayName": [self.name], "groups": list(self.groups)}
        return {name: values for name, values in given.items() if values and values != [""]}


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    id: str
    consumer: str
    issuer: str
    relay_state: str
    is_forced: bool = False
    contexts: tuple[str, ...] = ()
    document: bytes = field(default=b"", repr=False)
    address: str = field(default="", repr=False)


def moment(seconds: float = 0) -> str:
    """A time so many seconds from now."""
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class ScriptedProvider:
    """The provider; several of them differ in their site and key."""

    site: str = "https://idp.example"
    pair: Pair = field(default_factory=keys.provider)
    has_logout: bool = True
    seconds_ahead: float = 0
    """By how much its clock is moved."""

    def moment(self, seconds: float = 0) -> str:
        """A time so many seconds from what its clock says."""
        return moment(self.seconds_ahead + seconds)

    @property
    def entity_id(self) -> str:
        """Its name."""
        return f"{self.site}/metadata"

    def metadata(self, *pairs: Pair, valid_until: str | None = None) -> str:
        """What it publishes, with these certificates in place of its own."""
        def endpoints(name: str, path: str) -> str:
            return "".join(
                f"<md:{name}{attributes(Binding=binding, Location=self.site + path)}/>"
                for binding in BINDINGS.values())

        certificates = "".join(
            f'<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{SPACES["ds"]}"><ds:X509Data><ds:X509Certificate>'
            f"{each.text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            for each in pairs or (self.pair,))
        logout = endpoints("SingleLogoutService", "/slo") if self.has_logout else ""
        return (
            f'<md:EntityDescriptor xmlns:md="{METADATA}"{attributes(entityID=self.entity_id, validUntil=valid_until)}>'
            f'<md:IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}">{certificates}{logout}'
            f"{endpoints('SingleSignOnService', '/sso')}</md:IDPSSODescriptor></md:EntityDescriptor>")

    # --- sign-in -------------------------------------------------------------------------------------------------

    def answer(
        self, asked: Asked, person: Person, assertion: Mapping[str, object] | None = None,
        response: Mapping[str, object] | None = None, pair: Pair | None = None, encrypted_for: Pair | None = None,
    ) -> dict[str, str]:
        """The fields of the form: a signed assertion, with these changes, in a response that is not signed."""
        said = self.assertion(asked, person).but(**(assertion or {}))
        document = SIGN.but(pair=pair or self.pair).sign(said.xml)
        if encrypted_for is not None:
            public = encrypted_for.certificate.public_key()
            assert isinstance(public, rsa.RSAPublicKey)
            document = Encryption(public=public).encrypt(document)
        around = Response(
            id=fresh_id(), issued=self.moment(), issuer=self.entity_id, destination=asked.consumer,
            answers=asked.id or None).but(**(response or {}))
        fields = {"SAMLResponse": base64.b64encode(around.xml(document).encode()).decode()}
        return fields | ({"RelayState": asked.relay_state} if asked.relay_state else {})

    def assertion(self, asked: Asked, person: Person) -> Assertion:
        """What it says of somebody."""
        listed = "".join(
            f'<saml:Attribute Name="{name}">'
            + "".join(f"<saml:AttributeValue>{escape(value)}</saml:AttributeValue>" for value in values)
            + "</saml:Attribute>"
            for name, values in person.attributes.items())
        return Assertion(
            id=fresh_id(), issued=self.moment(), issuer=self.entity_id, name=person.id, name_format=PERSISTENT,
            recipient=asked.consumer, answers=asked.id or None, confirmed_until=self.moment(LIFETIME_SECONDS),
            valid_from=self.moment(-30), valid_until=self.moment(LIFETIME_SECONDS), audiences=(asked.issuer,),
            authenticated=self.moment(), attributes_xml=listed)

    # --- logout --------------------------------------------------------------------------------------------------

    def logout_request(
        self, destination: str, entity_id: str, person: Person, index: str | None = "_session-7",
        pair: Pair | None = None, relay_state: str = "", own_qualifier: str | None = None,
    ) -> str:
        """The address to which a browser is sent that has signed out here."""
        head = attributes(
            ID=fresh_id(), Version="2.0", IssueInstant=self.moment(), Destination=destination,
            NotOnOrAfter=self.moment(LIFETIME_SECONDS))
        session = "" if index is None else f"<samlp:SessionIndex>{escape(index)}</samlp:SessionIndex>"
        name = attributes(Format=PERSISTENT, SPNameQualifier=own_qualifier)
        document = (
            f'<samlp:LogoutRequest xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}"{head}>'
            f"<saml:Issuer>{escape(self.entity_id)}</saml:Issuer>"
            f"<saml:NameID{name}>{escape(person.id)}</saml:NameID>{session}</samlp:LogoutRequest>")
        return redirect(destination, "SAMLRequest", document, pair or self.pair, relay_state)

    def logout_response(self, destination: str, asked: Asked, status: str = SUCCESS, pair: Pair | None = None) -> str:
        """The address to which a browser is sent back whose sign-out was done here."""
        head = attributes(
            ID=fresh_id(), Version="2.0", IssueInstant=self.moment(), Destination=destination, InResponseTo=asked.id)
        document = (
            f'<samlp:LogoutResponse xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}"{head}>'
            f"<saml:Issuer>{escape(self.entity_id)}</saml:Issuer><samlp:Status><samlp:StatusCode Value=\"{status}\"/>"
            "</samlp:Status></samlp:LogoutResponse>")
        return redirect(destination, "SAMLResponse", document, pair or self.pair, asked.relay_state)


# --- reading what we send --------------------------------------------------------------------------------------------


def message_in(page: Page, parameter: str = "SAMLRequest") -> tuple[bytes, str, str]:
    """The document that a redirect or a form that sends itself on carries, the relay state, and where it goes."""
    if address := onward(page):
        query = {name: values for name, values in parse_qs(urlsplit(address).query).items()}
        assert parameter in query, f"no {parameter} in {page.status} {address}"
        packed = base64.b64decode(query[parameter][0], validate=True)
        return zlib.decompress(packed, -15), query.get("RelayState", [""])[0], address
    form = sent_on(page)
    assert form is not None, f"it leads to no provider: {page.status} {page.url} {page.text[:3000]}"
    relay_state = form.value("RelayState") if form.has("RelayState") else ""
    return base64.b64decode(form.value(parameter), validate=True), relay_state, form.action


def asked(page: Page) -> Asked:
    """The request to sign in that an answer of ours carries to a provider."""
    document, relay_state, address = message_in(page)
    root = etree.fromstring(document, PARSER)
    assert root.tag == f"{{{PROTOCOL}}}AuthnRequest", root.tag
    assert root.get("Destination") == address.split("?")[0], (root.get("Destination"), address)
    contexts = tuple(str(each.text) for each in root.iterfind(".//saml:AuthnContextClassRef", SPACES))
    return Asked(
        root.get("ID", ""), root.get("AssertionConsumerServiceURL", ""), issuer_of(root), relay_state,
        root.get("ForceAuthn") == "true", contexts, document, address)


def asked_to_end(page: Page) -> tuple[Asked, str, str | None]:
    """The request to sign out that an answer of ours carries to a provider: with whose NameID and which session."""
    document, relay_state, address = message_in(page)
    root = etree.fromstring(document, PARSER)
    assert root.tag == f"{{{PROTOCOL}}}LogoutRequest", root.tag
    name, index = root.find("saml:NameID", SPACES), root.find("samlp:SessionIndex", SPACES)
    assert name is not None and name.text
    return (
        Asked(root.get("ID", ""), "", issuer_of(root), relay_state, document=document, address=address), name.text,
        index.text if index is not None else None)


def ended(page: Page) -> tuple[str, str, str]:
    """The answer to a provider's request to sign out: its status, the request that it answers, the relay state."""
    document, relay_state, _ = message_in(page, "SAMLResponse")
    root = etree.fromstring(document, PARSER)
    assert root.tag == f"{{{PROTOCOL}}}LogoutResponse", root.tag
    code = root.find(".//samlp:StatusCode", SPACES)
    assert code is not None
    return code.get("Value", ""), root.get("InResponseTo", ""), relay_state


def issuer_of(root: etree._Element) -> str:
    """Who made a message."""
    found = root.find("saml:Issuer", SPACES)
    assert found is not None and found.text
    return str(found.text)


def fresh_id() -> str:
    """An xs:ID that nothing else has."""
    return f"_{secrets.token_hex(16)}"


def redirect(destination: str, parameter: str, document: str, pair: Pair, relay_state: str = "") -> str:
    """An address that carries a message, signed as SAML Bindings §3.4.4.1 says."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = base64.b64encode(packer.compress(document.encode()) + packer.flush()).decode()
    query = f"{parameter}={quote(packed, safe='')}"
    if relay_state:
        query += f"&RelayState={quote(relay_state, safe='')}"
    query += f"&SigAlg={quote(RSA_SHA256, safe='')}"
    key = pair.key
    assert isinstance(key, rsa.RSAPrivateKey)
    signature = base64.b64encode(key.sign(query.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
    return f"{destination}?{query}&Signature={quote(signature, safe='')}"
