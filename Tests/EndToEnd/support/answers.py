"""Reads the gateway's answers strictly (RFC 9112 §6.3), as a client must that shares the connection with nobody."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .cursor import FIELD_VALUE, TOKEN

STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-9][0-9]{2}) [\t\x20-\x7e\x80-\xff]*")


class MalformedAnswer(ValueError):
    """The gateway's answer breaks RFC 9112."""


@dataclass
class Answer:
    """One final answer, with the interim ones before it."""

    status: int
    fields: list[tuple[str, bytes]]
    body: bytes = b""
    interim: list[int] = field(default_factory=list)
    is_complete: bool = True

    def values(self, name: str) -> list[bytes]:
        """The values of every field of this name; case does not matter."""
        return [value for own, value in self.fields if own.lower() == name.lower()]

    @property
    def announces_close(self) -> bool:
        """True where `Connection: close` says that nothing follows."""
        return any(b"close" in value.lower() for value in self.values("connection"))


class AnswerReader:
    """Takes bytes as they come, gives answers as they are complete."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.interim: list[int] = []

    def feed(self, data: bytes) -> None:
        """Adds received bytes."""
        self.buffer += data

    def next(self, of_head: bool, ended: bool) -> Answer | None:
        """The next answer; None while bytes are missing.

        `of_head`: the answer belongs to a HEAD request and has no body.  `ended`: nothing more will come, so what
        is there is given as it is, marked incomplete where its framing promised more.
        """
        while True:
            head_end = self.buffer.find(b"\r\n\r\n")
            if head_end < 0:
                return None
            status, fields = _head(bytes(self.buffer[:head_end]))
            if 100 <= status < 200 and status != 101:
                self.interim.append(status)
                del self.buffer[: head_end + 4]
                continue
            return self._body(status, fields, head_end + 4, of_head, ended)

    def _body(
        self, status: int, fields: list[tuple[str, bytes]], start: int, of_head: bool, ended: bool
    ) -> Answer | None:
        answer = Answer(status, fields, interim=self.interim)
        codings, lengths = answer.values("transfer-encoding"), answer.values("content-length")
        if codings and lengths:
            raise MalformedAnswer("Content-Length beside Transfer-Encoding")
        if of_head or status in (101, 204, 304):
            end: int | None = start
        elif codings:
            if codings != [b"chunked"]:
                raise MalformedAnswer("a transfer coding other than chunked")
            end = _read_chunks(self.buffer, start, answer)
        elif lengths:
            if len(lengths) != 1 or not lengths[0].isdigit():
                raise MalformedAnswer("Content-Length is not one number")
            end = start + int(lengths[0])
            answer.body = bytes(self.buffer[start:end])
            end = end if end <= len(self.buffer) else None
        else:
            answer.body = bytes(self.buffer[start:])
            end = len(self.buffer) if ended else None
        if end is None:
            if not ended:
                return None
            answer.is_complete = False
            end = len(self.buffer)
        del self.buffer[:end]
        self.interim = []
        return answer


def _head(head: bytes) -> tuple[int, list[tuple[str, bytes]]]:
    lines = head.split(b"\r\n")
    match = STATUS_LINE.fullmatch(lines[0])
    if not match:
        raise MalformedAnswer(f"status line {lines[0][:60]!r}")
    fields: list[tuple[str, bytes]] = []
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        value = value.strip(b" \t")
        if not colon or not TOKEN.fullmatch(name) or not FIELD_VALUE.fullmatch(value):
            raise MalformedAnswer(f"field line {line[:60]!r}")
        fields.append((name.decode(), value))
    return int(match.group(1)), fields


def _read_chunks(buffer: bytearray, start: int, answer: Answer) -> int | None:
    position = start
    body = bytearray()
    answer.body = b""
    while True:
        line_end = buffer.find(b"\r\n", position)
        if line_end < 0:
            answer.body = bytes(body)
            return None
        size_text = bytes(buffer[position:line_end])
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,15}", size_text):
            raise MalformedAnswer(f"chunk size {size_text[:40]!r}")
        size = int(size_text, 16)
        position = line_end + 2
        if size == 0:
            break
        body += buffer[position : position + size]
        if len(buffer) < position + size + 2:
            answer.body = bytes(body)
            return None
        if buffer[position + size : position + size + 2] != b"\r\n":
            raise MalformedAnswer("chunk data without its line end")
        position += size + 2
    answer.body = bytes(body)
    if buffer[position : position + 2] == b"\r\n":
        return position + 2
    trailer_end = buffer.find(b"\r\n\r\n", position)
    return None if trailer_end < 0 else trailer_end + 4
