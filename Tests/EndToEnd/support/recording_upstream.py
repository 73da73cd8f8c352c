"""An application that keeps every byte it is sent, on one thread over raw sockets.

It answers a request when the strict reader finds it complete (or, where the case says so, as soon as its head is).
What it received is cut into segments: everything since `begin`.  `settle` returns after the loop has read all
that the kernel holds, so a test needs no waiting time to know that nothing else arrived.
"""

from __future__ import annotations

import base64
import hashlib
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .readers import ReadRequest, read_requests

SENTINEL_PATH = "/app/sentinel-"
RECEIVE_BYTES = 1 << 18
ACCEPT = b"{accept}"
"""Stands in a script for the right Sec-WebSocket-Accept (RFC 6455 §4.2.2)."""
REFUSAL = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Script:
    """How the application answers during one case; raw None is its usual answer.

    After a 101 the connection is a tunnel, whose bytes come back as they are and are no requests.
    """

    raw: bytes | None = None
    when: str = "complete"
    then: str = "keep"


@dataclass(frozen=True)
class Segment:
    """What one connection brought since the case began."""

    data: bytes
    is_closed: bool


@dataclass
class _Connection:
    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    case_start: int = 0
    answered: int = 0
    early: bool = False
    is_closed: bool = False
    is_mute: bool = False
    is_tunnel: bool = False


class RecordingUpstream:
    """The application; a context manager that stops its thread and closes its sockets."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._wake_read, self._wake_write = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        self._connections: list[_Connection] = []
        self._commands: deque[tuple[Callable[[], None], threading.Event]] = deque()
        self._changed = threading.Condition()
        self._script = Script()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="recording-upstream", daemon=True)

    def __enter__(self) -> RecordingUpstream:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._stop)
        self._thread.join()

    def begin(self, script: Script) -> None:
        """A new case: forgets what was received and answers by this script, sentinels apart."""

        def start() -> None:
            self._script = script
            for connection in self._connections:
                unusable = connection.is_mute or connection.is_tunnel or self._is_untidy(connection)
                if not connection.is_closed and unusable:
                    self._close(connection)
            self._connections = [each for each in self._connections if not each.is_closed]
            for connection in self._connections:
                connection.case_start = len(connection.received)

        self._do(start)

    def settle(self) -> list[Segment]:
        """Everything that arrived since `begin`, after the kernel's buffers were read empty."""
        segments: list[Segment] = []

        def copy() -> None:
            for each in self._connections:
                data = bytes(each.received[each.case_start :])
                if data:
                    segments.append(Segment(data, each.is_closed))

        self._do(copy)
        return segments

    def await_closed_where_unfinished(self, patience_seconds: float) -> bool:
        """True as soon as no open connection holds the beginning of a request; False when patience ends."""

        def tidy() -> bool:
            return not any(self._is_untidy(each) for each in list(self._connections) if not each.is_closed)

        self.settle()
        with self._changed:
            return self._changed.wait_for(tidy, patience_seconds)

    @staticmethod
    def _is_untidy(connection: _Connection) -> bool:
        return len(connection.received) > connection.answered

    def _do(self, action: Callable[[], None]) -> None:
        done = threading.Event()
        self._commands.append((action, done))
        self._wake_write.send(b"!")
        done.wait()

    def _run(self) -> None:
        while not self._stopping:
            self._serve(self._selector.select())
            if self._commands:
                while ready := [pair for pair in self._selector.select(0) if pair[0].data is not None]:
                    self._serve(ready)
                while self._commands:
                    action, done = self._commands.popleft()
                    action()
                    done.set()

    def _serve(self, ready: list[tuple[selectors.SelectorKey, int]]) -> None:
        for key, _ in ready:
            if key.data is None:
                self._wake_read.recv(1)
            elif key.fileobj is self._listener:
                self._accept()
            else:
                self._read(key.data)

    def _accept(self) -> None:
        try:
            accepted, _ = self._listener.accept()
        except BlockingIOError:
            return
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(accepted)
        self._connections.append(connection)
        self._selector.register(accepted, selectors.EVENT_READ, connection)

    def _read(self, connection: _Connection) -> None:
        try:
            data = connection.socket.recv(RECEIVE_BYTES)
        except OSError:
            data = b""
        if not data:
            self._close(connection)
            return
        if connection.is_tunnel:
            self._send(connection, data)
            return
        connection.received += data
        if not connection.is_mute:
            self._answer_what_is_complete(connection)

    def _answer_what_is_complete(self, connection: _Connection) -> None:
        while not (connection.is_closed or connection.is_mute or connection.is_tunnel):
            rest = bytes(connection.received[connection.answered :])
            reading = read_requests(rest, maximum=1)
            if reading.requests:
                connection.answered += reading.consumed
                if connection.early:
                    connection.early = False
                else:
                    self._answer(connection, reading.requests[0])
            elif reading.started is not None and self._script.when == "head" and not connection.early:
                connection.early = True
                self._answer(connection, reading.started)
            else:
                if reading.fault is not None:
                    self._send(connection, REFUSAL)
                    connection.is_mute = True
                return

    def _answer(self, connection: _Connection, request: ReadRequest) -> None:
        if request.target.startswith(SENTINEL_PATH) or self._script.raw is None:
            body = f"{request.method} {request.target}\n".encode("latin-1")
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
            self._send(connection, head.encode() + (b"" if request.method == "HEAD" else body))
            return
        self._send(connection, self._script.raw.replace(ACCEPT, accept_of(request)))
        if self._script.raw.startswith(b"HTTP/1.1 101 "):
            connection.is_tunnel = True
            if rest := bytes(connection.received[connection.answered :]):
                del connection.received[connection.answered :]
                self._send(connection, rest)
        if self._script.then == "close":
            self._close(connection)
        elif self._script.then == "hold":
            connection.is_mute = True

    @staticmethod
    def _send(connection: _Connection, data: bytes) -> None:
        try:
            connection.socket.settimeout(2)
            connection.socket.sendall(data)
        except OSError:
            return

    def _close(self, connection: _Connection) -> None:
        if connection.is_closed:
            return
        self._selector.unregister(connection.socket)
        connection.socket.close()
        with self._changed:
            connection.is_closed = True
            self._changed.notify_all()

    def _stop(self) -> None:
        for connection in self._connections:
            self._close(connection)
        self._selector.unregister(self._listener)
        self._listener.close()
        self._stopping = True


def accept_of(request: ReadRequest) -> bytes:
    """What answers the request's Sec-WebSocket-Key."""
    key = b"".join(request.values("sec-websocket-key"))
    return base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
