"""The stage on which most walks play: a running installation with its members."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .installation import ACME, ADA, BEA, BEA_AT_GLOBEX, MIA, OTTO, Installation, Member, installation
from .running import Running
from .visitor import Page, Visitor


@dataclass
class Stage:
    """A running gateway with everything around it."""

    site: Installation
    server: Running
    members: dict[tuple[str, str], Member]

    def member(self, who: Member) -> Member:
        """The member as created, with the id."""
        return self.members[(who.tenant, who.email)]

    def visitor(self, host: str = ACME, language: str = "en", address: str | None = None) -> Visitor:
        """A browser that nobody knows, with an address of its own."""
        return self.site.visitor(self.server, host, language, address)

    def signed_in(self, who: Member, host: str = "") -> Visitor:
        """A browser in which this member has signed in on the tenant's own host."""
        visitor = self.visitor(host or f"{who.tenant}.example.org")
        visitor.sign_in(who.email, who.password)
        return visitor

    def newcomer(self, name: str, tenant: str = "acme", roles: tuple[str, ...] = ()) -> Member:
        """A member whom no other test knows."""
        return self.site.add(Member(tenant, f"{name}@{tenant}.example", name.replace("-", " ").title(), roles))


@contextmanager
def stage(binary: Path, login: str = "", members: tuple[Member, ...] = (MIA, ADA, OTTO, BEA, BEA_AT_GLOBEX)
          ) -> Iterator[Stage]:
    """Installation, gateway and members, until the block ends."""
    with installation(binary, login) as site, site.running() as server:
        made = [site.add(member) for member in members]
        yield Stage(site, server, {(each.tenant, each.email): each for each in made})


def heard(visitor: Visitor, target: str = "/app/heard", **more: object) -> dict[str, list[str]]:
    """What the application heard of a request: its headers by name in lower case."""
    page = visitor.get(target, accept="application/json", **more)
    assert page.status == 200, f"{page.status} {page.text[:1000]}"
    told = json.loads(page.body)
    assert isinstance(told["headers"], dict)
    return told["headers"]


def who(visitor: Visitor) -> dict[str, object] | None:
    """What `whoami` says; None for 401."""
    page = visitor.get("/.gatehouse/whoami", accept="application/json")
    assert page.status in (200, 401), f"{page.status} {page.text[:500]}"
    return json.loads(page.body) if page.status == 200 else None


def account_form(visitor: Visitor, page: str = "") -> Page:
    """A page of the account, which must be there."""
    shown = visitor.get(f"/.gatehouse/account{page}")
    assert shown.status == 200, f"{shown.status} {shown.header('Location')} {shown.text[:1000]}"
    return shown


def prove(visitor: Visitor, password: str) -> Page:
    """Gives the password once more; the answer."""
    csrf = account_form(visitor).form("name").value("csrf")
    return visitor.post("/.gatehouse/account/proof", {"csrf": csrf, "password": password})


def login_path(target: str) -> str:
    """The address of the sign-in that leads to this path."""
    return "/.gatehouse/login?return_to=" + quote(target, safe="")


def reason(answer: object) -> str:
    """The reason code of a refusal that came as a problem."""
    return str(json.loads(answer.body)["code"])  # type: ignore[attr-defined]
