"""A raw client: sends bytes exactly as given, reads answers strictly, waits for nothing longer than its patience."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field

from .answers import Answer, AnswerReader, MalformedAnswer

PATIENCE_SECONDS = 20.0
RECEIVE_BYTES = 65536


@dataclass(frozen=True)
class Endpoint:
    """Where the gateway listens, and how to speak to it; `tls` None is clear text (the tests' naive proxy)."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    server_name: str = "acme.example.org"
    patience_seconds: float = PATIENCE_SECONDS
    """How long nothing may come before the case counts as hung."""


@dataclass
class Observed:
    """What a client got for its bytes."""

    answers: list[Answer] = field(default_factory=list)
    ending: str = "open"
    """`open`, `closed`, or `hung` (nothing within the patience)."""
    fault: str | None = None
    """Where an answer broke the protocol: how."""


class Conversation:
    """One connection to the gateway; a context manager that closes it."""

    def __init__(self, endpoint: Endpoint, source_address: str = "127.0.0.1") -> None:
        self.patience_seconds = endpoint.patience_seconds
        address = (endpoint.host, endpoint.port)
        plain = socket.create_connection(address, self.patience_seconds, (source_address, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket: socket.socket = plain
        if endpoint.tls is not None:
            self.socket = endpoint.tls.wrap_socket(plain, server_hostname=endpoint.server_name)
        self.reader = AnswerReader()
        self.observed = Observed()

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes, piece_bytes: int | None = None) -> None:
        """Sends everything, in pieces of their own TLS records where asked; stops where the gateway has closed.

        What comes between the pieces is read at once: an answer followed by a reset would be lost otherwise.
        """
        step = piece_bytes or max(len(data), 1)
        try:
            for start in range(0, len(data), step):
                if piece_bytes:
                    self._receive(patience_seconds=0)
                if self.observed.ending != "open":
                    return
                self.socket.settimeout(self.patience_seconds)
                self.socket.sendall(data[start : start + step])
        except (ConnectionError, ssl.SSLError, TimeoutError):
            return

    def go_away(self) -> None:
        """Ends our direction without a goodbye, and waits for the gateway to close its own, reading nothing."""
        self.socket.settimeout(self.patience_seconds)
        try:
            self.socket.shutdown(socket.SHUT_WR)
            while self.socket.recv(RECEIVE_BYTES):
                pass
            self.observed.ending = "closed"
        except TimeoutError:
            self.observed.ending = "hung"
        except OSError:
            self.observed.ending = "closed"

    def read_answers(self, count: int, first_is_head: bool) -> Observed:
        """Reads until `count` final answers are complete or the connection ends."""
        while len(self.observed.answers) < count and self.observed.ending == "open":
            if not self._try_answer(first_is_head, ended=False):
                self._receive()
        while len(self.observed.answers) < count and self.observed.ending != "open" and self.observed.fault is None:
            if not self._try_answer(first_is_head, ended=True):
                break
        return self.observed

    def read_to_end(self) -> Observed:
        """Reads until the gateway closes; whatever still comes counts as answers of nobody's question."""
        while self.observed.ending == "open" and self.observed.fault is None:
            if not self._try_answer(False, ended=False):
                self._receive()
        if self.observed.fault is None and self.reader.buffer:
            self.observed.fault = f"{len(self.reader.buffer)} bytes after the last answer"
        return self.observed

    def _try_answer(self, first_is_head: bool, ended: bool) -> bool:
        of_head = first_is_head and not self.observed.answers
        try:
            answer = self.reader.next(of_head, ended)
        except MalformedAnswer as fault:
            self.observed.fault = str(fault)
            self.observed.ending = "closed"
            return False
        if answer is not None:
            self.observed.answers.append(answer)
        return answer is not None

    def _receive(self, patience_seconds: float | None = None) -> None:
        self.socket.settimeout(self.patience_seconds if patience_seconds is None else patience_seconds)
        try:
            data = self.socket.recv(RECEIVE_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except TimeoutError:
            self.observed.ending = "hung"
            return
        except (ConnectionError, ssl.SSLError):
            data = b""
        if data:
            self.reader.feed(data)
        else:
            self.observed.ending = "closed"
