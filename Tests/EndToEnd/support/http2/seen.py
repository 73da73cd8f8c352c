"""What a client saw of a connection and its streams, read as strictly as RFC 9113 §8 asks of clients."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..answers import Answer
from ..cursor import FIELD_VALUE, TOKEN
from .fields import Field

CONNECTION_SPECIFIC = {b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade"}
"""RFC 9113 §8.2.2."""


@dataclass
class SeenStream:
    """The answer so far."""

    status: int | None = None
    fields: list[tuple[str, bytes]] = field(default_factory=list)
    interim: list[int] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    keeps_body: bool = True
    """False where only its length is of interest."""
    body_bytes: int = 0
    trailers: list[tuple[str, bytes]] = field(default_factory=list)
    is_ended: bool = False
    """END_STREAM was seen."""
    reset: str | None = None
    """The error code of RST_STREAM."""
    credit: int = 0
    """What WINDOW_UPDATE has added."""
    answers_head: bool = False
    is_abandoned: bool = False
    """The client has reset it; what is still under way is nobody's."""

    @property
    def is_over(self) -> bool:
        """Nothing more will come."""
        return self.is_ended or self.reset is not None

    def values(self, name: str) -> list[bytes]:
        """The values of every field of this name."""
        return [value for own, value in self.fields if own == name]

    def answer(self) -> Answer:
        """As the judge of HTTP/1.1 knows it; status 0 where none came."""
        return Answer(self.status or 0, list(self.fields), bytes(self.body), list(self.interim), self.is_ended)

    def take_data(self, body: bytes, ends: bool) -> str | None:
        """A DATA frame; what is wrong with it."""
        if self.is_abandoned:
            return None
        if self.status is None or self.is_ended:
            return "DATA outside of an answer"
        self.body_bytes += len(body)
        if self.keeps_body:
            self.body += body
        self.is_ended = ends
        return self._length_fault() if ends else None

    def take_fields(self, found: list[Field], ends: bool) -> str | None:
        """A header block; what is wrong with it."""
        fault = next((fault for name, value in found if (fault := _fault(name, value))), None)
        plain = [(name.decode("latin-1"), value) for name, value in found if not name.startswith(b":")]
        pseudo = [(name, value) for name, value in found if name.startswith(b":")]
        if self.is_abandoned:
            return None
        if self.is_ended:
            return "a header block after the end"
        self.is_ended = ends
        if self.status is not None:
            self.trailers = plain
            return fault or ("pseudo fields in trailers" if pseudo else None) or self._end_fault(ends)
        if len(pseudo) != 1 or pseudo[0][0] != b":status" or found[0][0] != b":status":
            return f"pseudo fields {[name for name, _ in pseudo]}"
        if not pseudo[0][1].isdigit() or len(pseudo[0][1]) != 3:
            return f"status {pseudo[0][1]!r}"
        status = int(pseudo[0][1])
        if 100 <= status < 200:
            self.interim.append(status)
            return fault or ("an interim answer that ends the stream" if ends or status == 101 else None)
        self.status, self.fields = status, plain
        return fault or (self._length_fault() if ends else None)

    def _end_fault(self, ends: bool) -> str | None:
        return self._length_fault() if ends else "trailers that do not end the stream"

    def _length_fault(self) -> str | None:
        lengths = self.values("content-length")
        if not lengths or self.answers_head or self.status == 304:
            return None
        if len(lengths) != 1 or not lengths[0].isdigit() or int(lengths[0]) != self.body_bytes:
            return f"content-length {lengths}, but {self.body_bytes} bytes of DATA"
        return None


@dataclass(frozen=True)
class Goaway:
    """A GOAWAY frame."""

    last_stream: int
    code: str
    debug: bytes


@dataclass
class Seen:
    """What came back."""

    streams: dict[int, SeenStream] = field(default_factory=dict)
    settings: dict[int, int] = field(default_factory=dict)
    goaways: list[Goaway] = field(default_factory=list)
    settings_acks: int = 0
    pongs: list[bytes] = field(default_factory=list)
    window_updates: int = 0
    ending: str = "open"
    """`open`, `closed`, or `hung` (nothing within the patience)."""
    faults: list[str] = field(default_factory=list)
    """Where the gateway broke RFC 9113: how."""


def _fault(name: bytes, value: bytes) -> str | None:
    bare = name[1:] if name.startswith(b":") else name
    if not TOKEN.fullmatch(bare) or bare != bare.lower():
        return f"a field name {name[:40]!r}"
    if not FIELD_VALUE.fullmatch(value) or value != value.strip(b" \t"):
        return f"a value {value[:40]!r} of {name[:40]!r}"
    return f"connection-specific {name!r}" if bare in CONNECTION_SPECIFIC else None
