"""Second factors as members have them: an authenticator app on a phone, codes by mail, recovery codes on paper; and the
walks through the forms that ask for them."""

from __future__ import annotations

import re
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from urllib.parse import urljoin, urlsplit

import pyotp

from .html_forms import Form
from .installation import Installation, Member, installation
from .mail_server import Mail, MailServer, mail_server
from .stage import Stage
from .visitor import Page, Visitor

PORTAL = "/.gatehouse"
LOGIN, STEP_UP, FACTORS = f"{PORTAL}/login", f"{PORTAL}/login/step-up", f"{PORTAL}/account/factors"
SESSION = "__Host-gatehouse"
STEP_SECONDS = 30
SLACK_SECONDS = 3
"""A step that leaves the window so soon is not used: a busy machine may answer later."""
MAIL_SECONDS = 30.0

INITECH, HOOLI, GRACED, TYRELL = "initech.example.org", "hooli.example.org", "graced.example.org", "tyrell.example.org"
GRACE_SECONDS = 5
MODEL = "a1b2c3d4-1111-4222-8333-0123456789ab"
"""The one model of devices that wayne's members may use."""
TENANTS = {
    "acme": "name: Acme GmbH\nmfa: optional\n",
    "globex": "name: Globex Corporation\nmfa: required\n",
    "initech": "name: Initech\nmfa: { roles: [ admin ] }\n",
    "graced": f"name: Graced\nmfa: {{ required: true, grace: {GRACE_SECONDS}s }}\n",
    "hooli": "name: Hooli\nmfa: none\n",
    "wayne": "name: Wayne\nmfa: required\nwebauthn: { attestation: attested, aaguids: { allow: [ %s ] } }\n" % MODEL,
    "tyrell": "name: Tyrell\nmfa: { required: true, grace: 14d }\n",
}
"""One for each rule."""
ROUTES = """\
routes:
  - { name: vault, match: { host: "*.example.org", path: /vault/ }, access: { mfa: { within: 12h } }, upstream: echo }
  - { name: brief, match: { host: "*.example.org", path: /brief/ }, access: { mfa: { within: 1m } }, upstream: echo }
"""


# --- what members have -----------------------------------------------------------------------------------------------


class App:
    """An authenticator app with one account in it; it never says the same code twice."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)
        self.secret = secret
        self.seconds_ahead = 0
        """By how much the gateway's clock is moved."""
        self._spent = 0

    def code(self) -> str:
        """A code of a step that was not used before; waits for the next step only where none is left."""
        while True:
            now = time.time() + self.seconds_ahead
            present = int(now) // STEP_SECONDS
            is_leaving = STEP_SECONDS - now % STEP_SECONDS < SLACK_SECONDS
            step = max(self._spent + 1, present if is_leaving else present - 1)
            if step <= present + 1:
                self._spent = step
                return self.at(step)
            time.sleep((step - 1) * STEP_SECONDS - now + 0.05)

    def at(self, step: int) -> str:
        """The code of a step."""
        return self.totp.generate_otp(step)

    @property
    def step(self) -> int:
        """The step of the code that was said last."""
        return self._spent

    def wrong(self) -> str:
        """Six digits that are no code of any step near now."""
        present = int(time.time()) // STEP_SECONDS
        near = {self.at(present + each) for each in range(-6, 7)}
        while (guess := f"{secrets.randbelow(10 ** 6):06}") in near:
            pass
        return guess


@dataclass
class Enrolled:
    """A member with an app, the recovery codes, and the browser in which they were made."""

    member: Member
    app: App
    recovery_codes: list[str]
    visitor: Visitor


# --- where they are --------------------------------------------------------------------------------------------------


@dataclass
class Post:
    """The mails that a server takes, for whoever looks for one of somebody's."""

    server: MailServer
    kept: list[Mail] = field(default_factory=list)

    def find(self, recipient: str, words: str, seconds: float = MAIL_SECONDS) -> Mail | None:
        """The next mail to somebody whose subject or text matches; None where none comes in time."""
        deadline = time.monotonic() + seconds
        while True:
            for mail in self.kept:
                said = f"{mail.subject}\n{mail.part('plain')}"
                if mail.recipients == (recipient,) and re.search(words, said):
                    self.kept.remove(mail)
                    return mail
            try:
                self.kept.append(self.server.taken.get(timeout=max(0.0, deadline - time.monotonic())))
            except Empty:
                return None

    def mail(self, recipient: str, words: str) -> Mail:
        """The same, which must come."""
        found = self.find(recipient, words)
        have = [(each.recipients, each.subject) for each in self.kept]
        assert found is not None, f"no mail to {recipient} matches {words!r}: {have}"
        return found

    def code(self, recipient: str) -> str:
        """The next enrolment code that somebody is sent."""
        return enrolment_code(self.mail(recipient, CODE.pattern).part("plain"))


CODE = re.compile(r"(?<!\d)(\d{4}) ?(\d{4})(?!\d)")
"""Eight digits, as people are shown them."""


def enrolment_code(text: str) -> str:
    """The eight digits that stand in it, once."""
    found = {"".join(each) for each in CODE.findall(text)}
    assert len(found) == 1, f"{len(found)} codes in {text!r}"
    return found.pop()


@dataclass
class Gate(Stage):
    """The stage, whose tenants have a rule each, and its mails."""

    post: Post | None

    @property
    def mails(self) -> Post:
        """Its mails."""
        assert self.post is not None
        return self.post

    def enrolled(self, name: str, tenant: str = "globex", roles: tuple[str, ...] = ()) -> Enrolled:
        """A newcomer who has added an app at the first sign-in, which the tenant requires."""
        return enrolled(self, self.newcomer(name, tenant, roles))


@contextmanager
def gate(
    binary: Path, login: str = "", mails: bool = True, more: str = "", tenants: dict[str, str] | None = None,
    members: tuple[Member, ...] = (),
) -> Iterator[Gate]:
    """A running installation with a tenant for each rule.

    `login` are keys of that section, `more` lines of gatehouse.yaml, and `tenants` whole lines of files in place of
    what they have here.
    """
    with prepared(binary, login, more, tenants) as site, mail_server() as server:
        if mails:
            post_to(site.configuration, server.port)
        with site.running() as running:
            made = [site.add(member) for member in members]
            yield Gate(
                site, running, {(each.tenant, each.email): each for each in made}, Post(server) if mails else None)


@contextmanager
def prepared(
    binary: Path, login: str = "", more: str = "", tenants: dict[str, str] | None = None
) -> Iterator[Installation]:
    """The same, before it runs; without mail."""
    with installation(binary, login) as site:
        for tenant, text in (TENANTS | (tenants or {})).items():
            hosts = "" if "hosts:" in text else f"hosts: [ {tenant}.example.org ]\n"
            (site.folder / f"tenants/{tenant}.yaml").write_text(f"id: {tenant}\n{hosts}{text}")
        text = site.configuration.read_text().replace("routes:\n", ROUTES, 1)
        site.configuration.write_text(text + more)
        yield site


def post_to(configuration: Path, port: int) -> None:
    """Adds `mail`."""
    line = f'mail: {{ smtp_url: "smtp://127.0.0.1:{port}", from: "no-reply@example.org" }}\n'
    configuration.write_text(configuration.read_text() + line)


# --- what they do ----------------------------------------------------------------------------------------------------


def path_of(form: Form) -> str:
    """Where a form goes, without its query."""
    return form.action.split("?")[0]


def a_form(page: Page, *fields: str, ends: str = "", without: tuple[str, ...] = ()) -> Form:
    """The page's one form with all these fields and none of the others."""
    found = [
        form for form in page.read.forms
        if all(form.has(each) for each in fields) and not any(form.has(each) for each in without)
        and path_of(form).endswith(ends)
    ]
    assert len(found) == 1, f"{len(found)} forms with {fields} on {page.status} {page.url}: {page.text[-6000:]}"
    return found[0]


def has_form(page: Page, *fields: str, ends: str = "") -> bool:
    """True where it has such a form."""
    return any(all(form.has(each) for each in fields) and path_of(form).endswith(ends) for form in page.read.forms)


def to_second_factor(visitor: Visitor, member: Member, target: str = "/app/start") -> Page:
    """The way in up to the page that asks for the second factor; no session is there yet."""
    page = visitor.try_sign_in(member.email, member.password, target)
    assert page.status == 200, f"no page after the password: {page.status} {page.header('Location')} {page.text[:2000]}"
    assert not has_session(visitor), "a session before the second factor"
    assert asks_for_second_factor(page), f"it asks for no second factor: {page.text[-4000:]}"
    return page


def asks_for_second_factor(page: Page) -> bool:
    """True for the page behind the password of a member who has one."""
    return has_form(page, ends="/login/recovery-code") or has_form(page, ends="/login/totp")


def has_session(visitor: Visitor) -> bool:
    """True where the browser holds a session's cookie of its host."""
    return bool(visitor.jar.value(visitor.host, SESSION))


def give_totp(visitor: Visitor, page: Page, code: str) -> Page:
    """The answer to a code of the app."""
    return _give(visitor, page, "/login/totp", code)


def give_recovery_code(visitor: Visitor, page: Page, code: str) -> Page:
    """The answer to a recovery code."""
    return _give(visitor, page, "/login/recovery-code", code)


def _give(visitor: Visitor, page: Page, address: str, code: str) -> Page:
    """Fills in the field for it, which the page shows behind a button where another way comes first."""
    if not has_form(page, "code", ends=address):
        page = visitor.submit(page, a_form(page, ends=address))
    return visitor.submit(page, a_form(page, "code", ends=address), code=code)


def sign_in(visitor: Visitor, member: Member, app: App, target: str = "/app/start") -> Page:
    """The whole way in by password and app; where it led to."""
    answer = give_totp(visitor, to_second_factor(visitor, member, target), app.code())
    assert answer.status == 303, f"the code did not do: {answer.status} {answer.text[:3000]}"
    return visitor.follow(answer)


def alerts(page: Page) -> str:
    """What the page says at `role=alert`."""
    return " ".join(re.sub(r"<[^>]+>", " ", each) for each in re.findall(
        r'role="alert"[^>]*>(.*?)</(?:p|div)>', page.text, re.DOTALL))


def refused(page: Page) -> str:
    """What a form that is shown again says against what was typed."""
    assert page.status == 422, f"{page.status} {page.header('Location')} {page.text[:2000]}"
    assert (said := alerts(page).strip()), f"it does not say what is wrong: {page.text[-4000:]}"
    return said


# --- enrolment -------------------------------------------------------------------------------------------------------


SECRET = re.compile(r"(?<![A-Z2-7])(?:[A-Z2-7]{4} ?){8}(?![A-Z2-7])")
"""160 bits as base32, in groups of four."""
RECOVERY = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b")
"""80 bits in Crockford's letters."""


def secret_on(page: Page) -> str:
    """The secret that the page shows to whoever types it into an app."""
    found = {each.replace(" ", "") for each in SECRET.findall(page.read.words)}
    assert len(found) == 1, f"{len(found)} secrets on {page.url}: {page.read.words}"
    return found.pop()


def recovery_codes_on(page: Page) -> list[str]:
    """The recovery codes that it shows, in their order."""
    return list(dict.fromkeys(RECOVERY.findall(page.read.words)))


def asks_for_enrolment_code(page: Page) -> bool:
    """True where it wants more than the password before a factor may be added."""
    asks = any(form.asks_for("code") and not form.has("name") for form in page.read.forms) or any(
        button.name == "send" for form in page.read.forms for button in form.buttons)
    return asks and not SECRET.search(page.read.words)


def to_enrolment_code(visitor: Visitor, page: Page) -> Page:
    """Asks for one by mail, unless one is on its way; the page with the field for it."""
    buttons = [(form, button) for form in page.read.forms for button in form.buttons if button.name == "send"]
    for form, button in buttons:
        if "another" not in button.words:
            return visitor.follow(visitor.submit(page, form, button.words))
    return page


def enrolment_code_form(page: Page) -> Form:
    """The form that takes the code that was mailed or printed."""
    found = [form for form in page.read.forms if form.asks_for("code") and not form.has("name")]
    assert len(found) == 1, f"{len(found)} such forms on {page.status} {page.url}: {page.text[-4000:]}"
    return found[0]


def give_enrolment_code(visitor: Visitor, page: Page, code: str) -> Page:
    """The answer to the code that was mailed or printed."""
    return visitor.follow(visitor.submit(page, enrolment_code_form(page), code=code))


def pass_enrolment_code(visitor: Visitor, gate: Gate, member: Member, page: Page) -> Page:
    """Asks for the code where that is needed, and gives the one that comes by mail."""
    if not asks_for_enrolment_code(page):
        return page
    page = to_enrolment_code(visitor, page)
    return give_enrolment_code(visitor, page, gate.mails.code(member.email))


def app_form(page: Page) -> Form:
    """The form that takes a new app's first code."""
    return a_form(page, "code", "name")


def add_app(visitor: Visitor, page: Page, name: str = "") -> tuple[App, Page]:
    """Reads the secret into a new app and gives its first code; the app and the page that follows."""
    app = App(secret_on(page))
    values = {"name": name} if name else {}
    return app, visitor.follow(visitor.submit(page, app_form(page), code=app.code(), **values))


def go_on(visitor: Visitor, page: Page) -> Page:
    """From the page with the recovery codes to where the way led."""
    return visitor.follow(leave_codes(visitor, page))


def leave_codes(visitor: Visitor, page: Page) -> Page:
    """The answer to what the page with the recovery codes leads on by: a form, or the first link."""
    onward = [form for form in page.read.forms if not form.has("sheet")]
    if onward:
        return visitor.submit(page, onward[-1])
    there = urlsplit(urljoin(page.url, page.read.links[0][0]))
    return visitor.get(there.path + (f"?{there.query}" if there.query else ""), host=there.hostname or "")


def to_enrolment(visitor: Visitor, gate: Gate, member: Member, target: str = "/app/start") -> Page:
    """The way in up to the page on which an app is added, with the code that is mailed."""
    page = visitor.try_sign_in(member.email, member.password, target)
    assert page.status == 200 and not has_session(visitor), f"{page.status} {page.header('Location')}"
    return pass_enrolment_code(visitor, gate, member, page)


def enrolled(gate: Gate, member: Member, target: str = "/app/start") -> Enrolled:
    """A member who adds an app at the sign-in and is in."""
    visitor = gate.visitor(f"{member.tenant}.example.org")
    app, shown = add_app(visitor, to_enrolment(visitor, gate, member, target))
    codes = recovery_codes_on(shown)
    assert len(codes) == 10, f"{len(codes)} recovery codes: {shown.status} {shown.text[-4000:]}"
    arrived = go_on(visitor, shown)
    assert arrived.status == 200 and has_session(visitor), f"{arrived.status} {arrived.url}"
    return Enrolled(member, app, codes, visitor)


# --- the account -----------------------------------------------------------------------------------------------------


def account_page(visitor: Visitor, page: Page, ending: str) -> Page:
    """Follows the account's first link that ends so; gives the password where it is asked for once more."""
    found = [target for target, _ in page.read.links if urlsplit(target).path.endswith(ending)]
    assert found, f"no link to {ending} on {page.url}: {page.read.links}"
    return visitor.open(found[0])


def add_in_account(gate: Gate, visitor: Visitor, member: Member, page: Page) -> tuple[App, list[str], Page]:
    """From the account's page of factors to a new app; the app, the recovery codes, and where it led to."""
    page = account_page(visitor, page, "/factors/app")
    app, shown = add_app(visitor, pass_enrolment_code(visitor, gate, member, page))
    codes = recovery_codes_on(shown)
    return app, codes, go_on(visitor, shown) if codes else shown


# --- what operators do, and time -------------------------------------------------------------------------------------


def reload_tenant(gate: Gate, tenant: str, rule: str = "", more: str = "") -> None:
    """Gives a tenant another rule (its first one where none is given) and further lines, and has the server read it."""
    file = gate.site.folder / f"tenants/{tenant}.yaml"
    kept = file.read_text().split("# added\n")[0]
    first = re.findall(r"(?m)^mfa:.*$", TENANTS[tenant])[0]
    kept = re.sub(r"(?m)^mfa:.*$", f"mfa: {rule}" if rule else first, kept)
    file.write_text(f"{kept}# added\n{more}\n" if more else kept)
    before = len(gate.server.events("reloaded"))
    gate.server.send_signal(signal.SIGHUP)
    gate.server.await_event("reloaded", before + 1)


def later(by: str) -> tuple[str, ...]:
    """A command's prefix that moves the clock of the day by so much; the one that never jumps stays, by which answers
    are held back."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    assert libraries, "Debian's package faketime is needed; deploy/test installs it"
    return (
        "env", f"LD_PRELOAD={libraries[0]}", f"FAKETIME={by}", "FAKETIME_SHARED=/none /none", "DONT_FAKE_MONOTONIC=1",
        "FAKETIME_DONT_FAKE_MONOTONIC=1")
