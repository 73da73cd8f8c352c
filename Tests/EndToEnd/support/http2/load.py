"""Streams without end on several connections, while something happens to the gateway."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..client import Endpoint
from . import frames
from .connection import Connection, speaking_http2
from .fields import LiteralEncoder
from .seen import Seen

THREADS = 3
STREAMS_AT_ONCE = 8
STREAMS_PER_CONNECTION = 200


@dataclass
class StreamLoad:
    """Each thread opens a few streams at a time, and another connection after some, or where it is told GOAWAY.

    A stream above GOAWAY's last one was not processed (RFC 9113 §6.8) and is asked again; any other must be answered.
    """

    endpoint: Endpoint
    host: str
    answered: int = 0
    connections: int = 0
    goaways: int = 0
    failures: list[str] = field(default_factory=list)
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
        while not self._stop.is_set():
            try:
                with Connection(speaking_http2(self.endpoint)) as connection:
                    connection.push(frames.PREFACE + frames.settings())
                    with self._lock:
                        self.connections += 1
                    self._use(connection, number)
            except (OSError, AssertionError, ValueError) as failure:
                with self._lock:
                    self.failures.append(f"thread {number}: {type(failure).__name__} {failure}")

    def _use(self, connection: Connection, number: int) -> None:
        stream = 1
        while not self._stop.is_set() and stream < 2 * STREAMS_PER_CONNECTION:
            opened = {each: f"/public/{number}-{each}" for each in range(stream, stream + 2 * STREAMS_AT_ONCE, 2)}
            stream += 2 * STREAMS_AT_ONCE
            for each, target in opened.items():
                connection.stream(each).keeps_body = True
                connection.send(frames.frame(
                    frames.HEADERS, frames.END_HEADERS | frames.END_STREAM, each, self._block(target)))
            connection.read_until(lambda seen, ids=frozenset(opened): all(
                connection.stream(each).is_over or self._is_above(seen, each) for each in ids))
            for each, target in opened.items():
                self._judge(connection, each, target)
            if connection.seen.goaways:
                with self._lock:
                    self.goaways += 1
                return

    def _judge(self, connection: Connection, number: int, target: str) -> None:
        stream = connection.stream(number)
        if not stream.is_over and self._is_above(connection.seen, number):
            return
        fault = None
        if stream.status != 200 or not stream.is_ended:
            fault = f"{stream.status} reset {stream.reset} {bytes(stream.body)[:200]!r}, {connection.seen.ending}"
        elif json.loads(bytes(stream.body))["target"] != target:
            fault = "another's answer"
        with self._lock:
            if fault is None:
                self.answered += 1
            else:
                self.failures.append(f"{target}: {fault}")

    def _block(self, target: str) -> bytes:
        listed = [(":method", "GET"), (":scheme", "https"), (":authority", self.host), (":path", target)]
        return LiteralEncoder().encode([(name.encode(), value.encode()) for name, value in listed])

    @staticmethod
    def _is_above(seen: Seen, stream: int) -> bool:
        return bool(seen.goaways) and stream > min(each.last_stream for each in seen.goaways)
