"""An installation that has served and was stopped, to be copied and spoilt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .installation import ACME, ADA, BEA, GLOBEX, MIA, OTTO, Installation, installation
from .running import Running
from .visitor import Visitor

SESSION = "__Host-gatehouse"


@dataclass
class Golden:
    """The installation, which stands still."""

    site: Installation
    member: Visitor
    """A browser in which Mia has signed in."""

    def visitor(self, site: Installation, server: Running) -> Visitor:
        """Mia's browser, in front of a copy."""
        visitor = site.visitor(server)
        visitor.jar.put(ACME, SESSION, self.member.jar.value(ACME, SESSION))
        return visitor


@contextmanager
def golden_installation(binary: Path) -> Iterator[Golden]:
    """Two tenants, four members, two sessions, a few audit entries."""
    with installation(binary) as site:
        with site.running() as server:
            for each in (MIA, ADA, OTTO, BEA):
                site.add(each)
            member = site.visitor(server)
            member.sign_in(MIA.email, MIA.password)
            otto = site.visitor(server, GLOBEX)
            otto.sign_in(OTTO.email, OTTO.password)
            assert server.stop() == 0
        yield Golden(site, member)
