"""pysaml2 as an identity provider, with xmlsec1 underneath: a second reading of the standard, independent of the first.

It serves nothing: it takes the address to which a browser was sent, and gives what that browser would post back.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAME_FORMAT_UNSPECIFIED, NAMEID_FORMAT_EMAILADDRESS, NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.sigver import pre_encryption_part
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

from .html_forms import read_page
from .saml.keys import pair
from .saml.names import XENC, XENC11
from .scripted_provider import Asked, Person

BASE = "https://second.example"
ENTITY = f"{BASE}/metadata"
GCM = {128: XENC11 + "aes128-gcm", 192: XENC11 + "aes192-gcm", 256: XENC11 + "aes256-gcm"}
CBC = {128: XENC + "aes128-cbc", 256: XENC + "aes256-cbc"}
METHODS = GCM | {-bits: name for bits, name in CBC.items()}


@dataclass
class PySAML2:
    """The provider."""

    folder: Path
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        made = pair(rsa.generate_private_key(65537, 2048), "second.example")
        (self.folder / "key.pem").write_bytes(made.pem)
        (self.folder / "crt.pem").write_bytes(made.certificate.public_bytes(Encoding.PEM))

    @property
    def _configuration(self) -> dict[str, object]:
        return {
            "entityid": ENTITY, "key_file": str(self.folder / "key.pem"), "cert_file": str(self.folder / "crt.pem"),
            "xmlsec_binary": shutil.which("xmlsec1"), "debug": False,
            "service": {"idp": {
                "endpoints": {
                    "single_sign_on_service": [
                        (f"{BASE}/sso", BINDING_HTTP_REDIRECT), (f"{BASE}/sso", BINDING_HTTP_POST)],
                    "single_logout_service": [
                        (f"{BASE}/slo", BINDING_HTTP_REDIRECT), (f"{BASE}/slo", BINDING_HTTP_POST)],
                },
                "name_id_format": [NAMEID_FORMAT_PERSISTENT, NAMEID_FORMAT_EMAILADDRESS],
                "want_authn_requests_signed": True, "signing_algorithm": SIG_RSA_SHA256,
                "digest_algorithm": DIGEST_SHA256,
                "policy": {"default": {"lifetime": {"minutes": 5}, "name_form": NAME_FORMAT_UNSPECIFIED}},
            }},
        }

    def metadata(self) -> str:
        """What it publishes."""
        return str(entity_descriptor(IdPConfig().load(self._configuration)))

    def trust(self, metadata: str) -> None:
        """Takes the service provider's metadata, and starts with them."""
        file = self.folder / "service.xml"
        file.write_text(metadata)
        configuration = self._configuration | {"metadata": {"local": [str(file)]}}
        self.server = Server(config=IdPConfig().load(configuration))

    # --- sign-in -------------------------------------------------------------------------------------------------

    def read(self, address: str) -> Asked:
        """The request within an address: its signature by the service provider's metadata, its destination, its times.

        Raises whatever pysaml2 has against it.
        """
        assert address.startswith(f"{BASE}/sso?"), address
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        read = self.server.parse_authn_request(
            query["SAMLRequest"], BINDING_HTTP_REDIRECT, relay_state=query.get("RelayState"), sigalg=query["SigAlg"],
            signature=query["Signature"])
        message = read.message
        return Asked(
            message.id, message.assertion_consumer_service_url, message.issuer.text, query.get("RelayState", ""),
            is_forced=message.force_authn == "true")

    def answer(
        self, asked: Asked, person: Person, encryption: int = 0, signs_response: bool = False,
        signs_assertion: bool = True,
    ) -> dict[str, str]:
        """The fields of the form.

        `encryption` is the bits of AES-GCM, less than nothing those of AES-CBC, 0 for none.  pysaml2 has no option for
        that and would take Triple DES: its own call of xmlsec1 gets another template.
        """
        self.server.sec.encrypt_assertion = self._encrypts(encryption)
        response = self.server.create_authn_response(
            person.attributes, asked.id, asked.consumer, asked.issuer, name_id=NameID(
                format=NAMEID_FORMAT_PERSISTENT, sp_name_qualifier=asked.issuer, name_qualifier=ENTITY,
                text=person.id),
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT, "authn_auth": ENTITY}, sign_response=signs_response,
            sign_assertion=signs_assertion, encrypt_assertion=bool(encryption), sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256)
        sent = self.server.apply_binding(
            BINDING_HTTP_POST, str(response), asked.consumer, asked.relay_state, response=True)
        return fields_of(sent["data"])

    def _encrypts(self, encryption: int) -> object:
        def encrypted(statement: object, key_file: str, _: object, node_xpath: str | None = None) -> str:
            return str(self.server.sec.crypto.encrypt_assertion(
                statement, key_file, pre_encryption_part(msg_enc=METHODS[encryption]), f"aes-{abs(encryption)}",
                node_xpath))

        return encrypted


def fields_of(page: object) -> dict[str, str]:
    """The hidden fields of a page that sends itself on."""
    text = page if isinstance(page, str) else "".join(page)  # type: ignore[arg-type]
    return {each.name: each.value for form in read_page(text).forms for each in form.controls if each.name}
