"""A proxy that tunnels to the gateway under its public name, for clients that know no ports of ours."""

from __future__ import annotations

import socket
import threading

from .tls_relay import PATIENCE_SECONDS, hand_on
from .visitor import PUBLIC_PORT

LONGEST_HEAD = 8192


class ConnectProxy:
    """Answers `CONNECT NAME.example.org:8443` with a tunnel to the gateway's port; a context manager."""

    def __init__(self, gateway_port: int) -> None:
        self.gateway_port = gateway_port
        self.asked: list[str] = []
        """Whom clients wanted to reach."""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> ConnectProxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(PATIENCE_SECONDS)
        try:
            with client:
                head = b""
                while b"\r\n\r\n" not in head and len(head) < LONGEST_HEAD:
                    if not (data := client.recv(1024)):
                        return
                    head += data
                method, target, _ = head.decode("latin-1").split("\r\n")[0].split(" ")
                self.asked.append(target)
                if method != "CONNECT" or not target.endswith(f".example.org:{PUBLIC_PORT}"):
                    client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                    return
                with socket.create_connection(("127.0.0.1", self.gateway_port), PATIENCE_SECONDS) as server:
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    hand_on(client, server)
        except (OSError, ValueError):
            return  # Somebody has gone away or does not speak HTTP.
