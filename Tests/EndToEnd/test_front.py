"""What stands in front of an application, as Routes.md shows it: its one file in a whole installation, asked by browsers
that are none."""

from __future__ import annotations

import http.client
import json
import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.browser import Browser, chromium
from support.fences import example
from support.installation import ACME, GLOBEX, MIA, SHARED, Installation, installation
from support.running import Running
from support.visitor import BALANCER, STRANGER, Page, Visitor

PAGE = "Routes.md"
FILE = "hsts: { max_age: 365d, include_subdomains: true }"
PREFLIGHT = (
    "gatehouse explain --host acme.example.org --path /shop/cart --method OPTIONS --origin https://www.example.org")
IN_CLEAR = '  - { address: "127.0.0.1:0", cleartext: from_trusted_proxies }\n'
FOR_BROWSERS = """\
  - name: plain
    match: { host: "*.example.org", path: /plain/ }
    access: public
    upstream: echo
    response_headers: { remove: [Content-Security-Policy] }
  - name: browsers
    match: { host: "*.example.org", path: /browsers/ }
    access: optional
    upstream: echo
    cross_origin:
      origins: ["https://app.example.org:8443"]
      methods: [GET, PUT]
      headers: [Content-Type]
      exposed_headers: [X-Request-ID]
      credentials: true
"""
"""Pages that may run scripts, and a route that those of the shared host may call, at public_url's port."""
API_KEY = "a-key-that-the-shop-knows-0123456789"


def configuration(own: str) -> str:
    """The installation's file with the page's routes before its own, and the page's other keys at the top."""
    top, routes = example(PAGE, FILE).text.split("routes:\n")
    shown = [line for line in routes.splitlines(keepends=True) if "name: app," not in line]
    # The listener with TLS is the last, which is where the tests' browsers go.
    own = own.replace("listeners:\n", f"listeners:\n{IN_CLEAR}")
    return top + own.replace(
        "routes:\n", "routes:\n" + "".join(shown).replace("upstream: app", "upstream: echo") + FOR_BROWSERS)


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


# --- limits, requests under way, rates ------------------------------------------------------------------------------


def test_a_body_beyond_the_routes_own_bound_is_refused(front: Front) -> None:
    """512 KiB pass, a byte more does not; elsewhere the installation's bound holds."""
    visitor = front.visitor()
    assert visitor.send("POST", "/shop/", body=b"b" * (1 << 19), accept="application/json").status == 200
    refused = visitor.send("POST", "/shop/", body=b"b" * ((1 << 19) + 1), accept="application/json")
    assert (refused.status, json.loads(refused.body)["code"]) == (413, "body-too-large")
    assert visitor.send("POST", "/public/", body=b"b" * ((1 << 19) + 1), accept="application/json").status == 200


def test_a_rate_is_told_and_ends_in_429(front: Front) -> None:
    """A visitor without a session has the buckets of their address and of the tenant; the tightest is told."""
    visitor = front.visitor()
    first = visitor.get("/shop/", accept="application/json")
    assert first.header("RateLimit-Policy") == '"address";q=60;w=60, "session";q=300;w=60, "tenant";q=6000;w=60'
    assert re.fullmatch(r'"address";r=\d+;t=\d+', first.header("RateLimit"))
    assert not front.visitor().get("/public/").values("RateLimit")
    for _ in range(600):
        page = visitor.get("/shop/", accept="application/json")
        if page.status != 200:
            break
    assert (page.status, json.loads(page.body)["code"]) == (429, "rate-limited")
    assert int(page.header("Retry-After")) >= 1
    assert page.header("RateLimit").startswith('"address";r=0;t=')
    assert front.visitor().get("/shop/", accept="application/json").status == 200, "another address goes on"


# --- scripts of other origins ---------------------------------------------------------------------------------------

LISTED, UNLISTED = "https://www.example.org", "https://evil.example"
ASKS = (("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "content-type"))


def told(page: Page) -> dict[str, str]:
    """What an answer says about scripts of other origins."""
    return {name.lower(): value for name, value in page.fields if name.lower().startswith("access-control-")}


def test_a_preflight_of_a_listed_origin_is_answered(front: Front) -> None:
    """Without a session, by Gatehouse itself."""
    page = front.visitor().send("OPTIONS", "/shop/cart", fields=(("Origin", LISTED), *ASKS))
    assert (page.status, page.body, page.header("Vary")) == (204, b"", "Origin")
    assert told(page) == {
        "access-control-allow-origin": LISTED, "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, POST, PUT", "access-control-allow-headers": "Content-Type",
        "access-control-max-age": "600",
    }


@pytest.mark.parametrize("origin", [UNLISTED, "null", "http://www.example.org", f"{LISTED}.evil.example"])
def test_another_origin_is_told_nothing(front: Front, origin: str) -> None:
    """Neither its preflight nor its requests, and nothing of a member's is changed."""
    refused = front.visitor().send("OPTIONS", "/shop/cart", fields=(("Origin", origin), *ASKS))
    assert refused.status == 403 and not told(refused)
    member = front.member()
    put = member.send("PUT", "/shop/cart", body=b"x", fields=(("Origin", origin),), accept="application/json")
    assert (put.status, json.loads(put.body)["code"], told(put)) == (403, "cross-origin", {})
    assert not told(member.get("/shop/cart", fields=(("Origin", origin),)))


def test_a_listed_origin_changes_what_is_the_members(front: Front) -> None:
    """On this route, with the listed methods; elsewhere it is any other site."""
    member = front.member()
    sent = (("Origin", LISTED), ("Sec-Fetch-Site", "same-site"))
    page = member.send("PUT", "/shop/cart", body=b"x", fields=sent, accept="application/json")
    assert heard(page)["x-user-email"] == [MIA.email]
    assert told(page)["access-control-expose-headers"] == "X-Total"
    for method, target in (("DELETE", "/shop/cart"), ("PUT", "/app/")):
        refused = member.send(method, target, fields=sent, accept="application/json")
        assert (refused.status, json.loads(refused.body)["code"]) == (403, "cross-origin"), (method, target)


def test_explain_shows_a_preflight(front: Front) -> None:
    """The command of the page, as it stands, and its twin for an origin that is not listed."""
    line, = example(PAGE, PREFLIGHT).lines
    words = shlex.split(line)[1:]
    said = front.site.done(*words)
    assert "verdict:  preflight" in said and "route:    shop" in said
    refused = front.site.command(*(UNLISTED if word == LISTED else word for word in words))
    assert refused.returncode == 77 and "cross-origin" in refused.stdout


CALL = """
const [url, method, done] = arguments;
const body = method === "GET" ? undefined : "{}";
fetch(url, { method, body, credentials: "include", headers: { "Content-Type": "application/json", Accept: "application/json" } })
  .then(async answer => done({ status: answer.status, id: answer.headers.get("X-Request-ID"), text: await answer.text() }))
  .catch(fault => done({ fault: String(fault) }));
"""


@pytest.fixture(scope="module")
def browser(front: Front) -> Iterator[Browser]:
    """A browser in which Mia has signed in on her tenant's host."""
    with chromium(front.server.port, front.site.folder / "tls/chain.pem") as started:
        started.sign_in(ACME, MIA.email, MIA.password)
        yield started


def called(browser: Browser, page_host: str, method: str) -> dict[str, object]:
    """What a script on a page of this host gets when it calls the route on Mia's host."""
    browser.open(page_host, "/plain/page")
    return dict(browser.driver.execute_async_script(CALL, f"https://{ACME}:8443/browsers/call", method))


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_browser_lets_a_listed_page_call(browser: Browser, method: str) -> None:
    """With a preflight, with her cookie; the script reads the answer and the header that is exposed."""
    found = called(browser, SHARED, method)
    assert found.get("status") == 200 and found["id"], found
    told_back = json.loads(str(found["text"]))
    assert (told_back["method"], told_back["headers"]["x-user-email"]) == (method, [MIA.email])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_browser_lets_no_other_page_call(browser: Browser, method: str) -> None:
    """Nor a listed one with a method that is not listed; the script learns nothing."""
    page = SHARED if method == "DELETE" else GLOBEX
    assert "fault" in called(browser, page, method)


# --- a balancer that speaks clear text ------------------------------------------------------------------------------


def in_clear(front: Front, address: str, said: str) -> tuple[int, str, str]:
    """A request from this address to the listener in clear: status, reason code or application's answer, Location."""
    port = int(front.server.await_event("started")["listeners"].split(" ")[0].rsplit(":", 1)[1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(address, 0))
    fields = {"Host": ACME, "Accept": "application/json", "X-Forwarded-For": "198.51.100.7"}
    with closing(connection):
        connection.request("GET", "/public/", headers=fields | ({"X-Forwarded-Proto": said} if said else {}))
        answer = connection.getresponse()
        body = json.loads(answer.read() or b"{}")
        words = body.get("code") or " ".join(body.get("headers", {}).get("x-forwarded-proto", []))
        return answer.status, words, answer.getheader("Location") or ""


def test_clear_text_is_for_balancers_whose_clients_came_by_https(front: Front) -> None:
    """Served, sent on, refused: by who connects and what they say."""
    assert in_clear(front, BALANCER, "https") == (200, "https", "")
    assert in_clear(front, BALANCER, "http") == (308, "", f"https://{ACME}:8443/public/")
    assert in_clear(front, BALANCER, "https, http")[0] == 308
    assert in_clear(front, BALANCER, "") == (403, "cleartext-refused", "")
    assert in_clear(front, STRANGER, "https") == (403, "cleartext-refused", "")
