"""The commands to try things with: `upstream-echo`, `explain`, and the commands that README.md shows."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from support.answers import Answer
from support.client import Endpoint
from support.gateway import Gateway, running_gateway
from support.identity import SESSION_COOKIE, Person, people
from support.running import ask, request, running_echo

REPOSITORY = Path(__file__).resolve().parents[2]
EXECUTABLE = os.environ.get("GATEHOUSE_TEST_GATEWAY", "")
SECRET = "s" * 32
ALLOWED, USAGE, REFUSED, BAD_CONFIGURATION = 0, 64, 77, 78


@dataclass(frozen=True)
class Stage:
    """A gateway with seeded sessions in front of `upstream-echo`."""

    gateway: Gateway
    echo: Endpoint
    people: dict[str, Person]
    binary: Path

    def explain(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`gatehouse explain` on the running gateway's own configuration."""
        return subprocess.run(
            [str(self.binary), "explain", "--config", "gatehouse.yaml", *arguments], cwd=self.gateway.folder,
            env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture(scope="module")
def stage(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Starts both once for all tests of this file."""
    assert EXECUTABLE, "GATEHOUSE_TEST_GATEWAY must name the built gatehouse-test-gateway; deploy/test sets it"
    members = people()
    with (
        running_echo(binary) as port,
        running_gateway(EXECUTABLE, tmp_path_factory.mktemp("echo"), port, SECRET, members) as gateway,
    ):
        yield Stage(gateway, Endpoint("127.0.0.1", port), members, binary)


def through(stage: Stage, target: str, person: str | None = None, host: str = "acme.example.org",
            method: str = "GET", fields: tuple[str, ...] = (), body: bytes = b"") -> Answer:
    """The gateway's answer to a request, with that person's session."""
    cookie = (f"Cookie: {SESSION_COOKIE}={stage.people[person].token}",) if person else ()
    return ask(stage.gateway.endpoint, request(target, method, host, (*cookie, *fields), body))


# --- upstream-echo -------------------------------------------------------------------------------------------------


def test_echo_tells_a_program_its_request_as_json(stage: Stage) -> None:
    """For programs: JSON with method, target, every header under its name in lower case, the body and its length."""
    answer = ask(
        stage.echo,
        request("/a/b?c=%64&e", "PUT", "any.example", ("X-One: 1", "x-one: 2", "Accept: */*"), "grüße".encode()))
    told = json.loads(answer.body)
    assert answer.status == 200
    assert answer.values("content-type") == [b"application/json"]
    assert answer.values("cache-control") == [b"no-store"]
    assert (told["method"], told["target"]) == ("PUT", "/a/b?c=%64&e")
    assert told["headers"]["x-one"] == ["1", "2"]
    assert told["headers"]["host"] == ["any.example"]
    assert (told["body"], told["body_bytes"]) == ("grüße", 7)


def test_echo_shows_a_browser_a_page(stage: Stage) -> None:
    """For browsers: a page with method, target and headers, with a policy that runs no script."""
    answer = ask(stage.echo, request("/page", fields=("Accept: text/html,*/*;q=0.8", "X-Seen: yes")))
    text = answer.body.decode()
    assert answer.status == 200
    assert answer.values("content-type")[0].startswith(b"text/html")
    assert "x-seen" in text and "yes" in text and "/page" in text
    policy = answer.values("content-security-policy")[0].decode()
    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
    assert answer.values("x-content-type-options") == [b"nosniff"]


@pytest.mark.parametrize(
    "value",
    [
        "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'onmouseover='alert(1)", "&lt;b&gt;",
        "</td></table><h1>here</h1>", "{{title}}", "{{{title}}}", "{{#identity}}x{{/identity}}",
    ])
def test_echo_escapes_what_it_shows(stage: Stage, value: str) -> None:
    """A header's value and the target stand on the page as text, whatever they look like."""
    target = "/page?" + quote(value, safe="&;'(){}=")
    answer = ask(stage.echo, request(target, fields=("Accept: text/html", f"X-Attack: {value}")))
    text = answer.body.decode()
    assert answer.status == 200
    for raw in ("<script>alert", "<img src=x", "<h1>here", "'onmouseover='"):
        assert raw not in text
    assert value in html.unescape(text)
    if "&" in value:
        assert value not in text, "an ampersand is escaped, too"


def test_echo_shows_who_is_signed_in(stage: Stage) -> None:
    """Behind the gateway the page names the member, decoded; the header is as the gateway encoded it."""
    page = through(stage, "/app/who", "umlaut", fields=("Accept: text/html",)).body.decode()
    assert "Zo\u00eb 100%, M\u00fcller" in html.unescape(page)
    told = json.loads(through(stage, "/app/who", "umlaut", fields=("Accept: application/json",)).body)
    assert told["headers"]["x-user-name"] == ["Zo%C3%AB 100%25%2C M%C3%BCller"]
    assert told["headers"]["x-tenant-id"] == ["acme"]
    assert "cookie" not in told["headers"]


def test_echo_has_a_health_path(stage: Stage) -> None:
    """`/healthz` answers 200 `ok` for balancers."""
    answer = ask(stage.echo, request("/healthz"))
    assert (answer.status, answer.body) == (200, b"ok\n")


# --- explain -------------------------------------------------------------------------------------------------------

MEMBER = ("--tenant", "acme")
ADMINISTRATOR = ("--tenant", "acme", "--role", "admin")
OUTSIDER = ("--tenant", "globex", "--role", "admin")


@dataclass(frozen=True)
class Same:
    """A request, as the gateway gets it and as `explain` is asked."""

    target: str
    person: str | None = None
    arguments: tuple[str, ...] = ()
    host: str = "acme.example.org"
    method: str = "GET"


CASES = [
    Same("/public/x"), Same("/public"), Same("/PUBLIC/x"), Same("/public/x?a=/admin/"), Same("/optional/x"),
    Same("/app/x"), Same("/elsewhere"), Same("/admin/x"),
    Same("/app/x", "member", MEMBER), Same("/optional/x", "member", MEMBER), Same("/admin/x", "member", MEMBER),
    Same("/admin", "member", MEMBER), Same("/%61dmin/x", "member", MEMBER),
    Same("/admin/x", "administrator", ADMINISTRATOR),
    Same("/admin/x", "administrator", ADMINISTRATOR, method="POST"),
    Same("/admin/x", "administrator", ADMINISTRATOR, method="DELETE"), Same("/admin/x", method="DELETE"),
    Same("/admin/x", "outsider", OUTSIDER), Same("/app/x", "outsider", OUTSIDER),
    Same("/app/x", "outsider", OUTSIDER, "globex.example.org"),
    Same("/elsewhere", "outsider", OUTSIDER, "globex.example.org"),
    Same("/app/x", host="nobody.example"), Same("/app/x", host="ACME.example.org:8443"), Same("/app/x", host="a b"),
    Same("/Exact/x", "member", MEMBER), Same("/exact/x", "member", MEMBER),
    Same("/app/../admin/x", "administrator", ADMINISTRATOR), Same("/app//x", "member", MEMBER),
    Same("/empty//x", "member", MEMBER), Same("/app/a%2Fb", "member", MEMBER), Same("/slashes/a%2Fb", "member", MEMBER),
    Same("/app/a;b", "member", MEMBER), Same("/parameters/a;b", "member", MEMBER), Same("/app/a\\b", "member", MEMBER),
    Same("/app/%00", "member", MEMBER), Same("/app/%ff", "member", MEMBER), Same("/app/%zz", "member", MEMBER),
]


@pytest.mark.parametrize(
    "same", CASES, ids=[f"{each.method} {each.host}{each.target} {each.person or 'nobody'}" for each in CASES])
def test_explain_agrees_with_the_gateway(stage: Stage, same: Same) -> None:
    """What `explain` says is what the running gateway does: forwarded or refused, by which reason and status."""
    arguments = ("--host", same.host, "--path", same.target, "--method", same.method, *same.arguments)
    told = stage.explain(*arguments, "--json")
    said = json.loads(told.stdout)
    answer = through(stage, same.target, same.person, same.host, same.method)
    if said["verdict"] == "forward":
        assert told.returncode == ALLOWED
        assert answer.status == 200
        assert json.loads(answer.body)["target"] == same.target
        assert said["upstream"] == "app" and said["route"]
    else:
        assert said["verdict"] == "refuse", said
        assert told.returncode == REFUSED
        assert answer.status == said["status"]
        assert json.loads(answer.body)["code"] == said["reason"]
    text = stage.explain(*arguments)
    assert text.returncode == told.returncode
    shown = dict(re.findall(r"^(verdict|route|rule|reason|status): +(.*)$", text.stdout, re.MULTILINE))
    assert shown["verdict"] == said["verdict"]
    assert shown.get("route") == said.get("route")
    assert shown.get("reason") == said.get("reason")


def test_explain_says_every_step(stage: Stage) -> None:
    """The text names host, route with its place, rule, verdict, reason and steps, for somebody who reads it."""
    done = stage.explain("--host", "acme.example.org", "--path", "/admin/x", "--tenant", "acme")
    assert done.returncode == REFUSED
    assert done.stderr == ""
    for wanted in (
        "GET https://acme.example.org/admin/x", "verdict:  refuse", "route:    admin", "rule:     roles: admin",
        "reason:   role-missing", "status:   403", "host acme.example.org belongs to tenant acme",
        r"route admin (routes[2]: *.example.org /admin/) matches path /admin/x",
    ):
        assert wanted in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--path", "/"), "--host"),
        (("--host", "acme.example.org", "--path", "/", "--role", "admin"), "--role, --factor and --in-grace need --tenant"),
        (("--host", "acme.example.org", "--path", "/", "--tenant", "umbrella"), "--tenant umbrella: "),
        (("--host", "acme.example.org", "--path", "/", "--tenant", "A"), "is no tenant's id"),
        (("--host", "acme.example.org", "--path", "/", "--method", "get"), "upper-case"),
        (("--host", "acme.example.org", "--path", "/", "--tenant", "acme", "--factor", "charm"), "factors:"),
        (("--host", "acme.example.org", "--path", "/", "--client", "here"), "is not an address"),
    ])
def test_explain_refuses_arguments_that_mean_nothing(stage: Stage, arguments: tuple[str, ...], says: str) -> None:
    """An argument that means nothing ends with 64 and says what is allowed, never with a verdict."""
    done = stage.explain(*arguments)
    assert done.returncode == USAGE, done.stdout + done.stderr
    assert says in done.stderr
    assert "verdict" not in done.stdout


def test_explain_of_a_bad_configuration(stage: Stage, tmp_path: Path) -> None:
    """A faulty configuration ends with 78 and the faults; nothing is explained from half a file."""
    text = (stage.gateway.folder / "gatehouse.yaml").read_text()
    (tmp_path / "gatehouse.yaml").write_text(text.replace("upstream: app }", "upstream: ap }", 1))
    done = subprocess.run(
        [str(stage.binary), "explain", "--config", "gatehouse.yaml", "--host", "a.example", "--path", "/"],
        cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == BAD_CONFIGURATION
    assert 'did you mean "app"?' in done.stderr
    assert done.stdout == ""


# --- README.md -----------------------------------------------------------------------------------------------------


def readme_commands() -> list[str]:
    """The lines of README.md's shell blocks that call gatehouse and end by themselves."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (REPOSITORY / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("gatehouse ") and not line.startswith("gatehouse run ")]


def test_the_commands_of_the_readme_work(binary: Path, tmp_path: Path) -> None:
    """The folder `config` as it is, with the certificate that its comment makes: what README.md shows can be typed."""
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    start = (tmp_path / "config/gatehouse.yaml").read_text()
    recipe = re.search(r"^#   (mkdir -p config/tls .*?)\n[^#]", start, re.DOTALL | re.MULTILINE)
    assert recipe, "config/gatehouse.yaml says how to make a certificate for a first try"
    command = recipe.group(1).replace("\n#", "\n").replace("\\\n", " ")
    made = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    (tmp_path / "password").write_text("Kite-Orbit-42-Lamp\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/gatehouse").symlink_to(binary)
    shown = readme_commands()
    for wanted in ("keys init", "tenant create", "user create", "check", "explain"):
        assert any(line.startswith(f"gatehouse {wanted} ") for line in shown), wanted
    for line in shown:
        done = subprocess.run(
            ["sh", "-c", line], cwd=tmp_path, env={"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        wanted = (ALLOWED, REFUSED) if line.startswith("gatehouse explain") else (ALLOWED,)
        assert done.returncode in wanted, f"{line}\n{done.stdout}{done.stderr}"
        assert done.stdout


@pytest.mark.parametrize("name", ["gatehouse.yaml", "reference.yaml"])
def test_the_configurations_that_come_along_are_good(binary: Path, tmp_path: Path, name: str) -> None:
    """Each file of `config` passes `check`, apart from the certificates and the key that every operator has to bring."""
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    done = subprocess.run(
        [str(binary), "check", "--config", f"config/{name}"], cwd=tmp_path, env={"PATH": os.environ["PATH"]},
        capture_output=True, text=True, timeout=30, check=False)
    faults = [line for line in done.stdout.splitlines() if line.startswith("config/")]
    assert faults, "without certificates it cannot be good"
    missing = r"(chain_file|key_file): \S+: no such file|master_key_file: \S+: no master key stands there"
    assert all(re.search(missing, line) for line in faults), done.stdout
