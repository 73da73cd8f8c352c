"""What documents show to be typed or written: their code blocks, fenced and indented, and the code in their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
PAGES = REPOSITORY / "Sources/Gateway/Documentation.docc"
FENCE = re.compile(r"(`{3,}|~{3,})(\w*)\s*")
INDENT = " " * 4


@dataclass(frozen=True)
class Example:
    """A code block of a document."""

    document: str
    line: int
    """Where its first line stands; 1 is the document's first."""
    language: str
    """What stands behind the fence; empty for indented blocks."""
    text: str

    @property
    def lines(self) -> list[str]:
        """Its lines that are not empty."""
        return [line for line in self.text.splitlines() if line.strip()]

    @property
    def name(self) -> str:
        """Document, line and first words, for people."""
        return f"{self.document}:{self.line}: {self.lines[0].strip()[:60]}"


@dataclass(frozen=True)
class Span:
    """Code within a line."""

    document: str
    text: str

    @property
    def name(self) -> str:
        """Document and text, for people."""
        return f"{self.document}: {self.text}"


def documents() -> list[Path]:
    """README.md and the pages of the documentation, without its decisions."""
    return [REPOSITORY / "README.md", *sorted(PAGES.glob("*.md"))]


def examples_in(document: Path) -> list[Example]:
    """Its code blocks (CommonMark §4.4, §4.5), in order.

    Every line with four blanks after an empty line begins an indented one, in a list, too: rather one too many than one
    that nobody sees.
    """
    found: list[Example] = []
    lines = document.read_text().splitlines()
    number = 0
    while number < len(lines):
        fence = FENCE.fullmatch(lines[number])
        begins_indented = lines[number].startswith(INDENT) and (number == 0 or not lines[number - 1].strip())
        if not fence and not begins_indented:
            number += 1
            continue
        first = number + 1 if fence else number
        end = _end_of_fence(lines, first, fence[1]) if fence else _end_of_indented(lines, first)
        text = "\n".join(line if fence else line.removeprefix(INDENT) for line in lines[first:end]) + "\n"
        found.append(Example(document.name, first + 1, fence[2] if fence else "", text))
        number = end + 1
    return found


def spans_in(document: Path) -> list[Span]:
    """The code within its lines, each once, in order; what stands in code blocks is left out."""
    lines = document.read_text().splitlines()
    for example in examples_in(document):
        for number in range(example.line - 1, example.line - 1 + len(example.text.splitlines())):
            lines[number] = ""
    prose = "\n".join(line for line in lines if not FENCE.fullmatch(line))
    return [Span(document.name, text) for text in dict.fromkeys(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose))]


def example(document: str, beginning: str) -> Example:
    """The only code block of this document that begins so."""
    path, = (path for path in documents() if path.name == document)
    found = [each for each in examples_in(path) if each.text.lstrip().startswith(beginning)]
    assert len(found) == 1, f"{len(found)} code blocks of {document} begin with {beginning!r}"
    return found[0]


def replaced(text: str, changes: dict[str, str]) -> str:
    """The text with other addresses, ports and files; each must stand in it exactly once."""
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in:\n{text}"
        text = text.replace(old, new)
    return text


def _end_of_fence(lines: list[str], first: int, fence: str) -> int:
    for number in range(first, len(lines)):
        if lines[number].startswith(fence) and not lines[number].strip(fence[0] + " "):
            return number
    raise AssertionError(f"a code block is never closed: {lines[first - 1:first + 2]}")


def _end_of_indented(lines: list[str], first: int) -> int:
    end = first
    for number in range(first, len(lines)):
        if lines[number].startswith(INDENT):
            end = number + 1
        elif lines[number].strip():
            break
    return end
