"""An application that speaks WebSocket: it says back what it hears, and closes as it is asked to."""

from __future__ import annotations

import asyncio
import functools
import socket
import threading
from collections.abc import Coroutine
from types import TracebackType

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
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


class OpenSocket:
    """A WebSocket that a visitor has opened through the gateway; a context manager that closes it.

    The library's client for asyncio behind blocking calls: its client for threads reads and writes one TLS session from
    two of them, for which Python's `ssl` is not made: now and then what was written is lost.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: ClientConnection) -> None:
        self._loop = loop
        self._connection = connection

    def _do(self, coroutine: Coroutine[object, object, object], seconds: float = PATIENCE_SECONDS) -> object:
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(coroutine, seconds), self._loop).result()

    def send(self, message: str | bytes) -> None:
        """One message."""
        self._do(self._connection.send(message))

    def recv(self, seconds: float = PATIENCE_SECONDS) -> str | bytes:
        """The next message; raises `TimeoutError` or `ConnectionClosed`."""
        return self._do(self._connection.recv(), seconds)  # type: ignore[return-value]

    def ping(self) -> None:
        """Comes back when the pong has."""
        async def both() -> None:
            await (await self._connection.ping())
        self._do(both())

    def close(self, code: int = 1000) -> None:
        """The closing handshake."""
        self._do(self._connection.close(code))

    def cut(self) -> None:
        """Ends the connection without a word."""
        self._loop.call_soon_threadsafe(self._connection.transport.abort)

    @property
    def subprotocol(self) -> str | None:
        """What both ends agreed on."""
        return self._connection.subprotocol

    @property
    def end(self) -> tuple[int | None, str | None]:
        """Code and reason of the close."""
        return self._connection.close_code, self._connection.close_reason

    def __enter__(self) -> OpenSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@functools.cache
def _event_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


def open_socket(visitor: Visitor, target: str, **more: object) -> OpenSocket:
    """Opens one with the visitor's cookies and from their page's origin."""
    plain = socket.create_connection(
        ("127.0.0.1", visitor.port), PATIENCE_SECONDS, (BALANCER if visitor.address else STRANGER, 0))
    fields = {"Cookie": visitor.jar.header(visitor.host), **more.pop("fields", {})}  # type: ignore[dict-item]
    if visitor.address:
        fields["X-Forwarded-For"] = visitor.address
    given = {"origin": f"https://{visitor.host}:{PUBLIC_PORT}", **more}

    async def opened() -> ClientConnection:
        return await connect(
            f"wss://{visitor.host}:{PUBLIC_PORT}{target}", sock=plain, ssl=client_context(visitor.authority),
            server_hostname=visitor.host, max_size=LARGEST, additional_headers=fields, proxy=None,
            **given)  # type: ignore[arg-type]

    plain.setblocking(False)
    loop = _event_loop()
    return OpenSocket(loop, asyncio.run_coroutine_threadsafe(opened(), loop).result())
