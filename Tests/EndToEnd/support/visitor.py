"""Somebody who reads plain HTML: follows links, fills in forms, keeps cookies as RFC 6265bis says, runs no script."""

from __future__ import annotations

import http.client
import itertools
import re
import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from .cookies import CookieJar
from .html_forms import Form, ReadPage, read_page

PATIENCE_SECONDS = 30.0
PUBLIC_PORT = 8443
"""The port of public_url: what browsers would have in their address line, whatever port the test's listener has."""
BALANCER = "127.0.0.2"
"""The address from which requests are relayed, so that each visitor can have an address of their own."""
STRANGER = "127.0.0.1"
"""An address that no gateway trusts."""
REDIRECTS = 10
AGENT = "PlainReader/1.0 (forms; no scripts)"
READS_PAGES = "text/html,application/xhtml+xml,*/*;q=0.8"

_next_address = itertools.count(1)


def fresh_address() -> str:
    """A client address that nobody had before (RFC 2544's range for tests)."""
    number = next(_next_address)
    return f"198.18.{number // 250 % 256}.{number % 250 + 1}"


@dataclass(frozen=True)
class Page:
    """An answer, as its reader has it."""

    url: str
    status: int
    fields: list[tuple[str, str]]
    body: bytes
    read: ReadPage = field(repr=False)

    def values(self, name: str) -> list[str]:
        """The values of every field of this name."""
        return [value for own, value in self.fields if own.lower() == name.lower()]

    def header(self, name: str) -> str:
        """The only field of this name; empty where there is none."""
        values = self.values(name)
        assert len(values) <= 1, f"{name} stands {len(values)} times: {values}"
        return values[0] if values else ""

    @property
    def text(self) -> str:
        """The body's text."""
        return self.body.decode(errors="replace")

    @property
    def path(self) -> str:
        """Path and query of its address."""
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def is_redirect(self) -> bool:
        """True where it sends its reader elsewhere."""
        return self.status in (301, 302, 303, 307, 308)

    def form(self, with_field: str = "", action_ends: str = "") -> Form:
        """The page's form that has this field, and whose action ends so."""
        wanted = [
            form for form in self.read.forms
            if (not with_field or form.has(with_field)) and urlsplit(form.action).path.endswith(action_ends)
        ]
        assert len(wanted) == 1, f"{len(wanted)} such forms on {self.status} {self.url}: {self.text[:3000]}"
        return wanted[0]

    def asks_for(self, name: str) -> bool:
        """True where a form on it asks for this in a field that people see."""
        return any(form.asks_for(name) for form in self.read.forms)


@dataclass
class Visitor:
    """One browser's worth of cookies, in front of one gateway."""

    port: int
    authority: Path
    host: str = "acme.example.org"
    address: str = field(default_factory=fresh_address)
    """Their own address; empty for somebody who comes to the gateway directly."""
    language: str = "en"
    jar: CookieJar = field(default_factory=CookieJar)

    def send(
        self, method: str, target: str, *, host: str = "", fields: tuple[tuple[str, str], ...] = (), body: bytes = b"",
        cookies: str | None = None, accept: str = READS_PAGES, server_name: str = "",
    ) -> Page:
        """One request, as given; `cookies` replaces what the jar would send.  Redirects are not followed."""
        host = host or self.host
        authority = f"{host}:{PUBLIC_PORT}"
        given = {name.lower() for name, _ in fields}
        sent = [("Host", authority), ("Accept", accept), ("Accept-Language", self.language), ("User-Agent", AGENT)]
        sent = [(name, value) for name, value in sent if name.lower() not in given]
        if self.address and "x-forwarded-for" not in given:
            sent.append(("X-Forwarded-For", self.address))
        cookies = self.jar.header(host) if cookies is None else cookies
        if cookies:
            sent.append(("Cookie", cookies))
        sent += fields
        if body or method in ("POST", "PUT"):
            sent.append(("Content-Length", str(len(body))))
        status, answered, content = self._exchange(method, target, sent, body, server_name or host)
        self.jar.take(host, [value for name, value in answered if name.lower() == "set-cookie"])
        is_page = any(name.lower() == "content-type" and "html" in value for name, value in answered)
        read = read_page(content.decode(errors="replace")) if is_page else ReadPage()
        return Page(f"https://{authority}{target}", status, answered, content, read)

    def get(self, target: str, **more: object) -> Page:
        """GET, one answer."""
        return self.send("GET", target, **more)  # type: ignore[arg-type]

    def post(self, target: str, values: dict[str, str] | list[tuple[str, str]], **more: object) -> Page:
        """POST of a form's values, one answer."""
        fields = (("Content-Type", "application/x-www-form-urlencoded"), *more.pop("fields", ()))  # type: ignore
        return self.send("POST", target, body=urlencode(values).encode(), fields=fields, **more)  # type: ignore

    def open(self, target: str, **more: object) -> Page:
        """GET as a person does it: redirects are followed."""
        return self.follow(self.get(target, **more))

    def follow(self, page: Page) -> Page:
        """Where the answer leads to, in the end."""
        for _ in range(REDIRECTS):
            if not page.is_redirect:
                return page
            there = urlsplit(urljoin(page.url, page.header("Location")))
            assert (there.scheme, there.port) == ("https", PUBLIC_PORT), f"it leads to {there.geturl()}"
            target = there.path + (f"?{there.query}" if there.query else "")
            page = self.get(target, host=there.hostname or "")
        raise AssertionError(f"more than {REDIRECTS} redirects, the last one to {page.header('Location')}")

    def submit(self, page: Page, form: Form, button: str = "", **values: str) -> Page:
        """Fills in the form's fields, presses its button; one answer."""
        there = urlsplit(urljoin(page.url, form.action or page.url))
        target = there.path + (f"?{there.query}" if there.query else "")
        filled = form.filled(button, **values)
        host = there.hostname or ""
        if form.method == "get":
            return self.get(f"{there.path}?{urlencode(filled)}", host=host)
        return self.post(target, filled, host=host)

    # --- the walk that every test takes -----------------------------------------------------------------------------

    def to_password(self, email: str, target: str = "/app/start") -> Page:
        """From the application's page over the sign-in's first step to the page that asks for the password."""
        page = self.open(target)
        assert page.asks_for("email"), f"no sign-in's first step: {page.status} {page.url}: {page.text[:2000]}"
        page = self.follow(self.submit(page, page.form("email"), email=email))
        assert page.asks_for("password"), f"no second step: {page.status} {page.url}: {page.text[:2000]}"
        return page

    def give_password(self, page: Page, password: str) -> Page:
        """The answer to the password; its redirect is not followed."""
        return self.submit(page, page.form("password"), password=password)

    def try_sign_in(self, email: str, password: str, target: str = "/app/start") -> Page:
        """The whole walk; the answer to the password."""
        return self.give_password(self.to_password(email, target), password)

    def sign_in(self, email: str, password: str, target: str = "/app/start") -> Page:
        """The whole walk, which must succeed; the application's page."""
        answer = self.try_sign_in(email, password, target)
        assert answer.status == 303, f"no sign-in: {answer.status} {answer.url}: {answer.text[:3000]}"
        return self.follow(answer)

    @property
    def is_signed_in(self) -> bool:
        """What `whoami` says."""
        return self.get("/.gatehouse/whoami", accept="application/json").status == 200

    def _exchange(
        self, method: str, target: str, sent: list[tuple[str, str]], body: bytes, server_name: str
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        context = ssl.create_default_context(cafile=str(self.authority))
        context.set_alpn_protocols(["http/1.1"])
        source = BALANCER if self.address else STRANGER
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS, (source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        with plain, context.wrap_socket(plain, server_hostname=server_name) as connection.sock:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in sent:
                connection.putheader(name, value)
            try:
                connection.endheaders(body or None)
            except (ConnectionError, ssl.SSLError):
                pass  # An early answer to a body that is too large; it can still be read.
            with connection.getresponse() as response:
                return response.status, response.getheaders(), response.read()


def blanked(page: Page, *words: str) -> str:
    """The page's text without what must differ: the values of its hidden fields, the challenge of its passkeys, its
    request's id, and these words."""
    text = re.sub(r'(<input[^>]*type="hidden"[^>]*value=")[^"]*"', r'\1"', page.text)
    text = re.sub(r'(<input[^>]*value=")[^"]*("[^>]*type="hidden")', r'\1\2', text)
    text = re.sub(r"(challenge&quot;:&quot;)[\w-]+", r"\1", text)
    for word in (page.header("X-Request-ID"), *words):
        text = text.replace(word, "WORD") if word else text
    return text


def comparable(page: Page) -> list[tuple[str, str]]:
    """Headers without what differs between any two answers."""
    differ = {"x-request-id", "date", "set-cookie", "content-length"}
    names = [(name.lower(), value) for name, value in page.fields if name.lower() not in differ]
    cookies = [("set-cookie", value.split("=")[0]) for name, value in page.fields if name.lower() == "set-cookie"]
    return names + cookies
