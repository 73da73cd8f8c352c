"""A cookie jar that keeps nothing that breaks the rules of its name's prefix (RFC 6265bis §4.1.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

PREFIX = "__Host-"


@dataclass(frozen=True)
class SetCookie:
    """One `Set-Cookie` field."""

    name: str
    value: str
    attributes: dict[str, str]
    """By name in lower case; flags have an empty value."""

    @property
    def is_removal(self) -> bool:
        """True where it takes the cookie away."""
        return self.attributes.get("max-age", "1").startswith(("0", "-"))

    @property
    def obeys_prefix(self) -> bool:
        """True where a browser takes it: `Secure`, `Path=/`, no `Domain`."""
        flags = self.attributes
        return "secure" in flags and flags.get("path") == "/" and "domain" not in flags


def read_set_cookie(text: str) -> SetCookie:
    """Reads a field's value."""
    pair, *attributes = text.split(";")
    name, equals, value = pair.strip().partition("=")
    assert equals and re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name), f"a cookie that is none: {text!r}"
    read: dict[str, str] = {}
    for attribute in attributes:
        key, _, given = attribute.strip().partition("=")
        assert key.lower() not in read, f"{key} twice: {text!r}"
        read[key.lower()] = given
    return SetCookie(name, value, read)


@dataclass
class CookieJar:
    """Cookies by host; each goes back to exactly the host that set it."""

    hosts: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[tuple[str, SetCookie]] = field(default_factory=list)
    """Everything that was ever set, in order, with its host."""

    def take(self, host: str, fields: list[str]) -> None:
        """Keeps what an answer of this host sets; fails on a cookie that browsers would throw away."""
        kept = self.hosts.setdefault(host, {})
        for text in fields:
            cookie = read_set_cookie(text)
            self.seen.append((host, cookie))
            if cookie.name.startswith(PREFIX):
                assert cookie.obeys_prefix, f"browsers refuse this cookie: {text!r}"
            if cookie.is_removal:
                kept.pop(cookie.name, None)
            else:
                kept[cookie.name] = cookie.value

    def header(self, host: str) -> str:
        """The value of `Cookie` for this host; empty where there is none."""
        return "; ".join(f"{name}={value}" for name, value in self.hosts.get(host, {}).items())

    def value(self, host: str, name: str) -> str:
        """A cookie's value; empty where there is none."""
        return self.hosts.get(host, {}).get(name, "")

    def put(self, host: str, name: str, value: str) -> None:
        """Puts one in, as somebody does who has stolen or invented it."""
        self.hosts.setdefault(host, {})[name] = value

    def drop(self, host: str, name: str) -> None:
        """Forgets one, as a browser does whose owner clears it."""
        self.hosts.get(host, {}).pop(name, None)
