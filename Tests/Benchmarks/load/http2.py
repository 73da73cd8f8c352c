"""The least HTTP/2 client that asks one question (RFC 9113): for idle memory, where h2load would not wait."""

import ssl
import struct

from load.connections import BadAnswer
from workload import SMALL_BODY_BYTES, Session, request_fields

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, ACKNOWLEDGED, END_HEADERS = 1, 1, 4


def ask_once(connection: ssl.SSLSocket, session: Session, path: str = "/") -> None:
    """Sends one request and reads its answer to the end; raises `BadAnswer`."""
    fields = [
        (":method", "GET"), (":scheme", "https"), (":authority", session.host), (":path", path),
        *request_fields(session, path),
    ]
    block = b"".join(_literal(name.encode(), value.encode()) for name, value in fields)
    try:
        connection.sendall(
            PREFACE + _frame(SETTINGS, 0, 0, b"") + _frame(HEADERS, END_STREAM | END_HEADERS, 1, block))
        _read_answer(connection)
    except OSError as error:
        raise BadAnswer(f"the connection broke: {error}") from error


def _read_answer(connection: ssl.SSLSocket) -> None:
    received, body = b"", 0
    while True:
        while len(received) < 9 or len(received) < 9 + int.from_bytes(received[:3], "big"):
            piece = connection.recv(65536)
            if not piece:
                raise BadAnswer("closed before the answer was complete")
            received += piece
        length, kind, flags = int.from_bytes(received[:3], "big"), received[3], received[4]
        payload, received = received[9 : 9 + length], received[9 + length :]
        if kind == SETTINGS and not flags & ACKNOWLEDGED:
            connection.sendall(_frame(SETTINGS, ACKNOWLEDGED, 0, b""))
        elif kind == PING and not flags & ACKNOWLEDGED:
            connection.sendall(_frame(PING, ACKNOWLEDGED, 0, payload))
        elif kind in (RST_STREAM, GOAWAY):
            raise BadAnswer(f"frame {kind} instead of an answer: {payload.hex()}")
        elif kind == DATA:
            body += length
        if kind in (DATA, HEADERS) and flags & END_STREAM:
            if body != SMALL_BODY_BYTES:
                raise BadAnswer(f"{body} bytes of body")
            return


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def _literal(name: bytes, value: bytes) -> bytes:
    """Literal without indexing, new name, no Huffman code (RFC 7541 §6.2.2)."""
    return b"\x00" + _length(name) + name + _length(value) + value


def _length(text: bytes) -> bytes:
    if len(text) < 127:
        return bytes([len(text)])
    rest, octets = len(text) - 127, [127]
    while rest >= 128:
        octets.append(rest % 128 | 128)
        rest //= 128
    return bytes([*octets, rest])
