"""Clocks of processes that a test moves, by the library of Debian's package faketime."""

from __future__ import annotations

from pathlib import Path


def faketime() -> Path:
    """The library."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    assert libraries, "Debian's package faketime is needed; deploy/test installs it"
    return libraries[0]


def ahead(by: str) -> tuple[str, ...]:
    """A command's prefix that moves its clock by so much.

    Not by the command `faketime`: it runs a child, and does not pass signals on.  Where FAKETIME_SHARED is missing the
    library sets it, moves the environment by that, and Swift finds no arguments.

    The library moves the kernel's timers as well, which libdispatch does not expect: whatever waits in Swift waits for
    ever, or turns without end.  What has to wait is tried with the true clock, and what was before it with one behind.
    """
    return ("env", f"LD_PRELOAD={faketime()}", f"FAKETIME={by}", "FAKETIME_SHARED=/none /none")
