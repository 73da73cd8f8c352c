"""The HTTP/1.1 corpus said in HTTP/2, where a case can be said there: the same attack, the same verdict.

What only HTTP/1.1's syntax can say (chunks, line ends, versions, Connection, absolute-form) has no translation.  A
request that HTTP/1.1's reader must refuse for a field's bytes can be said very well, and must be refused here too.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..cases import ACCEPTED, Case, Expectation
from ..readers import ReadRequest, read_requests
from .cases import FrameCase, Outcome, malformed
from .script import Step

UNSAYABLE = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings", "te"}
"""Fields whose meaning in HTTP/1.1 is none in HTTP/2 (RFC 9113 §8.2.2); `downgrade.cases` has them."""
ONLY_OF_HTTP_1 = {"connection", "transfer-encoding", "content-length", "keep-alive"}
PIECE_BYTES = 16_384
WORD = re.compile(rb"[^ ]+")


def translated(corpus: list[Case], tokens: dict[str, str]) -> list[FrameCase]:
    """Every case that has a translation."""
    made = (translate(case, tokens) for case in corpus)
    return [case for case in made if case is not None]


def translate(case: Case, tokens: dict[str, str]) -> FrameCase | None:
    """The case in HTTP/2; None where it has none."""
    data = case.request_bytes(tokens)
    requests, is_whole = _requests(data)
    if not requests or len(requests) < len(case.answers) or any(not _is_sayable(each) for each in requests):
        return None
    if any(reason == "chunk-malformed" for pairs in case.answers for _, reason in pairs):
        return None
    if case.verdict == "dropped" and is_whole or case.verdict != "dropped" and not is_whole:
        return None
    outcomes = tuple(_outcomes(case, allowed) for allowed in case.answers)
    if case.verdict == "dropped":
        outcomes = ()
    elif len(outcomes) != len(requests):
        return None
    steps: list[Step] = []
    for index, request in enumerate(requests):
        steps += _steps(1 + 2 * index, request, is_whole or index + 1 < len(requests))
    moved = replace(
        case, id=f"as-http2-{case.id}", group=f"http1 {case.group}", closes=_closes(case), gets=_kept(case.gets),
        hides=_kept(case.hides), sees=_kept(case.sees), request=(f"{requests[0].method} ",))
    return FrameCase(moved, tuple(steps), outcomes)


def _requests(data: bytes) -> tuple[list[ReadRequest], bool]:
    reading = read_requests(data)
    if reading.fault is None and reading.consumed == len(data):
        return reading.requests, True
    if reading.fault is None and reading.started is not None:
        return [*reading.requests, _with_partial_body(reading.started, data)], False
    loose = _loosely(data)
    return ([loose], True) if loose else ([], False)


def _with_partial_body(request: ReadRequest, data: bytes) -> ReadRequest:
    if not request.values("transfer-encoding"):
        request.body = data[data.index(b"\r\n\r\n") + 4 :]
    return request


def _loosely(data: bytes) -> ReadRequest | None:
    """A head alone whose words and fields may hold what HTTP/1.1 forbids, but whose parts are plain."""
    head, end, rest = data.partition(b"\r\n\r\n")
    if not end or rest:
        return None
    first, *lines = head.split(b"\r\n")
    words = first.split(b" ")
    if len(words) != 3 or words[2] != b"HTTP/1.1" or not all(words):
        return None
    request = ReadRequest(words[0].decode("latin-1"), words[1].decode("latin-1"), "HTTP/1.1")
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or line[:1] in b" \t":
            return None
        request.fields.append((name.decode("latin-1"), value.strip(b" ")))
    return request


def _is_sayable(request: ReadRequest) -> bool:
    if request.version != "HTTP/1.1" or not request.target.startswith(("/", "*", "%", "\\", ".")):
        return False
    names = [name.lower() for name, _ in request.fields]
    chunked_alone = request.values("transfer-encoding") in ([], [b"chunked"])
    return not (UNSAYABLE - {"transfer-encoding"}).intersection(names) and chunked_alone and names.count("host") == 1


def _steps(stream: int, request: ReadRequest, is_whole: bool) -> list[Step]:
    host = request.values("host")[0]
    pseudo = [
        (b":method", request.method.encode("latin-1")), (b":scheme", b"https"), (b":authority", host),
        (b":path", request.target.encode("latin-1")),
    ]
    plain = [
        (name.lower().encode("latin-1"), value) for name, value in request.fields
        if name.lower() not in ("host", "transfer-encoding")
    ]
    more = bool(request.body or request.trailers or not is_whole)
    steps = [_headers("headers", stream, pseudo + plain, ends=not more)]
    pieces = [request.body[start : start + PIECE_BYTES] for start in range(0, len(request.body), PIECE_BYTES)]
    if request.trailers or not is_whole:
        steps += [_data(stream, piece, ends=False) for piece in pieces]
    else:
        steps += [_data(stream, piece, ends=index + 1 == len(pieces)) for index, piece in enumerate(pieces)]
    if request.trailers and is_whole:
        trailers = [(name.lower().encode("latin-1"), value) for name, value in request.trailers]
        steps.append(_headers("headers", stream, trailers, ends=True))
    return steps


def _headers(kind: str, stream: int, fields: list[tuple[bytes, bytes]], ends: bool) -> Step:
    lines = tuple(f"{_escaped(name)}: {_escaped(value)}" for name, value in fields)
    return Step(kind, (str(stream),), switches=frozenset(["end-stream"] if ends else []), lines=lines,
                options={"split": str(PIECE_BYTES)})


def _data(stream: int, piece: bytes, ends: bool) -> Step:
    switches = frozenset(["end-stream"] if ends else [])
    return Step("data", (str(stream),), switches=switches, text=_escaped(piece))


def _escaped(value: bytes) -> str:
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\x{byte:02x}" for byte in value)


def _outcomes(case: Case, allowed: tuple[tuple[int | None, str | None], ...]) -> tuple[Outcome, ...]:
    found: list[Outcome] = []
    for status, reason in allowed:
        found.append(Outcome("status", status, reason))
        if status == 414:
            # The list of fields, :path among them, has one bound.
            found.append(Outcome("status", 431, "header-too-large"))
        if status in (400, 501) and case.verdict == "refused":
            found += malformed()
    if case.verdict == "cut":
        found.append(Outcome("stream"))
    return tuple(found)


def _closes(case: Case) -> str:
    """A connection carries other streams: what HTTP/1.1 ends with the connection ends with the stream here."""
    if case.verdict in ACCEPTED or case.verdict == "answered":
        return "no"
    return "either"


def _kept(expectations: tuple[Expectation, ...]) -> tuple[Expectation, ...]:
    """Without those about framing, which is each protocol's own."""
    return tuple(each for each in expectations if each.name.lower() not in ONLY_OF_HTTP_1)
