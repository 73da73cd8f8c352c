"""Encrypted assertions (XML Encryption), the right ones and wrong ones."""

from __future__ import annotations

import base64
import dataclasses
import os
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from support.saml import keys
from support.saml.names import ASSERTION, DSIG, XENC, XENC11

GCM = {128: XENC11 + "aes128-gcm", 192: XENC11 + "aes192-gcm", 256: XENC11 + "aes256-gcm"}
CBC = {128: XENC + "aes128-cbc", 192: XENC + "aes192-cbc", 256: XENC + "aes256-cbc"}
OAEP = XENC + "rsa-oaep-mgf1p"
OAEP11 = XENC11 + "rsa-oaep"
PKCS1 = XENC + "rsa-1_5"


@dataclass(frozen=True)
class Encryption:
    """How an assertion is encrypted; the defaults are what a good provider does."""

    method: str = GCM[256]
    transport: str = OAEP
    transport_inner: str = ""
    type: str = XENC + "Element"
    key_count: int = 1
    is_beside: bool = False
    spoilt: str = ""
    value_xml: str | None = None
    public: rsa.RSAPublicKey | None = None
    """For whom; None for us, in the made-up world."""

    def but(self, **changes: object) -> Encryption:
        """The same with other fields."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    def wrap(self, secret: bytes) -> bytes:
        """The key, for us."""
        public = self.public or keys.ours().key.public_key()
        assert isinstance(public, rsa.RSAPublicKey)
        if self.transport == PKCS1:
            return public.encrypt(secret, padding.PKCS1v15())
        digest: hashes.HashAlgorithm = hashes.SHA256() if "#sha256" in self.transport_inner else hashes.SHA1()
        mask: hashes.HashAlgorithm = hashes.SHA256() if "mgf1sha256" in self.transport_inner else hashes.SHA1()
        return public.encrypt(secret, padding.OAEP(padding.MGF1(mask), digest, None))

    def seal(self, secret: bytes, plain: bytes) -> bytes:
        """The text, with what it needs before and behind it."""
        if self.method in GCM.values():
            nonce = os.urandom(12)
            return nonce + AESGCM(secret).encrypt(nonce, plain, None)
        nonce = os.urandom(16)
        count = 16 - len(plain) % 16
        sealer = Cipher(algorithms.AES(secret), modes.CBC(nonce)).encryptor()
        return nonce + sealer.update(plain + os.urandom(count - 1) + bytes([count])) + sealer.finalize()

    def encrypt(self, plain: str) -> str:
        """The EncryptedAssertion."""
        bits = next((each for each in (128, 192, 256) if self.method in (GCM[each], CBC[each])), 192)
        secret = os.urandom(bits // 8)
        wrapped, sealed = self.wrap(secret), self.seal(secret, plain.encode())
        if self.spoilt == "key":
            wrapped = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
        if self.spoilt == "text":
            sealed = sealed[:40] + bytes([sealed[40] ^ 1]) + sealed[41:]
        if self.spoilt == "end":
            sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
        if self.spoilt == "short":
            sealed = sealed[:20]
        if self.spoilt == "padding":
            sealed = sealed[:-16] + os.urandom(16)
        key = (
            f'<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="{self.transport}">{self.transport_inner}'
            f"</xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>{base64.b64encode(wrapped).decode()}"
            "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>") * self.key_count
        value = self.value_xml or f"<xenc:CipherValue>{base64.b64encode(sealed).decode()}</xenc:CipherValue>"
        info = "" if self.is_beside else f'<ds:KeyInfo xmlns:ds="{DSIG}">{key}</ds:KeyInfo>'
        return (
            f'<saml:EncryptedAssertion xmlns:saml="{ASSERTION}"><xenc:EncryptedData xmlns:xenc="{XENC}" '
            f'Type="{self.type}"><xenc:EncryptionMethod Algorithm="{self.method}"/>{info}<xenc:CipherData>{value}'
            f"</xenc:CipherData></xenc:EncryptedData>"
            + (key.replace("<xenc:EncryptedKey>", f'<xenc:EncryptedKey xmlns:xenc="{XENC}">') if self.is_beside else "")
            + "</saml:EncryptedAssertion>")


ENCRYPT = Encryption()
