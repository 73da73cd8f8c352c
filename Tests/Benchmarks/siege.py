"""Slow clients by the thousand: when each kind is cut off, and what fresh requests take meanwhile.

Each kind attacks alone, all its clients at once, from this process; fresh requests come from another one, each over a
connection of its own.
"""

import multiprocessing
import select
import socket
import ssl
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from load.connections import BadAnswer, Clients, request_bytes
from measure import Bench
from proxies.proxy import Proxy
from workload import LARGE_BODY_PATH, UPLOAD_PATH, Session

DRIP_SECONDS = 0.5
FRESH_PAUSE_SECONDS = 0.02
#: Beyond the bound, before a client counts as never cut.
PATIENCE_SECONDS = 30.0
#: Slow readers ask so often, pipelined, that no kernel holds the answers for them.
ANSWERS_ASKED = 16
RECEIVE_BUFFER_BYTES = 4096


@dataclass
class Client:
    """One attacker."""

    socket: socket.socket
    begun: float
    ended: float | None = None


@dataclass(frozen=True)
class Kind:
    """A way of being slow, and the bound that Gatehouse's configuration gives it by default."""

    name: str
    bound: str
    seconds: float
    open: Callable[[Clients, int, Session], socket.socket]
    drip: bytes = b""
    reads: bool = True


@dataclass
class Outcome:
    """How an attack of one kind ended."""

    kind: Kind
    cut: list[float] = field(default_factory=list)
    never: int = 0
    fresh: list[float] = field(default_factory=list)
    failed: int = 0
    grown_kib: int = 0


def _silent_tcp(clients: Clients, port: int, session: Session) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 10)


def _silent_tls(clients: Clients, port: int, session: Session) -> socket.socket:
    return clients.connect(session.host)


def _sending(clients: Clients, session: Session, data: bytes) -> socket.socket:
    opened = clients.connect(session.host)
    opened.sendall(data)
    return opened


def _head(session: Session, path: str, method: str, more: str) -> bytes:
    return request_bytes(session.host, path, session.token, more).replace(b"GET ", method.encode() + b" ", 1)


def _header(clients: Clients, port: int, session: Session) -> socket.socket:
    return _sending(clients, session, f"GET / HTTP/1.1\r\nHost: {session.host}\r\n".encode())


def _body(clients: Clients, port: int, session: Session) -> socket.socket:
    return _sending(clients, session, _head(session, UPLOAD_PATH, "POST", "Content-Length: 1000000\r\n"))


def _chunks(clients: Clients, port: int, session: Session) -> socket.socket:
    return _sending(clients, session, _head(session, UPLOAD_PATH, "POST", "Transfer-Encoding: chunked\r\n"))


def _idle(clients: Clients, port: int, session: Session) -> socket.socket:
    return clients.connect_and_ask(session)


def _reader(clients: Clients, port: int, session: Session) -> socket.socket:
    opened = clients.connect(session.host)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    opened.sendall(request_bytes(session.host, LARGE_BODY_PATH, session.token) * ANSWERS_ASKED)
    return opened


KINDS = (
    Kind("silent TCP", "handshake_timeout", 5, _silent_tcp),
    Kind("silent TLS", "header_timeout", 10, _silent_tls),
    Kind("header", "header_timeout", 10, _header, drip=b"X-A: b\r\n"),
    Kind("body", "body_minimum_rate, two looks", 10, _body, drip=b"x"),
    Kind("chunk drip", "body_minimum_rate, two looks", 10, _chunks, drip=b"1\r\nx\r\n"),
    Kind("idle", "idle_timeout", 60, _idle),
    Kind("slow reader", "body_minimum_rate, two looks", 10, _reader, reads=False),
)


def siege(bench: Bench, proxy: Proxy, clients: int) -> str:
    """So many clients of each kind; Markdown."""
    outcomes = [_besiege(bench, proxy, kind, clients) for kind in KINDS]
    lines = [
        f"{clients:,} slow clients of each kind against {proxy.title}, one kind after the other:", "",
        "| kind | bound | of | cut after s | never cut | fresh requests | failed | median ms | p99 ms | longest ms "
        "| memory KiB a client |", "|---|---|---:|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for each in outcomes:
        times = sorted(each.fresh)
        cut = f"{min(each.cut):.1f}–{max(each.cut):.1f}" if each.cut else "–"
        lines.append(
            f"| {each.kind.name} | {each.kind.bound} | {each.kind.seconds:g} s | {cut} | {each.never} | {len(times)} "
            f"| {each.failed} | {statistics.median(times) * 1e3:.1f} | {times[int(len(times) * 0.99)] * 1e3:.1f} "
            f"| {times[-1] * 1e3:.1f} | {each.grown_kib / clients:.1f} |")
    return "\n".join(lines)


def _besiege(bench: Bench, proxy: Proxy, kind: Kind, count: int) -> Outcome:
    outcome = Outcome(kind)
    sessions = proxy.stage.workload.sessions
    connecting = Clients(proxy.port, bench.certificate)
    memory = proxy.process.resident_kib()
    ours, theirs = multiprocessing.Pipe()
    fresh = multiprocessing.Process(target=_ask_afresh, args=(theirs, proxy.port, bench.certificate, sessions[0]))
    attackers: dict[int, Client] = {}
    try:
        for number in range(count):
            begun = time.monotonic()
            opened = kind.open(connecting, proxy.port, sessions[number % len(sessions)])
            opened.setblocking(False)
            attackers[opened.fileno()] = Client(opened, begun)
        # Their own handshakes are no slowness.
        fresh.start()
        _play(kind, attackers, outcome, lambda: proxy.process.resident_kib() - memory)
        ours.send("stop")
        outcome.fresh, outcome.failed = ours.recv()
    finally:
        if fresh.pid:
            fresh.join(5)
            fresh.kill()
        for each in attackers.values():
            each.socket.close()
    return outcome


def _play(kind: Kind, attackers: dict[int, Client], outcome: Outcome, grown_kib: Callable[[], int]) -> None:
    poller = select.epoll()
    for number in attackers:
        # A reader that is slow does not look at what has come; that it was cut shows all the same.
        poller.register(number, select.EPOLLIN if kind.reads else select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR)
    open_still = dict(attackers)
    last = max(each.begun for each in attackers.values()) + kind.seconds + PATIENCE_SECONDS
    drips = time.monotonic()
    while open_still and (now := time.monotonic()) < last:
        outcome.grown_kib = max(outcome.grown_kib, grown_kib())
        for number, _ in poller.poll(0.05, len(open_still)):
            client = open_still.get(number)
            if client and (not kind.reads or _is_over(client.socket)):
                outcome.cut.append(time.monotonic() - client.begun)
                poller.unregister(number)
                del open_still[number]
        if kind.drip and now >= drips:
            drips = now + DRIP_SECONDS
            for client in open_still.values():
                try:
                    client.socket.send(kind.drip)
                except OSError:
                    pass
    outcome.never = len(open_still)


def _is_over(connection: socket.socket) -> bool:
    """It ended, or an answer came that says why; tickets of TLS are neither."""
    try:
        connection.recv(65536)
        return True
    except (ssl.SSLWantReadError, BlockingIOError):
        return False
    except OSError:
        return True


def _ask_afresh(told: Connection, port: int, certificate: Path, session: Session) -> None:
    clients = Clients(port, certificate)
    taken: list[float] = []
    failed = 0
    while not told.poll():
        begun = time.monotonic()
        try:
            clients.connect_and_ask(session).close()
            taken.append(time.monotonic() - begun)
        except BadAnswer:
            failed += 1
        time.sleep(FRESH_PAUSE_SECONDS)
    told.send((taken, failed))

