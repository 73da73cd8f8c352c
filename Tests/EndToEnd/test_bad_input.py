"""Bad input of the operator's: one clear message (where, what, how to mend it) and the documented exit code or status.

Each test starts from a configuration that is good and changes one thing.  Where `GATEHOUSE_REPORTS` names a folder,
what was done, the code and the message are written to `bad-input.md` there.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.application import Application
from support.certificates import Authority
from support.client import Conversation, Endpoint
from support.running import HOST, Setting, ask, ask_on, await_that, metric_in, prepare, request, running

GOOD = 0
USAGE = 64
UNAVAILABLE = 69
BAD_CONFIGURATION = 78
REPORTS = os.environ.get("GATEHOUSE_REPORTS", "")
WITHOUT_PRIVILEGE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Root reads every file; without these capabilities its rights are those that the file's mode gives."""


@dataclass
class Report:
    """The rows of the table."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, code: str, message: str) -> None:
        """One thing that was done, and what came of it."""
        clean = re.sub(r"/\S*/here/|\bhere/", "", message.strip()).replace("\n", "<br>")
        self.rows.append((what, code, clean.replace("|", "\\|")))

    def text(self) -> str:
        """The table in Markdown."""
        lines = ["| what was done | code | message |", "|---|---|---|"]
        return "\n".join(lines + [f"| {what} | {code} | {message} |" for what, code, message in self.rows]) + "\n"


@pytest.fixture(scope="module")
def report() -> Iterator[Report]:
    """Collects the table and writes it where it is asked for."""
    made = Report()
    yield made
    if REPORTS:
        Path(REPORTS).mkdir(parents=True, exist_ok=True)
        (Path(REPORTS) / "bad-input.md").write_text(made.text())


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a good configuration, to be copied."""
    folder = tmp_path_factory.mktemp("good")
    prepare(folder, Setting())
    Authority(folder / "tls/authority.pem").issue([HOST], folder / "tls/other.pem", folder / "tls/other.key")
    (folder / "tenants").mkdir()
    (folder / "tenants/acme.yaml").write_text("id: acme\nname: Acme GmbH\nhosts: [ acme.example.org ]\n")
    return folder


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A copy of the good configuration, to be spoilt."""
    shutil.copytree(good, tmp_path / "here")
    return tmp_path / "here"


@dataclass(frozen=True)
class Spoilt:
    """A configuration with one fault, or a few of one kind."""

    what: str
    spoil: Callable[[Path], object]
    says: tuple[str, ...]
    """Regular expressions that the message must hold: where, what was found, how to mend it."""
    prefix: tuple[str, ...] = ()


def replaced(old: str, new: str) -> Callable[[Path], object]:
    """Spoils gatehouse.yaml by replacing a text that stands there."""

    def spoil(folder: Path) -> None:
        path = folder / "gatehouse.yaml"
        text = path.read_text()
        assert old in text, old
        path.write_text(text.replace(old, new, 1))

    return spoil


def instead(content: str | bytes, name: str = "gatehouse.yaml") -> Callable[[Path], object]:
    """Spoils a file by other content; its mode stays."""

    def spoil(folder: Path) -> None:
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    return spoil


def folder_instead(name: str) -> Callable[[Path], object]:
    """Spoils by a folder where a file should be."""

    def spoil(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return spoil


def several(folder: Path) -> None:
    """Three faults in two files."""
    replaced("retries: 0", "retries: many")(folder)
    replaced("upstream: app }\n  - { name: admin", "upstream: ap }\n  - { name: admin")(folder)
    path = folder / "tenants/acme.yaml"
    path.write_text(path.read_text().replace("name: Acme", "nmae: Acme"))


SPOILT = [
    Spoilt(
        "a tab as indentation", replaced("  app:\n", "\tapp:\n"),
        (r"gatehouse\.yaml:\d+:\d+", "not valid YAML: a tab", "replace the tab by spaces")),
    Spoilt(
        "a list that is never closed", replaced('servers: [ "http', 'servers: [ [ "http'),
        (r"gatehouse\.yaml:\d+:\d+", "not valid YAML", "close|separate|check")),
    Spoilt(
        "bytes that are no UTF-8", instead(b"listeners: \xff\xfe\n"),
        (r"gatehouse\.yaml", "UTF-8|not valid YAML", "UTF-8")),
    Spoilt("an empty file", instead(""), (r"gatehouse\.yaml", "listeners|empty", "required|write|missing")),
    Spoilt(
        "an alias", replaced("servers: [", "servers: *here # ["),
        (r"gatehouse\.yaml:\d+:\d+", "alias", r"write|repeat|not read|delete")),
    Spoilt(
        "an unknown key", replaced("public_url:", "pubic_url:"),
        (r"gatehouse\.yaml:\d+:\d+", "pubic_url", 'did you mean "public_url"')),
    Spoilt(
        "an unknown key deep inside", replaced("retries: 0", "retires: 0"),
        (r"gatehouse\.yaml:\d+:\d+ upstreams\.app\.retires", "retires", 'did you mean "retries"')),
    Spoilt(
        "a key of a feature that has not come", replaced("roles:\n", "backup: {}\nroles:\n"),
        (r"gatehouse\.yaml:\d+:\d+ backup", "not a key|unknown|no such key", "allowed|known|keys")),
    Spoilt(
        "a key twice", replaced("public_url:", 'public_url: "https://a.example"\npublic_url:'),
        (r"gatehouse\.yaml:\d+:\d+", "public_url", "keep one|once")),
    Spoilt(
        "a wrong type", replaced("retries: 0", "retries: many"),
        (r"gatehouse\.yaml:\d+:\d+ upstreams\.app\.retries", '"many"', "allowed|whole number")),
    Spoilt(
        "an impossible value", replaced("first_byte: 20s", "first_byte: 20"),
        (r"gatehouse\.yaml:\d+:\d+ upstreams\.app\.timeouts\.first_byte", '"20"', "ms|s, m")),
    Spoilt(
        "TLS 1.1", replaced("    tls:\n", '    tls:\n      minimum_version: "1.1"\n'),
        (r"gatehouse\.yaml:\d+:\d+ listeners\[0\]\.tls\.minimum_version", '"1.1"', '1.2')),
    Spoilt(
        "an upstream that is not there", replaced("authenticated, upstream: app", "authenticated, upstream: ap"),
        (r"gatehouse\.yaml:\d+:\d+ routes\[2\]\.upstream", '"ap"', 'did you mean "app"')),
    Spoilt(
        "a route that an earlier one hides", replaced("path: /admin/", "path: /public/inner/"),
        (r"gatehouse\.yaml:\d+:\d+ routes\[1\]", "hid|never", "earlier|before|order|above")),
    Spoilt(
        "a required key is missing", replaced('public_url: "https://app.example.org:8443"\n', ""),
        (r"gatehouse\.yaml", "public_url", "required|missing")),
    Spoilt(
        "an environment variable that is not set", replaced("retries: 0", "retries: ${NOT_SET_ANYWHERE}"),
        (r"gatehouse\.yaml:\d+:\d+", "NOT_SET_ANYWHERE", "set|default")),
    Spoilt("three faults in two files", several, ("retries", '"ap"', r"tenants/acme\.yaml:\d+:\d+", "faults")),
    Spoilt(
        "two tenants with one host",
        instead("id: globex\nname: G\nhosts: [ acme.example.org ]\n", "tenants/globex.yaml"),
        (r"tenants/globex\.yaml:\d+:\d+ hosts", "acme.example.org", "acme|once|already")),
    Spoilt(
        "a certificate that is missing", lambda folder: (folder / "tls/chain.pem").unlink(),
        (r"gatehouse\.yaml:\d+:\d+ \S+chain_file", r"tls/chain\.pem: no such file", "create it, or mend the path")),
    Spoilt(
        "a key that is missing", lambda folder: (folder / "tls/key.pem").unlink(),
        (r"gatehouse\.yaml:\d+:\d+ \S+key_file", r"tls/key\.pem: no such file", "create it, or mend the path")),
    Spoilt(
        "a certificate that may not be read", lambda folder: (folder / "tls/chain.pem").chmod(0),
        (r"gatehouse\.yaml:\d+:\d+ \S+chain_file", "permission denied", "give the gateway's user the right"),
        WITHOUT_PRIVILEGE),
    Spoilt(
        "a key that may not be read", lambda folder: (folder / "tls/key.pem").chmod(0),
        (r"gatehouse\.yaml:\d+:\d+ \S+key_file", "permission denied", "give the gateway's user the right"),
        WITHOUT_PRIVILEGE),
    Spoilt(
        "a folder instead of a key", folder_instead("tls/key.pem"),
        (r"gatehouse\.yaml:\d+:\d+ \S+key_file", "this is a folder", "name a file")),
    Spoilt(
        "a certificate file without a certificate", instead("nothing\n", "tls/chain.pem"),
        (r"gatehouse\.yaml:\d+:\d+ \S+chain_file", "holds no certificate", "certificates in PEM")),
    Spoilt(
        "a damaged certificate",
        instead("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "tls/chain.pem"),
        (r"gatehouse\.yaml:\d+:\d+ \S+chain_file", "not a readable chain|damaged", "chain|PEM")),
    Spoilt(
        "a key file without a key", instead("nothing\n", "tls/key.pem"),
        (r"gatehouse\.yaml:\d+:\d+ \S+key_file", "holds no private key", "one private key in PEM")),
    Spoilt(
        "certificate and key swapped",
        replaced("tls/chain.pem, key_file: tls/key.pem", "tls/key.pem, key_file: tls/chain.pem"),
        (r"gatehouse\.yaml:\d+:\d+ \S+chain_file", "holds no certificate", "swapped")),
    Spoilt(
        "the key of another certificate", replaced("key_file: tls/key.pem", "key_file: tls/other.key"),
        (r"gatehouse\.yaml:\d+:\d+ \S+key_file", "is not the key of the first certificate", "name the pair")),
    Spoilt(
        "a key that everybody may read", lambda folder: (folder / "tls/key.pem").chmod(0o644),
        (r"gatehouse\.yaml:\d+:\d+ \S+key_file", "can be read or written by everybody", "chmod 600")),
    Spoilt(
        "the configuration is missing", lambda folder: (folder / "gatehouse.yaml").unlink(),
        (r"gatehouse\.yaml", "no such file", "create it, or mend the path")),
    Spoilt(
        "a folder instead of the configuration", folder_instead("gatehouse.yaml"),
        (r"gatehouse\.yaml", "this is a folder", "name a file")),
    Spoilt(
        "the configuration may not be read", lambda folder: (folder / "gatehouse.yaml").chmod(0),
        (r"gatehouse\.yaml", "permission denied", "give the gateway's user the right"), WITHOUT_PRIVILEGE),
    Spoilt(
        "a tenants' folder that is named and missing", replaced("roles:\n", "tenants_directory: elsewhere\nroles:\n"),
        (r"gatehouse\.yaml:\d+:\d+ tenants_directory", "elsewhere: no such folder", "create it, or mend the path")),
    Spoilt(
        "a tenant's file with a fault", instead("id: ACME\n", "tenants/acme.yaml"),
        (r"tenants/acme\.yaml:\d+:\d+", '"ACME"', "a-z")),
]


def call(binary: Path, folder: Path, *arguments: str, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Runs a command that must end by itself."""
    return subprocess.run(
        [*prefix, str(binary), *arguments], cwd=folder, env={"PATH": os.environ["PATH"]}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=30, check=False)


def faults_in(output: str) -> list[str]:
    """The lines of a message that are no warnings."""
    return [line for line in output.splitlines() if ": warning: " not in line]


@pytest.mark.parametrize("spoilt", SPOILT, ids=[each.what.replace(" ", "-") for each in SPOILT])
def test_a_fault_in_the_configuration(binary: Path, folder: Path, report: Report, spoilt: Spoilt) -> None:
    """`check` and `run` say the same: where, what was found, how to mend it; both end with 78 and serve nothing."""
    spoilt.spoil(folder)
    checked = call(binary, folder, "check", "--config", "gatehouse.yaml", prefix=spoilt.prefix)
    ran = call(binary, folder, "run", "--config", "gatehouse.yaml", prefix=spoilt.prefix)
    report.add(spoilt.what, f"check {checked.returncode}, run {ran.returncode}", ran.stderr)
    assert checked.returncode == BAD_CONFIGURATION, checked.stdout + checked.stderr
    assert ran.returncode == BAD_CONFIGURATION, ran.stdout + ran.stderr
    assert faults_in(checked.stdout) == faults_in(ran.stderr)
    assert ran.stdout == ""
    for wanted in spoilt.says:
        assert re.search(wanted, ran.stderr), f"{wanted!r} is not in: {ran.stderr}"
    assert "Fatal error" not in ran.stderr


def test_the_good_configuration_is_accepted(binary: Path, folder: Path) -> None:
    """The twin of every spoilt configuration: unspoilt, `check` is content, and `run` serves and ends with 0."""
    checked = call(binary, folder, "check", "--config", "gatehouse.yaml")
    assert checked.returncode == GOOD, checked.stdout
    with running(binary, folder) as server:
        assert server.operations("/readyz")[0] == 200
        assert server.stop() == GOOD


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--confg", "x"], ["run", "--port", "1"], ["run", "file.yaml"], ["check", "--fast"], ["serve"],
        ["explain", "--path", "/"], ["explain", "--host", "a.example", "--path", "/", "--method"],
        ["upstream-echo", "--address", "nowhere"], ["upstream-echo", "--address", "127.0.0.1:99999"],
    ],
    ids=lambda arguments: "_".join(arguments).replace("/", "root"))
def test_a_usage_error(binary: Path, folder: Path, report: Report, arguments: list[str]) -> None:
    """A flag, argument or command that does not exist ends with 64 and says which, and what is possible."""
    done = call(binary, folder, *arguments)
    report.add(f"`gatehouse {' '.join(arguments)}`", str(done.returncode), done.stderr)
    assert done.returncode == USAGE, done.stdout + done.stderr
    assert "Error: " in done.stderr
    assert "Usage: gatehouse" in done.stderr or "--address" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("listener", ["listeners[].address", "operations.address"])
def test_an_occupied_port(binary: Path, folder: Path, report: Report, listener: str) -> None:
    """A port that somebody else has: `run` ends with 69, names it, and says how to find who."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        old = 'address: "127.0.0.1:0"'
        text = (folder / "gatehouse.yaml").read_text()
        start = text.index("operations:") if listener.startswith("operations") else 0
        at = text.index(old, start)
        (folder / "gatehouse.yaml").write_text(text[:at] + f'address: "127.0.0.1:{port}"' + text[at + len(old):])
        checked = call(binary, folder, "check", "--config", "gatehouse.yaml")
        ran = call(binary, folder, "run", "--config", "gatehouse.yaml")
    report.add(f"the port of {listener} is occupied", f"check {checked.returncode}, run {ran.returncode}", ran.stderr)
    assert checked.returncode == GOOD, "the file is good; only the machine is not"
    assert ran.returncode == UNAVAILABLE, ran.stderr
    assert f"cannot listen on 127.0.0.1:{port}" in ran.stderr
    assert f"ss -ltnp 'sport = :{port}'" in ran.stderr


def test_the_address_of_another_machine(binary: Path, folder: Path, report: Report) -> None:
    """An address that no interface has: `run` ends with 69 and says where the machine's own are listed."""
    replaced("127.0.0.1:0", "192.0.2.1:0")(folder)
    ran = call(binary, folder, "run", "--config", "gatehouse.yaml")
    report.add("listeners[].address is another machine's", f"run {ran.returncode}", ran.stderr)
    assert ran.returncode == UNAVAILABLE, ran.stderr
    assert "cannot listen on 192.0.2.1:0" in ran.stderr
    assert "ip address" in ran.stderr


@pytest.mark.parametrize("log_file", ["absent/gatehouse.log", "tls"], ids=["folder-missing", "is-a-folder"])
def test_a_log_file_that_cannot_be_opened(binary: Path, folder: Path, report: Report, log_file: str) -> None:
    """A log that cannot be written: `run` ends with 69 and names key, file and remedy; it never serves unlogged."""
    replaced("file: gatehouse.log", f"file: {log_file}")(folder)
    ran = call(binary, folder, "run", "--config", "gatehouse.yaml")
    report.add(f"telemetry.log.file: {log_file}", f"run {ran.returncode}", ran.stderr)
    assert ran.returncode == UNAVAILABLE, ran.stderr
    assert "telemetry.log.file" in ran.stderr
    assert log_file in ran.stderr
    assert "check that the folder exists" in ran.stderr


def test_an_upstream_that_is_down(binary: Path, folder: Path, report: Report) -> None:
    """An application that is down: 502 `upstream-unreachable` at once, `/healthz` names the server, `/readyz` stays."""
    with socket.create_server(("127.0.0.1", 0)) as occupied:
        port = occupied.getsockname()[1]
    prepare(folder, Setting(upstream_port=port))
    with running(binary, folder) as server:
        assert server.operations("/healthz")[0] == 200
        answer = ask(server.endpoint, request("/public/x"))
        problem = json.loads(answer.body)
        assert answer.status == 502
        assert problem["code"] == "upstream-unreachable"
        assert problem["request_id"]
        status, body = server.operations("/healthz")
        detail = json.loads(body)["checks"]["upstreams"]["detail"]
        report.add("the upstream is down", "502, `/healthz` 503", f"{problem['title']}\n{detail}")
        assert status == 503
        assert f"http://127.0.0.1:{port}" in detail
        assert server.operations("/readyz")[0] == 200, "another gateway could not reach it either"
        server.await_metric('gatehouse_refusals_total{reason="upstream-unreachable"}', 1)
        with socket.create_server(("127.0.0.1", port)) as back:
            with Conversation(server.endpoint) as conversation:
                conversation.send(request("/public/x"))
                connection, _ = back.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                    observed = conversation.read_answers(1, False)
                    assert [each.status for each in observed.answers] == [204], "once it is back, it is used"
        assert server.operations("/healthz")[0] == 200


def test_descriptors_run_out(binary: Path, folder: Path, report: Report) -> None:
    """EMFILE: what is open is served on, what is new is closed and counted, and all is well when some have gone."""
    with Application() as application, ExitStack() as stack:
        prepare(folder, Setting(upstream_port=application.port))
        server = stack.enter_context(running(binary, folder, prefix=("prlimit", "--nofile=64:64")))
        endpoint = server.endpoint
        operations = stack.enter_context(Conversation(Endpoint("127.0.0.1", server.operations_port)))
        assert exhausted(operations) == 0
        # Each of these has been served, so that its loop keeps a connection to the application.
        early = [stack.enter_context(Conversation(endpoint)) for _ in range(8)]
        for conversation in early:
            assert ask_on(conversation, request("/public/first")).status == 200
        more = stack.enter_context(ExitStack())
        refused = 0
        for _ in range(100):
            try:
                more.enter_context(Conversation(endpoint))
            except (OSError, EOFError):
                refused += 1
        counted = exhausted(operations)
        assert refused >= 20, "the bound of 64 descriptors was not met"
        assert counted >= 1
        for conversation in early:
            assert ask_on(conversation, request("/public/second")).status == 200, "what is open goes on"
        with pytest.raises((OSError, EOFError)):
            Conversation(endpoint)
        assert exhausted(operations) > counted, "the metric grows"
        more.close()
        await_that(lambda: serves(endpoint), "a new connection is served again")
        assert server.process.poll() is None
        report.add(
            "no descriptors left (`prlimit --nofile=64`)", "new connections closed, open ones served",
            f"gatehouse_accepts_exhausted_total {exhausted(operations):.0f}")


def exhausted(operations: Conversation) -> float:
    """The metric, on a connection that was open before descriptors ran out."""
    page = ask_on(operations, request("/metrics", host="127.0.0.1")).body.decode()
    return metric_in(page, "gatehouse_accepts_exhausted_total")


def serves(endpoint: Endpoint) -> bool:
    """True where a new connection gets an answer."""
    try:
        return ask(endpoint, request("/public/third")).status == 200
    except (OSError, EOFError, AssertionError):
        return False


def test_a_bad_file_at_reload(binary: Path, folder: Path, report: Report) -> None:
    """A bad file at SIGHUP: refused with its faults in the log and in `/healthz`; the old one serves on."""
    with running(binary, folder) as server:
        replaced("retries: 0", "retries: many")(folder)
        server.send_signal(signal.SIGHUP)
        refused = server.await_event("reload-refused")
        assert re.search(r"gatehouse\.yaml:\d+:\d+ upstreams\.app\.retries: \"many\"", refused["faults"])
        report.add("SIGHUP with a bad file", "refused", refused["faults"])
        assert server.operations("/readyz")[0] == 200
        status, body = server.operations("/healthz")
        assert status == 503
        assert "retries" in json.loads(body)["checks"]["configuration"]["detail"]
        server.await_metric("gatehouse_reloads_refused_total", 1)
