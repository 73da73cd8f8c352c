"""An application whose pace a test decides: it answers at once, when it is told to, or without end."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

BLOCK = b"x" * 65536
BLOCKS = 4096
"""What `/public/endless` would send if somebody read it: 256 MiB."""


class Application:
    """A context manager around a threaded HTTP/1.1 server on a free port.

    `/public/held` answers when `release` is set, and sets `is_held` while it waits; `/public/endless` sends 256 MiB;
    everything else is answered with its own path.  Bodies are read to their end first.
    """

    def __init__(self) -> None:
        self.is_held = threading.Event()
        self.release = threading.Event()
        application = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_GET(self) -> None:
                self._read_body()
                if self.path == "/public/held":
                    application.is_held.set()
                    application.release.wait(30)
                if self.path == "/public/endless":
                    return self._send_without_end()
                body = self.path.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def _read_body(self) -> None:
                if self.headers.get("Transfer-Encoding") != "chunked":
                    self.rfile.read(int(self.headers.get("Content-Length", "0")))
                    return
                while size := int(self.rfile.readline().strip() or b"0", 16):
                    self.rfile.read(size + 2)
                self.rfile.readline()

            def _send_without_end(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(BLOCKS * len(BLOCK)))
                self.end_headers()
                for _ in range(BLOCKS):
                    self.wfile.write(BLOCK)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: object, client_address: object) -> None:
                # A gateway that cuts its client cuts us too; the tests look at the gateway.
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Application:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
