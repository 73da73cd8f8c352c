"""An application for tools: bodies of any size, ranges, trailers, interim answers, events that a test releases."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE_SECONDS = 60
PIECE = bytes(range(256)) * 256
EVENT = "data: event {}\n\n"


def bytes_of(count: int) -> bytes:
    """What `/public/bytes/COUNT` sends."""
    return (PIECE * (count // len(PIECE) + 1))[:count]


class Playground:
    """A context manager around a threaded HTTP/1.1 server on a free port.

    `/public/told` tells the request as JSON, with length and SHA-256 of its body; `/public/bytes/N` and
    `/public/chunked/N` send N bytes; `/public/events` sends one event each time `release` is acquired;
    `/public/status/N` answers N without a body; `/public/hints` sends 103 first; `/public/trailers` ends with trailers;
    `/public/held` answers when `let_go` is set.
    """

    def __init__(self) -> None:
        self.release = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.is_held = threading.Event()
        self.invited = 0
        """How often 100 Continue was sent."""
        playground = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = PATIENCE_SECONDS

            def handle_expect_100(self) -> bool:
                playground.invited += 1
                return super().handle_expect_100()

            def do_GET(self) -> None:
                name, _, rest = self.path.removeprefix("/public/").partition("?")[0].partition("/")
                getattr(self, f"answer_{name}", self.answer_told)(rest)

            do_POST = do_PUT = do_HEAD = do_OPTIONS = do_DELETE = do_GET

            def body(self) -> tuple[int, str]:
                """Length and SHA-256 of the body, read as it comes."""
                digest, length = hashlib.sha256(), 0
                for piece in self.pieces():
                    digest.update(piece)
                    length += len(piece)
                return length, digest.hexdigest()

            def pieces(self):
                if self.headers.get("Transfer-Encoding") == "chunked":
                    while size := int(self.rfile.readline().split(b";")[0], 16):
                        yield self.rfile.read(size)
                        self.rfile.readline()
                    while self.rfile.readline().strip():
                        pass
                    return
                left = int(self.headers.get("Content-Length", "0"))
                while left > 0 and (piece := self.rfile.read(min(left, 1 << 16))):
                    left -= len(piece)
                    yield piece

            def send(self, status: int, content: bytes, **fields: str) -> None:
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            def answer_told(self, rest: str) -> None:
                length, digest = self.body()
                told = {
                    "method": self.command, "path": self.path, "length": length, "sha256": digest,
                    "headers": [[name.lower(), value] for name, value in self.headers.items()],
                }
                self.send(200, json.dumps(told).encode(), Content_Type="application/json")

            def answer_bytes(self, rest: str) -> None:
                count = int(rest)
                wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
                if wanted:
                    first, last = int(wanted[1]), min(int(wanted[2] or count - 1), count - 1)
                    if first >= count:
                        return self.send(416, b"", Content_Range=f"bytes */{count}")
                    part = bytes_of(count)[first : last + 1]
                    return self.send(206, part, Content_Range=f"bytes {first}-{last}/{count}")
                self.send_response(200)
                self.send_header("Content-Length", str(count))
                self.send_header("Accept-Ranges", "bytes")
                self.end_headers()
                for start in range(0, count if self.command != "HEAD" else 0, len(PIECE)):
                    self.wfile.write(PIECE[: count - start])

            def answer_chunked(self, rest: str) -> None:
                self.begin_chunks()
                for start in range(0, int(rest), len(PIECE)):
                    self.chunk(PIECE[: int(rest) - start])
                self.wfile.write(b"0\r\n\r\n")

            def answer_events(self, rest: str) -> None:
                self.begin_chunks("text/event-stream")
                for number in range(int(rest)):
                    playground.release.acquire(timeout=PATIENCE_SECONDS)
                    self.chunk(EVENT.format(number).encode())
                self.wfile.write(b"0\r\n\r\n")

            def answer_trailers(self, rest: str) -> None:
                self.begin_chunks()
                self.chunk(b"hello")
                self.wfile.write(b"0\r\nX-Checksum: abc\r\nX-User-ID: spoof\r\n\r\n")

            def answer_status(self, rest: str) -> None:
                self.body()
                self.send_response(int(rest))
                if rest not in ("204", "304"):
                    self.send_header("Content-Length", "0")
                self.send_header("ETag", '"a"')
                self.end_headers()

            def answer_hints(self, rest: str) -> None:
                self.send_response_only(103)
                self.send_header("Link", "</a.css>; rel=preload")
                self.end_headers()
                self.send(200, b"hello")

            def answer_held(self, rest: str) -> None:
                playground.is_held.set()
                playground.let_go.wait(PATIENCE_SECONDS)
                self.send(200, b"let go")

            def begin_chunks(self, kind: str = "application/octet-stream") -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()

            def chunk(self, data: bytes) -> None:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
                self.wfile.flush()

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: object, client_address: object) -> None:
                # A client that went away; the tests look at the gateway.
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Playground:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
