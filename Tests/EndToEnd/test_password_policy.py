"""What a password must be: through `user create`, `user set-password` and `password check`, with and without a server."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pty
import re
import ssl
import subprocess
import termios
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from support.installation import Installation, Member, installation
from support.running import Running, await_that

DONE, USAGE, BAD_DATA, BAD_CONFIGURATION = 0, 64, 65, 78
GOOD, OTHER, STOLEN = "Nine-Lanterns_2-Harbour", "Four-Bridges_7-Meadow", "Stolen-Lanterns_8-Quay"
ERIKA = Member("initech", "erika.stone@mail.initech.example", "Erika Stone")


def digits(password: str) -> str:
    """The hash that files and services name a password by."""
    return hashlib.sha1(password.encode()).hexdigest().upper()


def made(site: Installation, name: str, email: str, password: str | bytes) -> subprocess.CompletedProcess[bytes]:
    """`user create`, whatever comes of it."""
    return subprocess.run(
        [str(site.binary), "user", "create", "--tenant", "initech", "--email", email, "--name", name,
         "--password-stdin", "--config", str(site.configuration)],
        cwd=site.folder, env=site.environment, input=password if isinstance(password, bytes) else password.encode(),
        capture_output=True, timeout=60, check=False)


@contextlib.contextmanager
def company(binary: Path, login: str = "") -> Iterator[Installation]:
    """An installation with the tenant Initech."""
    with installation(binary, login) as site:
        site.done("tenant", "create", "initech", "--name", "Initech Printers", "--host", "portal.example.org")
        yield site


@pytest.fixture(scope="module")
def site(binary: Path) -> Iterator[Installation]:
    """Nothing runs."""
    with company(binary) as made_site:
        yield made_site


@pytest.fixture(scope="module")
def served(binary: Path) -> Iterator[tuple[Installation, Running]]:
    """The server runs; Erika has a password."""
    with company(binary) as made_site, made_site.running() as server:
        made_site.done(
            "user", "create", "--tenant", "initech", "--email", ERIKA.email, "--name", ERIKA.name, "--password-stdin",
            stdin=GOOD)
        yield made_site, server


# --- each rule, where a password is set -----------------------------------------------------------------------------

REFUSED = [
    ("Short-Hero4", ["too short", "12 characters"]), ("nine-lanterns_2-harbour", ["no capital letter"]),
    ("NINE-LANTERNS_2-HARBOUR", ["no small letter"]), ("Nine-Lanterns_B-Harbour", ["no digit"]),
    ("NineLanterns2Harbour", ["no special character"]), ("Nine---Lanterns_2-Harbour", ["three times in a row"]),
    ("P@ssw0rd!2026", ["10,000 most common"]), ("Sunsh1ne--2026", ["10,000 most common"]),
    ("Ph0ebe-Lanterns_2", ["name"]), ("Buffay_2-Harbour", ["name"]), ("Printers-are-2-much", ["organisation"]),
    ("P0rtal-Lanterns_2", ["organisation"]), ("abc", ["too short", "no capital letter", "no digit", "no special"]),
]


@pytest.mark.parametrize(("password", "words"), REFUSED, ids=[password for password, _ in REFUSED])
def test_each_broken_rule_is_named_and_nobody_is_made(
    site: Installation, password: str, words: list[str]
) -> None:
    """Exit 65, the words of every rule that is broken, and the password in none of them."""
    ended = made(site, "Phoebe Buffay", "phoebe@initech.example", password)
    said = ended.stderr.decode()
    assert ended.returncode == BAD_DATA, said
    for word in words:
        assert word in said, said
    assert password not in said + ended.stdout.decode()
    assert site.listed("user", "list", "--tenant", "initech") == []


def test_bad_bytes_are_refused_in_words_and_any_script_is_a_password(binary: Path) -> None:
    """1 MiB, NUL, lone surrogates, cut UTF-8; then combining marks, Han, emoji and 128 characters."""
    with company(binary) as site:
        for number, (octets, words) in enumerate([
            (b"x" * (1 << 20), b"more bytes"), (GOOD.encode() + b"\0x", b"control character"),
            (GOOD.encode() + b"\xed\xa0\x80", b"UTF-8"), (GOOD.encode() + b"\xe2\x82", b"UTF-8"),
            (b"", b"empty"), ((GOOD + "\n" + GOOD).encode(), b"more than one line"),
        ]):
            ended = made(site, "N N", f"bad{number}@initech.example", octets)
            assert ended.returncode == BAD_DATA and words in ended.stderr, (octets[:40], ended.stderr)
        for number, text in enumerate([
            "Cafe\u0301-Lanterns_2\u0323x", "中文密码-Lanterns_2", "\U0001f511\U0001f6aa-Lanterns_2", "Aa2-" + "xy" * 62,
            "Aa2-" + "\U0001d160z" * 62, "Straße-und-Gärten_2",
        ]):
            ended = made(site, "N N", f"good{number}@initech.example", text)
            assert ended.returncode == DONE, (text, ended.stderr)
            assert len(text) >= 12


def test_a_password_is_the_same_from_every_keyboard(served: tuple[Installation, Running]) -> None:
    """Set decomposed, proved composed."""
    site, server = served
    ended = made(site, "Noe\u0308l", "noel@initech.example", "Cafe\u0301-Lanterns_2-O\u0308l")
    assert ended.returncode == DONE, ended.stderr
    visitor = site.visitor(server, "portal.example.org")
    assert visitor.try_sign_in("noel@initech.example", "Café-Lanterns_2-Öl").status in (302, 303)


def test_own_passwords_do_not_come_back_and_logins_are_not_judged(binary: Path) -> None:
    """The current one and five before it; with stricter rules an old one still signs in."""
    with company(binary, "password: { history: 2 }") as site:
        site.done(
            "user", "create", "--tenant", "initech", "--email", ERIKA.email, "--name", ERIKA.name, "--password-stdin",
            stdin=GOOD)

        def sets(password: str) -> subprocess.CompletedProcess[str]:
            return site.command(
                "user", "set-password", "--tenant", "initech", ERIKA.email, "--password-stdin", stdin=password)

        first, *others = [f"{OTHER}-{number}" for number in "137"]
        for password in (first, *others):
            assert sets(GOOD).returncode == BAD_DATA
            assert sets(password).returncode == DONE
        for password in (first, *others):
            refused = sets(password)
            assert refused.returncode == BAD_DATA and "last 3" in refused.stderr, refused.stderr
        assert sets(GOOD).returncode == DONE, "four changes ago"
        stricter = site.configuration.read_text().replace("history: 2", "minimum_length: 60")
        site.configuration.write_text(stricter)
        with site.running() as server:
            visitor = site.visitor(server, "portal.example.org")
            assert visitor.try_sign_in(ERIKA.email, GOOD).status in (302, 303)


# --- gatehouse password check ---------------------------------------------------------------------------------------


def test_a_check_says_of_each_rule_whether_it_is_kept(site: Installation) -> None:
    """Without a tenant from the configuration alone, with one as its members meet it."""
    good = site.command("password", "check", stdin=GOOD)
    assert good.returncode == DONE, good.stderr
    assert re.search(r"^kept +minimum-length +at least 12 characters$", good.stdout, re.MULTILINE)
    assert good.stdout.endswith("accepted; strength 4 of 4\n")
    bad = site.command("password", "check", stdin="P@ssw0rd!2026\n")
    assert bad.returncode == BAD_DATA
    assert re.search(r"^broken +common +The password is one of the 10,000", bad.stdout, re.MULTILINE)
    assert re.search(r"^kept +digit ", bad.stdout, re.MULTILINE)
    assert "refused; strength 0 of 4" in bad.stdout
    ours = "Printers_2-Harbour"
    assert site.command("password", "check", stdin=ours).returncode == DONE
    assert site.command("password", "check", "--tenant", "initech", stdin=ours).returncode == BAD_DATA
    named = site.command("password", "check", "--name", "Zoë Harbour", stdin=GOOD)
    assert named.returncode == BAD_DATA and "personal-data" in named.stdout
    said = json.loads(site.command("password", "check", "--tenant", "initech", "--json", stdin=ours).stdout)
    assert not said["accepted"]
    assert [each["rule"] for each in said["rules"] if each["outcome"] == "broken"] == ["personal-data"]
    for argument in (GOOD, f"--password={GOOD}"):
        assert site.command("password", "check", argument).returncode == USAGE
    assert site.command("password", "check", "--tenant", "none", stdin=GOOD).returncode == BAD_DATA
    assert site.command("password", "check", stdin="").returncode == BAD_DATA


def test_a_check_beside_the_server_compares_former_passwords(served: tuple[Installation, Running]) -> None:
    """And changes nothing."""
    site, _ = served
    own = site.command("password", "check", "--tenant", "initech", "--email", ERIKA.email, stdin=GOOD)
    assert own.returncode == BAD_DATA and "last 6" in own.stdout, own.stdout + own.stderr
    fresh = site.command("password", "check", "--tenant", "initech", "--email", ERIKA.email, stdin=OTHER)
    assert fresh.returncode == DONE, fresh.stdout + fresh.stderr


def test_a_terminal_does_not_show_what_is_typed(site: Installation) -> None:
    """The password is typed into a terminal; only the rules come out of it."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [str(site.binary), "password", "check", "--config", str(site.configuration)], stdin=theirs, stdout=theirs,
        stderr=theirs, env=site.environment, start_new_session=True)
    # Typed when the program has turned the echo off: a terminal forgets what came before that.
    await_that(lambda: not termios.tcgetattr(theirs)[3] & termios.ECHO, "the echo is off")
    os.write(ours, f"{GOOD}\n".encode())
    assert process.wait(60) == DONE
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):
        while block := os.read(ours, 4096):
            shown += block
    os.close(ours)
    assert b"accepted" in shown and GOOD.encode() not in shown


# --- passwords that were stolen elsewhere ---------------------------------------------------------------------------


def hashes(*passwords: str) -> str:
    """A file as the downloader writes it: these among a thousand others."""
    others = [digits(f"other {number}") for number in range(1000)]
    return "".join(f"{each}:{len(each)}\r\n" for each in sorted([*others, *map(digits, passwords)]))


def test_a_file_of_stolen_passwords_refuses_them_and_may_be_replaced(binary: Path) -> None:
    """Found by `user create` beside the server; another file counts at once; its faults are told by `check`."""
    with company(binary) as site:
        (site.folder / "hashes.txt").write_text(hashes(STOLEN))
        site.configuration.write_text(site.configuration.read_text().replace(
            "login: {", "login: { password: { breach_check: { file: hashes.txt } }, "))
        assert site.command("check").returncode == DONE
        with site.running() as server:
            refused = made(site, "N N", "a@initech.example", STOLEN)
            assert refused.returncode == BAD_DATA and b"stolen from another site" in refused.stderr, refused.stderr
            assert made(site, "N N", "a@initech.example", GOOD).returncode == DONE
            (site.folder / "new").write_text(hashes(OTHER))
            (site.folder / "new").rename(site.folder / "hashes.txt")
            assert made(site, "N N", "b@initech.example", OTHER).returncode == BAD_DATA
            assert made(site, "N N", "b@initech.example", STOLEN).returncode == DONE
            (site.folder / "hashes.txt").write_text("nothing of the kind\n")
            assert made(site, "N N", "c@initech.example", OTHER).returncode == DONE, "a broken file refuses nobody"
            assert "no line HASH:COUNT" in server.await_event("breach-check-failed")["message"]


def test_faults_of_the_file_are_told_by_check(site: Installation, tmp_path: Path) -> None:
    """Each with the place; the other form is taken too."""
    text = site.configuration.read_text()
    file = site.folder / "hashes.txt"
    compact = site.folder / "compact"
    compact.write_bytes(b"gatehouse-sha1-8" + b"".join(sorted(
        hashlib.sha1(f"x{number}".encode()).digest()[:8] for number in range(100))))
    with site.copied() as copy:
        copy.configuration.write_text(
            text.replace("login: {", "login: { password: { breach_check: { file: hashes.txt } }, "))
        for content, words in [
            (None, "No such file"), ("", "holds no hash"), ("<html>\n", "at byte 0 there is no line HASH:COUNT"),
            (hashes() + "nonsense\n", "there is no line HASH:COUNT"),
            ("".join(reversed(hashes().splitlines(keepends=True))), "is smaller than one before it"),
        ]:
            target = copy.folder / file.name
            target.unlink(missing_ok=True)
            if content is not None:
                target.write_text(content)
            ended = copy.command("check")
            assert ended.returncode == BAD_CONFIGURATION, (words, ended.stdout)
            assert "login.password.breach_check.file" in ended.stdout and words in ended.stdout, ended.stdout
        (copy.folder / file.name).write_text(hashes())
        assert copy.command("check").returncode == DONE
        (copy.folder / file.name).write_bytes(compact.read_bytes())
        assert copy.command("check").returncode == DONE


class Service:
    """A range search of the tests' own, over TLS."""

    def __init__(self, site: Installation) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.status = 200
        service = self

        class Handler(BaseHTTPRequestHandler):
            """Answers with the hash that is asked for where it is the stolen one."""

            def do_GET(self) -> None:  # pylint: disable=invalid-name
                """One range."""
                service.asked.append((self.path, self.headers["Add-Padding"]))
                rows = ["0" * 35 + ":0"]
                if self.path.endswith(digits(STOLEN)[:5]):
                    rows.append(digits(STOLEN)[5:] + ":3")
                body = "\r\n".join(rows).encode()
                self.send_response(service.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # pylint: disable=redefined-builtin
                """Nobody reads it."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        site.authority.issue(["localhost"], site.folder / "service.pem", site.folder / "service.key")
        context.load_cert_chain(site.folder / "service.pem", site.folder / "service.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Nobody listens any more."""
        self.server.shutdown()
        self.server.server_close()


def test_a_service_is_asked_for_five_digits_and_refuses_nothing_while_it_is_down(binary: Path) -> None:
    """Found, not found, failing, gone: only the first refuses; failures are counted and logged."""
    with company(binary) as site:
        service = Service(site)
        site.configuration.write_text(site.configuration.read_text().replace(
            "login: {", "login: { password: { breach_check: { online: true, ca_file: tls/authority.pem, timeout: 5s, "
            f"url: 'https://localhost:{service.port}/range/' }} }}, "))
        with site.running() as server:
            stolen = made(site, "N N", "a@initech.example", STOLEN)
            assert stolen.returncode == BAD_DATA and b"stolen from another site" in stolen.stderr, stolen.stderr
            assert service.asked == [(f"/range/{digits(STOLEN)[:5]}", "true")]
            assert made(site, "N N", "b@initech.example", GOOD).returncode == DONE
            service.status = 503
            assert made(site, "N N", "c@initech.example", STOLEN).returncode == DONE
            service.close()
            assert made(site, "N N", "d@initech.example", STOLEN).returncode == DONE
            server.await_event("breach-check-failed")
            _, metrics = server.operations("/metrics")
            for line in ('{outcome="found"} 1', '{outcome="not-found"} 1', '{outcome="service-failed"} 2'):
                assert f"gatehouse_password_breach_checks_total{line}" in metrics, metrics
