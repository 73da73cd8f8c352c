"""The little language in which a case says what the client sends; Tests/Vectors/http2/README.md has its grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..cases import CorpusError, unescape
from ..identity import SESSION_COOKIE
from . import frames
from .fields import CompressingEncoder, Field, LiteralEncoder

HEADED = {"request", "headers", "continuation", "push", "trailers"}
KINDS = HEADED | {
    "bare", "preface", "data", "priority", "rst", "settings", "ping", "goaway", "window", "frame", "raw", "await",
    "repeat",
}
OPTIONS = {
    "padded", "pad-length", "priority", "flags", "stream", "length", "split", "type", "as", "promised", "authority",
    "filler",
}
SWITCHES = {"open", "end-stream", "no-end-headers", "end-headers", "ack", "exclusive", "empty"}
MEMBER = "member"


@dataclass(frozen=True)
class Step:
    """One line of the block, with the field lines below it."""

    kind: str
    words: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)
    switches: frozenset[str] = frozenset()
    text: str = ""
    lines: tuple[str, ...] = ()
    where: str = ""

    @property
    def stream(self) -> int:
        """The stream that the line names."""
        return int(self.words[0], 0)


def parse_steps(lines: list[str], where: str) -> list[Step]:
    """The steps of a block's lines."""
    steps: list[Step] = []
    heads: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("  "):
            if not heads:
                raise CorpusError(f"{where}: a field line before the first frame")
            heads[-1][1].append(line[2:])
        else:
            heads.append((line, []))
    for head, below in heads:
        steps.append(_step(head, tuple(below), where))
    return steps


def _step(head: str, below: tuple[str, ...], where: str) -> Step:
    said, bar, text = head.partition("|")
    kind, *words = said.split()
    if kind not in KINDS:
        raise CorpusError(f"{where}: {kind} is no frame and no instruction")
    if below and kind not in HEADED:
        raise CorpusError(f"{where}: {kind} has no fields")
    options: dict[str, str] = {}
    switches: set[str] = set()
    plain: list[str] = []
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in OPTIONS:
            options[name] = value
        elif word in SWITCHES and kind != "await":
            switches.add(word)
        else:
            plain.append(word)
    least = {"data": 1, "request": 3, "headers": 1, "trailers": 1, "rst": 2, "window": 2, "priority": 3, "goaway": 2}
    if len(plain) < least.get(kind, 0):
        raise CorpusError(f"{where}: {head!r} lacks words")
    return Step(kind, tuple(plain), options, frozenset(switches), text[1:] if bar else "", below, where)


def field_list(step: Step, tokens: dict[str, str]) -> list[Field]:
    """The fields of a header block, before it is encoded."""
    found: list[Field] = []
    if step.kind == "request":
        _, method, path = step.words[:3]
        found = [
            (b":method", unescape(method, tokens)), (b":scheme", b"https"),
            (b":authority", step.options.get("authority", "acme.example.org").encode()),
            (b":path", unescape(path, tokens)),
        ]
        who = step.options.get("as", MEMBER)
        if who != "nobody":
            found.append((b"cookie", f"{SESSION_COOKIE}={tokens[who]}".encode()))
    for line in step.lines:
        _apply(line, found, tokens, step.where)
    return found


def _apply(line: str, found: list[Field], tokens: dict[str, str], where: str) -> None:
    if line.startswith("hex:"):
        return
    count = 1
    repeated = re.match(r"\*(\d+) ", line)
    if repeated:
        count, line = int(repeated.group(1)), line[repeated.end() :]
    mark = line[0] if line[0] in "=<-" else ""
    name, colon, value = line[len(mark) :].partition(": ")
    if not colon and line.endswith(":"):
        name, value, colon = line[len(mark) : -1], "", ":"
    pair = (unescape(name, tokens), unescape(value, tokens))
    if mark == "-":
        kept = [each for each in found if each[0] != pair[0]]
        if colon or len(kept) == len(found):
            raise CorpusError(f"{where}: {line!r} removes nothing")
        found[:] = kept
    elif not colon:
        raise CorpusError(f"{where}: {line!r} is no field")
    elif mark == "=":
        index = next((at for at, each in enumerate(found) if each[0] == pair[0]), None)
        if index is None:
            raise CorpusError(f"{where}: {line!r} replaces nothing")
        found[index] = pair
    elif mark == "<":
        found.insert(0, pair)
    else:
        found += [pair] * count


def block_of(step: Step, tokens: dict[str, str], encoder: LiteralEncoder | CompressingEncoder) -> bytes:
    """The header block: the encoded fields, then what stands in hexadecimal."""
    raw = b"".join(_hexadecimal(line[4:]) for line in step.lines if line.startswith("hex:"))
    found = field_list(step, tokens)
    return (encoder.encode(found) if found else b"") + raw


def _hexadecimal(said: str) -> bytes:
    """Bytes in hexadecimal; `N*61` is that byte N times."""
    parts = (word.rpartition("*") for word in said.split())
    return b"".join(bytes.fromhex(byte) * int(count or "1") for count, _, byte in parts)


def bytes_of(step: Step, tokens: dict[str, str], encoder: LiteralEncoder | CompressingEncoder) -> bytes:
    """What a line sends."""
    if step.kind == "preface":
        return frames.PREFACE
    if step.kind == "raw":
        return unescape(step.text, tokens)
    if step.kind == "repeat":
        count, rest = int(step.words[0]), _step(step.text, (), step.where)
        return bytes_of(rest, tokens, encoder) * count
    kind, flags, stream, payload = _frame_of(step, tokens, encoder)
    if "filler" in step.options or "padded" in step.options or "pad-length" in step.options:
        said = int(step.options["pad-length"]) if "pad-length" in step.options else None
        filler = bytes.fromhex(step.options.get("filler", "00"))
        payload = frames.padded(payload, int(step.options.get("padded", "0")), said, filler)
        flags |= frames.PADDED
    flags |= int(step.options.get("flags", "0"), 0)
    stream = int(step.options["stream"], 0) if "stream" in step.options else stream
    if "split" in step.options:
        return _split(kind, flags, stream, payload, int(step.options["split"]))
    length = int(step.options["length"], 0) if "length" in step.options else None
    return frames.frame(kind, flags, stream, payload, length)


def _split(kind: int, flags: int, stream: int, payload: bytes, size: int) -> bytes:
    parts = [payload[start : start + size] for start in range(0, len(payload), size)]
    if len(parts) < 2:
        return frames.frame(kind, flags, stream, payload)
    out = frames.frame(kind, flags & ~frames.END_HEADERS, stream, parts[0])
    for index, part in enumerate(parts[1:], start=2):
        last = frames.END_HEADERS if index == len(parts) else 0
        out += frames.frame(frames.CONTINUATION, last, stream, part)
    return out


def _frame_of(
    step: Step, tokens: dict[str, str], encoder: LiteralEncoder | CompressingEncoder
) -> tuple[int, int, int, bytes]:
    payload = unescape(step.text, tokens)
    if step.kind in HEADED:
        return _headed(step, block_of(step, tokens, encoder))
    if step.kind == "data":
        return frames.DATA, frames.END_STREAM if "end-stream" in step.switches else 0, step.stream, payload
    if step.kind == "priority":
        dependency, weight = int(step.words[1], 0), int(step.words[2])
        return frames.PRIORITY, 0, step.stream, frames.priority(dependency, weight, "exclusive" in step.switches)
    if step.kind == "rst":
        return frames.RST_STREAM, 0, step.stream, _code(step.words[1])
    if step.kind == "settings":
        values = [_parameter(word) for word in step.words]
        ack = frames.ACK if "ack" in step.switches else 0
        return frames.SETTINGS, ack, 0, frames.settings(values)[frames.HEAD_BYTES :] + payload
    if step.kind == "ping":
        ack = frames.ACK if "ack" in step.switches else 0
        return frames.PING, ack, 0, payload if step.text or "empty" in step.switches else bytes(8)
    if step.kind == "goaway":
        return frames.GOAWAY, 0, 0, int(step.words[0], 0).to_bytes(4, "big") + _code(step.words[1]) + payload
    if step.kind == "window":
        return frames.WINDOW_UPDATE, 0, step.stream, int(step.words[1], 0).to_bytes(4, "big")
    return int(step.options["type"], 0), 0, 0, payload


def _headed(step: Step, block: bytes) -> tuple[int, int, int, bytes]:
    flags = 0
    if step.kind == "continuation":
        return frames.CONTINUATION, frames.END_HEADERS if "end-headers" in step.switches else 0, step.stream, block
    ends_headers = 0 if "no-end-headers" in step.switches or "split" in step.options else frames.END_HEADERS
    if "split" in step.options:
        ends_headers = frames.END_HEADERS
    if step.kind == "push":
        promised = int(step.words[1]).to_bytes(4, "big")
        return frames.PUSH_PROMISE, ends_headers, step.stream, promised + block
    if (step.kind in ("request", "trailers") and "open" not in step.switches) or "end-stream" in step.switches:
        flags |= frames.END_STREAM
    if "priority" in step.options:
        dependency, weight, *more = step.options["priority"].split(":")
        block = frames.priority(int(dependency), int(weight), bool(more)) + block
        flags |= frames.PRIORITIZED
    return frames.HEADERS, flags | ends_headers, step.stream, block


def _code(word: str) -> bytes:
    return (frames.ERRORS.index(word) if word in frames.ERRORS else int(word, 0)).to_bytes(4, "big")


def _parameter(word: str) -> tuple[int, int]:
    name, _, value = word.partition("=")
    return frames.PARAMETERS[name] if name in frames.PARAMETERS else int(name, 0), int(value, 0)
