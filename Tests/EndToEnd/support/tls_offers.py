"""TLS clients that offer one thing at a time, and servers that prove that they can."""

from __future__ import annotations

import os
import re
import select
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 20
ALLOW_CLIENT_RENEGOTIATION = 1 << 8
"""SSL_OP_ALLOW_CLIENT_RENEGOTIATION of OpenSSL 3, for which Python has no name."""


def s_client(port: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`openssl s_client` with no input: it ends when the handshake has, with 0 where that succeeded."""
    return subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)


def renegotiate(port: int, *arguments: str) -> str:
    """What `openssl s_client` says after the handshake, where it then asks for another one on the same connection."""
    process = subprocess.Popen(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdin is not None and process.stdout is not None
    said = b""
    asked = False
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while time.monotonic() < deadline:
            if not select.select([process.stdout], [], [], 0.2)[0]:
                continue
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                break
            said += data
            if not asked and b"Extended master secret" in said:
                process.stdin.write(b"R\n")
                process.stdin.flush()
                asked = True
            if asked and re.search(rb"RENEGOTIATING.*(?:error|closed|verify return)", said, re.DOTALL):
                break
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
    return said.decode(errors="replace")


@contextmanager
def old_server(chain: Path, key: Path, newest: ssl.TLSVersion) -> Iterator[int]:
    """A server that speaks old TLS and allows renegotiation: the control that shows what a client could do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = newest
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(chain, key)
    context.options = (context.options & ~ssl.OP_NO_RENEGOTIATION) | ALLOW_CLIENT_RENEGOTIATION
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve() -> None:
            while True:
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return
                try:
                    plain.settimeout(PATIENCE_SECONDS)
                    with context.wrap_socket(plain, server_side=True) as session:
                        while session.recv(4096):
                            pass
                except OSError:
                    plain.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE_SECONDS)


def suites_accepted(port: int, server_name: str, names: list[str]) -> set[str]:
    """Which of these TLS 1.2 suites a server takes when a client offers nothing else."""
    taken: set[str] = set()
    for name in names:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{name}:@SECLEVEL=0")
        try:
            with (
                socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as plain,
                context.wrap_socket(plain, server_hostname=server_name) as session,
            ):
                chosen = session.cipher()
                assert chosen is not None
                taken.add(chosen[0])
        except ssl.SSLError:
            continue
    return taken
