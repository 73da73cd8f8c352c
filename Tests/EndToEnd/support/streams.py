"""An application that sends a chunk every few milliseconds until its reader is gone."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from .visitor import BALANCER, PUBLIC_PORT, STRANGER, Visitor

BEAT_SECONDS = 0.02
LONGEST_SECONDS = 30.0


class Streams:
    """A context manager around the application, on a free port."""

    def __init__(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                until = time.monotonic() + LONGEST_SECONDS
                pause = threading.Event()
                while time.monotonic() < until:
                    self.wfile.write(b"8\r\ndata: x\n\r\n")
                    self.wfile.flush()
                    pause.wait(BEAT_SECONDS)
                self.wfile.write(b"0\r\n\r\n")

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                # The gateway has cut the stream, which is what tests wait for.
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Streams:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class OpenStream:
    """A stream that somebody reads through the gateway; a context manager that goes away."""

    def __init__(self, visitor: Visitor, target: str) -> None:
        context = ssl.create_default_context(cafile=str(visitor.authority))
        context.set_alpn_protocols(["http/1.1"])
        source = BALANCER if visitor.address else STRANGER
        plain = socket.create_connection(("127.0.0.1", visitor.port), LONGEST_SECONDS, (source, 0))
        self.connection = http.client.HTTPConnection("127.0.0.1", visitor.port, timeout=LONGEST_SECONDS)
        self.connection.sock = context.wrap_socket(plain, server_hostname=visitor.host)
        self.connection.putrequest("GET", target, skip_host=True, skip_accept_encoding=True)
        self.connection.putheader("Host", f"{visitor.host}:{PUBLIC_PORT}")
        self.connection.putheader("Cookie", visitor.jar.header(visitor.host))
        if visitor.address:
            self.connection.putheader("X-Forwarded-For", visitor.address)
        self.connection.endheaders()
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.bytes_read = 0
        self.ended_at: float | None = None
        self.was_whole = False
        """True where the stream had its proper end, so that it looked complete."""
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> OpenStream:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.connection.sock is not None
        try:
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._thread.join(LONGEST_SECONDS)
        self.connection.close()

    @property
    def is_open(self) -> bool:
        """True while it goes on."""
        return self.ended_at is None

    def _read(self) -> None:
        try:
            while data := self.response.read1(4096):
                self.bytes_read += len(data)
            self.was_whole = True
        except (OSError, http.client.HTTPException, ValueError):
            pass
        self.ended_at = time.monotonic()
