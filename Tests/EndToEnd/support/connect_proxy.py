"""A proxy that tunnels to the gateway under its public name, for clients that know no ports of ours."""

from __future__ import annotations

import socket

from .tls_relay import PATIENCE_SECONDS, Listener, hand_on
from .visitor import PUBLIC_PORT

LONGEST_HEAD = 8192


class ConnectProxy(Listener):
    """Answers `CONNECT NAME.example.org:8443` with a tunnel to the gateway's port."""

    def __init__(self, gateway_port: int) -> None:
        super().__init__()
        self.gateway_port = gateway_port
        self.asked: list[str] = []
        """Whom clients wanted to reach."""

    def serve(self, client: socket.socket) -> None:
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
