"""An application that speaks WebSocket: it says back what it hears, and closes as it is asked to."""

from __future__ import annotations

import socket
import threading
from types import TracebackType

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import Server, ServerConnection, serve

from .running import client_context
from .visitor import BALANCER, PATIENCE_SECONDS, PUBLIC_PORT, STRANGER, Visitor

LARGEST = 64 * 1024 * 1024


class Sockets:
    """A context manager around the application, on a free port."""

    def __init__(self) -> None:
        self.heard: list[dict[str, str]] = []
        """The headers of each handshake, names in lower case."""
        self.closes: list[int] = []
        """The close code that each connection ended with, as the application saw it."""
        self._server: Server = serve(
            self._serve, "127.0.0.1", 0, max_size=LARGEST,
            select_subprotocol=lambda _, offered: "chat" if "chat" in offered else None)
        self.port: int = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def _serve(self, peer: ServerConnection) -> None:
        assert peer.request is not None
        self.heard.append({name.lower(): value for name, value in peer.request.headers.raw_items()})
        try:
            for message in peer:
                if isinstance(message, str) and message.startswith("close "):
                    peer.close(int(message.split()[1]), "as asked")
                    break
                peer.send(message)
        except ConnectionClosed:
            pass
        assert peer.close_code is not None
        self.closes.append(peer.close_code)

    def __enter__(self) -> Sockets:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()


def open_socket(visitor: Visitor, target: str, **more: object) -> ClientConnection:
    """A WebSocket that the visitor opens through the gateway, with their cookies and from their page's origin."""
    plain = socket.create_connection(
        ("127.0.0.1", visitor.port), PATIENCE_SECONDS, (BALANCER if visitor.address else STRANGER, 0))
    fields = {"Cookie": visitor.jar.header(visitor.host), **more.pop("fields", {})}  # type: ignore[dict-item]
    if visitor.address:
        fields["X-Forwarded-For"] = visitor.address
    given = {"origin": f"https://{visitor.host}:{PUBLIC_PORT}", **more}
    return connect(
        f"wss://{visitor.host}:{PUBLIC_PORT}{target}", sock=plain, ssl=client_context(visitor.authority),
        server_hostname=visitor.host, max_size=LARGEST, additional_headers=fields, **given)  # type: ignore[arg-type]
