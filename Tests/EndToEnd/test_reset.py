"""Forgotten passwords: the mail that a real server receives, the link in it, and what whoever asks learns (nothing)."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.browser import chromium
from support.installation import ACME, MIA, SHARED, BEA, BEA_AT_GLOBEX, Member, installation
from support.mail_server import Mail, MailServer, mail_server
from support.promises import await_effect
from support.stage import Stage
from support.visitor import PUBLIC_PORT, Page, Visitor, blanked, comparable

REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")
SESSION = "__Host-gatehouse"
NEW_PASSWORD, OTHER_PASSWORD = "Nine-Kestrels_6-Supper", "Five-Curlews_8-Brunch"
FORGOT = "/.gatehouse/password/forgot"
NOBODY = "nobody.atall@acme.example"
TIMED = 24
"""Requests whose time is taken, for each address."""


@dataclass
class Post:
    """A running gateway whose mails arrive."""

    stage: Stage
    server: MailServer

    def mail_to(self, recipient: str, kind: str) -> Mail:
        """The next mail to somebody whose link leads there, or whose subject says so; others are put aside."""
        while True:
            mail = self.server.next()
            if mail.recipients == (recipient,) and (kind in mail.subject or any(kind in link for link in mail.links)):
                return mail


@pytest.fixture(scope="module")
def post(binary: Path) -> Iterator[Post]:
    """One installation for every walk of this file; its buckets are wide, since all ask from few addresses."""
    with installation(binary, "throttle: { reset: { requests: 1000, per: 1h, requests_per_account: 6 } }") as site:
        with mail_server() as server:
            text = site.configuration.read_text()
            site.configuration.write_text(
                f'{text}mail: {{ smtp_url: "smtp://127.0.0.1:{server.port}", from: "no-reply@example.org" }}\n')
            with site.running() as running:
                made = [site.add(member) for member in (MIA, BEA, BEA_AT_GLOBEX)]
                yield Post(Stage(site, running, {(each.tenant, each.email): each for each in made}), server)


def ask(visitor: Visitor, email: str) -> Page:
    """From the sign-in's second step to the answer of the page for those who forgot."""
    step = visitor.to_password(email)
    target, = [target for target, _ in step.read.links if urlsplit(target).path == FORGOT]
    page = visitor.open(target)
    return visitor.submit(page, page.form("email"), email=email)


def link_of(mail: Mail) -> str:
    """Path and query of the link, which leads to acme's own host."""
    link, = [each for each in mail.links if "/password/reset" in each or "/invitation" in each]
    there = urlsplit(link)
    assert (there.scheme, there.hostname, there.port) == ("https", ACME, PUBLIC_PORT), link
    return f"{there.path}?{there.query}"


def set_password(visitor: Visitor, page: Page, password: str = NEW_PASSWORD) -> Page:
    """Fills in the only field that is empty."""
    return visitor.submit(page, page.form("password"), password=password)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_forgotten_password_is_set_anew(post: Post, language: str) -> None:
    """Asked for, mailed, set by the link; no session begins by it, and every session before it has ended."""
    member = post.stage.newcomer(f"fay-forgot-{language}")
    signed_in = post.stage.signed_in(member)
    visitor = post.stage.visitor(language=language)
    answer = ask(visitor, member.email)
    assert answer.status == 200 and answer.read.language == language
    link = link_of(post.mail_to(member.email, "/password/reset"))
    for _ in range(2):
        assert post.stage.visitor().get(link).status == 200
    page = visitor.open(link)
    assert member.email in page.text and page.read.language == language
    assert signed_in.is_signed_in, "showing ends nothing"
    done = set_password(visitor, page)
    assert done.status == 303
    assert not visitor.jar.value(ACME, SESSION), "a reset signs nobody in"
    await_effect(lambda: not signed_in.is_signed_in, "sessions end with a reset")
    assert visitor.follow(done).asks_for("email")
    visitor.sign_in(member.email, NEW_PASSWORD)
    told = post.mail_to(member.email, "assword" if language == "en" else "asswort")
    assert visitor.address in told.part("plain"), "the owner hears from where"
    assert post.stage.visitor().get(link).status == 410


def test_a_newer_link_ends_the_older_one_and_a_change_ends_both(post: Post) -> None:
    """The second mail's link works, the first one's does not; an operator's new password ends it too."""
    member = post.stage.newcomer("nick-newer")
    links = []
    for _ in range(2):
        ask(post.stage.visitor(), member.email)
        links.append(link_of(post.mail_to(member.email, "/password/reset")))
    assert post.stage.visitor().get(links[0]).status == 410
    assert post.stage.visitor().get(links[1]).status == 200
    post.stage.site.done(
        "user", "set-password", "--tenant", "acme", member.email, "--password-stdin", stdin=OTHER_PASSWORD + "\n")
    assert post.stage.visitor().get(links[1]).status == 410


def test_nobody_learns_who_has_an_account(post: Post) -> None:
    """Member, nobody, disabled, invited: the same page and headers; and a mail to the member alone."""
    disabled = post.stage.newcomer("dan-disabled")
    post.stage.site.done("user", "disable", "--tenant", "acme", disabled.email)
    invited = "ivy.invited@acme.example"
    post.stage.site.done(
        "user", "create", "--tenant", "acme", "--email", invited, "--name", "Ivy", "--invite")
    assert "Acme GmbH" in post.mail_to(invited, "/invitation").part("plain")
    answers = []
    for email in (disabled.email, invited, NOBODY, MIA.email):
        page = ask(post.stage.visitor(), email)
        answers.append((page.status, comparable(page), blanked(page, email)))
    assert answers.count(answers[0]) == len(answers)
    # The last one's mail comes, so those before have been looked after.
    assert post.server.next().recipients == (MIA.email,)


def test_asking_takes_as_long_for_anybody(post: Post) -> None:
    """The answer leaves before the look-up: medians of both are near each other."""
    visitor = post.stage.visitor()
    page = visitor.open(FORGOT)
    times: dict[str, list[float]] = {MIA.email: [], NOBODY: []}
    for _ in range(TIMED):
        for email, taken in times.items():
            visitor.address = post.stage.visitor().address
            begin = time.perf_counter()
            assert visitor.submit(page, page.form("email"), email=email).status == 200
            taken.append(time.perf_counter() - begin)
    medians = [statistics.median(taken) for taken in times.values()]
    assert max(medians) < 2 * min(medians) + 0.05, medians


def test_a_member_is_sent_so_many_mails_and_no_more(post: Post) -> None:
    """Whoever asks; and the last link works."""
    member = post.stage.newcomer("moira-mailed")
    for _ in range(8):
        assert ask(post.stage.visitor(), member.email).status == 200
    other = post.stage.newcomer("oona-other")
    ask(post.stage.visitor(), other.email)
    links = []
    while (mail := post.server.next()).recipients != (other.email,):
        if mail.recipients == (member.email,):
            links.append(link_of(mail))
    assert len(links) == 6
    assert post.stage.visitor().get(links[-1]).status == 200
    kinds = {str(each["kind"]) for each in post.stage.site.listed("throttle", "list")}
    assert {"reset", "reset-mail"} <= kinds


def test_an_invitation_comes_by_mail(post: Post) -> None:
    """`user create --invite` prints the id alone, and the mail brings the link."""
    email = "ada.arrives@acme.example"
    said = post.stage.site.done(
        "user", "create", "--tenant", "acme", "--email", email, "--name", "Ada", "--invite", "--language", "de")
    assert len(said.split()) == 1
    mail = post.mail_to(email, "/invitation")
    visitor = post.stage.visitor(language="de")
    assert set_password(visitor, visitor.open(link_of(mail))).status == 303
    visitor.sign_in(email, NEW_PASSWORD)


def test_on_a_shared_host_each_tenant_of_the_address_sends_its_own(post: Post) -> None:
    """Bea is a member of two tenants: two mails, each with a link to that tenant's own host."""
    assert ask(post.stage.visitor(SHARED), BEA.email).status == 200
    hosts = {urlsplit(post.mail_to(BEA.email, "/password/reset").links[0]).hostname for _ in range(2)}
    assert hosts == {ACME, "globex.example.org"}


@pytest.mark.parametrize("how", ["en", "de", "en without scripts"])
def test_in_a_browser(post: Post, how: str) -> None:
    """Chromium walks it, with scripts and without: forgot, mail, link, sign in."""
    language, _, without = how.partition(" ")
    member = Member("acme", f"bruno-{how.replace(' ', '-')}@acme.example", "Bruno Browser")
    member = post.stage.site.add(member)
    chain = post.stage.site.folder / "tls/chain.pem"
    with chromium(post.stage.server.port, chain, language, scripts=not without) as browser:

        def drawn(name: str) -> list[str]:
            return [] if without else browser.drawn(name, REPORTS)

        browser.open(ACME, "/app/start")
        browser.type_and_enter("email", member.email)
        browser.driver.find_element("css selector", f"a[href^='{FORGOT}']").click()
        browser.field("email")
        faults = drawn("reset-1-forgotten")
        browser.type_and_enter("email", member.email)
        assert "30" in browser.text
        faults += drawn("reset-2-sent")
        browser.open(ACME, link_of(post.mail_to(member.email, "/password/reset")))
        faults += drawn("reset-3-link")
        browser.type_and_enter("password", NEW_PASSWORD)
        assert browser.driver.find_element("css selector", "[role=status]").is_displayed()
        faults += drawn("reset-4-done")
        assert faults == []
        browser.sign_in(ACME, member.email, NEW_PASSWORD)
        assert member.name in browser.text
        assert browser.complaints() == []
