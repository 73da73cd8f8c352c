"""Somebody who reads plain HTML and goes to several sites: the gateway, and providers on localhost with their own TLS.

Where a form or a redirect leads from one site to another, the cookies that go along are those that browsers would send
(RFC 6265bis §5.6.7.1): with a POST from another site only those of `SameSite=None`.
"""

from __future__ import annotations

import html
import http.client
import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from .cookies import CookieJar
from .html_forms import Form, read_page
from .visitor import AGENT, PATIENCE_SECONDS, PUBLIC_PORT, READS_PAGES, REDIRECTS, Page, Visitor

FORM = "application/x-www-form-urlencoded"
REFRESH = re.compile(r'<meta http-equiv="refresh" content="0; ?url=([^"]+)"', re.IGNORECASE)
SENT_ON = ("SAMLResponse", "SAMLRequest")
"""Fields of the pages that send themselves on."""


@dataclass
class Traveller:
    """One browser."""

    visitor: Visitor
    """The browser as the gateway meets it."""
    authority: Path
    """Who signs the other sites' certificates."""
    jar: CookieJar = field(default_factory=CookieJar)
    """The other sites' cookies."""
    trail: list[Page] = field(default_factory=list)
    """Every answer, in order."""

    # --- single steps --------------------------------------------------------------------------------------------

    def get(self, url: str, origin: str = "") -> Page:
        """GET of an address, coming from a page of this origin; one answer."""
        return self._kept(self._gate("GET", url, b"", origin) if is_ours(url) else self._other("GET", url, b""))

    def post(self, url: str, values: list[tuple[str, str]] | dict[str, str], origin: str = "") -> Page:
        """POST of a form's values from a page of this origin; one answer."""
        body = urlencode(values).encode()
        return self._kept(self._gate("POST", url, body, origin) if is_ours(url) else self._other("POST", url, body))

    def submit(self, page: Page, form: Form, button: str = "", **values: str) -> Page:
        """Fills in a form of the page and sends it; one answer."""
        url = urljoin(page.url, form.action or page.url)
        filled = form.filled(button, **values)
        if form.method == "get":
            return self.get(f"{url.split('?')[0]}?{urlencode(filled)}", origin_of(page.url))
        return self.post(url, filled, origin_of(page.url))

    # --- walks ---------------------------------------------------------------------------------------------------

    def open(self, url: str) -> Page:
        """GET as a person does it."""
        return self.on(self.get(url))

    def on(self, page: Page, stops_at: str = "") -> Page:
        """Where an answer leads to by itself: redirects, pages that go on, and pages whose form sends itself on.

        What would lead to an address that nobody serves is given as it is, and so is what would lead to one with
        `stops_at` in it.
        """
        for _ in range(2 * REDIRECTS):
            there, form = onward(page), sent_on(page)
            there = there or (urljoin(page.url, form.action) if form is not None else "")
            if not is_served(there) or (stops_at and stops_at in there):
                return page
            page = self.submit(page, form) if form is not None else self.get(there, origin_of(page.url))
        raise AssertionError(f"it leads on and on, at last to {page.url}")

    def press(self, page: Page, button: str = "", **values: str) -> Page:
        """Fills in the one form with these fields (or with that button) and goes where it leads."""
        forms = [
            form for form in page.read.forms
            if all(form.asks_for(name) for name in values)
            and (not button or any(button in each.words for each in form.buttons))
        ]
        assert len(forms) == 1, f"{len(forms)} such forms on {page.status} {page.url}: {page.text[:3000]}"
        return self.on(self.submit(page, forms[0], button, **values))

    # --- how requests go -----------------------------------------------------------------------------------------

    def _kept(self, page: Page) -> Page:
        self.trail.append(page)
        return page

    def _gate(self, method: str, url: str, body: bytes, origin: str) -> Page:
        parts = urlsplit(url)
        host, target = parts.hostname or "", parts.path + (f"?{parts.query}" if parts.query else "")
        comes_from_elsewhere = bool(origin) and not is_ours(origin + "/")
        site = "cross-site" if comes_from_elsewhere else "same-origin" if origin == origin_of(url) else "same-site"
        fields = [("Sec-Fetch-Site", site if origin else "none"), ("Sec-Fetch-Mode", "navigate"),
                  ("Sec-Fetch-Dest", "document")]
        cookies = None
        if method == "POST":
            fields += [("Content-Type", FORM), ("Origin", origin or "null")]
            if comes_from_elsewhere:
                cookies = "; ".join(
                    f"{name}={value}" for name, value in self.visitor.jar.hosts.get(host, {}).items()
                    if self._goes_everywhere(host, name))
        return self.visitor.send(method, target, host=host, fields=tuple(fields), body=body, cookies=cookies)

    def _goes_everywhere(self, host: str, name: str) -> bool:
        last = next(each for own, each in reversed(self.visitor.jar.seen) if (own, each.name) == (host, name))
        return last.attributes.get("samesite", "").lower() == "none"

    def _other(self, method: str, url: str, body: bytes) -> Page:
        parts = urlsplit(url)
        assert parts.scheme == "https" and parts.hostname == "localhost", f"it leads to {url}"
        context = ssl.create_default_context(cafile=str(self.authority))
        sent = {"Accept": READS_PAGES, "Accept-Language": self.visitor.language, "User-Agent": AGENT,
                "Connection": "close"}
        if cookies := self.jar.header("localhost"):
            sent["Cookie"] = cookies
        if method == "POST":
            sent["Content-Type"] = FORM
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection = http.client.HTTPSConnection(
            "localhost", parts.port, timeout=PATIENCE_SECONDS, context=context)
        try:
            connection.request(method, target, body or None, sent)
            with connection.getresponse() as answer:
                status, fields, content = answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()
        self.jar.take("localhost", [value for name, value in fields if name.lower() == "set-cookie"])
        return Page(url, status, fields, content, read_page(content.decode(errors="replace")))


def is_ours(url: str) -> bool:
    """True for addresses of the gateway."""
    parts = urlsplit(url)
    return (parts.hostname or "").endswith(".example.org") and parts.port == PUBLIC_PORT


def is_served(url: str) -> bool:
    """True for addresses behind which somebody listens."""
    return is_ours(url) or urlsplit(url).hostname == "localhost"


def onward(page: Page) -> str:
    """The address to which a redirect leads, or a page that goes on by itself; empty for other pages."""
    if page.is_redirect:
        return urljoin(page.url, page.header("Location"))
    found = REFRESH.search(page.text) if "html" in page.header("Content-Type") else None
    return urljoin(page.url, html.unescape(found.group(1))) if found else ""


def sent_on(page: Page) -> Form | None:
    """The form of a page that sends itself on; None where it is another page."""
    return next((each for each in page.read.forms if any(each.has(name) for name in SENT_ON)), None)


def origin_of(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
