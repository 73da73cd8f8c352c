"""The keys of the made-up world, from Tests/Vectors/saml: a provider's, an attacker's, and our own."""

from __future__ import annotations

import base64
import datetime
import functools
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

VECTORS = Path(__file__).resolve().parents[3] / "Vectors/saml"
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A private key and a certificate that it signed itself."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def text(self) -> str:
        """The certificate in base64, as it stands within XML."""
        return base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()

    @property
    def pem(self) -> bytes:
        """The private key."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


@functools.cache
def stored(name: str) -> Pair:
    """A pair of the vectors."""
    key = serialization.load_pem_private_key((VECTORS / f"{name}.key.txt").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return Pair(key, x509.load_pem_x509_certificate((VECTORS / f"{name}.crt.txt").read_bytes()))


def provider() -> Pair:
    """The provider's, whose certificate is pinned."""
    return stored("provider")


def elliptic() -> Pair:
    """The provider's other one."""
    return stored("elliptic")


def stranger() -> Pair:
    """An attacker's, under the provider's name."""
    return stored("stranger")


def ours() -> Pair:
    """Ours, for encrypted assertions."""
    return stored("ours")


def pair(key: rsa.RSAPrivateKey, name: str) -> Pair:
    """Another key with a certificate of ten years."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(start + 3650 * DAY)
        .sign(key, hashes.SHA256()))
    return Pair(key, certificate)
