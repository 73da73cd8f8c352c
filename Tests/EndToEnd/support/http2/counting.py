"""An application that counts what reaches it: `/public/held…` is never answered, `/public/endless…` without end."""

from __future__ import annotations

import selectors
import socket
import threading
from collections import Counter
from dataclasses import dataclass, field

RECEIVE_BYTES = 1 << 16
BLOCK = b"x" * (1 << 16)
ENDLESS_BYTES = 1 << 26


@dataclass
class _Peer:
    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    unsent: int = 0
    """Bytes of an endless answer that are still to be sent."""
    is_held: bool = False


class CountingApplication:
    """A context manager around its thread and sockets; all bodies are read and forgotten."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._stop_read, self._stop_write = socket.socketpair()
        self._selector.register(self._stop_read, selectors.EVENT_READ)
        self._lock = threading.Lock()
        self._seen: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._run, name="counting-application", daemon=True)

    def __enter__(self) -> CountingApplication:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_write.send(b"!")
        self._thread.join()

    def count(self, prefix: str) -> int:
        """How many requests whose target begins so have arrived."""
        with self._lock:
            return sum(number for target, number in self._seen.items() if target.startswith(prefix))

    def _run(self) -> None:
        while True:
            for key, events in self._selector.select():
                if key.fileobj is self._stop_read:
                    self._close_all()
                    return
                if key.fileobj is self._listener:
                    self._accept()
                elif events & selectors.EVENT_WRITE:
                    self._pour(key.data)
                else:
                    self._read(key.data)

    def _accept(self) -> None:
        try:
            accepted, _ = self._listener.accept()
        except OSError:
            return
        accepted.setblocking(False)
        self._selector.register(accepted, selectors.EVENT_READ, _Peer(accepted))

    def _read(self, peer: _Peer) -> None:
        try:
            data = peer.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._forget(peer)
        elif not peer.is_held:
            peer.received += data
            self._answer(peer)

    def _answer(self, peer: _Peer) -> None:
        while (end := peer.received.find(b"\r\n\r\n")) >= 0:
            words = bytes(peer.received[:end]).split(b" ", 2)
            del peer.received[: end + 4]
            target = words[1].decode("latin-1")
            with self._lock:
                self._seen[target] += 1
            if target.startswith("/public/held"):
                peer.is_held = True
                return
            if target.startswith("/public/endless"):
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {ENDLESS_BYTES}\r\n\r\n"
                peer.socket.send(head.encode())
                peer.unsent = ENDLESS_BYTES
                self._selector.modify(peer.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, peer)
                return
            try:
                peer.socket.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            except OSError:
                self._forget(peer)
                return

    def _pour(self, peer: _Peer) -> None:
        try:
            peer.unsent -= peer.socket.send(BLOCK[: min(len(BLOCK), peer.unsent)])
        except BlockingIOError:
            return
        except OSError:
            self._forget(peer)
            return
        if peer.unsent == 0:
            self._selector.modify(peer.socket, selectors.EVENT_READ, peer)

    def _forget(self, peer: _Peer) -> None:
        self._selector.unregister(peer.socket)
        peer.socket.close()

    def _close_all(self) -> None:
        for key in list(self._selector.get_map().values()):
            self._selector.unregister(key.fileobj)
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        self._stop_write.close()
