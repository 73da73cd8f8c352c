"""Writes what the Swift tests and the fuzzer begin with, from the keys in Tests/Vectors/saml:

    python3 -m support.saml.vectors          (in Tests/EndToEnd)
"""

from __future__ import annotations

from support.saml import keys
from support.saml.case import ASSERTION, RESPONSE, enclosed, sealed, signed
from support.saml.encryption import CBC, ENCRYPT, GCM, OAEP11, PKCS1
from support.saml.messages import metadata
from support.saml.names import DSIG, ECDSA_SHA256, RSA_SHA1, RSA_SHA512, SHA1, SHA256, SHA512, XENC11
from support.saml.signing import SIGN

SEEDS = keys.VECTORS.parents[1] / "Fuzz/seeds/saml"
OAEP_SHA256 = (
    f'<ds:DigestMethod xmlns:ds="{DSIG}" Algorithm="{SHA256}"/>'
    f'<x:MGF xmlns:x="{XENC11}" Algorithm="{XENC11}mgf1sha256"/>')


def groups(size: int) -> str:
    """A signed assertion in a response of so many bytes, filled with groups as directories have them."""
    value = "<saml:AttributeValue>CN=Application Users {:04},OU=Groups,DC=acme,DC=example</saml:AttributeValue>"
    count = 0
    while True:
        inner = "".join(value.format(each) for each in range(count))
        found = signed(ASSERTION.but(attributes_xml=f'<saml:Attribute Name="groups">{inner}</saml:Attribute>'))
        if len(found) >= size:
            return found
        count += 1


def vectors() -> dict[str, str]:
    """Name and content of each file."""
    return {
        "metadata": metadata(keys.provider(), keys.elliptic()),
        "signed-assertion": signed(),
        "signed-response": enclosed(),
        "signed-both": enclosed(SIGN.sign(ASSERTION.xml)),
        "signed-elliptic": signed(sign=SIGN.but(method=ECDSA_SHA256, pair=keys.elliptic())),
        "signed-sha512": signed(sign=SIGN.but(method=RSA_SHA512, digest=SHA512)),
        "signed-sha1": signed(sign=SIGN.but(method=RSA_SHA1, digest=SHA1)),
        "signed-8-kib": groups(8192),
        "encrypted-gcm": sealed(),
        "encrypted-gcm-128-oaep-sha256": sealed(encryption=ENCRYPT.but(
            method=GCM[128], transport=OAEP11, transport_inner=OAEP_SHA256)),
        "encrypted-cbc": sealed(encryption=ENCRYPT.but(method=CBC[256])),
        "encrypted-cbc-in-a-signed-response": enclosed(ENCRYPT.but(method=CBC[256]).encrypt(ASSERTION.xml)),
        "encrypted-rsa-1.5": sealed(encryption=ENCRYPT.but(transport=PKCS1)),
        "unsigned": RESPONSE.xml(ASSERTION.xml),
    }


def write() -> None:
    """All of them, and those that a fuzzer can begin with."""
    SEEDS.mkdir(parents=True, exist_ok=True)
    for name, content in vectors().items():
        (keys.VECTORS / f"{name}.xml").write_text(content)
        if name not in ("metadata", "signed-8-kib"):
            (SEEDS / name).write_text(content)


if __name__ == "__main__":
    write()
