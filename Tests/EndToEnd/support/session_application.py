"""An application that keeps a session of its own in a cookie, as most did before they had a gateway."""

from __future__ import annotations

import http.cookies
import itertools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

COOKIE = "connect.sid"


class SessionApplication:
    """A context manager around a threaded HTTP/1.1 server on a free port.

    Whoever comes without a known cookie gets one, scoped as widely as it can be, and is kept as the session's owner; each
    answer tells owner and asker as JSON.  A path that ends in `/logout` sends its visitor to `/`, as such places do, and
    one that ends in `/broken` answers 500.
    """

    def __init__(self) -> None:
        numbers = itertools.count(1)
        owners: dict[str, str] = {}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                jar = http.cookies.SimpleCookie(self.headers.get("Cookie", ""))
                name = jar[COOKIE].value if COOKIE in jar else ""
                asker = self.headers.get("X-User-Email", "")
                is_new = name not in owners
                if is_new:
                    name = f"s{next(numbers)}"
                    owners[name] = asker
                body = json.dumps({"owner": owners[name], "asker": asker, "session": name}).encode()
                status = 302 if self.path.endswith("/logout") else 500 if self.path.endswith("/broken") else 200
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/")
                if is_new:
                    self.send_header("Set-Cookie", f"{COOKIE}={name}; Path=/shop; Domain=example.org; HttpOnly")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> SessionApplication:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
