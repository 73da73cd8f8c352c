"""A stage with an application that speaks WebSocket, on routes that list the upgrade and on one that does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .installation import ADA, MIA, installation
from .sockets import Sockets
from .stage import Stage

ROUTES = """\
routes:
  - {{ name: live, match: {{ host: "*.example.org", path: /live/ }}, access: authenticated, upstream: live, upgrades: [websocket] }}
  - {{ name: duty, match: {{ host: "*.example.org", path: /duty/ }}, access: {{ roles: [admin] }}, upstream: live, upgrades: [websocket] }}
  - {{ name: plain, match: {{ host: "*.example.org", path: /plain/ }}, access: authenticated, upstream: live }}
"""
UPSTREAM = """\
upstreams:
  live:
    servers: [ "http://127.0.0.1:{port}" ]
    audience: live
"""


@dataclass
class Live(Stage):
    """The stage, and the application."""

    sockets: Sockets


@contextmanager
def live_stage(binary: Path) -> Iterator[Live]:
    """A running gateway in front of it."""
    with Sockets() as sockets, installation(binary) as site:
        text = site.configuration.read_text()
        text = text.replace("upstreams:\n", UPSTREAM.format(port=sockets.port), 1)
        text = text.replace("routes:\n", ROUTES.format(), 1)
        site.configuration.write_text(text)
        with site.running() as server:
            members = [site.add(member) for member in (MIA, ADA)]
            yield Live(site, server, {(each.tenant, each.email): each for each in members}, sockets)
