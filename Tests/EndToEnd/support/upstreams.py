"""Applications of every kind that an upstream may have: in clear, over TLS, behind a unix socket."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

BACKLOG = 128
LARGE = 8_000_000
"""Bytes of `/public/blocks`."""


class Upstream:
    """A context manager around a threaded HTTP/1.1 server that answers with its own name and the path.

    In clear on a free port, on a given one, behind a unix socket (`path`), or over TLS (`tls`); `/public/held` waits for
    `release`; `/healthz` answers `health`.
    """

    def __init__(
        self, name: str = "one", port: int = 0, path: Path | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.name = name
        self.health = 200
        self.closes = False
        """Each answer ends its connection."""
        self.paths: list[str] = []
        """Of requests, without the health checks'."""
        self.checks = 0
        self.tls_names: list[str | None] = []
        """What SNI said, of each connection."""
        self.resumed: list[bool] = []
        """Of each TLS connection that was made."""
        self.client_names: list[str] = []
        """Common names of clients' certificates."""
        self.is_held = threading.Event()
        self.release = threading.Event()
        self._tls = tls
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60
            disable_nagle_algorithm = path is None

            def setup(self) -> None:
                self.request = upstream._opened(self.request)
                super().setup()

            def do_GET(self) -> None:
                body = f"{upstream.name} {self.path}".encode()
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                if self.path == "/healthz":
                    upstream.checks += 1
                    return self._answer(upstream.health, body)
                upstream.paths.append(self.path)
                if self.path == "/public/held":
                    upstream.is_held.set()
                    upstream.release.wait(60)
                self._answer(200, b"x" * LARGE if self.path == "/public/blocks" else body)

            do_POST = do_GET

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if upstream.closes:
                    self.send_header("Connection", "close")
                    self.close_connection = True
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

            def address_string(self) -> str:
                return "client"

        class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = BACKLOG
            address_family = socket.AF_INET if path is None else socket.AF_UNIX

            def handle_error(self, request: object, client_address: object) -> None:
                # Whoever breaks off, the tests look at the gateway.
                pass

        if tls is not None:
            tls.sni_callback = self._note_name
        self._server = Server(("127.0.0.1", port) if path is None else str(path), Handler)  # type: ignore[arg-type]
        self.port: int = self._server.server_address[1] if path is None else 0
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def _note_name(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        self.tls_names.append(name)

    def _opened(self, connection: socket.socket) -> socket.socket:
        if self._tls is not None:
            # Here, on the connection's own thread: a client that says nothing holds nobody up.
            connection = self._tls.wrap_socket(connection, server_side=True)
            self.resumed.append(bool(connection.session_reused))
            certificate = connection.getpeercert()
            if certificate:
                self.client_names += [value for part in certificate["subject"] for _, value in part]
        with self._lock:
            self._open.add(connection)
        return connection

    def kill(self) -> None:
        """Ends as a killed process does: nobody listens, and every connection is gone."""
        self._server.shutdown()
        self._server.server_close()
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self._open.clear()

    def __enter__(self) -> Upstream:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def server_tls(chain: Path, key: Path, clients_of: Path | None = None) -> ssl.SSLContext:
    """A server's context with this certificate; with `clients_of` it demands a client's certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    if clients_of is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cafile=str(clients_of))
    return context
