"""Reads a stream of HTTP/1.1 requests, strictly (RFC 9112) or as tolerantly as told.

The upstream's record is read by `read_requests(data)` and, beside it, by every reading of `tolerance.py`: where
one of them finds a request that the strict one does not know, a request was smuggled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .cursor import FIELD_VALUE, TOKEN, Cursor, Malformed, NeedsMore
from .tolerance import STRICT, Tolerance

TARGET = re.compile(rb"[\x21-\x7e]+")
VERSION = re.compile(rb"HTTP/1\.[01]")
MAXIMUM_DIGITS = 18


@dataclass
class ReadRequest:
    """A request as one reading sees it."""

    method: str
    target: str
    version: str
    fields: list[tuple[str, bytes]] = field(default_factory=list)
    body: bytes = b""
    trailers: list[tuple[str, bytes]] = field(default_factory=list)

    def values(self, name: str) -> list[bytes]:
        """The values of every field of this name, in order; case does not matter."""
        return [value for own, value in self.fields if own.lower() == name.lower()]

    @property
    def line(self) -> tuple[str, str]:
        """Method and target."""
        return self.method, self.target


@dataclass
class Reading:
    """What a reader made of a stream."""

    requests: list[ReadRequest]
    """The complete ones."""
    consumed: int
    """Where the last complete one ends."""
    started: ReadRequest | None = None
    """One whose head is complete and whose body is not."""
    fault: str | None = None
    """Why reading stopped; None where the stream simply ends."""


def read_requests(data: bytes, tolerance: Tolerance = STRICT, maximum: int | None = None) -> Reading:
    """Reads requests until the data ends, a fault stops the reading, or `maximum` have been read."""
    reading = Reading(requests=[], consumed=0)
    cursor = Cursor(data, tolerance)
    while cursor.position < len(data) and (maximum is None or len(reading.requests) < maximum):
        reading.started = None
        try:
            request = _head(cursor)
            reading.started = request
            _body(cursor, request)
        except NeedsMore:
            return reading
        except Malformed as fault:
            reading.fault = str(fault)
            return reading
        reading.started = None
        reading.requests.append(request)
        reading.consumed = cursor.position
    return reading


def _head(cursor: Cursor) -> ReadRequest:
    skips = cursor.tolerance.syntax == "skip"
    line = cursor.line("request line")
    while skips and not line.strip():
        line = cursor.line("request line")
    request = _loose_request_line(line) if skips else _request_line(line)
    if request.version == "HTTP/0.9":
        return request
    request.fields = _fields(cursor, "field")
    return request


def _request_line(line: bytes) -> ReadRequest:
    parts = line.split(b" ")
    if len(parts) != 3:
        raise Malformed("request line: not three words with one space between")
    method, target, version = parts
    if not TOKEN.fullmatch(method) or not TARGET.fullmatch(target) or not VERSION.fullmatch(version):
        raise Malformed("request line: a word of it has the wrong shape")
    return ReadRequest(method.decode(), target.decode("latin-1"), version.decode())


def _loose_request_line(line: bytes) -> ReadRequest:
    parts = line.split()
    if len(parts) == 2 and parts[0] == b"GET":
        return ReadRequest("GET", parts[1].decode("latin-1"), "HTTP/0.9")
    if len(parts) < 3 or not parts[-1].upper().startswith(b"HTTP/"):
        raise Malformed("request line: nothing that any server takes for one")
    target = parts[1].decode("latin-1")
    return ReadRequest(parts[0].decode("latin-1"), target, parts[-1].decode("latin-1"))


def _fields(cursor: Cursor, what: str) -> list[tuple[str, bytes]]:
    tolerance = cursor.tolerance
    fields: list[tuple[str, bytes]] = []
    while True:
        line = cursor.line(what)
        if not line:
            return fields
        if line[:1] in b" \t" and tolerance.folding != "separate":
            if tolerance.folding == "refuse":
                if tolerance.syntax == "refuse":
                    raise Malformed(f"{what}: obsolete folding")
                continue
            if fields:
                name, value = fields[-1]
                fields[-1] = (name, value + b" " + line.strip(b" \t"))
            continue
        parsed = _field(line.lstrip(b" \t") if tolerance.folding == "separate" else line, tolerance, what)
        if parsed is not None:
            fields.append(parsed)


def _field(line: bytes, tolerance: Tolerance, what: str) -> tuple[str, bytes] | None:
    name, colon, value = line.partition(b":")
    if not colon or not name:
        return _skipped(tolerance, f"{what}: no name and colon")
    if name[-1:] in b" \t":
        if tolerance.space_before_colon == "skip":
            return None
        if tolerance.space_before_colon == "refuse":
            return _skipped(tolerance, f"{what}: white space before the colon")
        name = name.rstrip(b" \t")
    if tolerance.null_ends_field:
        value = value.split(b"\0")[0]
    if not TOKEN.fullmatch(name):
        return _skipped(tolerance, f"{what}: a name that is no token")
    value = value.strip(b" \t")
    if not FIELD_VALUE.fullmatch(value) and tolerance.syntax == "refuse":
        raise Malformed(f"{what}: a control character in a value")
    return name.decode(), value


def _skipped(tolerance: Tolerance, fault: str) -> None:
    if tolerance.syntax == "refuse":
        raise Malformed(fault)


def _body(cursor: Cursor, request: ReadRequest) -> None:
    tolerance = cursor.tolerance
    codings = _framing(request, "transfer-encoding", tolerance)
    lengths = _framing(request, "content-length", tolerance)
    chunked = _is_chunked(codings, tolerance, request.version)
    if chunked and lengths:
        if tolerance.both_framings == "refuse":
            raise Malformed("framing: Content-Length beside Transfer-Encoding")
        chunked = tolerance.both_framings == "chunked"
    if chunked:
        _chunks(cursor, request)
    elif lengths:
        request.body = cursor.bytes(_length(lengths, tolerance))


def _framing(request: ReadRequest, name: str, tolerance: Tolerance) -> list[bytes]:
    if not tolerance.underscore_is_dash:
        return request.values(name)
    return [value for own, value in request.fields if own.lower().replace("_", "-") == name]


def _is_chunked(codings: list[bytes], tolerance: Tolerance, version: str) -> bool:
    if not codings:
        return False
    if tolerance.coding == "contains":
        return any(b"chunked" in coding.lower() for coding in codings)
    if len(codings) == 1 and codings[0].lower() == b"chunked" and version != "HTTP/1.0":
        return True
    if tolerance.coding == "ignore":
        return False
    raise Malformed("framing: a transfer coding other than chunked alone")


def _length(values: list[bytes], tolerance: Tolerance) -> int:
    candidates = [part for value in values for part in value.split(b",")]
    if len(candidates) > 1 and tolerance.many_lengths == "refuse":
        raise Malformed("framing: several lengths")
    text = candidates[-1 if tolerance.many_lengths == "last" else 0]
    return _number(text, rb"[0-9]+", 10, tolerance, "framing: a length that is no number", MAXIMUM_DIGITS)


def _number(text: bytes, shape: bytes, base: int, tolerance: Tolerance, fault: str, digits: int) -> int:
    if re.fullmatch(shape, text) and len(text) <= digits:
        return int(text, base)
    if tolerance.loose_number == "refuse":
        raise Malformed(fault)
    if tolerance.loose_number == "ignore":
        return 0
    match = re.match(rb"[ \t\v]*\+?(?:0[xX](?=[0-9A-Fa-f]))?(" + shape + rb")", text)
    number = int(match.group(1), base) if match else 0
    return number % 2**32 if tolerance.loose_number == "wrap" else number


def _chunks(cursor: Cursor, request: ReadRequest) -> None:
    tolerance = cursor.tolerance
    body = bytearray()
    while True:
        size_line = _size_line(cursor)
        size_text, semicolon, extension = size_line.partition(b";")
        if tolerance.syntax == "refuse" and semicolon and not FIELD_VALUE.fullmatch(extension):
            raise Malformed("chunk: a control character in an extension")
        size = _number(
            size_text.rstrip(b" \t") if semicolon else size_text,
            rb"[0-9A-Fa-f]+", 16, tolerance, "chunk: a size that is no number", 15,
        )
        if size == 0:
            break
        body += cursor.bytes(size)
        _chunk_end(cursor)
    request.trailers = _fields(cursor, "trailer")
    request.body = bytes(body)


def _size_line(cursor: Cursor) -> bytes:
    if not cursor.tolerance.extension_ends_at_line_feed:
        return cursor.line("chunk size")
    end = cursor.data.find(b"\n", cursor.position)
    if end < 0:
        raise NeedsMore
    return cursor.bytes(end + 1 - cursor.position).rstrip(b"\r\n")


def _chunk_end(cursor: Cursor) -> None:
    style = cursor.tolerance.chunk_end
    if style == "skip-two":
        cursor.bytes(2)
        return
    if style == "optional":
        for ending in (b"\r\n", b"\n"):
            if cursor.data.startswith(ending, cursor.position):
                cursor.position += len(ending)
                return
        return
    if cursor.bytes(2) != b"\r\n":
        if cursor.tolerance.line_feed_ends_line and cursor.data[cursor.position - 2] == 0x0A:
            cursor.position -= 1
            return
        raise Malformed("chunk: data longer than the size")
