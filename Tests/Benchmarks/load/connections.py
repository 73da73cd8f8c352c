"""Plain TLS clients in this process: one request a connection, for handshakes, idle memory and checks."""

import socket
import ssl
from pathlib import Path

from workload import REQUEST_HEAD, SESSION_COOKIE, SMALL_BODY_BYTES, Session

TIMEOUT_SECONDS = 10


class BadAnswer(Exception):
    """A connection that got something else than the application's answer."""


class Clients:
    """Opens verified TLS connections to one proxy; resumes a session only where it is given one."""

    def __init__(self, port: int, certificate: Path, protocol: str | None = None):
        self._port = port
        self._context = ssl.create_default_context(cafile=str(certificate))
        if protocol is not None:
            self._context.set_alpn_protocols([protocol])

    def connect(self, host: str, resumed: ssl.SSLSession | None = None) -> ssl.SSLSocket:
        """A connection after its handshake; raises `BadAnswer`."""
        try:
            plain = socket.create_connection(("127.0.0.1", self._port), timeout=TIMEOUT_SECONDS)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return self._context.wrap_socket(plain, server_hostname=host, session=resumed)
        except OSError as error:
            raise BadAnswer(f"no connection to port {self._port}: {error}") from error

    def connect_and_ask(self, session: Session, resumed: ssl.SSLSession | None = None) -> ssl.SSLSocket:
        """A connection over which one signed-in request was answered; raises `BadAnswer`."""
        connection = self.connect(session.host, resumed)
        status, body = ask(connection, request_bytes(session.host, "/", session.token))
        if status != 200 or len(body) != SMALL_BODY_BYTES:
            raise BadAnswer(f"status {status}, {len(body)} bytes")
        return connection


def request_bytes(host: str, path: str, token: str, more_fields: str = "") -> bytes:
    """The browser's request with further fields, each ended by CR LF."""
    head = REQUEST_HEAD.format(path=path, host=host, token=token, cookie=SESSION_COOKIE)
    return (head[:-2] + more_fields + "\r\n").encode()


def ask(connection: ssl.SSLSocket, request: bytes) -> tuple[int, bytes]:
    """Status and body of the answer, which must be framed by Content-Length; raises `BadAnswer`."""
    try:
        connection.sendall(request)
        return _read_answer(connection)
    except OSError as error:
        raise BadAnswer(f"the connection broke: {error}") from error


def _read_answer(connection: ssl.SSLSocket) -> tuple[int, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _receive(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += _receive(connection)
    return int(head.split(b" ", 2)[1]), body


def _receive(connection: ssl.SSLSocket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise BadAnswer("closed before the answer was complete")
    return piece
