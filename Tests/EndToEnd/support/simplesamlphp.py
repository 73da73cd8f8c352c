"""SimpleSAMLphp, Debian's package, as a real identity provider: its own configuration folder, `php -S` behind TLS."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from .certificates import Authority
from .clock import faketime
from .mail_server import free_port
from .running import await_that
from .saml.keys import pair
from .tls_relay import TLSRelay

PACKAGE = Path("/usr/share/simplesamlphp")
STOP_SECONDS = 10
HOST = "localhost"
"""Another site than the gateway's for every browser, and found without a name server."""
BINDINGS = [f"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-{name}" for name in ("Redirect", "POST")]
SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"

CONFIGURATION = """\
<?php
$config = [
    'baseurlpath' => <<BASE>>,
    'certdir' => <<FOLDER>> . '/cert/', 'loggingdir' => <<FOLDER>> . '/log/', 'datadir' => <<FOLDER>> . '/data/',
    'tempdir' => <<FOLDER>> . '/temp', 'metadatadir' => <<FOLDER>> . '/metadata/',
    'attributenamemapdir' => <<FOLDER>> . '/attributemap/',
    'secretsalt' => <<SALT>>, 'auth.adminpassword' => <<SALT>>,
    'technicalcontact_name' => 'Test', 'technicalcontact_email' => 'test@example.org', 'timezone' => 'UTC',
    'logging.level' => \\SimpleSAML\\Logger::INFO, 'logging.handler' => 'file',
    'logging.logfile' => 'simplesamlphp.log', 'showerrors' => true, 'errorreporting' => false,
    'enable.saml20-idp' => true, 'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    'session.duration' => 8 * 3600, 'session.datastore.timeout' => 4 * 3600, 'session.state.timeout' => 3600,
    'session.cookie.secure' => true, 'session.cookie.samesite' => 'None',
    'session.phpsession.cookiename' => 'SimpleSAML', 'session.phpsession.savepath' => <<FOLDER>> . '/sessions',
    'session.phpsession.httponly' => true, 'store.type' => 'phpsession',
    'language.available' => ['en', 'de'], 'language.default' => 'en', 'theme.use' => 'default',
    'authproc.idp' => [], 'proxy' => <<PROXY>>, 'metadata.sources' => <<SOURCES>>,
];
"""

USERS = """\
<?php
$config = [ 'users' => [ 'exampleauth:UserPass',
%s
] ];
"""

HOSTED = """\
<?php
$metadata[<<ENTITY>>] = [
    'host' => '__DEFAULT__', 'auth' => 'users', 'userid.attribute' => 'uid',
    'privatekey' => <<PAIR>> . '.key', 'certificate' => <<PAIR>> . '.crt', 'signature.algorithm' => <<ALGORITHM>>,
    'saml20.sign.response' => <<RESPONSE>>, 'saml20.sign.assertion' => <<ASSERTION>>,
    'assertion.encryption' => <<ENCRYPTION>>, 'assertion.lifetime' => 300,
    'redirect.sign' => true, 'redirect.validate' => true, 'validate.authnrequest' => true,
    'SingleSignOnServiceBinding' => <<BINDINGS>>, 'SingleLogoutServiceBinding' => <<BINDINGS>>,
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    'authproc' => [
        1 => ['class' => 'saml:PersistentNameID', 'attribute' => 'uid'],
        2 => ['class' => 'saml:AttributeNameID', 'attribute' => 'mail',
              'Format' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'],
        3 => ['class' => 'saml:TransientNameID'],
    ],
];
"""

PREPENDED = "<?php $_SERVER['HTTPS'] = 'on'; $_SERVER['SERVER_PORT'] = '443';\n"
"""TLS ends before PHP: this tells it that browsers came by TLS, as a front's configuration does."""


@dataclass(frozen=True)
class Account:
    """Somebody whom the provider knows."""

    uid: str
    mail: str
    name: str
    groups: tuple[str, ...] = ()

    @property
    def password(self) -> str:
        """Their password there."""
        return f"There-{self.uid}-9"

    @property
    def php(self) -> str:
        """As an authentication source lists it."""
        values = {"uid": [self.uid], "mail": [self.mail], "displayName": [self.name], "groups": list(self.groups)}
        listed = ", ".join(f"{literal(name)} => {literal(each)}" for name, each in values.items() if each)
        return f"    {literal(f'{self.uid}:{self.password}')} => [{listed}],"


@dataclass(frozen=True)
class Hosted:
    """How the provider makes its responses; the defaults are its own."""

    signs_response: bool = True
    signs_assertion: bool = True
    encrypts: bool = False
    algorithm: str = SHA256
    pair: str = "idp"
    """Whose key signs: `idp`, which its metadata shows, or `other`."""


def literal(value: object) -> str:
    """A value in PHP, of what JSON knows."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(literal(each) for each in value) + "]"
    if isinstance(value, dict):
        return "[" + ", ".join(f"{literal(key)} => {literal(each)}" for key, each in value.items()) + "]"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return json.dumps(value)


class SimpleSAMLphp:
    """A running provider."""

    def __init__(self, folder: Path, port: int, authority: Path) -> None:
        self.folder, self.port, self.authority = folder, port, authority
        self.hosted = Hosted()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"https://{HOST}:{self.port}"

    @property
    def base(self) -> str:
        """Where its pages begin."""
        return f"{self.origin}/simplesaml/"

    @property
    def entity_id(self) -> str:
        """Its name, where its metadata are, too."""
        return f"{self.base}saml2/idp/metadata.php"

    @property
    def chain(self) -> Path:
        """The certificate of its TLS."""
        return self.folder / "tls/chain.pem"

    def metadata(self) -> str:
        """What it publishes, fetched by https."""
        context = ssl.create_default_context(cafile=str(self.authority))
        with urllib.request.urlopen(self.entity_id, timeout=30, context=context) as answer:
            return str(answer.read().decode())

    def initiated(self, entity_id: str, relay_state: str = "") -> str:
        """The address at which it begins a sign-in by itself."""
        query = urllib.parse.urlencode({"spentityid": entity_id} | ({"RelayState": relay_state} if relay_state else {}))
        return f"{self.base}saml2/idp/SSOService.php?{query}"

    @property
    def logout(self) -> str:
        """The address at which somebody signs out there, and with that everywhere."""
        return f"{self.base}saml2/idp/SingleLogoutService.php?ReturnTo={self.base}logout.php"

    def set(self, **changes: object) -> None:
        """Makes responses otherwise from now on; without anything, as by default."""
        self.hosted = replace(Hosted(), **changes)  # type: ignore[arg-type]
        values = {
            "ENTITY": self.entity_id, "PAIR": self.hosted.pair, "ALGORITHM": self.hosted.algorithm,
            "RESPONSE": self.hosted.signs_response, "ASSERTION": self.hosted.signs_assertion,
            "ENCRYPTION": self.hosted.encrypts, "BINDINGS": BINDINGS,
        }
        self._write("metadata/saml20-idp-hosted.php", HOSTED, values)

    def trust(self, *metadata: str, urls: tuple[str, ...] = (), proxy_port: int = 0) -> None:
        """Takes the metadata of service providers: documents, and addresses that are fetched each time."""
        sources: list[object] = [{"type": "flatfile"}]
        for number, document in enumerate(metadata):
            file = self.folder / f"metadata/service-{number}.xml"
            file.write_text(document)
            sources.append({"type": "xml", "file": str(file)})
        sources += [{"type": "xml", "url": url} for url in urls]
        self._write("config.php", CONFIGURATION, {
            "BASE": self.base, "FOLDER": str(self.folder), "SALT": "c0ffee" * 6, "SOURCES": sources,
            "PROXY": f"tcp://127.0.0.1:{proxy_port}" if proxy_port else None})

    def clock(self, ahead: str) -> None:
        """Moves its clock by so much; only where it was started with `has_own_clock`."""
        (self.folder / "clock").write_text(ahead)

    def log(self) -> str:
        """What it wrote down."""
        path = self.folder / "log/simplesamlphp.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _write(self, name: str, template: str, values: dict[str, object]) -> None:
        text = template
        for key, value in values.items():
            text = text.replace(f"<<{key}>>", literal(value))
        fresh = self.folder / f"{name}.new"
        fresh.write_text(text)
        fresh.rename(self.folder / name)


@contextmanager
def simplesamlphp(
    folder: Path, authority: Authority, accounts: tuple[Account, ...], has_own_clock: bool = False
) -> Iterator[SimpleSAMLphp]:
    """Runs it in a folder of its own until the block ends.  It knows no service provider before `trust`."""
    assert PACKAGE.is_dir(), "Debian's package simplesamlphp is needed; deploy/test installs it"
    # Not its temporary folder: it wants to make that itself.
    for name in ("cert", "log", "data", "metadata", "attributemap", "sessions", "root", "tls"):
        (folder / name).mkdir(parents=True)
    (folder / "root/simplesaml").symlink_to(PACKAGE / "www")
    (folder / "prepended.php").write_text(PREPENDED)
    (folder / "authsources.php").write_text(USERS % "\n".join(each.php for each in accounts))
    for name in ("idp", "other"):
        made = pair(rsa.generate_private_key(65537, 2048), f"{name}.example")
        (folder / f"cert/{name}.key").write_bytes(made.pem)
        (folder / f"cert/{name}.crt").write_bytes(made.certificate.public_bytes(Encoding.PEM))
    authority.issue([HOST], folder / "tls/chain.pem", folder / "tls/key.pem")
    port = free_port()
    settings = {
        "auto_prepend_file": folder / "prepended.php", "openssl.cafile": authority.file, "display_errors": "0",
        "opcache.enable": "0", "session.use_strict_mode": "1", "expose_php": "0"}
    options = [word for name, value in settings.items() for word in ("-d", f"{name}={value}")]
    environment = {"PATH": os.environ["PATH"], "SIMPLESAMLPHP_CONFIG_DIR": str(folder)}
    with ExitStack() as stack:
        relay = stack.enter_context(TLSRelay(folder / "tls/chain.pem", folder / "tls/key.pem", port))
        provider = SimpleSAMLphp(folder, relay.port, authority.file)
        provider.set()
        provider.trust()
        if has_own_clock:
            provider.clock("+0")
            environment |= {
                "LD_PRELOAD": str(faketime()), "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_SHARED": "/none /none", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        log = stack.enter_context(open(folder / "php.log", "wb"))
        process = subprocess.Popen(
            ["php", *options, "-S", f"127.0.0.1:{port}", "-t", str(folder / "root")],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=environment)
        try:
            await_that(lambda: listens(port, process), "php listens")
            yield provider
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    """True where somebody takes connections there."""
    assert process.poll() is None, f"it ended with {process.returncode}"
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
