"""Compares what happened with what the case says, and names the worst that is wrong.

`smuggled`: some reading of the upstream's bytes, or of the client's, holds a message that the strict verdict does
not know.  `spoofed`: an identity or forwarding field that the gateway did not set.  `bypassed`: the application
was reached without permission.  `exposed`: a secret, a gateway cookie or a private answer got where it may not.
`hung`: nothing was answered.  `wrong`: any other difference.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from .answers import Answer
from .cases import Case, Expectation, unescape
from .identity import GATEWAY_COOKIE, Person, spoofed_fields
from .readers import ReadRequest, Reading, read_requests
from .recording_upstream import SENTINEL_PATH, Segment
from .tolerance import LENIENT_READINGS
from .targets import reaches, same_target

KINDS = ("smuggled", "spoofed", "bypassed", "exposed", "hung", "wrong")
GUARDED = {"/admin": "administrator", "/.gatehouse": None}
REASONS_OF_ACCESS = {401, 403, 404, 405, 421}


@dataclass
class Happened:
    """Everything that was observed of one case."""

    answers: list[Answer]
    ending: str
    """`open` (a second request on the connection was answered rightly), `closed` or `hung`."""
    faults: list[tuple[str, str]] = field(default_factory=list)
    """Faults that the run itself saw, as kind and text."""
    segments: list[Segment] = field(default_factory=list)
    received: bytes = b""
    """Every byte of the answers' bodies and fields, to search for secrets."""


@dataclass
class Outcome:
    """The verdict on the gateway for one case."""

    case: Case
    faults: list[tuple[str, str]]

    @property
    def kind(self) -> str:
        """`passed`, or the worst kind of fault."""
        kinds = {kind for kind, _ in self.faults}
        return next((kind for kind in KINDS if kind in kinds), "passed")

    def explain(self) -> str:
        """What is wrong, for the test's failure message."""
        lines = [f"{self.case.id} ({self.case.source}): {self.kind}", f"  story: {self.case.story}"]
        return "\n".join(lines + [f"  {kind}: {text}" for kind, text in self.faults])


def judge(case: Case, happened: Happened, people: dict[str, Person], shared_secret: str, reasons: set[str]) -> Outcome:
    """The outcome of a case; `reasons` are all reason codes that exist."""
    faults = list(happened.faults)
    faults += _faults_of_answers(case, happened, reasons)
    return Outcome(case, faults + faults_behind(case, happened, people, shared_secret))


def faults_behind(
    case: Case, happened: Happened, people: dict[str, Person], shared_secret: str
) -> list[tuple[str, str]]:
    """What is wrong with what the application received, and with secrets on either side."""
    faults: list[tuple[str, str]] = []
    strict = [read_requests(segment.data) for segment in happened.segments]
    requests = [each for reading in strict for each in reading.requests if not is_sentinel(each)]
    for segment, reading in zip(happened.segments, strict):
        faults += _faults_of_stream(case, segment, reading)
    faults += _faults_of_requests(case, requests, people, shared_secret)
    for reading in strict:
        if reading.started is not None:
            faults += _identity_faults(case, [reading.started], people, shared_secret, "unfinished request: ")
    return faults + _faults_of_exposure(happened, people, shared_secret)


def is_sentinel(request: ReadRequest) -> bool:
    """True for the runner's own request that closes a case."""
    return request.target.startswith(SENTINEL_PATH)


def _faults_of_answers(case: Case, happened: Happened, reasons: set[str]) -> list[tuple[str, str]]:
    if case.verdict == "dropped":
        return []
    faults: list[tuple[str, str]] = []
    if len(happened.answers) < len(case.answers):
        kind = "hung" if happened.ending == "hung" else "wrong"
        faults.append((kind, f"{len(happened.answers)} of {len(case.answers)} answers, then {happened.ending}"))
    for answer, allowed in zip(happened.answers, case.answers):
        said = reasons_in(answer, reasons)
        is_head = case.request[0].startswith("HEAD ") and answer is happened.answers[0]
        if not any(_fits(answer, said, status, reason, is_head) for status, reason in allowed):
            wanted = " | ".join(f"{status or '*'} {reason or ''}".strip() for status, reason in allowed)
            faults.append(("wrong", f"answer {answer.status} {' '.join(sorted(said))}, not {wanted}"))
        cut_allowed = case.verdict == "cut" or answer is not happened.answers[0]
        if not answer.is_complete and not cut_allowed:
            faults.append(("wrong", "the answer ends before its framing says"))
    if case.verdict == "cut" and happened.answers:
        first = happened.answers[0]
        if first.is_complete and first.status < 500:
            faults.append(("smuggled", "a cut answer was passed on as a complete one"))
    if case.closes == "yes" and happened.ending != "closed":
        faults.append(("wrong", "the connection is not closed"))
    if case.closes == "no" and happened.ending != "open":
        faults.append(("wrong", "the connection did not go on"))
    return faults + faults_of_fields(case, happened)


def faults_of_fields(case: Case, happened: Happened) -> list[tuple[str, str]]:
    """What of `gets` and `hides` the answers do not keep."""
    faults: list[tuple[str, str]] = []
    for expectation in case.gets:
        if expectation.index < len(happened.answers):
            answer = happened.answers[expectation.index]
            faults += [("wrong", text) for text in _unmet(expectation, answer.values, answer.body, "answer")]
    for expectation in case.hides:
        for answer in happened.answers[expectation.index : expectation.index + 1]:
            faults += [("exposed", text) for text in _unmet(expectation, answer.values, answer.body, "answer")]
    return faults


def _fits(answer: Answer, said: set[str], status: int | None, reason: str | None, is_head: bool) -> bool:
    return (status is None or answer.status == status) and (reason is None or reason in said or is_head)


def reasons_in(answer: Answer, reasons: set[str]) -> set[str]:
    """The reason codes that an answer of the gateway names."""
    return set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)+", answer.body.decode("latin-1"))) & reasons


def _faults_of_stream(case: Case, segment: Segment, strict: Reading) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    known = Counter(request.line for request in strict.requests)
    if strict.fault is not None:
        faults.append(("smuggled", f"the upstream's bytes break RFC 9112: {strict.fault}"))
    elif strict.consumed < len(segment.data):
        if case.upstream_head == "none":
            faults.append(("wrong", f"{len(segment.data) - strict.consumed} bytes of an unfinished request"))
        elif not segment.is_closed:
            faults.append(("wrong", "the upstream connection with an unfinished request stays open"))
    for name, tolerance in LENIENT_READINGS.items():
        seen = Counter(each.line for each in read_requests(segment.data, tolerance).requests)
        for method, target in (seen - known).elements():
            faults.append(("smuggled", f"reading {name!r} sees {method} {target[:80]}"))
        if strict.fault is None:
            for method, target in (known - seen).elements():
                faults.append(("smuggled", f"reading {name!r} does not see {method} {target[:80]}"))
    return faults


def _faults_of_requests(
    case: Case, requests: list[ReadRequest], people: dict[str, Person], shared_secret: str
) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    unmatched = list(requests)
    matched: list[ReadRequest | None] = []
    for method, target in case.upstream:
        found = next((each for each in unmatched if each.method == method and same_target(each.target, target)), None)
        matched.append(found)
        if found is None:
            faults.append(("wrong", f"the application did not get {method} {target[:80]}"))
        else:
            unmatched.remove(found)
    for request in unmatched:
        # The application may answer before it has read everything, and get the rest all the same.
        if case.upstream_head == "or-whole" and not _is_bypass(case, request):
            continue
        text = f"the application got {request.method} {request.target[:80]}"
        faults.append(("bypassed" if _is_bypass(case, request) else "wrong", text))
    for expectation in case.sees:
        request = matched[expectation.index] if expectation.index < len(matched) else None
        if request is not None:
            faults += [("wrong", text) for text in _unmet(expectation, request.values, request.body, "upstream")]
    for request in requests:
        hosts = request.values("host")
        if len(hosts) != 1:
            faults.append(("smuggled", f"{len(hosts)} Host fields at the upstream"))
    return faults + _identity_faults(case, requests, people, shared_secret, "")


def _is_bypass(case: Case, request: ReadRequest) -> bool:
    refused_by_rule = any(status in REASONS_OF_ACCESS for pairs in case.answers for status, _ in pairs)
    return refused_by_rule or any(reaches(request.target, prefix) for prefix in GUARDED)


def identity_of(case: Case, request: ReadRequest) -> str:
    """Whose identity a request must have: the case's, or of several the one in its `upstream` line's place."""
    identities = [each.strip() for each in case.identity.split(",")]
    if len(identities) == 1:
        return identities[0]
    places = [same_target(request.target, target) for _, target in case.upstream]
    return identities[places.index(True)] if True in places else "none"


def _identity_faults(
    case: Case, requests: list[ReadRequest], people: dict[str, Person], shared_secret: str, prefix: str
) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    for request in requests:
        identity = identity_of(case, request)
        person = people.get(identity)
        faults += [("spoofed", prefix + text) for text in spoofed_fields(request, person, shared_secret)]
        for guarded, needed in GUARDED.items():
            if reaches(request.target, guarded) and (needed is None or identity != needed):
                faults.append(("bypassed", f"{prefix}{request.target[:80]} is {guarded} for some server"))
    return faults


def _faults_of_exposure(
    happened: Happened, people: dict[str, Person], shared_secret: str
) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    for segment in happened.segments:
        if any(person.token.encode() in segment.data for person in people.values()):
            faults.append(("exposed", "a session's token reached the application"))
        for request in read_requests(segment.data).requests:
            if any(GATEWAY_COOKIE.search(value) for value in request.values("cookie")):
                faults.append(("exposed", "a cookie of the gateway reached the application"))
    if shared_secret.encode() in happened.received:
        faults.append(("exposed", "the upstream's shared secret reached the client"))
    for answer in happened.answers:
        if any(GATEWAY_COOKIE.search(value) for value in answer.values("set-cookie")):
            faults.append(("exposed", "the application set a cookie of the gateway"))
    return faults


def _unmet(expectation: Expectation, values_of: Callable[[str], list[bytes]], body: bytes, side: str) -> list[str]:
    found = [body] if expectation.name == "body" else values_of(expectation.name)
    wanted = unescape(expectation.value, {}) if expectation.relation == "=" else b""
    pattern = expectation.value.encode()
    fine = {
        "absent": lambda: not found,
        "empty": lambda: found == [b""],
        "=": lambda: found == [wanted],
        "~": lambda: len(found) == 1 and re.search(pattern, found[0]) is not None,
        "!~": lambda: not any(re.search(pattern, value) for value in found),
    }[expectation.relation]()
    if fine:
        return []
    shown = ", ".join(repr(value[:80]) for value in found) or "absent"
    return [f"{side} {expectation.name} {expectation.relation} {expectation.value[:80]}: found {shown}"]
