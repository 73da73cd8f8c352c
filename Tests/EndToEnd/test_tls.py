"""What the gateway speaks: TLS 1.2 and 1.3 with forward-secret AEAD suites, and nothing older or looser."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509

from support.application import Application
from support.certificates import Authority
from support.running import Running, Setting, ask, client_context, prepare, request, running
from support.tls_offers import old_server, renegotiate, s_client, suites_accepted

OLD_CLIENT = ("-cipher", "ALL:@SECLEVEL=0")
"""Lifts the client's own refusal of old versions and suites, so that the refusal can only be the server's."""
RSA_HOST = "acme.example.org"
ECDSA_HOST = "app.example.org"
FORWARD_SECRET_AEAD = re.compile(r"ECDHE-(ECDSA|RSA)-(AES128-GCM-SHA256|AES256-GCM-SHA384|CHACHA20-POLY1305)")
REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")


@dataclass(frozen=True)
class Stage:
    """A gateway with an ECDSA certificate (the first), an RSA one, and a wildcard one."""

    server: Running
    serials: dict[str, int]
    folder: Path


@pytest.fixture(scope="module")
def stage(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Starts it once for all tests of this file."""
    folder = tmp_path_factory.mktemp("tls")
    names = ("ecdsa", "rsa", "wildcard")
    with Application() as application:
        setting = Setting(
            upstream_port=application.port,
            certificates=tuple(f"tls/{name}.pem tls/{name}.key" for name in names))
        prepare(folder, setting)
        authority = Authority(folder / "tls/authority.pem")
        serials = {
            "ecdsa": authority.issue([ECDSA_HOST], folder / "tls/ecdsa.pem", folder / "tls/ecdsa.key"),
            "rsa": authority.issue([RSA_HOST], folder / "tls/rsa.pem", folder / "tls/rsa.key", "rsa"),
            "wildcard": authority.issue(
                ["*.customers.example", "customers.example"], folder / "tls/wildcard.pem", folder / "tls/wildcard.key"),
        }
        with running(binary, folder) as server:
            yield Stage(server, serials, folder)


@pytest.fixture(scope="module")
def control(stage: Stage) -> Iterator[int]:
    """A server that still speaks TLS 1.0 to 1.2, with the same certificate."""
    with old_server(stage.folder / "tls/ecdsa.pem", stage.folder / "tls/ecdsa.key", ssl.TLSVersion.TLSv1_2) as port:
        yield port


@pytest.mark.parametrize("version", ["tls1", "tls1_1"])
def test_old_versions_are_refused(stage: Stage, control: int, version: str) -> None:
    """TLS 1.0 and 1.1 are refused with the alert protocol_version, although the client could speak them."""
    proof = s_client(control, f"-{version}", *OLD_CLIENT)
    assert proof.returncode == 0, "the client itself cannot speak it: " + proof.stderr
    refused = s_client(stage.server.port, f"-{version}", *OLD_CLIENT, "-servername", ECDSA_HOST)
    assert refused.returncode != 0
    assert "alert protocol version" in refused.stderr
    assert re.search(r"Cipher is \(NONE\)", refused.stdout)


@pytest.mark.parametrize(("version", "name"), [("tls1_2", "TLSv1.2"), ("tls1_3", "TLSv1.3")])
def test_current_versions_are_spoken(stage: Stage, version: str, name: str) -> None:
    """TLS 1.2 and 1.3 are fine, and the certificate is verified against the authority."""
    done = s_client(
        stage.server.port, f"-{version}", "-servername", ECDSA_HOST, "-verify_return_error",
        "-verify_hostname", ECDSA_HOST, "-CAfile", str(stage.folder / "tls/authority.pem"))
    assert done.returncode == 0, done.stderr
    assert re.search(rf"New, {re.escape(name)}, Cipher is \S+", done.stdout)
    assert "Verification: OK" in done.stdout
    assert "Server Temp Key: X25519" in done.stdout


def test_a_floor_of_1_3_refuses_1_2(binary: Path, tmp_path: Path) -> None:
    """`minimum_version: "1.3"` refuses TLS 1.2 and serves TLS 1.3."""
    prepare(tmp_path, Setting())
    path = tmp_path / "gatehouse.yaml"
    path.write_text(path.read_text().replace("    tls:\n", '    tls:\n      minimum_version: "1.3"\n'))
    with running(binary, tmp_path) as server:
        refused = s_client(server.port, "-tls1_2", "-servername", ECDSA_HOST)
        assert refused.returncode != 0 and "alert protocol version" in refused.stderr
        assert s_client(server.port, "-tls1_3", "-servername", ECDSA_HOST).returncode == 0


@pytest.mark.parametrize(("host", "kind"), [(ECDSA_HOST, "ECDSA"), (RSA_HOST, "RSA")])
def test_only_forward_secret_aead_suites_of_1_2(stage: Stage, host: str, kind: str) -> None:
    """Of all TLS 1.2 suites that OpenSSL has, exactly three a key type are taken: ECDHE with AEAD."""
    listed = subprocess.run(
        ["openssl", "ciphers", "-s", "-tls1_2", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"],
        capture_output=True, text=True, check=True)
    names = [name for name in listed.stdout.strip().split(":") if not name.startswith("TLS_")]
    assert len(names) > 30, "the client offers too little for this to prove anything"
    taken = suites_accepted(stage.server.port, host, names)
    assert all(FORWARD_SECRET_AEAD.fullmatch(name) for name in taken)
    assert taken == {name for name in names if FORWARD_SECRET_AEAD.fullmatch(name) and f"-{kind}-" in name}
    assert len(taken) == 3


@pytest.mark.parametrize(
    ("suite", "is_taken"),
    [
        ("TLS_AES_128_GCM_SHA256", True), ("TLS_AES_256_GCM_SHA384", True), ("TLS_CHACHA20_POLY1305_SHA256", True),
        ("TLS_AES_128_CCM_SHA256", False), ("TLS_AES_128_CCM_8_SHA256", False),
    ])
def test_suites_of_1_3(stage: Stage, suite: str, is_taken: bool) -> None:
    """Of TLS 1.3 the three suites that everybody has are taken, the CCM ones are not."""
    done = s_client(stage.server.port, "-tls1_3", "-ciphersuites", suite, "-servername", ECDSA_HOST)
    assert (done.returncode == 0) == is_taken, done.stderr
    assert (f"Cipher is {suite}" in done.stdout) == is_taken


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (ECDSA_HOST, "ecdsa"), (RSA_HOST, "rsa"), ("ACME.Example.ORG", "rsa"), ("one.customers.example", "wildcard"),
        ("customers.example", "wildcard"), ("a.b.customers.example", "ecdsa"), ("nobody.example", "ecdsa"),
        (None, "ecdsa"),
    ])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_the_name_chooses_the_certificate(
    stage: Stage, name: str | None, expected: str, version: ssl.TLSVersion
) -> None:
    """SNI chooses: exact names, then a wildcard for one label, else the first certificate (RFC 6066 §3)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", stage.server.port), 10) as plain,
        context.wrap_socket(plain, server_hostname=name) as session,
    ):
        shown = session.getpeercert(binary_form=True)
    assert shown is not None
    assert x509.load_der_x509_certificate(shown).serial_number == stage.serials[expected]


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [(["http/1.1"], "http/1.1"), (["h2", "http/1.1"], "h2"), (["x", "http/1.1", "h2"], "h2"), (["h2"], "h2"), ([], None)])
def test_alpn_chooses_what_is_spoken(stage: Stage, offered: list[str], chosen: str | None) -> None:
    """ALPN chooses h2 among the offers, then http/1.1; who offers nothing gets nothing chosen (RFC 7301 §3.1)."""
    context = ssl.create_default_context(cafile=str(stage.folder / "tls/authority.pem"))
    if offered:
        context.set_alpn_protocols(offered)
    with (
        socket.create_connection(("127.0.0.1", stage.server.port), 10) as plain,
        context.wrap_socket(plain, server_hostname=ECDSA_HOST) as session,
    ):
        assert session.selected_alpn_protocol() == chosen


def test_alpn_without_a_common_protocol_is_refused(stage: Stage) -> None:
    """A client that speaks only other protocols gets the alert no_application_protocol (RFC 7301 §3.2)."""
    refused = s_client(stage.server.port, "-alpn", "h3,spdy/1", "-servername", ECDSA_HOST)
    assert refused.returncode != 0
    assert "no application protocol" in refused.stderr


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_tickets_resume(stage: Stage, version: ssl.TLSVersion) -> None:
    """A ticket resumes its session, on whichever loop the next connection lands; the metric counts it."""
    before = stage.server.metric("gatehouse_tls_handshakes_resumed_total")
    context = client_context(stage.folder / "tls/authority.pem")
    context.minimum_version = context.maximum_version = version
    ticket = first_session(stage, context, ECDSA_HOST)
    for _ in range(6):
        with (
            socket.create_connection(("127.0.0.1", stage.server.port), 10) as plain,
            context.wrap_socket(plain, server_hostname=ECDSA_HOST, session=ticket) as session,
        ):
            assert session.session_reused
            session.sendall(request("/public/x"))
            assert session.recv(4096).startswith(b"HTTP/1.1 200 ")
            assert session.session is not None
            ticket = session.session
    assert stage.server.metric("gatehouse_tls_handshakes_resumed_total") >= before + 6


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_a_ticket_of_one_name_does_not_resume_on_another(stage: Stage, version: ssl.TLSVersion) -> None:
    """A name with another certificate than the ticket's gets a full handshake (RFC 6066 §3, RFC 8446 §4.6.1)."""
    context = client_context(stage.folder / "tls/authority.pem")
    context.minimum_version = context.maximum_version = version
    ticket = first_session(stage, context, ECDSA_HOST)
    with (
        socket.create_connection(("127.0.0.1", stage.server.port), 10) as plain,
        context.wrap_socket(plain, server_hostname=RSA_HOST, session=ticket) as session,
    ):
        assert not session.session_reused
        shown = session.getpeercert(binary_form=True)
    assert shown is not None
    assert x509.load_der_x509_certificate(shown).serial_number == stage.serials["rsa"]


def first_session(stage: Stage, context: ssl.SSLContext, name: str) -> ssl.SSLSession:
    """The session of a full handshake, after an answer was read: in TLS 1.3 the ticket comes with it."""
    with (
        socket.create_connection(("127.0.0.1", stage.server.port), 10) as plain,
        context.wrap_socket(plain, server_hostname=name) as session,
    ):
        assert not session.session_reused
        session.sendall(request("/public/x", host=name))
        assert session.recv(4096).startswith(b"HTTP/1.1 ")
        assert session.session is not None and session.session.has_ticket
        return session.session


def test_renegotiation_is_refused(stage: Stage, control: int) -> None:
    """A client that wants to renegotiate under TLS 1.2 is refused (RFC 5246 §7.4.1.1), although it could."""
    proof = renegotiate(control, "-tls1_2")
    assert "RENEGOTIATING" in proof and "no renegotiation" not in proof, proof[-600:]
    refused = renegotiate(stage.server.port, "-tls1_2", "-servername", ECDSA_HOST)
    assert "RENEGOTIATING" in refused
    assert "no renegotiation" in refused, refused[-600:]
    assert ask(stage.server.endpoint, request("/public/x")).status == 200


def test_no_early_data(stage: Stage) -> None:
    """Tickets of TLS 1.3 allow no early data: it could be replayed (RFC 8446 §8)."""
    file = stage.folder / "early.pem"
    context_arguments = ("-tls1_3", "-servername", ECDSA_HOST, "-sess_out", str(file))
    process = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{stage.server.port}", "-ign_eof", *context_arguments],
        input=request("/public/x", fields=("Connection: close",)).decode(), capture_output=True, text=True, timeout=20,
        check=False)
    assert "HTTP/1.1 200" in process.stdout
    shown = subprocess.run(
        ["openssl", "sess_id", "-in", str(file), "-noout", "-text"], capture_output=True, text=True, check=True)
    assert re.search(r"Max Early Data: 0\b", shown.stdout + process.stdout)


ACCEPTED_FINDINGS = {"certificate_path_validation: ": "the tests' authority is in nobody's trust store"}
"""What sslyze may find against Mozilla's profile here, and why: only what a private authority causes."""


@pytest.mark.parametrize("host", [ECDSA_HOST, RSA_HOST])
def test_sslyze_finds_nothing(stage: Stage, host: str) -> None:
    """sslyze holds the gateway against Mozilla's intermediate profile and finds nothing but the private authority."""
    output = stage.folder / f"{host}.json"
    done = subprocess.run(
        [
            sys.executable, "-W", "ignore", "-m", "sslyze", "--mozilla_config=intermediate", f"--json_out={output}",
            "--compression", "--reneg", "--early_data", "--heartbleed", "--openssl_ccs", "--robot", "--fallback",
            f"{host}:{stage.server.port}{{127.0.0.1}}",
        ],
        capture_output=True, text=True, timeout=180, check=False)
    if REPORTS:
        Path(REPORTS).mkdir(parents=True, exist_ok=True)
        (Path(REPORTS) / f"sslyze-{host}.txt").write_text(done.stdout)
    _, title, compliance = done.stdout.partition("COMPLIANCE AGAINST TLS CONFIGURATION")
    assert title, done.stdout + done.stderr
    assert "\"intermediate\" configuration" in compliance
    found = [line.strip(" *") for line in compliance.splitlines() if line.strip().startswith("*")]
    assert found, "an unknown authority is found at least, or nothing was looked at"
    unexpected = [line for line in found if not line.startswith(tuple(ACCEPTED_FINDINGS))]
    assert not unexpected, "\n".join(unexpected)
    results = json.loads(output.read_text())["server_scan_results"][0]["scan_result"]
    assert not results["tls_compression"]["result"]["supports_compression"]
    assert not results["session_renegotiation"]["result"]["is_vulnerable_to_client_renegotiation_dos"]
    assert results["session_renegotiation"]["result"]["supports_secure_renegotiation"]
    assert not results["tls_1_3_early_data"]["result"]["supports_early_data"]
    assert not results["heartbleed"]["result"]["is_vulnerable_to_heartbleed"]
    assert not results["openssl_ccs_injection"]["result"]["is_vulnerable_to_ccs_injection"]
    for old in ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1"):
        assert not results[f"{old}_cipher_suites"]["result"]["accepted_cipher_suites"]
    for current in ("tls_1_2", "tls_1_3"):
        assert len(results[f"{current}_cipher_suites"]["result"]["accepted_cipher_suites"]) == 3
