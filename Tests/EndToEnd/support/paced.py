"""Requests at fixed moments from a process of its own: what the test itself does costs them nothing."""

from __future__ import annotations

import http.client
import multiprocessing
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .visitor import BALANCER, PATIENCE_SECONDS, PUBLIC_PORT


@dataclass(frozen=True)
class PacedLoad:
    """The same request again and again, each at its moment whether or not the one before was answered."""

    port: int
    authority: Path
    host: str
    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    per_second: float
    connections: int
    seconds: float
    bodies: tuple[bytes, ...] = (b"",)
    """Taken in turn."""
    addresses: tuple[str, ...] = ("198.18.255.1",)
    """Whom the balancer says they come from; taken in turn."""


@dataclass
class Outcome:
    """What came of a load."""

    milliseconds: list[float] = field(default_factory=list)
    """From the moment a request was due to its answer, sorted: a wait for the connection counts."""
    answers: Counter[int] = field(default_factory=Counter)
    without_retry_after: int = 0
    """Answers 429 and 503 that do not say when to come again."""

    def percentile(self, percent: int) -> float:
        """Milliseconds that so many of the requests did not exceed."""
        return self.milliseconds[min(len(self.milliseconds) - 1, len(self.milliseconds) * percent // 100)]


@contextmanager
def paced(load: PacedLoad) -> Iterator[list[Outcome]]:
    """Runs the load beside the block; its outcome is in the list afterwards."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(load, sender))
    process.start()
    outcomes: list[Outcome] = []
    try:
        assert receiver.poll(PATIENCE_SECONDS) and receiver.recv() == "ready"
        yield outcomes
        assert receiver.poll(load.seconds + PATIENCE_SECONDS), "the load did not end"
        outcomes.append(receiver.recv())
    finally:
        process.terminate()
        process.join()


def run_paced(load: PacedLoad) -> Outcome:
    """Runs the load alone."""
    with paced(load) as outcomes:
        pass
    return outcomes[0]


def _run(load: PacedLoad, sender) -> None:  # type: ignore[no-untyped-def]
    begun = time.monotonic() + 1.0
    moments = iter([begun + number / load.per_second for number in range(int(load.seconds * load.per_second))])
    numbered = enumerate(moments)
    lock, outcome = threading.Lock(), Outcome()
    connections = [_connect(load) for _ in range(load.connections)]
    threads = [
        threading.Thread(target=_send_all, args=(load, connection, numbered, lock, outcome))
        for connection in connections
    ]
    sender.send("ready")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.milliseconds.sort()
    sender.send(outcome)


def _send_all(
    load: PacedLoad, connection: http.client.HTTPConnection, moments: Iterable[tuple[int, float]],
    lock: threading.Lock, outcome: Outcome,
) -> None:
    while True:
        with lock:
            number, due = next(moments, (0, 0.0))  # type: ignore[call-overload]
        if not due:
            return
        time.sleep(max(0.0, due - time.monotonic()))
        answer = _exchange(load, connection, number)
        took = (time.monotonic() - due) * 1000
        with lock:
            outcome.milliseconds.append(took)
            outcome.answers[answer.status] += 1
            if answer.status in (429, 503) and not answer.getheader("Retry-After"):
                outcome.without_retry_after += 1


def _exchange(load: PacedLoad, connection: http.client.HTTPConnection, number: int) -> http.client.HTTPResponse:
    body = load.bodies[number % len(load.bodies)]
    connection.putrequest(load.method, load.target, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", f"{load.host}:{PUBLIC_PORT}")
    connection.putheader("X-Forwarded-For", load.addresses[number % len(load.addresses)])
    for name, value in load.fields:
        connection.putheader(name, value)
    if load.method == "POST":
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    answer = connection.getresponse()
    answer.read()
    if answer.will_close:
        connection.close()
        connection.sock = _socket(load)
    return answer


def _connect(load: PacedLoad) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", load.port, timeout=PATIENCE_SECONDS)
    connection.sock = _socket(load)
    return connection


def _socket(load: PacedLoad) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(load.authority))
    context.set_alpn_protocols(["http/1.1"])
    plain = socket.create_connection(("127.0.0.1", load.port), PATIENCE_SECONDS, (BALANCER, 0))
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(plain, server_hostname=load.host)
