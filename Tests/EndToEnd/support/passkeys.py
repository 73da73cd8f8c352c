"""A software authenticator on Yubico's encoding of its data (fido2), with a browser before it; tests make them lie.

Whatever a lie changes is signed with the credential's own key again, so that one thing alone is wrong.
"""

from __future__ import annotations

import base64
import datetime
import json
import secrets
from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from fido2 import cbor
from fido2.cose import ES256
from fido2.webauthn import AttestedCredentialData, AuthenticatorData, CollectedClientData

from .html_forms import Form
from .visitor import PUBLIC_PORT, Page

USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, HAS_CREDENTIAL, HAS_EXTENSIONS = 1, 4, 8, 16, 64, 128
"""Flags of authenticator data (Web Authentication Level 3 §6.1)."""
FLAGS_AT, COUNTER_AT, CREDENTIAL_AT = 32, 33, 37
"""Where they stand in it, the counter, and the attested credential."""

Changed = Callable[[Any], Any]
"""Takes what honest devices make and gives what is sent."""


def unchanged(made: Any) -> Any:
    """Honest."""
    return made


def text(octets: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def octets(of: str) -> bytes:
    """Its inverse."""
    return base64.urlsafe_b64decode(of + "=" * (-len(of) % 4))


def origin(host: str, port: int = PUBLIC_PORT) -> str:
    """The origin of a host's pages, as browsers say it."""
    return f"https://{host}:{port}"


def passkey_form(page: Page, kind: str) -> Form:
    """The form that asks the browser to `create` a passkey or to `get` one proved."""
    found = [form for form in page.read.forms if form.attributes.get("data-passkey") == kind]
    assert len(found) == 1, f"{len(found)} such forms on {page.status} {page.url}: {page.text[-4000:]}"
    return found[0]


def has_passkey_form(page: Page, kind: str) -> bool:
    """True where it has such a form."""
    return any(form.attributes.get("data-passkey") == kind for form in page.read.forms)


def options(form: Form) -> dict[str, Any]:
    """What the form asks the browser for, bytes as bytes."""
    asked: dict[str, Any] = json.loads(form.attributes["data-options"])
    asked["challenge"] = octets(asked["challenge"])
    if "user" in asked:
        asked["user"]["id"] = octets(asked["user"]["id"])
    for each in asked.get("allowCredentials", []) + asked.get("excludeCredentials", []):
        each["id"] = octets(each["id"])
    return asked


class Authenticator:
    """A device for one credential, which verifies its user and has a counter, unless told otherwise."""

    def __init__(self, verifies: bool = True, count: int = 0) -> None:
        self.verifies = verifies
        self.count = count
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.rp_id = ""
        self.user_handle = b""

    def create(
        self, form: Form, at: str, *, client: Changed = unchanged, data: Changed = unchanged,
        attestation: Changed = unchanged, answer: Changed = unchanged, maker: Maker | None = None,
        signer: Maker | None = None,
    ) -> str:
        """The field `passkey` for a form that asks for a new credential.

        `at` is the origin that the browser is at; `client` changes the client data, `data` the authenticator data,
        `attestation` the attestation object before it is encoded, `answer` the members of the JSON text; `maker` signs
        for the device's model, by the key of `signer` where that is another.
        """
        asked = options(form)
        assert any(each == {"type": "public-key", "alg": -7} for each in asked["pubKeyCredParams"]), asked
        self.rp_id, self.user_handle = asked["rp"]["id"], asked["user"]["id"]
        told = encoded(client(client_data("webauthn.create", asked, at)))
        own = AttestedCredentialData.create(
            bytes(16), self.credential_id, ES256.from_cryptography_key(self.key.public_key()))
        made = AuthenticatorData.create(
            sha256(self.rp_id.encode()), AuthenticatorData.FLAG(self.flags | HAS_CREDENTIAL), self.count, own)
        object: dict[str, Any] = {"fmt": "none", "attStmt": {}, "authData": bytes(data(bytearray(made)))}
        changed = attestation(object if maker is None else maker.attest(told, object, signer))
        return json.dumps(answer({
            "id": text(self.credential_id),
            "clientDataJSON": text(told),
            "attestationObject": text(changed if isinstance(changed, bytes) else cbor.encode(changed)),
            "transports": ["internal"],
        }))

    def get(
        self, form: Form, at: str, *, client: Changed = unchanged, data: Changed = unchanged,
        signature: Changed = unchanged, answer: Changed = unchanged,
    ) -> str:
        """The field `passkey` for a form that asks to prove a credential; parameters as before."""
        self.count += 1
        told = encoded(client(client_data("webauthn.get", options(form), at)))
        made = AuthenticatorData.create(
            sha256(self.rp_id.encode()), AuthenticatorData.FLAG(self.flags), self.count)
        changed = bytes(data(bytearray(made)))
        return json.dumps(answer({
            "id": text(self.credential_id),
            "clientDataJSON": text(told),
            "authenticatorData": text(changed),
            "signature": text(signature(self.sign(changed + sha256(told)))),
            "userHandle": text(self.user_handle),
        }))

    @property
    def flags(self) -> int:
        """What it says of its user."""
        return USER_PRESENT | (USER_VERIFIED if self.verifies else 0)

    def sign(self, message: bytes) -> bytes:
        """With the credential's key."""
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))


def client_data(type: str, asked: dict[str, Any], at: str) -> dict[str, Any]:
    """What a browser says of the ceremony."""
    return dict(json.loads(CollectedClientData.create(type, asked["challenge"], at)))


def encoded(told: Any) -> bytes:
    """Client data as text; what is text already stays."""
    return told if isinstance(told, bytes) else json.dumps(told).encode()


def sha256(message: bytes) -> bytes:
    """The digest."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(message)
    return digest.finalize()


class Maker:
    """Who makes devices of one model, and certifies them (Web Authentication Level 3 §8.2, packed)."""

    def __init__(self, aaguid: bytes, unit: str = "Authenticator Attestation") -> None:
        self.aaguid = aaguid
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._certificate(unit).public_bytes(Encoding.DER)

    def attest(self, client_data: bytes, object: dict[str, Any], signer: Maker | None = None) -> dict[str, Any]:
        """The attestation object with the model's id and the maker's word, signed by another where one is given."""
        data = bytearray(object["authData"])
        data[CREDENTIAL_AT:CREDENTIAL_AT + 16] = self.aaguid
        signature = (signer or self).key.sign(bytes(data) + sha256(client_data), ec.ECDSA(hashes.SHA256()))
        statement = {"alg": -7, "sig": signature, "x5c": [self.certificate]}
        return {"fmt": "packed", "attStmt": statement, "authData": bytes(data)}

    def _certificate(self, unit: str) -> x509.Certificate:
        names = ((NameOID.COUNTRY_NAME, "DE"), (NameOID.ORGANIZATION_NAME, "Example Devices"),
                 (NameOID.ORGANIZATIONAL_UNIT_NAME, unit), (NameOID.COMMON_NAME, "Example Device 1"))
        name = x509.Name([x509.NameAttribute(kind, value) for kind, value in names])
        now = datetime.datetime.now(datetime.UTC)
        aaguid = x509.UnrecognizedExtension(
            x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4"), b"\x04\x10" + self.aaguid)
        return (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(aaguid, critical=False).sign(self.key, hashes.SHA256()))
