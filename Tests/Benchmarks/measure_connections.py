"""What connections cost: handshakes, waiting ones, and the first request of a session."""

import ssl
import time
from collections.abc import Callable

from load.connections import BadAnswer, Clients
from load.http2 import ask_once
from load.wrk import Load
from measure import Bench, CannotDo, Subject
from proxies.proxy import Proxy

#: Sessions that pass before the window of first requests opens, and that it leaves over at the end: the load's
#: connections and the proxy's to the application are made meanwhile.
FIRST_REQUESTS_MARGIN = 0.15
FIRST_REQUESTS_BOUND_SECONDS = 20
SETTLED_BYTES = 64 * 1024
SETTLED_CPU_SECONDS = 0.002
SETTLING_BOUND_SECONDS = 20


def measure_handshakes(bench: Bench, subject: Subject) -> dict[str, float]:
    """CPU of a connection's whole life: full handshake, one small request, close."""
    return {"cpu_us_per_handshake": _lives(bench, subject.serving, resumes=False)}


def measure_resumption(bench: Bench, subject: Subject) -> dict[str, float]:
    """The same with a handshake that resumes an earlier session by its ticket (RFC 8446 §2.2)."""
    return {"cpu_us_per_resumption": _lives(bench, subject.serving, resumes=True)}


def measure_idle_memory(bench: Bench, subject: Subject) -> dict[str, float]:
    """Growth of a freshly started proxy per connection that waits after one request."""
    with subject.fresh("memory") as proxy:
        clients = Clients(proxy.port, bench.certificate)
        return {"idle_kib_per_connection": _growth(bench, proxy, clients.connect_and_ask)}


def measure_idle_http2_memory(bench: Bench, subject: Subject) -> dict[str, float]:
    """The same for connections that speak HTTP/2; raises `CannotDo`."""
    require_http2(bench, subject.serving)
    with subject.fresh("http2-memory") as proxy:
        clients = Clients(proxy.port, bench.certificate, "h2")

        def open_one(session):
            connection = clients.connect(session.host)
            ask_once(connection, session)
            return connection

        return {"idle_kib_per_http2_connection": _growth(bench, proxy, open_one)}


def measure_first_requests(bench: Bench, subject: Subject) -> dict[str, float]:
    """CPU of a request whose session this proxy has not seen since its start."""
    with subject.fresh("first") as proxy:
        sessions = len(proxy.stage.workload.sessions)
        margin = int(sessions * FIRST_REQUESTS_MARGIN)
        begin = bench.upstream.requests()
        load = Load(
            bench.files(proxy).small, proxy.port, bench.load_core, FIRST_REQUESTS_BOUND_SECONDS, bench.connections)
        try:
            opened = _at_request(bench, proxy, begin + margin)
            closed = _at_request(bench, proxy, begin + sessions - margin)
        finally:
            load.abandon()
        if closed[0] - begin > sessions:
            raise BadAnswer(f"{proxy.name}: too few sessions for a window of first requests; see --sessions")
        return {"first_cpu_us": (closed[1] - opened[1]) / (closed[0] - opened[0]) * 1e6}


def require_http2(bench: Bench, proxy: Proxy) -> None:
    """Raises `CannotDo` where the proxy does not choose HTTP/2 when it is offered."""
    try:
        with Clients(proxy.port, bench.certificate, "h2").connect(proxy.stage.workload.sessions[0].host) as connection:
            chosen = connection.selected_alpn_protocol()
    except BadAnswer:
        chosen = None
    if chosen != "h2":
        raise CannotDo("no HTTP/2")


def _lives(bench: Bench, proxy: Proxy, resumes: bool) -> float:
    clients = Clients(proxy.port, bench.certificate)
    # One session throughout, and used just before: a ticket of one host says nothing to another, and what a proxy does
    # once a session is no part of a handshake.
    session = proxy.stage.workload.sessions[0]
    with clients.connect_and_ask(session) as connection:
        ticket = connection.session if resumes else None
    if resumes and (ticket is None or not ticket.has_ticket):
        raise CannotDo("no session tickets")
    before = proxy.process.cpu_seconds()
    for _ in range(bench.handshakes):
        with clients.connect_and_ask(session, ticket) as connection:
            if connection.session_reused != resumes:
                raise CannotDo("tickets are not accepted a second time" if resumes else "resumed unasked")
    return (proxy.process.cpu_seconds() - before) / bench.handshakes * 1e6


def _growth(bench: Bench, proxy: Proxy, open_one: Callable[..., ssl.SSLSocket]) -> float:
    """KiB per connection.

    The first one (lazy initialisation, the first pages of every pool) is open before the first reading.
    """
    sessions = proxy.stage.workload.sessions
    first = open_one(sessions[0])
    before = _settled_memory(proxy)
    connections = [open_one(sessions[number % len(sessions)]) for number in range(bench.idle)]
    growth = _settled_memory(proxy) - before
    for connection in [first, *connections]:
        connection.close()
    return growth / bench.idle / 1024


def _settled_memory(proxy: Proxy) -> int:
    """Bytes, once the proxy has done nothing for a second and its memory stands still: some do work of their start in the
    background, and give back what it took."""
    deadline = time.monotonic() + SETTLING_BOUND_SECONDS
    memory, cpu, quiet = proxy.process.memory_bytes(), proxy.process.cpu_seconds(), 0
    while quiet < 2 and time.monotonic() < deadline:
        time.sleep(0.5)
        later, cpu_later = proxy.process.memory_bytes(), proxy.process.cpu_seconds()
        is_quiet = abs(later - memory) < SETTLED_BYTES and cpu_later - cpu < SETTLED_CPU_SECONDS
        quiet = quiet + 1 if is_quiet else 0
        memory, cpu = later, cpu_later
    return memory


def _at_request(bench: Bench, proxy: Proxy, number: int) -> tuple[int, float]:
    """Requests and CPU seconds as soon as so many were answered."""
    deadline = time.monotonic() + FIRST_REQUESTS_BOUND_SECONDS
    while (requests := bench.upstream.requests()) < number:
        if time.monotonic() > deadline:
            raise BadAnswer(f"{proxy.name}: {requests} requests instead of {number}")
        time.sleep(0.002)
    return requests, proxy.process.cpu_seconds()
