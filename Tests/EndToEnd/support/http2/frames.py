"""Frames of RFC 9113 §4 and §6 as bytes, right ones and, where a test asks for it, wrong ones."""

from __future__ import annotations

import struct
from dataclasses import dataclass

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM = ACK = 0x1
END_HEADERS, PADDED, PRIORITIZED = 0x4, 0x8, 0x20
HEAD_BYTES = 9
DEFAULT_WINDOW = 65_535
LARGEST_FRAME = 16_384
"""SETTINGS_MAX_FRAME_SIZE as it begins (RFC 9113 §6.5.2); nobody here raises it for what the gateway sends."""

ERRORS = (
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
    "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
)
"""Error codes in the order of their numbers (RFC 9113 §7)."""

PARAMETERS = {
    "HEADER_TABLE_SIZE": 1, "ENABLE_PUSH": 2, "MAX_CONCURRENT_STREAMS": 3, "INITIAL_WINDOW_SIZE": 4,
    "MAX_FRAME_SIZE": 5, "MAX_HEADER_LIST_SIZE": 6, "ENABLE_CONNECT_PROTOCOL": 8, "NO_RFC7540_PRIORITIES": 9,
}
"""Parameters of SETTINGS (RFC 9113 §6.5.2, RFC 8441 §3, RFC 9218 §2.1)."""


@dataclass(frozen=True)
class Frame:
    """One frame as received."""

    kind: int
    flags: int
    stream: int
    payload: bytes


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"", length: int | None = None) -> bytes:
    """A frame's bytes; `length` is what its head says where that is not the payload's length."""
    said = len(payload) if length is None else length
    return struct.pack(">HBBBI", said >> 8, said & 0xFF, kind, flags, stream & 0xFFFF_FFFF) + payload


def next_frame(buffer: bytearray) -> Frame | None:
    """Takes the first frame off the buffer; None while it is not complete."""
    if len(buffer) < HEAD_BYTES:
        return None
    length = int.from_bytes(buffer[:3], "big")
    if len(buffer) < HEAD_BYTES + length:
        return None
    stream = int.from_bytes(buffer[5:9], "big") & 0x7FFF_FFFF
    taken = Frame(buffer[3], buffer[4], stream, bytes(buffer[HEAD_BYTES : HEAD_BYTES + length]))
    del buffer[: HEAD_BYTES + length]
    return taken


def settings(values: list[tuple[int, int]] | None = None, is_ack: bool = False) -> bytes:
    """SETTINGS with these identifiers and values."""
    payload = b"".join(struct.pack(">HI", name, value) for name, value in values or [])
    return frame(SETTINGS, ACK if is_ack else 0, 0, payload)


def window_update(stream: int, increment: int) -> bytes:
    """WINDOW_UPDATE; the increment's reserved bit can be set with it."""
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment & 0xFFFF_FFFF))


def rst_stream(stream: int, code: str = "CANCEL") -> bytes:
    """RST_STREAM with a named code."""
    return frame(RST_STREAM, 0, stream, struct.pack(">I", ERRORS.index(code)))


def ping(payload: bytes = bytes(8), is_ack: bool = False) -> bytes:
    """PING."""
    return frame(PING, ACK if is_ack else 0, 0, payload)


def priority(dependency: int, weight: int, is_exclusive: bool = False) -> bytes:
    """The five bytes of a priority (RFC 9113 §6.2, §6.3); the weight as it stands, one less than its meaning."""
    return struct.pack(">IB", dependency | (0x8000_0000 if is_exclusive else 0), weight)


def padded(payload: bytes, count: int, said: int | None = None, filler: bytes = b"\0") -> bytes:
    """A payload with padding; `said` is the pad length that stands there where it is another one."""
    return bytes([count if said is None else said]) + payload + filler * count


def error_name(code: int) -> str:
    """The name of an error code, or its number."""
    return ERRORS[code] if code < len(ERRORS) else f"{code:#x}"
