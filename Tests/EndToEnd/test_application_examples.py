"""Every application in config/examples/applications whose runtime is on this machine: a good assertion is believed, and
one that differs in a single property is not."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from support.running import await_that

EXAMPLES = Path(__file__).resolve().parents[2] / "config/examples/applications"
ISSUER = "https://app.example.org"
COMMANDS = {
    "node.mjs": ["node", "node.mjs"],
    "application.py": [sys.executable, "application.py"],
    "application.go": ["go", "run", "application.go"],
    "Application.java": ["java", "Application.java"],
    "application.php": ["php", "-S", "127.0.0.1:{port}", "application.php"],
    "Program.cs": ["dotnet", "run"],
}


def encoded(data: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Signer:
    """Signs as Gatehouse does (RFC 7518 §3.4)."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self.key = ec.generate_private_key(ec.SECP256R1())

    def jwk(self) -> dict[str, str]:
        """The public key (RFC 7517)."""
        numbers = self.key.public_key().public_numbers()
        x, y = (encoded(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": self.kid, "alg": "ES256", "use": "sig"}

    def assertion(self, algorithm: str = "ES256", **changed: object) -> str:
        """An assertion for a member, with these claims in place of the good ones."""
        now = int(time.time())
        claims = {
            "iss": ISSUER, "aud": "app", "iat": now, "exp": now + 60, "sub": "0b1c7e1e-0000-4000-8000-000000000001",
            "tenant": "acme", "email": "ada@acme.example", "roles": ["user", "admin"], "amr": ["password"], "sid": "s",
        } | changed
        header = {"alg": algorithm, "typ": "JWT", "kid": self.kid}
        text = ".".join(encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


@dataclass(frozen=True)
class Running:
    """An example that answers."""

    port: int
    signer: Signer

    def ask(self, assertion: str | None) -> tuple[int, bytes]:
        """Status and body of a request with this assertion."""
        fields = {"X-User-Name": "Ada%20L%C3%B6we", "X-Tenant-ID": "acme"}
        if assertion is not None:
            fields["X-Gatehouse-Assertion"] = assertion
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", headers=fields)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()


@pytest.fixture(scope="module")
def signer() -> Iterator[tuple[Signer, str]]:
    """A key, and where its public half is served."""
    made = Signer("the-key")

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"keys": [made.jwk()]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/jwk-set+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made, f"http://127.0.0.1:{server.server_port}/jwks.json"
    server.shutdown()


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        return int(other.getsockname()[1])


@pytest.fixture(scope="module", params=[name for name, command in COMMANDS.items() if shutil.which(command[0])])
def example(
    request: pytest.FixtureRequest, signer: tuple[Signer, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The example, running."""
    made, keys = signer
    folder = tmp_path_factory.mktemp("application")
    shutil.copy(EXAMPLES / request.param, folder)
    port = free_port()
    if request.param == "Program.cs":
        subprocess.run(["dotnet", "new", "web", "--force", "--no-restore"], cwd=folder, check=True, capture_output=True)
        shutil.copy(EXAMPLES / request.param, folder)
    environment = {
        **os.environ, "GATEHOUSE_URL": ISSUER, "KEYS_URL": keys, "PORT": str(port), "TMPDIR": str(folder),
        "GOCACHE": str(folder / "go"), "GO111MODULE": "off",
    }
    process = subprocess.Popen(
        [word.format(port=port) for word in COMMANDS[request.param]], cwd=folder, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    running = Running(port, made)

    def answers() -> bool:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        await_that(answers, f"{request.param} answers", seconds=120)
        yield running
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=20)


def test_a_good_assertion_is_believed(example: Running) -> None:
    """Tenant, user and roles are the assertion's, the name is the header's, decoded."""
    status, body = example.ask(example.signer.assertion())
    assert status == 200
    assert json.loads(body) == {
        "tenant": "acme", "user": "0b1c7e1e-0000-4000-8000-000000000001", "name": "Ada Löwe", "roles": ["user", "admin"]}


def test_an_assertion_with_one_wrong_property_is_not(example: Running) -> None:
    """Absent, for another issuer or audience, too old, of another key, changed, unsigned: 401 for each."""
    good = example.signer.assertion()
    header, claims, signature = good.split(".")
    promoted = encoded(json.dumps(
        json.loads(base64.urlsafe_b64decode(claims + "==")) | {"roles": ["owner"]}).encode())
    refused = {
        "absent": None, "empty": "", "no assertion": "a.b", "not base64": "%.%.%",
        "of another issuer": example.signer.assertion(iss="https://evil.example"),
        "for another audience": example.signer.assertion(aud="billing"),
        "too old": example.signer.assertion(exp=int(time.time()) - 1),
        "with a changed claim": f"{header}.{promoted}.{signature}",
        "unsigned": f"{header}.{claims}.",
        "of no algorithm": example.signer.assertion(algorithm="none"),
        "of another key of that name": Signer("the-key").assertion(),
        "of a key that is not known": Signer("another").assertion(),
    }
    for what, assertion in refused.items():
        assert example.ask(assertion)[0] == 401, what
    assert example.ask(good)[0] == 200


def test_every_example_is_tried() -> None:
    """No file lies in the folder that this test does not know."""
    assert {path.name for path in EXAMPLES.iterdir()} == set(COMMANDS)
