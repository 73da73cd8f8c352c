"""The corpus files under Tests/Vectors/http1: their grammar and what a case says.

The grammar is documented in Tests/Vectors/http1/README.md.  Everything that is not understood is an error with
file and line: a misspelt expectation must never turn into an expectation that nobody checks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

VERDICTS = ("forwarded", "refused", "answered", "dropped", "relayed", "replaced", "cut")
ACCEPTED = ("forwarded", "relayed")
SINGLE_KEYS = {
    "story", "twin", "verdict", "answer", "closes", "identity", "peer", "upstream-head",
    "answer-when", "answer-then", "client", "pieces",
}
REPEATED_KEYS = {"upstream", "sees", "gets", "hides"}
ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|\{([^}]*)\}|(.))", re.DOTALL)
SIMPLE_ESCAPES = {"r": b"\r", "n": b"\n", "t": b"\t", "s": b" ", "\\": b"\\"}


class CorpusError(ValueError):
    """A corpus file says something that the grammar does not know."""


@dataclass(frozen=True)
class Expectation:
    """One property of a message: a field (or `body`) that is absent, equals, matches, or occurs once."""

    name: str
    relation: str
    """`absent`, `empty`, `=`, `~` (regular expression that must be found) or `!~` (must not be found)."""
    value: str = ""
    index: int = 0
    """Which of the case's messages is meant, from 0."""


@dataclass(frozen=True)
class Case:
    """One conversation with the gateway, its verdict fixed beforehand."""

    id: str
    group: str
    story: str
    verdict: str
    request: tuple[str, ...]
    source: str
    answers: tuple[tuple[tuple[int | None, str | None], ...], ...] = ()
    """For each answer the accepted pairs of status and reason code; None means any."""
    twin: str | None = None
    closes: str = "no"
    identity: str = "none"
    peer: str = "untrusted"
    upstream: tuple[tuple[str, str], ...] = ()
    """Method and target of each request that must reach the application, and of no other."""
    upstream_head: str = "none"
    """`allowed` where the head may have left before the fault was seen; the rest must never follow."""
    sees: tuple[Expectation, ...] = ()
    gets: tuple[Expectation, ...] = ()
    hides: tuple[Expectation, ...] = ()
    upstream_answer: tuple[str, ...] | None = None
    answer_when: str = "complete"
    answer_then: str = "keep"
    answer_text: str = ""
    """The value of `answer` as it stands in the file."""
    is_sent_in_pieces: bool = True
    """False where what the application hears first depends on when the bytes come."""
    client: str = "polite"
    """`mute` where an HTTP/2 client acknowledges nothing."""

    def request_bytes(self, tokens: dict[str, str]) -> bytes:
        """The bytes that the client sends; `tokens` are the session cookies' values by name."""
        return b"".join(unescape(line, tokens) for line in self.request)

    def answer_bytes(self) -> bytes | None:
        """The bytes that the application answers with; None where it answers as it always does."""
        if self.upstream_answer is None:
            return None
        return b"".join(unescape(line, {}) for line in self.upstream_answer)


def unescape(text: str, tokens: dict[str, str]) -> bytes:
    """The bytes that a line of a `request:` block stands for."""

    def replace(match: re.Match[str]) -> str:
        byte, word, simple = match.groups()
        if byte is not None:
            return bytes.fromhex(byte).decode("latin-1")
        if word is not None:
            return expand(word, tokens).decode("latin-1")
        if simple not in SIMPLE_ESCAPES:
            raise CorpusError(f"unknown escape \\{simple}")
        return SIMPLE_ESCAPES[simple].decode("latin-1")

    return ESCAPE.sub(replace, text).encode("latin-1")


def expand(word: str, tokens: dict[str, str]) -> bytes:
    """`session:NAME` is that session's cookie value; `N*TEXT` is TEXT, unescaped, N times."""
    kind, _, name = word.partition(":")
    if kind == "session":
        return tokens[name].encode()
    count, star, pattern = word.partition("*")
    if star and count.isdigit():
        return unescape(pattern, tokens) * int(count)
    raise CorpusError(f"unknown expansion \\{{{word}}}")


def load_corpus(folder: Path) -> list[Case]:
    """All cases of a folder, in the order of file names and lines."""
    cases: list[Case] = []
    for path in sorted(folder.glob("*.cases")):
        cases.extend(parse_file(path))
    return cases


def parse_file(path: Path) -> list[Case]:
    """The cases of one file."""
    return parse_text(path.read_text(encoding="utf-8"), path.name)


@dataclass
class _Draft:
    id: str
    line: int
    values: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    blocks: dict[str, list[str]] = field(default_factory=dict)


def parse_text(text: str, file_name: str, block_name: str = "request") -> list[Case]:
    """The cases of a file's text; `file_name` is for messages.

    `block_name` is `request` or, for HTTP/2, `frames`: what the client sends.  Answers to frames are read by their
    own grammar, from `answer_text`.
    """
    defaults: dict[str, str] = {}
    drafts: list[_Draft] = []
    block: list[str] | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        where = f"{file_name}:{number}"
        if block is not None and line.startswith("  "):
            if not re.fullmatch(r"[\x20-\x7e]*", line) or line.endswith(" "):
                raise CorpusError(f"{where}: a byte that is not printable ASCII is written as an escape")
            block.append(line[2:])
            continue
        block = None
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("["):
            match = re.fullmatch(r"\[([a-z0-9-]+)\]", line)
            if not match:
                raise CorpusError(f"{where}: a case's id is [a-z0-9-]+")
            drafts.append(_Draft(match.group(1), number))
            continue
        key, colon, value = line.partition(":")
        key, value = key.strip(), value.strip()
        if not colon:
            raise CorpusError(f"{where}: neither a key nor a continued block")
        if not drafts:
            if key not in ("group", "identity", "peer", "closes"):
                raise CorpusError(f"{where}: {key} cannot be a default")
            defaults[key] = value
            continue
        draft = drafts[-1]
        if key in (block_name, "upstream-answer"):
            if key in draft.blocks or value:
                raise CorpusError(f"{where}: {key} is one indented block")
            block = draft.blocks[key] = []
        elif key in REPEATED_KEYS:
            draft.lists.setdefault(key, []).append(value)
        elif key in SINGLE_KEYS:
            if key in draft.values:
                raise CorpusError(f"{where}: {key} twice")
            draft.values[key] = value
        else:
            raise CorpusError(f"{where}: unknown key {key}")
    if "group" not in defaults:
        raise CorpusError(f"{file_name}: no group")
    return [_finish(draft, defaults, file_name, block_name) for draft in drafts]


def _finish(draft: _Draft, defaults: dict[str, str], file_name: str, block_name: str) -> Case:
    where = f"{file_name}:{draft.line} [{draft.id}]"
    values = {key: value for key, value in defaults.items() if key != "group"} | draft.values
    verdict = values.get("verdict", "")
    if verdict not in VERDICTS and not (verdict == "ended" and block_name == "frames"):
        raise CorpusError(f"{where}: verdict {verdict!r} is none of {', '.join(VERDICTS)}")
    for key in ("story", "answer"):
        if key not in values and not (key == "answer" and verdict == "dropped"):
            raise CorpusError(f"{where}: {key} is missing")
    if block_name not in draft.blocks:
        raise CorpusError(f"{where}: {block_name} is missing")
    _require(where, values, "closes", ("yes", "no", "either"))
    _require(where, values, "peer", ("untrusted", "trusted"))
    _require(where, values, "upstream-head", ("none", "allowed", "or-whole"))
    _require(where, values, "answer-when", ("complete", "head"))
    _require(where, values, "answer-then", ("keep", "close", "hold"))
    _require(where, values, "client", ("polite", "mute"))
    _require(where, values, "pieces", ("yes", "no"))
    is_raw = block_name == "request"
    closes = {"forwarded": "no", "answered": "no", "ended": "yes", "refused": "yes" if is_raw else "either"}
    return Case(
        id=draft.id,
        group=defaults["group"],
        story=values["story"],
        verdict=verdict,
        request=tuple(draft.blocks[block_name]),
        source=f"{file_name}:{draft.line}",
        answers=tuple(_answer(where, text) for text in values.get("answer", "").split(",") if is_raw and text.strip()),
        twin=values.get("twin"),
        closes=values.get("closes", closes.get(verdict, "either")),
        identity=values.get("identity", "none"),
        peer=values.get("peer", "untrusted"),
        upstream=tuple(_line(where, text) for text in draft.lists.get("upstream", [])),
        upstream_head=values.get("upstream-head", "none"),
        sees=tuple(_expectation(where, text) for text in draft.lists.get("sees", [])),
        gets=tuple(_expectation(where, text) for text in draft.lists.get("gets", [])),
        hides=tuple(_expectation(where, text) for text in draft.lists.get("hides", [])),
        upstream_answer=tuple(draft.blocks["upstream-answer"]) if "upstream-answer" in draft.blocks else None,
        answer_when=values.get("answer-when", "complete"),
        answer_then=values.get("answer-then", "keep"),
        answer_text=values.get("answer", ""),
        client=values.get("client", "polite"),
        is_sent_in_pieces=values.get("pieces", "yes") == "yes",
    )


def _require(where: str, values: dict[str, str], key: str, allowed: tuple[str, ...]) -> None:
    if key in values and values[key] not in allowed:
        raise CorpusError(f"{where}: {key} is one of {', '.join(allowed)}")


def _answer(where: str, text: str) -> tuple[tuple[int | None, str | None], ...]:
    pairs: list[tuple[int | None, str | None]] = []
    for alternative in text.split("|"):
        match = re.fullmatch(r"(\d{3}|\*)(?: ([a-z0-9-]+))?", alternative.strip())
        if not match:
            raise CorpusError(f"{where}: answer {alternative.strip()!r} is not STATUS [REASON]")
        status = None if match.group(1) == "*" else int(match.group(1))
        pairs.append((status, match.group(2)))
    return tuple(pairs)


def _line(where: str, text: str) -> tuple[str, str]:
    method, space, target = text.partition(" ")
    if not space:
        raise CorpusError(f"{where}: upstream is METHOD TARGET")
    return method, unescape(target, {}).decode("latin-1")


def _expectation(where: str, text: str) -> Expectation:
    match = re.fullmatch(r"(?:(\d)\. )?([!#$%&'*+.^_`|~0-9A-Za-z-]+) (absent|empty|=|~|!~)(?: (.+))?", text)
    if not match or (match.group(3) in ("absent", "empty")) == (match.group(4) is not None):
        raise CorpusError(f"{where}: {text!r} is not [N. ]NAME absent|empty|= VALUE|~ PATTERN|!~ PATTERN")
    index = int(match.group(1) or "1") - 1
    return Expectation(match.group(2), match.group(3), match.group(4) or "", index)
