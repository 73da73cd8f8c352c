"""Mails, received by a real mail server: what they say, over what, and what happens where the server does not take them.

`GATEHOUSE_GUESSES` (120 unless given) is how many wrong passwords are tried from as many loopback addresses.
Where `GATEHOUSE_REPORTS` names a folder, each mail's HTML is written to `mails` there.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest

from support.fences import example
from support.html_forms import read_page
from support.installation import ACME, ADA, MIA, Installation, Member, installation
from support.mail_server import PASSWORD, USERNAME, Mail, free_port, mail_server
from support.running import Running, await_that
from support.visitor import AGENT, PUBLIC_PORT

REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")
GUESSES = int(os.environ.get("GATEHOUSE_GUESSES", "120"))
WRONG_PASSWORD = "Wrong-Herons_4-Breakfast"
FROM = "Example Gate <no-reply@example.org>"
FIRST_DELAY_SECONDS = 15.0
PATIENCE_SECONDS = 60.0


def configure(site: Installation, port: int, more: str = "", scheme: str = "smtp", host: str = "127.0.0.1") -> None:
    """Adds `mail` to the configuration, in place of what was there."""
    text = re.sub(r"(?m)^mail:.*\n", "", site.configuration.read_text())
    keys = f'smtp_url: "{scheme}://{host}:{port}", from: "{FROM}"' + (f", {more}" if more else "")
    site.configuration.write_text(text + f"mail: {{ {keys} }}\n")


def sign_in_from_unknown_browser(site: Installation, server: Running, member: Member) -> str:
    """The address that the sign-in came from."""
    visitor = site.visitor(server)
    visitor.sign_in(member.email, member.password)
    return visitor.address


def greet(site: Installation, server: Running, member: Member) -> None:
    """The first sign-in of a member, of which nobody is told."""
    site.visitor(server).sign_in(member.email, member.password)


def wait_for_metric(server: Running, name: str, value: float) -> None:
    """Waits until a metric has this value."""
    await_that(lambda: server.metric(name) == value, f"{name} is {value}")


def check(server: Running, probe: str) -> tuple[int, dict[str, str]]:
    """The status of a probe, and what its check `mail` says."""
    status, text = server.operations(probe)
    return status, json.loads(text)["checks"]["mail"]


def log_lines(site: Installation, event: str) -> list[dict[str, str]]:
    """What the log says of an event, all runs together."""
    texts = [file.read_text() for file in sorted(site.folder.glob("gatehouse*.log"))]
    lines = [json.loads(line) for text in texts for line in text.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == event]


def judge_form(mail: Mail, member: Member) -> None:
    """What every mail has."""
    message = mail.message
    assert mail.sender == "no-reply@example.org" and mail.recipients == (member.email,)
    assert message["From"] == FROM and message["To"] == member.email
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@example.org>")
    assert message["Date"].datetime.tzinfo is not None
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert not message.defects and not any(part.defects for part in message.iter_parts())
    if REPORTS:
        folder = Path(REPORTS) / "mails"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{re.sub('[^a-z]+', '-', mail.subject.lower())}.html").write_text(mail.part("html"))
    for link in mail.links:
        assert link.startswith(f"https://{ACME}:{PUBLIC_PORT}/.gatehouse/")
        assert link.replace("&", "&amp;") in mail.part("html")


def test_the_example_of_the_documentation_is_good_as_it_stands(binary: Path) -> None:
    """`mail:` of Operations.md."""
    with installation(binary) as site:
        site.configuration.write_text(site.configuration.read_text() + example("Operations.md", "mail:").text + "\n")
        refused = site.command("check")
        assert refused.returncode == 78 and "mail.password_file" in refused.stderr + refused.stdout
        (site.folder / "keys/mail-password").write_text(PASSWORD + "\n")
        (site.folder / "keys/mail-password").chmod(0o600)
        checked = site.done("check")
        assert ": ok " in checked and "warning" not in checked, checked


def test_a_sign_in_from_an_unknown_browser_is_mailed_over_starttls_with_a_password(binary: Path) -> None:
    """In German, which the member reads, with the browser's name and address; the first sign-in and known browsers are
    not told of."""
    with installation(binary) as site:
        site.add(MIA)
        with mail_server(tls="starttls", folder=site.folder, authority=site.authority, asks_who=True) as post:
            (site.folder / "mail-password").write_text(PASSWORD + "\n")
            (site.folder / "mail-password").chmod(0o600)
            configure(
                site, post.port, "starttls: required, ca_file: tls/authority.pem, "
                f"username: {USERNAME}, password_file: mail-password", host="localhost")
            with site.running() as server:
                known = site.visitor(server, language="de")
                known.sign_in(MIA.email, MIA.password)
                known.jar.drop(ACME, "__Host-gatehouse")
                known.sign_in(MIA.email, MIA.password)
                address = sign_in_from_unknown_browser(site, server, MIA)
                mail = post.next()
                judge_form(mail, MIA)
                assert mail.over_tls
                assert mail.subject == "Neue Anmeldung an Ihrem Konto bei Acme GmbH"
                assert f"Netzwerkadresse: {address}\n" in mail.part("plain")
                assert f"Browser: {AGENT.split('/')[0]}" in mail.part("plain")
                assert mail.links == [f"https://{ACME}:{PUBLIC_PORT}/.gatehouse/password/forgot"]
                assert mail.message["Content-Language"] == "de"
                assert post.none_for(2), "one mail for one unknown browser"
                wait_for_metric(server, 'gatehouse_mails_total{outcome="sent"}', 1)
                wait_for_metric(server, "gatehouse_mail_waiting", 0)
            sent, = log_lines(site, "mail-sent")
            assert (sent["recipient"], sent["tenant"], sent["mail_kind"]) == ("m…@acme.example", "acme", "new-sign-in")


def test_a_password_that_the_operator_sets_is_mailed_also_where_no_server_ran(binary: Path) -> None:
    """In English, over TLS from the first byte; the command in its own process leaves it for the next server."""
    with installation(binary) as site:
        site.add(MIA)
        with mail_server(tls="implicit", folder=site.folder, authority=site.authority) as post:
            configure(site, post.port, "ca_file: tls/authority.pem", scheme="smtps", host="localhost")
            arguments = ("user", "set-password", "--tenant", "acme", MIA.email, "--password-stdin")
            site.done(*arguments, stdin="Twelve-Magpies_7-Ladders\n")
            with site.running() as server:
                first = post.next()
                judge_form(first, MIA)
                assert first.over_tls and first.message["Content-Language"] == "en"
                assert first.subject == "Your password for Acme GmbH was changed"
                assert "Whoever administers Acme GmbH" in first.part("plain")
                site.done(*arguments, stdin="Thirteen-Magpies_8-Ladders\n")
                second = post.next()
                assert second.subject == first.subject
                assert second.message["Message-ID"] != first.message["Message-ID"]
                wait_for_metric(server, 'gatehouse_mails_total{outcome="sent"}', 2)


def test_a_mail_server_that_is_down_stops_nobody_and_gets_its_mails_when_it_is_back(binary: Path) -> None:
    """Also over a restart in between; readiness stays, and health says what is the matter."""
    with installation(binary) as site:
        site.add(MIA)
        port = free_port()
        configure(site, port)
        with site.running() as server:
            greet(site, server, MIA)
            sign_in_from_unknown_browser(site, server, MIA)
            await_that(lambda: check(server, "/healthz")[0] == 503, "health notices")
            assert "no mail leaves" in check(server, "/healthz")[1]["detail"]
            status, mail = check(server, "/readyz")
            assert status == 200 and "no mail leaves" in mail["detail"], "a mail server is no reason to leave"
            sign_in_from_unknown_browser(site, server, MIA)
            wait_for_metric(server, "gatehouse_mail_waiting", 2)
        with site.running() as server:
            wait_for_metric(server, "gatehouse_mail_waiting", 2)
            with mail_server(port=port) as post:
                for _ in range(2):
                    judge_form(post.next(), MIA)
                wait_for_metric(server, "gatehouse_mail_waiting", 0)
                assert check(server, "/healthz")[1]["status"] == "ok"
                assert post.none_for(2), "nothing is sent twice"
        assert log_lines(site, "mail-failing") and log_lines(site, "mail-working")


def test_a_mail_that_is_put_off_is_tried_again_and_one_that_is_refused_is_given_up(binary: Path) -> None:
    """451 for the recipient or for the mail: later; 550: never, and the log and the audit say so."""
    with installation(binary) as site, mail_server() as post:
        site.add(MIA)
        configure(site, post.port)
        with site.running() as server:
            greet(site, server, MIA)
            post.to_recipients += ["451 4.7.1 <mia.member@acme.example> greylisted"]
            begin = time.monotonic()
            sign_in_from_unknown_browser(site, server, MIA)
            post.next()
            assert time.monotonic() - begin > FIRST_DELAY_SECONDS - 1
            assert post.attempts == 2
            post.to_mails += ["554 5.7.1 spam"]
            sign_in_from_unknown_browser(site, server, MIA)
            wait_for_metric(server, 'gatehouse_mails_total{outcome="given-up"}', 1)
            post.to_recipients += ["550 5.1.1 no such user"]
            sign_in_from_unknown_browser(site, server, MIA)
            wait_for_metric(server, 'gatehouse_mails_total{outcome="given-up"}', 2)
            wait_for_metric(server, "gatehouse_mail_waiting", 0)
            assert post.none_for(1)
        deferred, = log_lines(site, "mail-deferred")
        assert deferred["recipient"] == "m…@acme.example" and "451" not in deferred["recipient"]
        assert MIA.email not in json.dumps(log_lines(site, "mail-deferred") + log_lines(site, "mail-given-up"))
        assert [line["message"].split(": ")[1] for line in log_lines(site, "mail-given-up")] == [
            "554 5.7.1 spam", "550 5.1.1 no such user"]


@pytest.mark.parametrize("tls", ["none", "starttls"])
def test_nothing_is_sent_to_a_server_that_does_not_turn_to_a_tls_that_verifies(binary: Path, tls: str) -> None:
    """No STARTTLS where it is required, and a certificate of an authority that is not ours: the mail waits."""
    with installation(binary) as site:
        site.add(MIA)
        with mail_server(tls=tls, folder=site.folder, authority=site.authority) as post:
            configure(site, post.port, "starttls: required", host="localhost")
            with site.running() as server:
                greet(site, server, MIA)
                sign_in_from_unknown_browser(site, server, MIA)
                wait_for_metric(server, "gatehouse_mail_waiting", 1)
                words = server.await_event("mail-failing")["message"]
                assert ("certificate" in words) == (tls == "starttls"), words
                assert post.attempts == 0 and post.none_for(1)
                # Mended and reloaded: it goes.
                if tls == "starttls":
                    configure(site, post.port, "starttls: required, ca_file: tls/authority.pem", host="localhost")
                    server.send_signal(signal.SIGHUP)
                    judge_form(post.next(), MIA)


def test_the_doctor_greets_the_mail_server(binary: Path) -> None:
    """It passes where a mail would be taken, and fails where none would."""
    with installation(binary) as site:
        with mail_server(tls="starttls", folder=site.folder, authority=site.authority, asks_who=True) as post:
            keys = f"starttls: required, ca_file: tls/authority.pem, username: {USERNAME}"
            configure(site, post.port, f"{keys}, password: {PASSWORD}", host="localhost")
            with site.running() as server:
                assert seen_by_doctor(site, server)["verdict"] == "pass"
                assert "over TLS 1.3" in seen_by_doctor(site, server)["seen"]
                configure(site, post.port, f"{keys}, password: wrong", host="localhost")
                wrong = seen_by_doctor(site, server)
                assert wrong["verdict"] == "fail" and "535" in wrong["seen"], wrong
                assert post.attempts == 0
        with site.running() as server:
            assert seen_by_doctor(site, server)["verdict"] == "fail"


def seen_by_doctor(site: Installation, server: Running) -> dict[str, str]:
    """What the check `mail` found."""
    said = site.command(
        "doctor", "--url", f"https://{ACME}:{server.port}/", "--resolve", f"{ACME}:{server.port}:127.0.0.1",
        "--ca-file", str(site.authority.file), "--json")
    found: dict[str, str] = next(check for check in json.loads(said.stdout)["checks"] if check["name"] == "mail")
    return found


def guess(site: Installation, port: int, number: int) -> int:
    """A wrong password for one account, from a loopback address of its own; the status."""
    source = f"127.{1 + number // 250 // 250}.{number // 250 % 250}.{number % 250 + 1}"
    context = ssl.create_default_context(cafile=str(site.authority.file))
    plain = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS, (source, 0))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    with plain, context.wrap_socket(plain, server_hostname=ACME) as connection.sock:
        fields = {"Host": f"{ACME}:{PUBLIC_PORT}", "Accept": "text/html", "User-Agent": "hydra"}
        connection.request("GET", "/.gatehouse/login", headers=fields)
        with connection.getresponse() as response:
            cookie = (response.getheader("Set-Cookie") or "").split(";")[0]
            form = read_page(response.read().decode()).forms[0]
        body = urlencode(dict(form.filled("", email=MIA.email)) | {"password": WRONG_PASSWORD})
        fields |= {
            "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"https://{ACME}:{PUBLIC_PORT}"}
        connection.request("POST", "/.gatehouse/login", body=body, headers=fields)
        with connection.getresponse() as response:
            response.read()
            return response.status


def guess_until_heard(site: Installation, port: int, number: int) -> int:
    """The same, again while more guesses wait than are hashed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (status := guess(site, port, number)) == 503 and time.monotonic() < deadline:
        time.sleep(0.25)
    return status


def test_guessing_one_account_from_many_addresses_is_mailed_to_the_administrators_once(binary: Path) -> None:
    """The account is safe, the member's own browser still gets in, and one mail tells of all of it."""
    login = "throttle: { per_account: { failures: 20, per: 1h, slowdown: 1s } }"
    with installation(binary, login) as site, mail_server() as post:
        site.add(MIA)
        site.add(ADA)
        configure(site, post.port)
        with site.running() as server:
            known = site.visitor(server)
            known.sign_in(MIA.email, MIA.password)
            known.jar.drop(ACME, "__Host-gatehouse")
            with ThreadPoolExecutor(24) as pool:
                answers = list(pool.map(lambda number: guess_until_heard(site, server.port, number), range(GUESSES)))
            assert set(answers) <= {422, 429} and answers.count(422) > 20, answers
            mail = post.next()
            judge_form(mail, ADA)
            assert mail.subject == "Failed sign-ins at Acme GmbH: a password is being guessed"
            assert f"Account: {MIA.email}\n" in mail.part("plain")
            known.sign_in(MIA.email, MIA.password)
            assert known.is_signed_in
            for number in range(5):
                guess(site, server.port, number)
            assert post.none_for(8), "once an hour, whatever goes on"
        # Also after a restart.
        with site.running() as server:
            for number in range(30):
                guess(site, server.port, number)
            assert post.none_for(8)


def test_an_address_that_is_shut_out_is_mailed_to_the_administrators(binary: Path) -> None:
    """With the address and how many accounts it tried."""
    login = "throttle: { per_address: { failures: 6, per: 1h } }"
    with installation(binary, login) as site, mail_server() as post:
        site.add(MIA)
        site.add(ADA)
        configure(site, post.port, "language: de")
        with site.running() as server:
            visitor = site.visitor(server)
            for number in range(6):
                assert visitor.try_sign_in((MIA, ADA)[number % 2].email, WRONG_PASSWORD).status == 422
            assert visitor.try_sign_in(MIA.email, WRONG_PASSWORD).status == 429
            mail = post.next()
            judge_form(mail, ADA)
            assert mail.subject == "Fehlgeschlagene Anmeldungen bei Acme GmbH: eine Adresse ist gesperrt"
            assert f"Adresse: {visitor.address}\n" in mail.part("plain")
            assert "Betroffene Konten: 2\n" in mail.part("plain")


def test_without_mail_nothing_waits(binary: Path) -> None:
    """And health says that none is sent."""
    with installation(binary) as site:
        site.add(MIA)
        with site.running() as server:
            greet(site, server, MIA)
            sign_in_from_unknown_browser(site, server, MIA)
            assert server.metric("gatehouse_mail_waiting") == 0
            assert check(server, "/healthz")[1]["detail"] == "not configured: no mail is sent"

