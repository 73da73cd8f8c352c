"""Responses and assertions as text, with safe defaults: a test shows only what matters."""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from support.saml.names import ASSERTION, BEARER, EMAIL, METADATA, PASSWORD_CONTEXT, PROTOCOL, SUCCESS
from support.saml.keys import Pair

NOW = datetime.datetime(2026, 6, 1, 12, 0, 0, tzinfo=datetime.timezone.utc)
PROVIDER = "https://idp.example/metadata"
ENTITY = "https://acme.example.org/.gatehouse/saml/acme/okta/metadata"
CONSUMER = "https://acme.example.org/.gatehouse/saml/acme/okta/acs"
REQUEST = "_request-5f2c"
USER = "ada@acme.example"


def at(seconds: float) -> str:
    """A time so many seconds from now."""
    return (NOW + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def attributes(**values: str | None) -> str:
    """Attributes of an element; None leaves one out."""
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items() if value is not None)


@dataclass(frozen=True)
class Assertion:
    """What an assertion says.  Fields named `…_xml` are put in as they are, in place of what the others make."""

    id: str | None = "_assertion-91d0"
    version: str | None = "2.0"
    issued: str | None = at(-5)
    issuer: str | None = PROVIDER
    issuer_format: str | None = None
    issuer_xml: str | None = None
    name: str = USER
    name_format: str | None = EMAIL
    name_xml: str | None = None
    method: str = BEARER
    recipient: str | None = CONSUMER
    answers: str | None = REQUEST
    confirmed_from: str | None = None
    confirmed_until: str | None = at(300)
    confirmation_xml: str | None = None
    subject_xml: str | None = None
    valid_from: str | None = at(-30)
    valid_until: str | None = at(300)
    audiences: tuple[str, ...] = (ENTITY,)
    audience_xml: str | None = None
    conditions_more: str = ""
    conditions_xml: str | None = None
    authenticated: str | None = at(-10)
    session_until: str | None = None
    statement_xml: str | None = None
    attributes_xml: str = (
        f'<saml:Attribute Name="mail"><saml:AttributeValue>{USER}</saml:AttributeValue></saml:Attribute>'
        '<saml:Attribute Name="groups" FriendlyName="groups"><saml:AttributeValue>Gate Admins</saml:AttributeValue>'
        "<saml:AttributeValue>R&amp;D</saml:AttributeValue></saml:Attribute>")
    namespaces: str = ""
    more: str = ""

    def but(self, **changes: object) -> Assertion:
        """The same with other fields."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    @property
    def issuer_element(self) -> str:
        """Who made it."""
        if self.issuer_xml is not None:
            return self.issuer_xml
        if self.issuer is None:
            return ""
        return f"<saml:Issuer{attributes(Format=self.issuer_format)}>{escape(self.issuer)}</saml:Issuer>"

    @property
    def subject(self) -> str:
        """Whom it is about, and how that is confirmed."""
        if self.subject_xml is not None:
            return self.subject_xml
        name = self.name_xml
        if name is None:
            name = f"<saml:NameID{attributes(Format=self.name_format)}>{escape(self.name)}</saml:NameID>"
        confirmation = self.confirmation_xml
        if confirmation is None:
            data = attributes(
                NotBefore=self.confirmed_from, NotOnOrAfter=self.confirmed_until, Recipient=self.recipient,
                InResponseTo=self.answers)
            confirmation = (
                f'<saml:SubjectConfirmation Method="{self.method}"><saml:SubjectConfirmationData{data}/>'
                "</saml:SubjectConfirmation>")
        return f"<saml:Subject>{name}{confirmation}</saml:Subject>"

    @property
    def conditions(self) -> str:
        """For whom and when it is good."""
        if self.conditions_xml is not None:
            return self.conditions_xml
        restriction = self.audience_xml
        if restriction is None:
            inner = "".join(f"<saml:Audience>{escape(each)}</saml:Audience>" for each in self.audiences)
            restriction = f"<saml:AudienceRestriction>{inner}</saml:AudienceRestriction>"
        period = attributes(NotBefore=self.valid_from, NotOnOrAfter=self.valid_until)
        return f"<saml:Conditions{period}>{restriction}{self.conditions_more}</saml:Conditions>"

    @property
    def statement(self) -> str:
        """How the user signed in."""
        if self.statement_xml is not None:
            return self.statement_xml
        facts = attributes(
            AuthnInstant=self.authenticated, SessionIndex="_session-7", SessionNotOnOrAfter=self.session_until)
        return (
            f"<saml:AuthnStatement{facts}><saml:AuthnContext><saml:AuthnContextClassRef>{PASSWORD_CONTEXT}"
            "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>")

    @property
    def xml(self) -> str:
        """The element, not signed."""
        head = attributes(ID=self.id, Version=self.version, IssueInstant=self.issued)
        return (
            f'<saml:Assertion xmlns:saml="{ASSERTION}"{self.namespaces}{head}>{self.issuer_element}{self.subject}'
            f"{self.conditions}{self.statement}<saml:AttributeStatement>{self.attributes_xml}"
            f"</saml:AttributeStatement>{self.more}</saml:Assertion>")


@dataclass(frozen=True)
class Response:
    """What a response says around its assertion."""

    id: str | None = "_response-40aa"
    version: str | None = "2.0"
    issued: str | None = at(-5)
    issuer: str | None = PROVIDER
    destination: str | None = CONSUMER
    answers: str | None = REQUEST
    status: str = SUCCESS
    status_xml: str | None = None
    extensions: str = ""
    namespaces: str = ""
    more: str = ""
    prefix: str = ""
    suffix: str = ""

    def but(self, **changes: object) -> Response:
        """The same with other fields."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    def xml(self, assertion: str) -> str:
        """The document around an assertion, not signed."""
        head = attributes(
            ID=self.id, Version=self.version, IssueInstant=self.issued, Destination=self.destination,
            InResponseTo=self.answers)
        issuer = "" if self.issuer is None else f"<saml:Issuer>{escape(self.issuer)}</saml:Issuer>"
        status = self.status_xml
        if status is None:
            status = f'<samlp:Status><samlp:StatusCode Value="{self.status}"/></samlp:Status>'
        extensions = f"<samlp:Extensions>{self.extensions}</samlp:Extensions>" if self.extensions else ""
        return (
            f'{self.prefix}<samlp:Response xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}"{self.namespaces}{head}>'
            f"{issuer}{extensions}{status}{assertion}{self.more}</samlp:Response>{self.suffix}")


def metadata(*pairs: Pair, entity: str = PROVIDER, valid_until: str | None = None) -> str:
    """A provider's metadata."""
    keys = "".join(
        '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>{each.text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for each in pairs)
    return (
        f'<md:EntityDescriptor xmlns:md="{METADATA}"{attributes(entityID=entity, validUntil=valid_until)}>'
        f'<md:IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}">{keys}<md:SingleSignOnService '
        'Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>")
