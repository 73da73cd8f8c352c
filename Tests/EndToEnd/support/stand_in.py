"""A server that behaves towards `gatehouse doctor` as a gateway does, but for the one thing that a test spoils."""

from __future__ import annotations

import json
import ssl
import threading
import time
import warnings
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COOKIE = "__Host-gatehouse-login=abc; Secure; HttpOnly; SameSite=Lax; Path=/"
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"
HEALTH = json.dumps({"status": "ok", "checks": {"loops": {"status": "ok", "detail": "2 of 2 answered"}}})


@dataclass(frozen=True)
class Manners:
    """How it behaves; everything is right unless a test says otherwise."""

    lowest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    highest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    login_status: int = 200
    cookies: tuple[str, ...] = (COOKIE,)
    policy: str = POLICY
    caching: str = "no-store"
    unknown_host_status: int = 421
    echoes_trace: bool = False
    ambiguous_status: int = 400
    pages: dict[str, str] = field(default_factory=dict)
    """Body by path, answered 200 to everybody."""
    hides_identity: bool = True
    seconds_ahead: int = 0


class StandIn:
    """Serves on a free port of 127.0.0.1 until the block ends."""

    def __init__(self, chain: Path, key: Path, host: str, manners: Manners) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if manners.lowest < ssl.TLSVersion.TLSv1_2:
            context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            # The versions before 1.2 are deprecated, which is what they are here for.
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = manners.lowest
            context.maximum_version = manners.highest
        context.load_cert_chain(chain, key)
        self._server = _Server(("127.0.0.1", 0), _handler(host, manners))
        self._server.context = context
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    context: ssl.SSLContext
    daemon_threads = True

    def finish_request(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        """Shakes hands in the connection's own thread."""
        request.settimeout(10)
        try:
            wrapped = self.context.wrap_socket(request, server_side=True)
        except (ssl.SSLError, OSError):
            return
        try:
            super().finish_request(wrapped, client_address)
        finally:
            wrapped.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A doctor who hangs up is no error."""


def _handler(host: str, manners: Manners) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status: int, body: str = "", kind: str = "text/html; charset=utf-8", **fields: str) -> None:
            """One answer, after which the connection closes."""
            self.close_connection = True
            self.send_response_only(status)
            self.send_header("Date", formatdate(time.time() + manners.seconds_ahead, usegmt=True))
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            self.send_header("Connection", "close")
            if manners.caching:
                self.send_header("Cache-Control", manners.caching)
            for name, value in fields.items():
                self.send_header(name.replace("_", "-"), value)
            if self.path == "/.gatehouse/login" and status == 200:
                for cookie in manners.cookies:
                    self.send_header("Set-Cookie", cookie)
                if manners.policy:
                    self.send_header("Content-Security-Policy", manners.policy)
            self.end_headers()
            self.wfile.write(body.encode())

        def do_GET(self) -> None:
            """What a gateway without sessions answers."""
            if (self.headers["Host"] or "").split(":")[0] != host:
                return self.answer(manners.unknown_host_status)
            if self.path == "/.gatehouse/login":
                return self.answer(manners.login_status, "<!doctype html><title>Sign in</title>")
            if self.path in manners.pages:
                return self.answer(200, manners.pages[self.path], "text/plain")
            if self.path == "/":
                told = {
                    name.lower(): [value] for name, value in self.headers.items()
                    if not manners.hides_identity or "doctor-" not in value
                }
                return self.answer(200, json.dumps({"headers": told}), "application/json")
            return self.answer(404)

        def do_POST(self) -> None:
            """Only a request of two lengths comes here."""
            self.answer(manners.ambiguous_status)

        def do_TRACE(self) -> None:
            """Refused, or told back."""
            if manners.echoes_trace:
                return self.answer(200, str(self.headers), "message/http")
            return self.answer(405)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Says nothing."""

    return Handler
