"""A file that is judged, with the verdict that was fixed before it was."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from support.saml.encryption import ENCRYPT, Encryption
from support.saml.messages import Assertion, Response, REQUEST
from support.saml.signing import SIGN, Signing

ASSERTION = Assertion()
RESPONSE = Response()


def signed(assertion: Assertion = ASSERTION, response: Response = RESPONSE, sign: Signing = SIGN) -> str:
    """The usual thing: a signed assertion within a response that is not signed."""
    return response.xml(sign.sign(assertion.xml))


def enclosed(assertion: str = ASSERTION.xml, response: Response = RESPONSE, sign: Signing = SIGN) -> str:
    """A signed response around an assertion as it stands."""
    return sign.sign(response.xml(assertion))


def sealed(
    assertion: str | None = None, encryption: Encryption = ENCRYPT, response: Response = RESPONSE
) -> str:
    """A signed assertion, encrypted, within a response that is not signed."""
    return response.xml(encryption.encrypt(SIGN.sign(ASSERTION.xml) if assertion is None else assertion))


def text(document: str | bytes) -> bytes:
    """The document's octets."""
    return document.encode() if isinstance(document, str) else document


def base64_of(document: str | bytes) -> bytes:
    """As it is posted."""
    return base64.b64encode(text(document))


@dataclass(frozen=True)
class How:
    """With which options it is judged."""

    request: str | None = REQUEST
    has_key: bool = False
    allows_legacy: bool = False
    metadata: str = "usual"


USUAL = How()
WITH_KEY = How(has_key=True)


@dataclass(frozen=True)
class Attack:
    """A file that must be refused for one reason, and a twin that is accepted and differs in the attacked thing only."""

    name: str
    reason: str
    file: bytes
    twin: bytes
    how: How = USUAL
    twin_how: How = field(default=USUAL)


def attack(
    name: str, reason: str, file: str | bytes, twin: str | bytes | None = None, how: How = USUAL,
    twin_how: How | None = None
) -> Attack:
    """An attack; without a twin of its own its twin is the usual response."""
    return Attack(name, reason, text(file), text(signed() if twin is None else twin), how, twin_how or how)
