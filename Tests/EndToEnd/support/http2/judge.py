"""Compares what came of the client's frames with what the case says; what arrived behind is judged as for HTTP/1.1."""

from __future__ import annotations

from ..answers import Answer
from ..identity import Person
from ..judge import Happened, faults_behind, faults_of_fields, reasons_in
from ..judge import Outcome as Verdict
from .cases import FrameCase, Outcome
from .connection import Connection
from .seen import SeenStream


def judge_frames(
    case: FrameCase, connection: Connection, happened: Happened, people: dict[str, Person], shared_secret: str,
    reasons: set[str],
) -> Verdict:
    """The verdict on the gateway for one case."""
    streams = [connection.stream(number) for number in case.streams]
    happened.answers = [stream.answer() for stream in streams]
    happened.received = b"".join(_all_bytes(answer) for answer in happened.answers)
    faults = list(happened.faults)
    faults += [("wrong", f"the gateway breaks RFC 9113: {text}") for text in connection.seen.faults]
    if case.case.verdict != "dropped":
        for number, stream, allowed in zip(case.streams, streams, case.outcomes):
            faults += _faults_of_stream(case, connection, number, stream, allowed, happened.ending, reasons)
    if case.case.verdict == "ended":
        faults += _faults_of_end(case, connection, happened.ending)
    strangers = [number for number, stream in connection.seen.streams.items()
                 if stream.status is not None and number not in case.streams and not _is_sentinels(number, case)]
    faults += [("smuggled", f"an answer on stream {number}, which nobody opened") for number in strangers]
    if case.case.closes == "yes" and happened.ending != "closed":
        faults.append(("hung" if happened.ending == "hung" else "wrong", "the connection is not closed"))
    if case.case.closes == "no" and happened.ending != "open":
        faults.append(("wrong", f"the connection did not go on: {happened.ending}{_goaway(connection)}"))
    faults += faults_of_fields(case.case, happened)
    faults += faults_behind(case.case, happened, people, shared_secret)
    return Verdict(case.case, faults)


def _is_sentinels(number: int, case: FrameCase) -> bool:
    return number > max([*case.streams, -1])


def _faults_of_stream(
    case: FrameCase, connection: Connection, number: int, stream: SeenStream, allowed: tuple[Outcome, ...],
    ending: str, reasons: set[str],
) -> list[tuple[str, str]]:
    if any(_fits(each, connection, stream, reasons) for each in allowed):
        if stream.status is not None and stream.reset is None and not stream.is_ended:
            if case.case.verdict not in ("cut", "ended") and not any(each.kind == "none" for each in allowed):
                return [("wrong", f"stream {number}: the answer does not end")]
        if case.case.verdict == "cut" and stream.is_ended and (stream.status or 0) < 500:
            return [("smuggled", "a cut answer was passed on as a complete one")]
        return []
    wanted = " | ".join(str(each) for each in allowed)
    found = f"stream {number}: {_told(stream, reasons)}{_goaway(connection)}, connection {ending}; not {wanted}"
    return [("hung" if ending == "hung" else "wrong", found)]


def _fits(outcome: Outcome, connection: Connection, stream: SeenStream, reasons: set[str]) -> bool:
    if outcome.kind == "status":
        if stream.status is None or outcome.status not in (None, stream.status):
            return False
        said = reasons_in(stream.answer(), reasons)
        return outcome.reason is None or outcome.reason in said or stream.answers_head
    if outcome.kind == "stream":
        return stream.status is None and stream.reset is not None and _named(outcome, stream.reset)
    if outcome.kind == "connection":
        return any(_named(outcome, each.code) and each.code != "NO_ERROR" for each in connection.seen.goaways)
    return stream.status is None and stream.reset is None


def _named(outcome: Outcome, code: str) -> bool:
    return not outcome.codes or code in outcome.codes


def _faults_of_end(case: FrameCase, connection: Connection, ending: str) -> list[tuple[str, str]]:
    """The verdict `ended`: the last answer names what the connection ends with."""
    allowed = case.outcomes[-1]
    for each in allowed:
        if each.kind == "connection" and _fits(each, connection, SeenStream(), set()):
            return []
        if each.kind == "none" and not connection.seen.goaways and ending == "closed":
            return []
    wanted = " | ".join(str(each) for each in allowed)
    return [("hung" if ending == "hung" else "wrong", f"the connection is {ending}{_goaway(connection)}; not {wanted}")]


def _goaway(connection: Connection) -> str:
    return "".join(f", GOAWAY {each.code} {each.debug[:60].decode('latin-1')}" for each in connection.seen.goaways)


def _told(stream: SeenStream, reasons: set[str]) -> str:
    if stream.status is not None:
        said = " ".join(sorted(reasons_in(stream.answer(), reasons)))
        return f"{stream.status} {said}" + (f", then reset {stream.reset}" if stream.reset else "")
    return f"reset {stream.reset}" if stream.reset else "nothing"


def _all_bytes(answer: Answer) -> bytes:
    return b"\n".join([answer.body] + [name.encode() + b": " + value for name, value in answer.fields])
