"""What a truly signed response says, and must not; and encryption."""

from __future__ import annotations

from collections.abc import Iterator

from support.saml import keys
from support.saml.case import (
    ASSERTION, Attack, How, RESPONSE, USUAL, WITH_KEY, attack, enclosed, sealed, signed)
from support.saml.encryption import CBC, ENCRYPT, GCM, OAEP11, PKCS1
from support.saml.messages import CONSUMER, ENTITY, PROVIDER, USER, at, attributes
from support.saml.names import BEARER, DSIG, SHA256, XENC, XENC11
from support.saml.signing import SIGN, Signing

SKEW = 60
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


def addressed() -> Iterator[Attack]:
    """For somebody else, from somebody else, in answer to something else."""
    for name, audience in (("of-another", "https://other.example/sp"), ("with-a-slash", ENTITY + "/"),
                           ("cut", ENTITY[:-1]), ("of-the-root", "https://acme.example.org"), ("empty", ""),
                           ("of-another-tenant", ENTITY.replace("acme", "globex")), ("in-capitals", ENTITY.upper())):
        yield attack(f"audience-{name}", "audience-mismatch", signed(ASSERTION.but(audiences=(audience,))),
                     signed(ASSERTION.but(audiences=(audience, ENTITY))))
    restriction = f"<saml:AudienceRestriction><saml:Audience>{ENTITY}</saml:Audience></saml:AudienceRestriction>"
    yield attack("audience-of-two-restrictions", "audience-mismatch",
                 signed(ASSERTION.but(audience_xml=restriction + restriction.replace(ENTITY, "urn:x"))),
                 signed(ASSERTION.but(audience_xml=restriction + restriction)))
    yield attack("no-audience", "audience-missing", signed(ASSERTION.but(audience_xml="")))
    yield attack("audience-restriction-empty", "audience-mismatch", signed(ASSERTION.but(audiences=())))
    yield attack("no-conditions", "audience-missing", signed(ASSERTION.but(conditions_xml="")))
    yield attack("conditions-twice", "element-malformed", signed(ASSERTION.but(
        conditions_xml=ASSERTION.conditions + ASSERTION.conditions)))
    for name, place in (("another-host", "https://evil.example/acs"), ("another-path", CONSUMER + "/x"), ("http", CONSUMER.replace("https", "http")),
                        ("empty", ""), ("another-tenant", CONSUMER.replace("acme", "globex"))):
        yield attack(f"recipient-{name}", "recipient-mismatch", signed(ASSERTION.but(recipient=place)))
        yield attack(f"destination-{name}", "destination-mismatch", signed(response=RESPONSE.but(destination=place)))
        yield attack(f"signed-destination-{name}", "destination-mismatch", enclosed(
            response=RESPONSE.but(destination=place)), enclosed())
    yield attack("no-recipient", "recipient-mismatch", signed(ASSERTION.but(recipient=None)))
    yield attack("no-destination-in-a-signed-response", "destination-missing", enclosed(
        response=RESPONSE.but(destination=None)), signed(response=RESPONSE.but(destination=None)))
    for name, issuer in (("another", "https://evil.example/metadata"), ("cut", PROVIDER[:-1]), ("empty", "")):
        yield attack(f"issuer-{name}", "issuer-mismatch", signed(ASSERTION.but(issuer=issuer)))
        yield attack(f"issuer-of-the-response-{name}", "issuer-mismatch", signed(response=RESPONSE.but(issuer=issuer)),
                     signed(response=RESPONSE.but(issuer=None)))
    yield attack("no-issuer", "issuer-mismatch", signed(ASSERTION.but(issuer=None)))
    yield attack("issuer-of-another-format", "issuer-mismatch", signed(ASSERTION.but(
        issuer_format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress")), signed(ASSERTION.but(
            issuer_format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity")))
    yield attack("issuer-twice", "element-malformed", signed(ASSERTION.but(issuer_xml=ASSERTION.issuer_element * 2)))
    free = signed(ASSERTION.but(answers=None), RESPONSE.but(answers=None))
    yield attack("answers-another-request", "in-response-to-mismatch", signed(ASSERTION.but(answers="_other")))
    yield attack("response-answers-another-request", "in-response-to-mismatch", signed(
        response=RESPONSE.but(answers="_other")), signed(response=RESPONSE.but(answers=None)))
    yield attack("answers-nothing", "in-response-to-missing", free, free, twin_how=How(request=None))
    yield attack("confirmation-answers-nothing", "in-response-to-missing", signed(ASSERTION.but(answers=None)))
    yield attack("answer-nobody-waits-for", "in-response-to-unexpected", signed(), free, How(request=None))
    yield attack("confirmed-for-a-request-nobody-made", "in-response-to-unexpected", signed(
        response=RESPONSE.but(answers=None)), free, How(request=None))
    yield attack("metadata-expired", "metadata-expired", signed(), signed(), How(metadata="expired"), USUAL)
    yield attack("another-provider", "signature-invalid", signed(), signed(), How(metadata="stranger"), USUAL)
    yield attack("another-entity-with-the-same-key", "issuer-mismatch", signed(), signed(), How(metadata="renamed"), USUAL)


def timed() -> Iterator[Attack]:
    """Too early or too late; the twin is as far off as is allowed."""
    late, early = -SKEW + 1, SKEW
    yield attack("conditions-expired", "expired", signed(ASSERTION.but(valid_until=at(-SKEW))), signed(
        ASSERTION.but(valid_until=at(late))))
    yield attack("conditions-expired-by-a-year", "expired", signed(ASSERTION.but(valid_until=at(-31_536_000))))
    yield attack("conditions-too-early", "too-early", signed(ASSERTION.but(valid_from=at(early + 1))), signed(
        ASSERTION.but(valid_from=at(early))))
    yield attack("confirmation-expired", "expired", signed(ASSERTION.but(confirmed_until=at(-SKEW))), signed(
        ASSERTION.but(confirmed_until=at(late))))
    yield attack("confirmation-too-early", "too-early", signed(ASSERTION.but(confirmed_from=at(early + 1))), signed(
        ASSERTION.but(confirmed_from=at(early))))
    yield attack("confirmation-without-an-end", "confirmation-missing", signed(ASSERTION.but(confirmed_until=None)))
    yield attack("issued-tomorrow", "too-early", signed(ASSERTION.but(issued=at(86_400))), signed(
        ASSERTION.but(issued=at(early))))
    yield attack("issued-never", "time-malformed", signed(ASSERTION.but(issued=None)))
    yield attack("signed-in-tomorrow", "too-early", signed(ASSERTION.but(authenticated=at(86_400))), signed(
        ASSERTION.but(authenticated=at(early))))
    yield attack("provider's-session-over", "provider-session-expired", signed(ASSERTION.but(session_until=at(0))), signed(
        ASSERTION.but(session_until=at(1))))
    for name, time in (("of-a-zone", "2026-06-01T13:05:00+01:00"), ("without-seconds", "2026-06-01T12:05Z"), ("words", "tomorrow"),
                       ("empty", ""), ("a-number", "1780315500"), ("of-february-30", "2027-02-30T12:00:00Z")):
        yield attack(f"time-{name}", "time-malformed", signed(ASSERTION.but(valid_until=time)))
        yield attack(f"confirmed-until-{name}", "time-malformed", signed(ASSERTION.but(confirmed_until=time)))


def stated() -> Iterator[Attack]:
    """Statements that are missing, or say no."""
    for status in ("Requester", "Responder", "VersionMismatch", "AuthnFailed"):
        yield attack(f"status-{status.lower()}", "status-not-success", RESPONSE.but(status=STATUS + status).xml(""))
        yield attack(f"status-{status.lower()}-with-an-assertion", "status-not-success", signed(
            response=RESPONSE.but(status=STATUS + status)))
    nested = (f'<samlp:Status><samlp:StatusCode Value="{STATUS}Responder"><samlp:StatusCode Value="{STATUS}Success"/>'
              "</samlp:StatusCode></samlp:Status>")
    yield attack("status-success-within", "status-not-success", signed(response=RESPONSE.but(status_xml=nested)))
    yield attack("no-status", "status-not-success", signed(response=RESPONSE.but(status_xml="")))
    yield attack("status-twice", "element-malformed", signed(response=RESPONSE.but(status_xml=(
        f'<samlp:Status><samlp:StatusCode Value="{STATUS}Success"/></samlp:Status>' * 2))))
    yield attack("condition-unknown", "condition-unknown", signed(ASSERTION.but(
        conditions_more='<x:Condition xmlns:x="urn:x"/>')), signed(ASSERTION.but(conditions_more="<saml:OneTimeUse/>")))
    yield attack("condition-of-another-type", "condition-unknown", signed(ASSERTION.but(
        conditions_more="<saml:Condition/>")), signed(ASSERTION.but(conditions_more='<saml:ProxyRestriction Count="0"/>')))
    yield attack("no-statement", "statement-missing", signed(ASSERTION.but(statement_xml="")))
    yield attack("statement-without-a-time", "statement-missing", signed(ASSERTION.but(authenticated=None)))
    yield attack("no-subject", "subject-missing", signed(ASSERTION.but(subject_xml="")))
    yield attack("subject-twice", "element-malformed", signed(ASSERTION.but(subject_xml=ASSERTION.subject * 2)))
    for method in ("holder-of-key", "sender-vouches"):
        yield attack(f"confirmed-by-{method}", "confirmation-missing", signed(ASSERTION.but(
            method=f"urn:oasis:names:tc:SAML:2.0:cm:{method}")))
    yield attack("not-confirmed", "confirmation-missing", signed(ASSERTION.but(confirmation_xml="")))
    yield attack("confirmed-without-data", "confirmation-missing", signed(ASSERTION.but(
        confirmation_xml=f'<saml:SubjectConfirmation Method="{BEARER}"/>')))
    yield attack("no-name", "name-id-missing", signed(ASSERTION.but(name_xml="")))
    yield attack("name-encrypted", "name-id-missing", signed(ASSERTION.but(name_xml="<saml:EncryptedID/>")))
    yield attack("name-empty", "name-id-malformed", signed(ASSERTION.but(name=" ")))
    yield attack("name-with-a-line", "name-id-malformed", signed(ASSERTION.but(name="ada@acme.example\nroot")))
    yield attack("name-too-long", "name-id-malformed", signed(ASSERTION.but(name="a" * 1025)), signed(
        ASSERTION.but(name="a" * 1024)))
    yield attack("name-twice", "element-malformed", signed(ASSERTION.but(name_xml="<saml:NameID>x</saml:NameID>" * 2)))
    yield attack("name-with-an-element", "element-malformed", signed(ASSERTION.but(
        name_xml="<saml:NameID>ada<x/>@acme.example</saml:NameID>")), signed(ASSERTION.but(
            name_xml=f"<saml:NameID> {USER}\n</saml:NameID>")))
    yield attack("attribute-without-a-name", "element-malformed", signed(ASSERTION.but(
        attributes_xml="<saml:Attribute/>")), signed(ASSERTION.but(attributes_xml='<saml:Attribute Name="x"/>')))


def encrypted() -> Iterator[Attack]:
    """Encrypted by what can be asked about, or not for us."""
    def against(name: str, reason: str, file: str, twin: str | None = None, how: How = WITH_KEY,
                twin_how: How = WITH_KEY) -> Attack:
        return attack(name, reason, file, sealed() if twin is None else twin, how, twin_how)

    def covered(**changes: object) -> str:
        return enclosed(ENCRYPT.but(**changes).encrypt(ASSERTION.xml))

    for bits, method in CBC.items():
        yield against(f"cbc-{bits}", "encryption-method-refused", sealed(encryption=ENCRYPT.but(method=method)),
                      covered(method=method))
    for bits, method in GCM.items():
        yield against(f"gcm-{bits}-changed", "decryption-failed", sealed(
            encryption=ENCRYPT.but(method=method, spoilt="text")), sealed(encryption=ENCRYPT.but(method=method)))
    old = sealed(encryption=ENCRYPT.but(transport=PKCS1))
    yield against("rsa-1.5", "encryption-method-refused", old)
    yield against("rsa-1.5-without-the-flag", "encryption-method-refused", old, old,
                  twin_how=How(has_key=True, allows_legacy=True))
    yield against("rsa-1.5-in-a-signed-response", "encryption-method-refused", covered(transport=PKCS1), covered())
    cbc = sealed(encryption=ENCRYPT.but(method=CBC[128]))
    yield against("cbc-without-the-flag", "encryption-method-refused", cbc, cbc,
                  twin_how=How(has_key=True, allows_legacy=True))
    yield against("triple-des", "encryption-method-refused", sealed(encryption=ENCRYPT.but(method=XENC + "tripledes-cbc")))
    yield against("encryption-unknown", "encryption-method-refused", sealed(encryption=ENCRYPT.but(method="urn:x")))
    yield against("transport-unknown", "encryption-method-refused", sealed(encryption=ENCRYPT.but(transport="urn:x")))
    digest = f'<ds:DigestMethod xmlns:ds="{DSIG}" Algorithm="{SHA256}"/>'
    mask = f'<x:MGF xmlns:x="{XENC11}" Algorithm="{XENC11}mgf1sha256"/>'
    yield against("digest-of-oaep-unknown", "encryption-method-refused", sealed(encryption=ENCRYPT.but(
        transport_inner=digest.replace(SHA256, "urn:x"))), sealed(encryption=ENCRYPT.but(transport_inner=digest)))
    yield against("mask-of-oaep-unknown", "encryption-method-refused", sealed(encryption=ENCRYPT.but(
        transport=OAEP11, transport_inner=digest + mask.replace("sha256", "md5"))), sealed(encryption=ENCRYPT.but(
            transport=OAEP11, transport_inner=digest + mask)))
    yield against("no-key-of-ours", "decryption-key-missing", sealed(), how=USUAL)
    yield against("for-another", "decryption-failed", sealed(), how=How(has_key=True, metadata="another-key"))
    for spoilt in ("key", "end", "short"):
        yield against(f"gcm-{spoilt}-spoilt", "decryption-failed", sealed(encryption=ENCRYPT.but(spoilt=spoilt)))
    yield against("cbc-padding-spoilt", "decryption-failed", covered(method=CBC[256], spoilt="padding"), covered(method=CBC[256]))
    yield against("encrypted-text-is-no-document", "decryption-failed", sealed("ada@acme.example"))
    yield against("encrypted-doctype", "decryption-failed", sealed("<!DOCTYPE x>" + SIGN.sign(ASSERTION.xml)))
    yield against("encrypted-something-else", "root-unexpected", sealed("<x/>"))
    yield against("encrypted-and-unsigned", "signature-missing", sealed(ASSERTION.xml), covered())
    yield against("encrypted-by-anybody", "signature-invalid", sealed(Signing(pair=keys.stranger()).sign(ASSERTION.xml)))
    yield against("encrypted-within", "assertion-repeated", sealed(SIGN.sign(ASSERTION.but(
        more=f"<saml:Advice>{ASSERTION.but(id='_x').xml}</saml:Advice>").xml)))
    yield against("encrypted-with-two-keys", "encryption-malformed", sealed(encryption=ENCRYPT.but(key_count=2)), sealed(
        encryption=ENCRYPT.but(is_beside=True)))
    yield against("encrypted-with-no-key", "encryption-malformed", sealed(encryption=ENCRYPT.but(key_count=0)))
    yield against("encrypted-content", "encryption-malformed", sealed(encryption=ENCRYPT.but(type=XENC + "Content")))
    yield against("encrypted-elsewhere", "encryption-malformed", sealed(encryption=ENCRYPT.but(
        value_xml=f"<xenc:CipherReference{attributes(URI='file:///etc/passwd')}/>")))
    yield against("encrypted-no-base64", "encryption-malformed", sealed(encryption=ENCRYPT.but(
        value_xml="<xenc:CipherValue>$</xenc:CipherValue>")))
    yield against("encrypted-nothing", "encryption-malformed", RESPONSE.xml("<saml:EncryptedAssertion/>"))


def all_of_content() -> list[Attack]:
    """Every attack of this file."""
    return [*addressed(), *timed(), *stated(), *encrypted()]
