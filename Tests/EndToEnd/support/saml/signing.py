"""XML signatures made with lxml and cryptography, the right ones and every kind of wrong one."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from lxml import etree

from support.saml import keys
from support.saml.keys import Pair
from support.saml.names import DSIG, ENVELOPED, EXCLUSIVE, INCLUSIVE, MORE, RSA_SHA256, SHA1, SHA256, SHA384, SHA512

DIGESTS = {SHA1: "sha1", SHA256: "sha256", SHA384: "sha384", SHA512: "sha512", MORE + "md5": "md5"}
HASHES = {
    "sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
    "md5": hashes.MD5(),
}
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=False, huge_tree=True)


def transform(algorithm: str, inner: str = "") -> str:
    """One Transform."""
    return f'<ds:Transform Algorithm="{algorithm}">{inner}</ds:Transform>'


@dataclass(frozen=True)
class Signing:
    """How something is signed; the defaults are what a good provider does."""

    pair: Pair | None = None
    method: str = RSA_SHA256
    method_inner: str = ""
    digest: str = SHA256
    digest_value: str | None = None
    form: str = EXCLUSIVE
    form_inner: str = ""
    transforms: str = transform(ENVELOPED) + transform(EXCLUSIVE)
    uri: str | None = None
    without_uri: bool = False
    references: int = 1
    key_info: str | None = None
    more: str = ""
    without_value: bool = False

    def but(self, **changes: object) -> Signing:
        """The same with other fields."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    @property
    def keys(self) -> Pair:
        """Whose signature it is."""
        return self.pair or keys.provider()

    def reference(self, digest: str, uri: str) -> str:
        """One Reference."""
        target = "" if self.without_uri else f' URI="{uri}"'
        transforms = f"<ds:Transforms>{self.transforms}</ds:Transforms>" if self.transforms else ""
        return (
            f'<ds:Reference{target}>{transforms}<ds:DigestMethod Algorithm="{self.digest}"/>'
            f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>")

    def signature(self, xml: str) -> str:
        """The Signature over the root of a document."""
        root = etree.fromstring(xml.encode(), PARSER)
        uri = "#" + root.get("ID", "") if self.uri is None else self.uri
        digest = self.digest_value
        if digest is None:
            digest = base64.b64encode(hashlib.new(DIGESTS[self.digest], self.octets(root)).digest()).decode()
        info = (
            f'<ds:SignedInfo xmlns:ds="{DSIG}"><ds:CanonicalizationMethod Algorithm="{self.form}">{self.form_inner}'
            f'</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="{self.method}">{self.method_inner}'
            f"</ds:SignatureMethod>{self.reference(digest, uri) * self.references}</ds:SignedInfo>")
        canonical = etree.tostring(etree.fromstring(info, PARSER), method="c14n", exclusive=self.form != INCLUSIVE)
        key_info = self.key_info
        if key_info is None:
            key_info = f"<ds:X509Data><ds:X509Certificate>{self.keys.text}</ds:X509Certificate></ds:X509Data>"
        inner = f"<ds:KeyInfo>{key_info}</ds:KeyInfo>" if key_info else ""
        value = "" if self.without_value else f"<ds:SignatureValue>{self.value(canonical)}</ds:SignatureValue>"
        info = info.replace(f' xmlns:ds="{DSIG}"', "", 1)
        return f'<ds:Signature xmlns:ds="{DSIG}">{info}{value}{inner}{self.more}</ds:Signature>'

    def octets(self, root: etree._Element) -> bytes:
        """What is digested."""
        if INCLUSIVE in self.transforms:
            return etree.tostring(root, method="c14n", with_comments=False)
        try:
            return etree.tostring(
                root, method="c14n", exclusive=True, with_comments="WithComments" in self.transforms)
        except etree.C14NError:
            # Void canonicalisation: what some libraries digest where they fail.
            return b""

    def value(self, octets: bytes) -> str:
        """The signature over the canonical SignedInfo."""
        name = next((each for each in HASHES if self.method.endswith(each)), "sha256")
        key = self.keys.key
        if "hmac" in self.method:
            # The secret is what everybody has: the provider's certificate.
            secret = self.keys.certificate.public_bytes(serialization.Encoding.PEM)
            return base64.b64encode(hmac.new(secret, octets, name).digest()).decode()
        if isinstance(key, ec.EllipticCurvePrivateKey):
            first, second = utils.decode_dss_signature(key.sign(octets, ec.ECDSA(HASHES[name])))
            return base64.b64encode(first.to_bytes(32, "big") + second.to_bytes(32, "big")).decode()
        assert isinstance(key, rsa.RSAPrivateKey)
        return base64.b64encode(key.sign(octets, padding.PKCS1v15(), HASHES[name])).decode()

    def sign(self, xml: str) -> str:
        """The document with the signature behind its issuer, or as its first child."""
        return insert(xml, self.signature(xml))


def insert(xml: str, signature: str) -> str:
    """Puts a signature where the schemas want it."""
    end = "</saml:Issuer>"
    if end in xml:
        head, tail = xml.split(end, 1)
        return head + end + signature + tail
    head, tail = xml.split(">", 1)
    return head + ">" + signature + tail


SIGN = Signing()
