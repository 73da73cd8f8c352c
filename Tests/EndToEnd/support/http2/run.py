"""Plays one case of frames: sends, reads, proves that the connection is in step, collects what arrived behind."""

from __future__ import annotations

import itertools
import time

from ..client import Endpoint
from ..identity import Person
from ..judge import Happened
from ..judge import Outcome as Verdict
from ..recording_upstream import SENTINEL_PATH, RecordingUpstream, Script
from ..run_case import PEERS
from . import frames
from .cases import FrameCase, Outcome
from .connection import Connection
from .fields import CompressingEncoder, LiteralEncoder
from .judge import judge_frames
from .script import Step, bytes_of
from .seen import Seen

LARGEST_STREAM = (1 << 31) - 1
PIECES_UP_TO_BYTES = 4096
_numbers = itertools.count(1)


class Player:
    """One case on its way."""

    def __init__(
        self, case: FrameCase, endpoint: Endpoint, upstream: RecordingUpstream, people: dict[str, Person],
        piece_bytes: int | None,
    ) -> None:
        self.case = case
        self.endpoint = endpoint
        self.upstream = upstream
        self.tokens = {name: person.token for name, person in people.items()}
        self.piece_bytes = piece_bytes
        compress = piece_bytes is not None and not case.keeps_literals
        self.encoder: LiteralEncoder | CompressingEncoder = CompressingEncoder() if compress else LiteralEncoder()
        self.happened = Happened(answers=[], ending="open")
        self.settings_sent = 0
        self.initial_window = frames.DEFAULT_WINDOW

    def play(self) -> Connection:
        """Sends, reads, and says how the connection ended."""
        case = self.case
        with Connection(self.endpoint, PEERS[case.case.peer], case.is_mute) as connection:
            for number, step in zip(case.streams, self._openers()):
                connection.stream(number).answers_head = b"HEAD" in bytes_of(step, self.tokens, LiteralEncoder())
            self._send_all(connection)
            if case.case.verdict == "dropped" and not self._has("rst"):
                connection.end_sending()
                connection.read_to_end()
            else:
                self._read(connection)
            self.happened.ending = connection.seen.ending
        return connection

    def _openers(self) -> list[Step]:
        return [step for step in self.case.steps if step.kind in ("request", "headers")]

    def _has(self, kind: str) -> bool:
        return any(step.kind == kind for step in self.case.steps)

    # --- sending ----------------------------------------------------------------------------------------------------

    def _send_all(self, connection: Connection) -> None:
        steps = list(self.case.steps)
        pending = b""
        if steps and steps[0].kind == "bare":
            steps = steps[1:]
            connection.may_reply = False
        else:
            pending = frames.PREFACE + frames.settings()
            self.settings_sent += 1
        for step in steps:
            if step.kind == "await":
                connection.send(pending, self.piece_bytes)
                pending = b""
                connection.may_reply = connection.may_reply or self.settings_sent > 0
                self._wait(connection, step)
                continue
            self._note(connection, step)
            data = bytes_of(step, self.tokens, self.encoder)
            if step.kind == "data":
                size = len(data) - frames.HEAD_BYTES
                if connection.room(step.stream) < size:
                    connection.send(pending, self.piece_bytes)
                    pending = b""
                    self._await_room(connection, step.stream, size)
                if connection.room(step.stream) < size:
                    continue
                connection.count_data(step.stream, size)
            pending += data
        connection.send(pending, self.piece_bytes)
        connection.may_reply = connection.may_reply or self.settings_sent > 0

    def _await_room(self, connection: Connection, number: int, size: int) -> None:
        """A client keeps to the windows; where the stream is over before they open, the rest is never sent."""
        stream = connection.stream(number)
        connection.read_until(lambda _: connection.room(number) >= size or stream.is_over)

    def _note(self, connection: Connection, step: Step) -> None:
        if step.kind == "rst" and step.stream in connection.seen.streams:
            connection.stream(step.stream).is_abandoned = True
        if step.kind == "settings" and "ack" not in step.switches:
            self.settings_sent += 1
            for word in step.words:
                name, _, value = word.partition("=")
                if name == "INITIAL_WINDOW_SIZE":
                    self.initial_window = int(value, 0)
                if name == "HEADER_TABLE_SIZE":
                    connection.decoder.limit_table(int(value, 0))

    def _wait(self, connection: Connection, step: Step) -> None:
        what = step.words[0]
        if what == "ack":
            connection.read_until(lambda seen: seen.settings_acks >= self.settings_sent)
        elif what == "settings":
            connection.read_until(lambda seen: bool(seen.settings))
        elif what == "pong":
            connection.read_until(lambda seen: bool(seen.pongs))
        elif what == "upstream":
            deadline = time.monotonic() + connection.patience_seconds
            while not self.upstream.settle() and time.monotonic() < deadline:
                connection.receive(0.01)
        else:
            stream = connection.stream(int(what))
            if "body" in step.words:
                connection.read_until(lambda _: stream.body_bytes >= int(step.words[2]) or stream.is_over)
            elif "head" in step.words:
                connection.read_until(lambda _: stream.status is not None or stream.is_over)
            else:
                connection.read_until(lambda _: stream.is_over)

    # --- reading ----------------------------------------------------------------------------------------------------

    def _awaited(self) -> list[int]:
        """Streams whose end must come."""
        pairs = zip(self.case.streams, self.case.outcomes)
        return [number for number, allowed in pairs if not _is_none(allowed)]

    def _read(self, connection: Connection) -> None:
        case = self.case
        if case.case.closes == "yes":
            connection.read_to_end()
            return
        awaited = self._awaited()
        connection.read_until(
            lambda seen: all(connection.stream(number).is_over for number in awaited) or _was_told_to_go(seen))
        if connection.seen.ending == "open" and _was_told_to_go(connection.seen):
            connection.read_to_end()
        if connection.seen.ending == "open" and not case.is_mute:
            self._prove_in_step(connection)

    def _prove_in_step(self, connection: Connection) -> None:
        stream = max([*self.case.streams, -1]) + 2
        stream += 1 - stream % 2
        if stream > LARGEST_STREAM:
            return
        number = next(_numbers)
        data = sentinel(stream, number, self.tokens["member"])
        if self.initial_window < 1000:
            data += frames.window_update(stream, 1000)
        connection.send(data)
        connection.read_until(lambda seen: connection.stream(stream).is_over)
        if connection.seen.ending == "closed" and self.case.case.closes == "either":
            return
        if connection.seen.ending == "hung":
            self.happened.faults.append(("hung", "the next request on the connection gets no answer"))
        elif not is_answer_to(number, connection, stream):
            got = connection.stream(stream)
            found = f"{got.status} {got.reset or ''} {bytes(got.body[:60])!r}"
            self.happened.faults.append(("smuggled", f"the next request on the connection got {found}"))


def run_frames(
    case: FrameCase, endpoint: Endpoint, upstream: RecordingUpstream, people: dict[str, Person], shared_secret: str,
    reasons: set[str], piece_bytes: int | None = None,
) -> Verdict:
    """Runs the case on a connection of its own and judges it."""
    upstream.begin(Script(case.case.answer_bytes(), case.case.answer_when, case.case.answer_then))
    player = Player(case, endpoint, upstream, people, piece_bytes)
    connection = player.play()
    happened = player.happened
    if happened.ending != "open":
        _check_with_new_connection(endpoint, happened, player.tokens["member"])
    upstream.await_closed_where_unfinished(endpoint.patience_seconds)
    happened.segments = upstream.settle()
    return judge_frames(case, connection, happened, people, shared_secret, reasons)


def sentinel(stream: int, number: int, token: str) -> bytes:
    """A plain request whose answer nobody else can have."""
    block = LiteralEncoder().encode([
        (b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"acme.example.org"),
        (b":path", f"{SENTINEL_PATH}{number}".encode()), (b"cookie", f"__Host-gatehouse={token}".encode()),
    ])
    return frames.frame(frames.HEADERS, frames.END_HEADERS | frames.END_STREAM, stream, block)


def is_answer_to(number: int, connection: Connection, stream: int) -> bool:
    """True for the application's answer to that sentinel."""
    got = connection.stream(stream)
    return got.status == 200 and bytes(got.body) == f"GET {SENTINEL_PATH}{number}\n".encode()


def _check_with_new_connection(endpoint: Endpoint, happened: Happened, token: str) -> None:
    number = next(_numbers)
    with Connection(endpoint) as connection:
        connection.send(frames.PREFACE + frames.settings() + sentinel(1, number, token))
        connection.read_until(lambda seen: connection.stream(1).is_over)
        if connection.seen.ending == "hung":
            happened.faults.append(("hung", "the next visitor gets no answer"))
        elif not is_answer_to(number, connection, 1):
            happened.faults.append(("smuggled", f"the next visitor got {connection.stream(1).status}"))


def _is_none(allowed: tuple[Outcome, ...]) -> bool:
    return any(each.kind == "none" for each in allowed)


def _was_told_to_go(seen: Seen) -> bool:
    return any(goaway.code != "NO_ERROR" for goaway in seen.goaways)


def size_of(case: FrameCase, people: dict[str, Person]) -> int:
    """How many bytes the client sends."""
    tokens = {name: person.token for name, person in people.items()}
    encoder = LiteralEncoder()
    return sum(len(bytes_of(step, tokens, encoder)) for step in case.steps if step.kind not in ("await", "bare"))


def can_be_sent_in_pieces(case: FrameCase, people: dict[str, Person]) -> bool:
    """True where sending byte by byte is quick and says something about the reading of frames."""
    is_short = case.case.upstream_answer is None and size_of(case, people) <= PIECES_UP_TO_BYTES
    return is_short and case.case.is_sent_in_pieces
