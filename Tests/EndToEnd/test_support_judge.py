"""The judge can fail: a proxy that only passes bytes on is caught smuggling, spoofing and letting pass.

And it can be satisfied: a proxy that sets the identity and knows no ambiguity passes what it should pass.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from support.cases import Case
from support.client import Endpoint
from support.identity import Person, people
from support.judge import Outcome
from support.readers import read_requests
from support.recording_upstream import RecordingUpstream
from support.report import table
from support.run_case import run_case

SECRET = "the-upstream-secret"
MEMBERS = people()
Rewrite = Callable[[bytes], bytes]


def pump(source: socket.socket, sink: socket.socket, rewrite: Rewrite) -> None:
    """Passes bytes on until the source ends."""
    try:
        while data := source.recv(65536):
            sink.sendall(rewrite(data))
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


@contextmanager
def naive_proxy(upstream_port: int, rewrite: Rewrite) -> Iterator[Endpoint]:
    """A proxy that believes its clients: one upstream connection for each client's."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
                upstream = socket.create_connection(("127.0.0.1", upstream_port))
            except OSError:
                return
            threading.Thread(target=pump, args=(client, upstream, rewrite), daemon=True).start()
            threading.Thread(target=pump, args=(upstream, client, bytes), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield Endpoint("127.0.0.1", listener.getsockname()[1], patience_seconds=1.0)
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def with_identity(data: bytes) -> bytes:
    """Takes the session's cookie out of a plain GET and sets the identity, as the simplest right proxy would."""
    reading = read_requests(data)
    if len(reading.requests) != 1 or reading.consumed != len(data):
        return data
    person = next((each for each in MEMBERS.values() if each.token.encode() in data), None)
    lines = [line for line in data.split(b"\r\n")[:-2] if not line.lower().startswith((b"cookie:", b"x-user-id:"))]
    lines += [b"X-Gatehouse-Secret: " + SECRET.encode()]
    if person is not None:
        lines += [f"{name}: {value}".encode() for name, value in identity_of(person).items()]
    return b"\r\n".join([*lines, b"", b""])


def identity_of(person: Person) -> dict[str, str]:
    """The fields that say who a person is."""
    return {
        "X-Tenant-ID": person.tenant, "X-User-ID": person.user, "X-User-Email": person.email,
        "X-User-Name": person.name, "X-User-Roles": ",".join(person.roles), "X-Session-ID": person.handle,
    }


@pytest.fixture(scope="module")
def upstream() -> Iterator[RecordingUpstream]:
    """The recording application."""
    with RecordingUpstream() as made:
        yield made


def outcome_of(
    case_id: str, corpus: list[Case], upstream: RecordingUpstream, reasons: dict[str, int], rewrite: Rewrite
) -> Outcome:
    """Plays one case of the corpus through the naive proxy."""
    case = next(each for each in corpus if each.id == case_id)
    with naive_proxy(upstream.port, rewrite) as endpoint:
        return run_case(case, endpoint, upstream, MEMBERS, SECRET, set(reasons))


@pytest.mark.parametrize(
    ("case_id", "kind"),
    [
        ("framing-length-and-chunked", "smuggled"),
        ("framing-two-lengths-different", "smuggled"),
        ("framing-coding-vertical-tab", "smuggled"),
        ("chunks-extension-line-feed", "smuggled"),
        ("identity-line-feed", "smuggled"),
        ("syntax-space-before-colon", "smuggled"),
        ("identity-lower-x-user-id", "spoofed"),
        ("identity-x-underscore-user-underscore-id", "spoofed"),
        ("forwarding-original-url", "spoofed"),
        ("chunks-trailer-user", "spoofed"),
    ],
)
def test_a_proxy_that_passes_bytes_on_is_caught(
    case_id: str, kind: str, corpus: list[Case], upstream: RecordingUpstream, reasons: dict[str, int]
) -> None:
    outcome = outcome_of(case_id, corpus, upstream, reasons, bytes)
    assert outcome.kind == kind, outcome.explain()


@pytest.mark.parametrize(
    ("case_id", "kind"),
    [
        ("line-plain", "passed"),
        ("identity-lower-x-user-id", "passed"),
        ("access-public", "passed"),
        ("answers-length", "passed"),
        ("prefix-plain", "bypassed"),
        ("prefix-upper-case", "bypassed"),
        ("target-dot-dot", "bypassed"),
        ("prefix-portal-login", "bypassed"),
        ("identity-x-underscore-user-underscore-id", "spoofed"),
        ("hop-nominates-own-field", "wrong"),
        ("answers-cookie-of-ours", "exposed"),
        ("answers-cache-public", "exposed"),
        ("answers-bytes-after", "smuggled"),
        ("answers-204-with-answer-behind", "smuggled"),
        ("answers-two-lengths-different", "smuggled"),
        ("answers-none-in-time", "hung"),
    ],
)
def test_a_proxy_that_sets_the_identity_is_judged_by_what_it_does(
    case_id: str, kind: str, corpus: list[Case], upstream: RecordingUpstream, reasons: dict[str, int]
) -> None:
    outcome = outcome_of(case_id, corpus, upstream, reasons, with_identity)
    assert outcome.kind == kind, outcome.explain()


def test_the_table_counts_by_group_and_kind(
    corpus: list[Case], upstream: RecordingUpstream, reasons: dict[str, int]
) -> None:
    outcomes = [
        outcome_of(each, corpus, upstream, reasons, with_identity)
        for each in ("line-plain", "prefix-plain", "prefix-upper-case")
    ]
    lines = table(outcomes, "T").splitlines()
    assert lines[2] == "| group | cases | passed | smuggled | spoofed | bypassed | exposed | hung | wrong |"
    assert lines[4] == "| request-line | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 0 |"
    assert lines[5] == "| prefix | 2 | 0 | 0 | 0 | 2 | 0 | 0 | 0 |"
    assert lines[6] == "| **all** | 3 | 1 | 0 | 0 | 2 | 0 | 0 | 0 |"
