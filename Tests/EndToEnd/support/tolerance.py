"""The ways in which servers in the field read HTTP/1.1 more generously than RFC 9112 allows.

Each reading in LENIENT_READINGS stands for servers that were really seen.  A reading only widens what an
*ambiguous* message can mean: on a message that RFC 9112 gives one meaning, all of them agree with the strict one.
(So `length-wins` counts where both framings are present, not for every chunked message; a server that knows no
chunked coding at all cannot be protected by any proxy that streams.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Tolerance:
    """What a reader lets pass; the default lets nothing pass."""

    line_feed_ends_line: bool = False
    carriage_return_ends_line: bool = False
    null_ends_field: bool = False
    folding: str = "refuse"
    """`refuse`, `join` (to the line before) or `separate` (a line of its own)."""
    space_before_colon: str = "refuse"
    """`refuse`, `trim` or `skip` (the field is not seen)."""
    underscore_is_dash: bool = False
    both_framings: str = "refuse"
    """`refuse`, `length` or `chunked`."""
    many_lengths: str = "refuse"
    """`refuse`, `first` or `last`; also for lists in one field."""
    loose_number: str = "refuse"
    """`refuse`, `prefix` (as strtol: sign, blanks, leading digits), `wrap` (modulo 2^32) or `ignore`."""
    coding: str = "exact"
    """`exact`, `contains` (the word chunked anywhere) or `ignore` (an unknown coding counts as none)."""
    chunk_end: str = "refuse"
    """What follows a chunk's data: `refuse` unless CRLF, `skip-two` bytes whatever they are, or `optional`."""
    extension_ends_at_line_feed: bool = False
    syntax: str = "refuse"
    """`refuse` or `skip`: lines that are no field, odd request lines, characters that no token has."""


_LOOSE = Tolerance(
    line_feed_ends_line=True,
    folding="join",
    space_before_colon="trim",
    both_framings="chunked",
    many_lengths="first",
    loose_number="prefix",
    coding="contains",
    chunk_end="optional",
    extension_ends_at_line_feed=True,
    syntax="skip",
)

LENIENT_READINGS: dict[str, Tolerance] = {
    "line-feed-ends-line": Tolerance(line_feed_ends_line=True, syntax="skip"),
    "carriage-return-ends-line": Tolerance(carriage_return_ends_line=True, line_feed_ends_line=True, syntax="skip"),
    "null-ends-field": Tolerance(null_ends_field=True, syntax="skip"),
    "folding-joined": Tolerance(folding="join", both_framings="chunked", coding="contains", syntax="skip"),
    "folding-separate": Tolerance(folding="separate", both_framings="chunked", syntax="skip"),
    "space-before-colon-trimmed": Tolerance(space_before_colon="trim", both_framings="chunked", syntax="skip"),
    "space-before-colon-skipped": Tolerance(space_before_colon="skip", syntax="skip"),
    "underscore-is-dash": Tolerance(underscore_is_dash=True, both_framings="chunked", many_lengths="last"),
    "length-wins": Tolerance(both_framings="length", coding="ignore", syntax="skip"),
    "chunked-wins": Tolerance(both_framings="chunked", coding="contains", syntax="skip"),
    "first-length": Tolerance(many_lengths="first", loose_number="prefix", syntax="skip"),
    "last-length": Tolerance(many_lengths="last", loose_number="prefix", syntax="skip"),
    "length-ignored": Tolerance(loose_number="ignore", coding="ignore", both_framings="chunked", syntax="skip"),
    "numbers-wrap": Tolerance(many_lengths="first", loose_number="wrap", syntax="skip"),
    "chunk-end-skipped": Tolerance(chunk_end="skip-two", loose_number="prefix", syntax="skip"),
    "chunk-end-optional": Tolerance(chunk_end="optional", loose_number="prefix", syntax="skip"),
    "extension-to-line-feed": Tolerance(extension_ends_at_line_feed=True, syntax="skip"),
    "everything": _LOOSE,
    "everything-length-wins": replace(_LOOSE, both_framings="length", coding="ignore", many_lengths="last"),
}
"""Readings by name."""

STRICT = Tolerance()
"""RFC 9112 to the letter."""
