"""Requests without end, from several threads, while something happens to the gateway."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography import x509

from .client import Conversation, Endpoint
from .running import HOST, ask_on, request

THREADS = 4
REQUESTS_PER_CONNECTION = 25


@dataclass
class Load:
    """Requests from several threads, each on keep-alive connections that are replaced now and then."""

    endpoint: Endpoint
    host: str = HOST
    """What the requests are for."""
    answered: int = 0
    connections: int = 0
    failures: list[str] = field(default_factory=list)
    serials: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self, during: float, actions: list[tuple[float, Callable[[], object]]]) -> None:
        """Loads for so long, and does each action at its share of the time."""
        threads = [threading.Thread(target=self._loop, args=(number,)) for number in range(THREADS)]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        try:
            for share, action in actions:
                self._stop.wait(max(0.0, begun + share * during - time.monotonic()))
                action()
            self._stop.wait(max(0.0, begun + during - time.monotonic()))
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _loop(self, number: int) -> None:
        count = 0
        while not self._stop.is_set():
            try:
                with Conversation(self.endpoint) as conversation:
                    self._note_certificate(conversation)
                    for _ in range(REQUESTS_PER_CONNECTION):
                        if self._stop.is_set():
                            break
                        count += 1
                        if not self._one(conversation, f"/public/{number}-{count}"):
                            break
            except (OSError, EOFError, AssertionError) as failure:
                self._fail(f"thread {number}, request {count}: {type(failure).__name__} {failure}")

    def _one(self, conversation: Conversation, target: str) -> bool:
        """One request; false where the connection ends with its answer."""
        body = target.encode() * 50 if int(target.rsplit("-", 1)[1]) % 3 == 0 else b""
        answer = ask_on(
            conversation, request(target, method="POST" if body else "GET", host=self.host, body=body))
        if answer.status != 200:
            self._fail(f"{target}: {answer.status} {answer.body[:200]!r}")
            return False
        echoed = json.loads(answer.body)
        if echoed["target"] != target or echoed["body_bytes"] != len(body):
            self._fail(f"{target}: the answer of {echoed['target']}")
            return False
        with self._lock:
            self.answered += 1
        return not answer.announces_close

    def _note_certificate(self, conversation: Conversation) -> None:
        assert isinstance(conversation.socket, ssl.SSLSocket)
        shown = conversation.socket.getpeercert(binary_form=True)
        assert shown is not None
        with self._lock:
            self.connections += 1
            self.serials[x509.load_der_x509_certificate(shown).serial_number] += 1

    def _fail(self, words: str) -> None:
        with self._lock:
            self.failures.append(words)
