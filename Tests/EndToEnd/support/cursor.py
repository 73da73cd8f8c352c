"""A place in a stream of bytes, and how lines end there."""

from __future__ import annotations

import re

from .tolerance import Tolerance

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""RFC 9110 §5.6.2."""
FIELD_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
"""RFC 9110 §5.5."""


class Malformed(ValueError):
    """The bytes are no message under the reading in use."""


class NeedsMore(Exception):
    """The bytes end before the message does."""


class Cursor:
    """A place in the stream, and how lines end there."""

    def __init__(self, data: bytes, tolerance: Tolerance) -> None:
        self.data = data
        self.tolerance = tolerance
        self.position = 0

    def line(self, what: str) -> bytes:
        """The next line without its end."""
        for index in range(self.position, len(self.data)):
            byte = self.data[index]
            if byte == 0x0A:
                if not self.tolerance.line_feed_ends_line:
                    raise Malformed(f"{what}: line feed without carriage return")
                return self._take(index, 1)
            if byte == 0x0D:
                if index + 1 == len(self.data):
                    raise NeedsMore
                if self.data[index + 1] == 0x0A:
                    return self._take(index, 2)
                if self.tolerance.carriage_return_ends_line:
                    return self._take(index, 1)
                if self.tolerance.syntax == "refuse":
                    raise Malformed(f"{what}: carriage return without line feed")
        raise NeedsMore

    def bytes(self, count: int) -> bytes:
        """The next `count` bytes."""
        if self.position + count > len(self.data):
            raise NeedsMore
        taken = self.data[self.position : self.position + count]
        self.position += count
        return taken

    def _take(self, index: int, ending: int) -> bytes:
        line = self.data[self.position : index]
        self.position = index + ending
        return line
