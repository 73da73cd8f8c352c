"""`deploy/quickstart` as a newcomer meets it: one command to a page that only a member sees; again, twice at once, down,
forgotten; a port that is taken and a folder that is not its own."""

from __future__ import annotations

import http.cookiejar
import os
import re
import socket
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "deploy/quickstart"


class Form(HTMLParser):
    """The fields of the first form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what a plain HTML client would send."""
        values = dict(attrs)
        if tag == "form":
            self.action = self.action or values.get("action") or ""
        if tag == "input" and values.get("name"):
            self.fields.setdefault(str(values["name"]), values.get("value") or "")


class Browser:
    """A plain HTML client with its own cookies, that trusts the quickstart's authority alone."""

    def __init__(self, authority: Path) -> None:
        context = ssl.create_default_context(cafile=str(authority))
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.url = ""

    def open(self, url: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text, after redirects."""
        data = urllib.parse.urlencode(fields).encode() if fields is not None else None
        origin = "/".join(url.split("/")[:3])
        headers = {"Accept": "text/html", "Accept-Language": "en", **({"Origin": origin} if data else {})}
        try:
            answer = self.opener.open(urllib.request.Request(url, data, headers), timeout=20)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            self.url = answer.geturl()
            return answer.status, answer.read().decode()

    def sign_in(self, url: str, email: str, password: str) -> tuple[int, str]:
        """Opens a page and fills in every form that comes before it."""
        status, page = self.open(url)
        for _ in range(3):
            form = Form(page)
            if "/.gatehouse/login" not in self.url or not form.fields:
                break
            for name, value in (("email", email), ("password", password)):
                if name in form.fields:
                    form.fields[name] = value
            status, page = self.open(urllib.parse.urljoin(self.url, form.action), form.fields)
        return status, page


def free_ports(count: int) -> list[int]:
    """Ports that nobody listened on a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture
def environment(binary: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Ports and folders of its own; whatever was started is stopped."""
    listener, operations, echo = free_ports(3)
    made = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "GATEHOUSE_BINARY": str(binary),
        "GATEHOUSE_BUILD": str(tmp_path / "build"), "GATEHOUSE_QUICKSTART": str(tmp_path / "state"),
        "GATEHOUSE_QUICKSTART_PORT": str(listener), "GATEHOUSE_QUICKSTART_OPERATIONS_PORT": str(operations),
        "GATEHOUSE_QUICKSTART_ECHO_PORT": str(echo),
    }
    yield made
    quickstart(made, "--reset")


def quickstart(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the script."""
    return subprocess.run(
        [str(SCRIPT), *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=120, check=False)


def line(output: str, name: str) -> str:
    """What stands behind `name: ` in the summary."""
    found = re.search(rf"^{name}: (\S+)$", output, re.MULTILINE)
    assert found, output
    return found.group(1)


def untracked() -> str:
    """What Git would say about the clone."""
    return subprocess.run(
        ["git", "-C", str(REPOSITORY), "status", "--porcelain", "--ignored"], capture_output=True, text=True,
        check=True).stdout


def test_from_nothing_to_a_page_that_only_a_member_sees(environment: dict[str, str], tmp_path: Path) -> None:
    """The summary's lines are enough to sign in; the administrator opens /admin/, the other member does not."""
    before = untracked()
    done = quickstart(environment)
    assert done.returncode == 0, done.stdout + done.stderr
    url, email, password = (line(done.stdout, name) for name in ("open", "email", "password"))
    assert url == f"https://localhost:{environment['GATEHOUSE_QUICKSTART_PORT']}/"
    authority = tmp_path / "state/tls/authority.pem"
    assert str(authority) in done.stdout
    administrator = Browser(authority)
    status, page = administrator.sign_in(url, email, password)
    assert status == 200 and email in page, page
    assert administrator.open(url + "admin/")[0] == 200
    other = re.search(r"^ +(\S+@\S+) +(\S+)$", done.stdout, re.MULTILINE)
    assert other, done.stdout
    member = Browser(authority)
    status, page = member.sign_in(url, other.group(1), other.group(2))
    assert status == 200 and other.group(1) in page, page
    status, page = member.open(url + "admin/")
    assert status == 403 and "role-missing" in page
    status, page = Browser(authority).open(url + "public/")
    assert status == 200

    # Again: nothing is lost, and nothing is started twice.
    ids = [(tmp_path / f"state/run/{name}.pid").read_text() for name in ("gateway", "echo")]
    again = quickstart(environment)
    assert again.returncode == 0, again.stderr
    assert line(again.stdout, "password") == password
    assert [(tmp_path / f"state/run/{name}.pid").read_text() for name in ("gateway", "echo")] == ids
    assert member.open(url)[0] == 200

    # What it suggests to type works.
    explained = subprocess.run(
        [str(tmp_path / "state/gatehouse"), "explain", "--host", "localhost", "--path", "/admin/", "--tenant", "demo",
         "--role", "user"], capture_output=True, text=True, timeout=30, check=False)
    assert "role-missing" in explained.stdout, explained.stdout + explained.stderr

    # Down: nobody answers. Up again: the same people, and their sessions.
    assert quickstart(environment, "--down").returncode == 0
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", int(environment["GATEHOUSE_QUICKSTART_PORT"])), timeout=2)
    assert quickstart(environment).returncode == 0
    assert member.open(url)[0] == 200
    assert quickstart(environment, "--reset").returncode == 0
    assert not (tmp_path / "state").exists()
    assert untracked() == before


def test_three_at_once_end_alike(environment: dict[str, str], tmp_path: Path) -> None:
    """The others wait for the first and find everything done."""
    running = [
        subprocess.Popen(
            [str(SCRIPT)], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        for _ in range(3)
    ]
    outputs = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], outputs
    assert len({line(output, "password") for output, _ in outputs}) == 1


def test_a_port_that_is_taken_is_named(environment: dict[str, str]) -> None:
    """The step, the port and another choice are named; status 1."""
    with socket.create_server(("127.0.0.1", int(environment["GATEHOUSE_QUICKSTART_PORT"]))):
        done = quickstart(environment)
    assert done.returncode == 1, done.stdout
    assert f"cannot listen on 127.0.0.1:{environment['GATEHOUSE_QUICKSTART_PORT']}" in done.stdout
    assert 'the step "Start" failed' in done.stderr
    assert "GATEHOUSE_QUICKSTART_PORT=9443" in done.stderr


def test_a_folder_of_somebody_else_is_left_alone(environment: dict[str, str], tmp_path: Path) -> None:
    """It is neither filled nor deleted."""
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "letter").write_text("mine\n")
    for arguments in ([], ["--reset"]):
        done = quickstart({**environment, "GATEHOUSE_QUICKSTART": str(foreign)}, *arguments)
        assert done.returncode == 1
        assert "was not made by this script" in done.stdout + done.stderr
    assert [path.name for path in foreign.iterdir()] == ["letter"]


def test_a_wrong_option_is_refused() -> None:
    """Status 64, with the options that there are."""
    done = subprocess.run([str(SCRIPT), "--frobnicate"], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 64
    assert "--reset" in done.stderr
