"""What stands in front of an application, as Routes.md shows it: its one file in a whole installation, asked by browsers
that are none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.fences import example
from support.installation import ACME, MIA, Installation, installation
from support.running import Running
from support.visitor import Page, Visitor

PAGE, BEGINNING = "Routes.md", "hsts:"
API_KEY = "a-key-that-the-shop-knows-0123456789"


def configuration(own: str) -> str:
    """The installation's file with the page's routes before its own, and the page's other keys at the top."""
    top, routes = example(PAGE, "hsts:").text.split("routes:\n")
    shown = [line for line in routes.splitlines(keepends=True) if "name: app," not in line]
    return top + own.replace("routes:\n", "routes:\n" + "".join(shown).replace("upstream: app", "upstream: echo"))


@dataclass
class Front:
    """The installation and its gateway."""

    site: Installation
    server: Running

    def visitor(self) -> Visitor:
        """A browser that nobody knows."""
        return self.site.visitor(self.server)

    def member(self) -> Visitor:
        """A browser in which Mia has signed in."""
        visitor = self.visitor()
        visitor.sign_in(MIA.email, MIA.password)
        return visitor


@pytest.fixture(scope="module")
def front(binary: Path) -> Iterator[Front]:
    """Everything that the page shows, in one gateway."""
    with installation(binary) as site:
        site.configuration.write_text(configuration(site.configuration.read_text()))
        key = site.folder / "keys/shop-api"
        key.touch(mode=0o600)
        key.write_text(API_KEY + "\n")
        site.add(MIA)
        with site.running() as server:
            yield Front(site, server)


def heard(page: Page) -> dict[str, list[str]]:
    """The headers that the application tells of."""
    assert page.status == 200, f"{page.status} {page.text[:500]}"
    return json.loads(page.body)["headers"]


def test_the_file_of_the_page_is_good(front: Front) -> None:
    """`check` finds no fault in it."""
    assert ": ok " in front.site.done("check")


# --- HSTS, header rules, prefixes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["/shop/", "/app/", "/.gatehouse/login", "/.gatehouse/nothing", "/public/a/../b"])
def test_hsts_is_on_every_answer(front: Front, target: str) -> None:
    """The application's, a way to the login, a page of ours, a refusal of each kind."""
    page = front.visitor().get(target)
    assert page.header("Strict-Transport-Security") == "max-age=31536000; includeSubDomains"


def test_header_rules_act_on_their_route_alone(front: Front) -> None:
    """What is set is there once, whatever the client sends in its name; what is removed is not."""
    sent = (("X-Environment", "evil"), ("x_api_key", "evil"), ("X-Debug", "1"), ("X-Kept", "2"))
    page = front.visitor().get("/shop/cart", accept="application/json", fields=sent)
    told = heard(page)
    assert told["x-environment"] == ["production"] and told["x-api-key"] == [API_KEY]
    assert told["x-kept"] == ["2"] and "x-debug" not in told and "evil" not in json.dumps(told)
    assert page.header("X-Frame-Options") == "DENY" and not page.values("Server")
    other = front.visitor().get("/public/", accept="application/json", fields=sent)
    assert heard(other)["x-debug"] == ["1"] and API_KEY not in other.text
    assert not other.values("X-Frame-Options")


def test_the_application_sees_its_own_paths(front: Front) -> None:
    """The prefix is gone, is told of, and the identity is there all the same."""
    member = front.member()
    page = member.get("/shop/cart?a=/shop/", accept="application/json")
    told = json.loads(page.body)
    assert told["target"] == "/cart?a=/shop/", told
    assert told["headers"]["x-forwarded-prefix"] == ["/shop"]
    assert told["headers"]["x-user-email"] == [MIA.email]


def test_no_prefix_makes_a_path_of_ours(front: Front) -> None:
    """Whatever stands behind the prefix, it is never one of Gatehouse's own to the application."""
    for target in ("/shop/.gatehouse/login", "/shop/%2Egatehouse/", "/shop/.well-known/security.txt"):
        page = front.visitor().get(target, accept="application/json")
        assert page.status == 404 and json.loads(page.body)["code"] == "page-missing", target
    assert front.visitor().get("/shop/.gatehousekeeping", accept="application/json").status == 200


def test_explain_goes_by_what_the_client_asks(front: Front) -> None:
    """The route that the rules are of, and the refusal of a path that would become ours."""
    assert "route:    shop" in front.site.done("explain", "--host", ACME, "--path", "/shop/cart")
    refused = front.site.command("explain", "--host", ACME, "--path", "/shop/.gatehouse/login")
    assert refused.returncode == 77 and "page-missing" in refused.stdout
