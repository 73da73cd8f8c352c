"""Listens on loopback; and TLS in front of a server that speaks none, every byte handed on both ways."""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

PATIENCE_SECONDS = 30.0
READ_BYTES = 65536


class Listener(ABC):
    """Serves each connection to a port of its own on loopback in a thread; a context manager.  `port` is known before it
    starts, so that what stands behind can be told its own address."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone leaves a thread that waits in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.settimeout(PATIENCE_SECONDS)
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    @abstractmethod
    def serve(self, client: socket.socket) -> None:
        """Has the connection to itself, and closes it."""


class TLSRelay(Listener):
    """Hands on what comes by TLS."""

    def __init__(self, chain: Path, key: Path, behind: int = 0) -> None:
        super().__init__()
        self.behind = behind
        """The port of the server behind, on 127.0.0.1; may be set later."""
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(chain, key)
        self._context.set_alpn_protocols(["http/1.1"])

    def serve(self, client: socket.socket) -> None:
        try:
            with client, self._context.wrap_socket(client, server_side=True) as tunnel:
                with socket.create_connection(("127.0.0.1", self.behind), PATIENCE_SECONDS) as server:
                    hand_on(tunnel, server)
        except OSError:
            return  # Somebody has gone away; nobody is left to be told.


def hand_on(client: ssl.SSLSocket | socket.socket, server: socket.socket) -> None:
    """Copies both ways until one of them ends."""
    with selectors.DefaultSelector() as selector:
        selector.register(client, selectors.EVENT_READ, server)
        selector.register(server, selectors.EVENT_READ, client)
        while True:
            for key, _ in selector.select():
                source, target = key.fileobj, key.data
                data = source.recv(READ_BYTES)  # type: ignore[union-attr]
                while isinstance(source, ssl.SSLSocket) and source.pending():
                    data += source.recv(READ_BYTES)
                if not data:
                    return
                target.sendall(data)
