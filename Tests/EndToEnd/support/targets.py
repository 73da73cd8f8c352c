"""How servers behind a proxy read a request target, and which places are guarded.

A rule that holds for `/admin/` must hold for every spelling that a server takes for `/admin/`.
"""

from __future__ import annotations

import re

UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")


def same_target(one: str, other: str) -> bool:
    """True where two targets are equivalent under RFC 3986 §6.2.2.1 and §6.2.2.2 (hex case, unreserved octets)."""
    return _normal(one) == _normal(other)


def _normal(target: str) -> str:
    def replace(match: re.Match[str]) -> str:
        character = chr(int(match.group(1), 16))
        return character if UNRESERVED.fullmatch(character) else match.group(0).upper()

    return PERCENT.sub(replace, target)


def readings_of_path(target: str) -> set[str]:
    """Every path, in lower case, that some server reads in this target."""
    path = target
    absolute = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*(.*)", target)
    if absolute:
        path = absolute.group(1) or "/"
    path = path.split("?")[0].split("#")[0]
    found = {path}
    for step in (_decoded, _without_parameters, _slashes_turned, _null_terminated, _overlong_read):
        found |= {step(each) for each in found}
    found |= {_dots_removed(each) for each in found}
    found |= {_slashes_merged(each) for each in found}
    found |= {_dots_removed(each) for each in found}
    return {each.lower() for each in found}


def reaches(target: str, prefix: str) -> bool:
    """True where some server reads the target as the prefix (without final slash) or a path below it."""
    return any(path == prefix or path.startswith(prefix + "/") for path in readings_of_path(target))


def _decoded(path: str) -> str:
    return PERCENT.sub(lambda match: chr(int(match.group(1), 16)), path)


def _without_parameters(path: str) -> str:
    return re.sub(r";[^/]*", "", path)


def _slashes_turned(path: str) -> str:
    return path.replace("\\", "/")


def _null_terminated(path: str) -> str:
    return path.split("\0")[0]


def _overlong_read(path: str) -> str:
    return path.replace("\xc0\xae", ".").replace("\xc0\xaf", "/").replace("\xe0\x80\xaf", "/")


def _slashes_merged(path: str) -> str:
    return re.sub(r"/{2,}", "/", path)


def _dots_removed(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for index, segment in enumerate(segments):
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
            continue
        if index == len(segments) - 1:
            kept.append("")
    return "/".join(kept)

