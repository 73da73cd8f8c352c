"""A web server with TLS that serves one document, as a provider serves its metadata; counts who asked and how."""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

HOST = "localhost"


@dataclass
class MetadataServer:
    """A context manager; what it serves may change at any time."""

    chain: Path
    key: Path
    document: str = ""
    status: int = 200
    location: str = ""
    """Where it sends on; empty for nowhere."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The fields of each request, names in lower case."""
    port: int = 0

    def __post_init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802 — as the library names it.
                outer.asked.append({name.lower(): value for name, value in self.headers.items()})
                content = outer.document.encode()
                is_known = self.headers.get("If-None-Match") == outer.etag and outer.status == 200
                status = 302 if outer.location else 304 if is_known else outer.status
                self.send_response(status)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.send_header("ETag", outer.etag)
                self.send_header("Content-Type", "application/samlmetadata+xml")
                self.send_header("Content-Length", "0" if status in (302, 304) else str(len(content)))
                self.end_headers()
                if status not in (302, 304):
                    self.wfile.write(content)

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002
                pass

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain, self.key)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_address[1]

    @property
    def etag(self) -> str:
        """The document's tag."""
        return f'"{hash(self.document) & 0xFFFFFFFF:08x}"'

    @property
    def url(self) -> str:
        """Where the document is."""
        return f"https://{HOST}:{self.port}/metadata"

    def __enter__(self) -> MetadataServer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
