"""Plays one case against a gateway: send, read, prove that the connection is in step, collect what arrived."""

from __future__ import annotations

import itertools

from .answers import Answer
from .cases import Case
from .client import Conversation, Endpoint
from .identity import Person
from .judge import Happened, Outcome, judge
from .recording_upstream import SENTINEL_PATH, RecordingUpstream, Script

PIECES_UP_TO_BYTES = 2048
_numbers = itertools.count(1)

PEERS = {"untrusted": "127.0.0.1", "trusted": "127.0.0.2"}


def can_be_delivered_in_pieces(case: Case, people: dict[str, Person]) -> bool:
    """True where sending byte by byte is quick and says something about the reading of the request."""
    size = len(case.request_bytes({name: person.token for name, person in people.items()}))
    return case.upstream_answer is None and size <= PIECES_UP_TO_BYTES


def run_case(
    case: Case,
    endpoint: Endpoint,
    upstream: RecordingUpstream,
    people: dict[str, Person],
    shared_secret: str,
    reasons: set[str],
    piece_bytes: int | None = None,
) -> Outcome:
    """Runs the case on a connection of its own and judges it."""
    tokens = {name: person.token for name, person in people.items()}
    data = case.request_bytes(tokens)
    upstream.begin(Script(case.answer_bytes(), case.answer_when, case.answer_then))
    happened = Happened(answers=[], ending="open")
    with Conversation(endpoint, PEERS[case.peer]) as conversation:
        conversation.send(data, piece_bytes)
        if case.verdict == "dropped":
            conversation.go_away()
            happened.ending = conversation.observed.ending
            if happened.ending == "hung":
                happened.faults.append(("hung", "the gateway keeps the connection of a client that went away"))
        else:
            _read(case, conversation, happened, data.startswith(b"HEAD "), tokens["member"])
    if happened.ending != "open":
        _check_with_new_connection(endpoint, happened, tokens["member"])
    upstream.await_closed_where_unfinished(endpoint.patience_seconds)
    happened.segments = upstream.settle()
    happened.received = b"".join(_all_bytes(answer) for answer in happened.answers)
    return judge(case, happened, people, shared_secret, reasons)


def _read(case: Case, conversation: Conversation, happened: Happened, first_is_head: bool, token: str) -> None:
    observed = conversation.read_answers(len(case.answers), first_is_head)
    happened.answers = observed.answers[: len(case.answers)]
    announced = any(answer.announces_close for answer in happened.answers)
    if observed.ending == "open" and case.closes != "yes" and not announced:
        number = next(_numbers)
        conversation.send(sentinel(number, token))
        conversation.read_answers(len(case.answers) + 1, first_is_head)
        extra = observed.answers[len(case.answers) :]
        if extra and not is_answer_to(number, extra[0]):
            happened.faults.append(("smuggled", f"the next request on the connection got {extra[0].status}"))
    elif observed.ending == "open":
        conversation.read_to_end()
        if observed.answers[len(case.answers) :]:
            happened.faults.append(("smuggled", "more answers than requests"))
    if observed.fault is not None:
        happened.faults.append(("smuggled", f"the client cannot read the answer: {observed.fault}"))
    happened.ending = observed.ending


def _check_with_new_connection(endpoint: Endpoint, happened: Happened, token: str) -> None:
    number = next(_numbers)
    with Conversation(endpoint) as conversation:
        conversation.send(sentinel(number, token))
        observed = conversation.read_answers(1, first_is_head=False)
        if not observed.answers:
            happened.faults.append(("hung", "the next visitor gets no answer"))
        elif not is_answer_to(number, observed.answers[0]):
            happened.faults.append(("smuggled", f"the next visitor got {observed.answers[0].status}"))


def sentinel(number: int, token: str) -> bytes:
    """A plain request whose answer nobody else can have."""
    return (
        f"GET {SENTINEL_PATH}{number} HTTP/1.1\r\nHost: acme.example.org\r\n"
        f"Cookie: __Host-gatehouse={token}\r\nConnection: keep-alive\r\n\r\n"
    ).encode()


def is_answer_to(number: int, answer: Answer) -> bool:
    """True for the application's answer to that sentinel."""
    return answer.status == 200 and answer.body == f"GET {SENTINEL_PATH}{number}\n".encode()


def _all_bytes(answer: Answer) -> bytes:
    return b"\n".join([answer.body] + [name.encode() + b": " + value for name, value in answer.fields])
