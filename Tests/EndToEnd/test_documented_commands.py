"""Whatever README.md and the documentation show to be typed or written is typed and written here, exactly as it stands;
a new example needs a test that runs it."""

from __future__ import annotations

import base64
import datetime
import functools
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.certificates import Authority
from support.fences import REPOSITORY, Example, Span, documents, example, examples_in, replaced, spans_in
from support.running import PATIENCE_SECONDS, Running, await_that, running_echo
from support.visitor import Visitor

DONE, USAGE, REFUSED, BAD_CONFIGURATION = 0, 64, 77, 78
PASSWORD = "Kite-Orbit-42-Lamp"
COMMAND_SECONDS = 60
YEAR = datetime.timedelta(days=365, minutes=5)
HOSTS = ["app.example.org", "acme.example.org", "globex.example.org"]

RUN_BY = {
    ("README.md", "deploy/quickstart"): "test_the_scripts_of_a_block_are_there_and_know_their_options",
    ("README.md", "listeners:"): "test_the_ten_lines_are_ten_and_are_good_as_they_stand",
    ("README.md", "gatehouse keys init"): "test_who_was_made_by_the_commands_signs_in_through_the_ten_lines",
    ("README.md", "gatehouse explain"): "test_explain_says_what_it_is_shown_for",
    ("README.md", "deploy/test"): "test_the_scripts_of_a_block_are_there_and_know_their_options",
    ("README.md", "sudo apt-get install"): "test_a_release_is_built_as_the_scripts_build_it",
    ("Operations.md", "gatehouse tenant create"): "test_the_commands_for_tenants_work_while_the_server_runs",
    ("Operations.md", "gatehouse doctor"): "test_doctor_finds_no_fault_from_outside",
    ("Operations.md", "mail:"): "test_mail.py",
    ("Operations.md", "session: { idle"): "test_account_settings.py",
    ("Operations.md", '{"email": "ada@acme.example"'): "test_moving.py",
    ("Operations.md", "gatehouse user import --tenant acme members.jsonl --dry-run"): "test_moving.py",
    ("SecondFactors.md", "mfa: { required"): "test_a_tenants_rules_for_second_factors_are_good_as_they_stand",
    ("SecondFactors.md", "gatehouse user show"): "test_the_commands_for_lost_factors_work_while_the_server_runs",
    ("Routes.md", "hsts:"): "test_front.py",
    ("Routes.md", "routes:\n  - name: shop"): "test_moving.py",
    ("Routes.md", "gatehouse explain"): "test_front.py",
    ("Routes.md", "upstreams:"): "test_grpc.py",
    ("SAML.md", "gatehouse saml check"): "test_a_saved_response_is_judged_as_the_page_shows",
    ("SAML.md", "hosts: [acme.example.org]"): "test_the_commands_for_connections_work_while_the_server_runs",
    ("SAML.md", "sign_in: { methods: [saml"): "test_the_commands_for_connections_work_while_the_server_runs",
    ("SAML.md", "gatehouse saml metadata"): "test_the_commands_for_connections_work_while_the_server_runs",
    ("SAML.md", "gatehouse user show"): "test_the_commands_for_connections_work_while_the_server_runs",
    ("SAML.md", "gatehouse saml trace"): "test_the_commands_for_connections_work_while_the_server_runs",
    ("SAML.md", "gatehouse saml rotate-keys"): "test_the_commands_for_connections_work_while_the_server_runs",
    ("SAMLProviders.md", "gatehouse saml metadata"): "test_the_addresses_to_enter_are_those_of_the_page",
    ("SAMLProviders.md", "$metadata['__DYNAMIC:1__']"): "test_what_is_written_at_simplesamlphp_is_php",
    ("SAMLProviders.md", "$metadata['https://acme"): "test_what_is_written_at_simplesamlphp_is_php",
    **{
        ("SAMLProviders.md", f"saml:\n  - name: company\n    {source}"): "test_the_connection_of_a_provider_is_good"
        for source in (
            "metadata_url: https://idp.acme.example/", "metadata_url: https://acme.okta.com/",
            "metadata_url: https://login.microsoftonline.com/", "metadata_file: acme-google.xml",
            "metadata_url: https://sso.acme.example/", "metadata_url: https://adfs.acme.example/",
            "metadata_url: https://app.onelogin.com/")
    },
    ("BehindABalancer.md", "server {"): "test_behind_balancers.py",
    ("BehindABalancer.md", "backend gatehouse\n    option"): "test_behind_balancers.py",
    ("BehindABalancer.md", "backend gatehouse-tcp"): "test_behind_balancers.py",
}
"""Document and beginning of a block → the test of this file, or the file of tests, that runs it."""

ENDS = {
    "gatehouse check": (DONE, ": ok "),
    "NEW/gatehouse check": (DONE, ": ok "),
    "gatehouse keys verify": (DONE, " is the key of the data in "),
    # It overwrites nothing; that it makes a key is the block's to show.
    "gatehouse keys init": (BAD_CONFIGURATION, "master.key"),
    "gatehouse throttle list": (DONE, "no failed logins"),
    "gatehouse throttle clear --address A": (DONE, "0 counters"),
    "gatehouse explain --host H --path P": (REFUSED, "login-required"),
    "gatehouse doctor --url https://app.example.org:8443/": (DONE, " 0 fail, "),
    "openssl s_client -connect HOST:443 -servername HOST": (DONE, "subject=CN = app.example.org"),
    "ss -ltnp": (DONE, "*:PORT "),
}
"""Commands within a line that are run beside the server of README.md, how they end, and words of theirs.  The other
ones are names of commands, which are held against the program's help."""


EXAMPLES = [each for document in documents() for each in examples_in(document)]
SPANS = [each for document in documents() for each in spans_in(document)]


# --- no example without a test --------------------------------------------------------------------------------------


def claims(each: Example) -> list[str]:
    """Who says that they run this block."""
    return [
        by for (document, beginning), by in RUN_BY.items()
        if each.document == document and each.text.lstrip().startswith(beginning)
    ]


@pytest.mark.parametrize("each", EXAMPLES, ids=[each.name for each in EXAMPLES])
def test_every_block_is_run_by_a_test(each: Example) -> None:
    """A new example needs a test that runs it, and a line in RUN_BY that says which."""
    by = claims(each)
    assert len(by) == 1, f"{each.name} is run by {by or 'no test'}; write one and name it in RUN_BY"
    assert by[0] in globals() or each.lines[0] in (Path(__file__).parent / by[0]).read_text(), by[0]


def test_no_test_waits_for_a_block_that_is_gone() -> None:
    """Each line of RUN_BY has its block, each line of ENDS its command."""
    for document, beginning in RUN_BY:
        example(document, beginning)
    assert set(ENDS) <= {each.text for each in SPANS}


# --- somebody who follows the page ----------------------------------------------------------------------------------


@dataclass
class Walk:
    """A folder in which somebody types what a page shows, with `gatehouse` in their PATH."""

    folder: Path
    authority: Authority
    echo_port: int
    server: Running | None = None

    @property
    def configuration(self) -> Path:
        """config/gatehouse.yaml."""
        return self.folder / "config/gatehouse.yaml"

    @property
    def environment(self) -> dict[str, str]:
        """Nothing but PATH, so that every command looks for config/gatehouse.yaml."""
        return {"PATH": f"{self.folder}/bin:{os.environ['PATH']}"}

    def type(self, line: str) -> subprocess.CompletedProcess[str]:
        """Has the shell run a line, as it stands, whatever comes of it."""
        return subprocess.run(
            ["sh", "-c", line], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=COMMAND_SECONDS, check=False)

    def done(self, line: str) -> str:
        """A line that must succeed and say something; what it says."""
        ended = self.type(line)
        assert ended.returncode == DONE, f"{line}\n{ended.returncode} {ended.stdout}{ended.stderr}"
        assert ended.stdout + ended.stderr, f"{line}\nsaid nothing"
        return ended.stdout

    def listen_on_free_ports(self) -> None:
        """Puts free ports into the configuration; public_url keeps its own, which browsers see.

        Probes get a port, too: without the key it is 9902, and whatever runs on this machine may have that.
        """
        ports = {'":8443"': '":0"', "127.0.0.1:3000": f"127.0.0.1:{self.echo_port}"}
        self.configuration.write_text(
            replaced(self.configuration.read_text(), ports) + 'operations: { address: "127.0.0.1:0" }\n')

    @contextmanager
    def started(self, line: str) -> Iterator[Running]:
        """A line that serves, from `started` to its end by SIGTERM; its log is what it writes to standard output."""
        log = self.folder / "gatehouse.log"
        with open(log, "wb") as output, open(self.folder / "stderr.txt", "wb") as errors:
            # The shell gives its place to the server, which so gets the signal.
            process = subprocess.Popen(
                ["sh", "-c", f"exec {line}"], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=errors)
        self.server = Running(process, self.folder, log)
        try:
            started = self.server.await_event("started")
            self.server.port = int(started["listeners"].rsplit(":", 1)[1])
            self.server.operations_port = int(started["operations"].rsplit(":", 1)[1])
            await_that(lambda: self.server and self.server.operations("/readyz")[0] == 200, "it is ready")
            yield self.server
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(PATIENCE_SECONDS)

    def visitor(self, host: str) -> Visitor:
        """A browser that comes to the server directly."""
        assert self.server
        return Visitor(self.server.port, self.authority.file, host, address="")

    def here(self, line: str) -> str:
        """The line with the port of this server, and where on this machine it is to be found."""
        assert self.server
        host, url = f"app.example.org:{self.server.port}", re.compile(r"https://app\.example\.org(:8443)?/")
        line, count = url.subn(f"https://{host}/", line)
        assert count == 1, line
        return f"{line} --resolve {host}:127.0.0.1 --ca-file {self.authority.file}"


@contextmanager
def walk(binary: Path, folder: Path) -> Iterator[Walk]:
    """A folder with the ten lines of README.md, the certificate that they name, a password, and an application."""
    (folder / "bin").mkdir()
    (folder / "bin/gatehouse").symlink_to(binary)
    (folder / "config").mkdir()
    (folder / "password").write_text(PASSWORD + "\n")
    authority = Authority(folder / "authority.pem")
    authority.issue(HOSTS, folder / "config/tls/app.pem", folder / "config/tls/app.key", lifetime=YEAR)
    with running_echo(binary) as echo_port:
        made = Walk(folder, authority, echo_port)
        made.configuration.write_text(example("README.md", "listeners:").text)
        yield made


@contextmanager
def readme_walk(binary: Path, folder: Path) -> Iterator[Walk]:
    """README.md to the end of its first shell block, in a clone: tenants' files lie there, and Git watches for keys."""
    with walk(binary, folder) as made:
        shutil.copytree(REPOSITORY / "config/tenants", folder / "config/tenants")
        shutil.copy(REPOSITORY / ".gitignore", folder)
        subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
        *before, start = example("README.md", "gatehouse keys init").lines
        assert start.startswith("gatehouse run "), start
        for line in before:
            made.done(line)
        made.listen_on_free_ports()
        with made.started(start):
            yield made


@pytest.fixture(scope="module")
def readme(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """README.md, followed to the running server."""
    with readme_walk(binary, tmp_path_factory.mktemp("readme")) as made:
        yield made


@pytest.fixture(scope="module")
def operations(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """A running server that has neither tenants nor members yet."""
    with walk(binary, tmp_path_factory.mktemp("operations")) as made:
        made.listen_on_free_ports()
        made.done("gatehouse keys init")
        with made.started("gatehouse run"):
            yield made


# --- README.md: Try it, Build and test ------------------------------------------------------------------------------


@functools.cache
def script_help(script: str) -> str:
    """What a script of the repository says about its options; deploy/test knows only wrong ones and says it then."""
    path = REPOSITORY / script
    assert path.is_file() and os.access(path, os.X_OK), f"{script} is no program"
    done = subprocess.run(
        [str(path), "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=COMMAND_SECONDS,
        check=False)
    assert done.returncode in (DONE, USAGE), done.stderr
    return done.stdout + done.stderr


def assert_script_knows(words: list[str]) -> None:
    """A script is there, and its help names each of these options."""
    script, *arguments = words
    assert os.access(REPOSITORY / script, os.X_OK), f"{script} is no program"
    for option in arguments:
        if option.startswith("--"):
            assert re.search(rf"{option}\b", script_help(script)), f"{script} does not know {option}"


@pytest.mark.parametrize("beginning", ["deploy/quickstart", "deploy/test"])
def test_the_scripts_of_a_block_are_there_and_know_their_options(beginning: str) -> None:
    """What deploy/quickstart does is shown by test_quickstart.py; deploy/test is what runs these tests."""
    for line in example("README.md", beginning).lines:
        assert line.startswith("deploy/"), line
        assert_script_knows(shlex.split(line))


def test_a_release_is_built_as_the_scripts_build_it() -> None:
    """The packages are those that both scripts install, the options those with which both build; not built again."""
    packages, build = example("README.md", "sudo apt-get install").lines
    for script in ("deploy/test", "deploy/quickstart"):
        text = (REPOSITORY / script).read_text()
        installed = re.search(r"debian_packages=\(([^)]*)\)", text)
        assert installed, script
        assert set(packages.removeprefix("sudo apt-get install ").split()) <= set(installed[1].split()), script
        assert re.search(rf"{re.escape(build)}(\s|$)", text), f"{script} builds otherwise than {build}"


# --- README.md: Put it before your own application ------------------------------------------------------------------


def test_the_ten_lines_are_ten_and_are_good_as_they_stand(binary: Path, tmp_path: Path) -> None:
    """Without a word changed they pass `check`, as soon as the key is there."""
    with walk(binary, tmp_path) as made:
        made.done("gatehouse keys init")
        assert ": ok " in made.done("gatehouse check")
        assert len(made.configuration.read_text().splitlines()) == 10


def test_who_was_made_by_the_commands_signs_in_through_the_ten_lines(readme: Walk) -> None:
    """Ada of globex signs in, opens /admin/ as its administrator, and the application hears who she is."""
    ada = readme.visitor("globex.example.org")
    assert ada.get("/app/start").is_redirect, "a page of the application is for members"
    assert "ada@globex.example" in ada.sign_in("ada@globex.example", PASSWORD).text
    heard = json.loads(ada.get("/admin/", accept="application/json").body)["headers"]
    assert (heard["x-tenant-id"], heard["x-user-email"]) == (["globex"], ["ada@globex.example"])
    assert "admin" in heard["x-user-roles"][0].split(",")
    assert readme.visitor("globex.example.org").get("/assets/style.css").status == 200


def test_the_application_receives_what_is_listed(readme: Walk) -> None:
    """Each header, the assertion with exactly these claims, and the keys at that path."""
    text = (REPOSITORY / "README.md").read_text()
    listed = text.partition("### What the application receives\n")[2].partition("\n\n")[0]
    names = re.findall(r"`(X-[A-Za-z-]+)`", listed)
    claimed, keys = re.search(r"`(iss [a-z ]+)`", listed), re.search(r"`(/\S+\.json)`", listed)
    assert len(names) == 9 and claimed and keys, listed
    ada = readme.visitor("globex.example.org")
    ada.sign_in("ada@globex.example", PASSWORD)
    heard = json.loads(ada.get("/app/", accept="application/json").body)["headers"]
    assert set(map(str.lower, names)) <= set(heard)
    payload = heard["x-gatehouse-assertion"][0].split(".")[1]
    assertion = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert set(assertion) == set(claimed[1].split())
    assert assertion["exp"] - assertion["iat"] <= 60
    assert json.loads(ada.get(keys[1]).body)["keys"]


def test_explain_says_what_it_is_shown_for(readme: Walk) -> None:
    """A member without the role is refused, with the reason and the exit code that the documentation names."""
    for line in example("README.md", "gatehouse explain").lines:
        ended = readme.type(line)
        assert ended.returncode == REFUSED, ended.stdout + ended.stderr
        assert "role-missing" in ended.stdout


def test_sigterm_drains_and_stops_and_sighup_reloads(binary: Path, tmp_path: Path) -> None:
    """What the block says beside `gatehouse run`."""
    start = example("README.md", "gatehouse keys init").lines[-1]
    assert "SIGTERM drains and stops, SIGHUP reloads" in start
    with readme_walk(binary, tmp_path) as made:
        assert made.server
        made.server.send_signal(signal.SIGHUP)
        made.server.await_event("reloaded")
        assert made.server.stop() == DONE, made.server.said()


# --- Operations.md --------------------------------------------------------------------------------------------------


def test_the_commands_for_tenants_work_while_the_server_runs(operations: Walk) -> None:
    """One after the other; then Ada has exactly the roles that she was given, and signs in."""
    for line in example("Operations.md", "gatehouse tenant create").lines:
        operations.done(line)
    ada = operations.visitor("acme.example.org")
    ada.sign_in("ada@acme.example", PASSWORD)
    heard = json.loads(ada.get("/admin/", accept="application/json").body)["headers"]
    assert sorted(heard["x-user-roles"][0].split(",")) == ["admin", "user"]


def test_the_commands_for_lost_factors_work_while_the_server_runs(operations: Walk) -> None:
    """One after the other, for a member of a tenant of their own; the last line ends with a code of eight digits."""
    acme = "gatehouse tenant create {} --name {} --host {}.example.org"
    made = "gatehouse user create --tenant {} --email ben@{}.example --name Ben --password-stdin < password"
    operations.type(acme.format("acme", "Acme", "acme"))
    operations.type(made.format("acme", "acme"))
    *before, last = example("SecondFactors.md", "gatehouse user show").lines
    for line in before:
        assert re.search(r"^factors: +none$", operations.done(line), re.MULTILINE)
    removed, code = operations.done(last).splitlines()
    assert removed == "0 second factors removed"
    assert re.fullmatch(r"\d{4} \d{4}", code)


def test_a_tenants_rules_for_second_factors_are_good_as_they_stand(binary: Path, tmp_path: Path) -> None:
    """In a tenant's file beside the ten lines they are checked without a fault or a warning, and shown as they are."""
    rules = example("SecondFactors.md", "mfa: { required").text
    with walk(binary, tmp_path) as made:
        made.done("gatehouse keys init")
        (tmp_path / "config/tenants").mkdir()
        tenant = "id: acme\nname: Acme\nhosts: [acme.example.org]\n" + rules
        (tmp_path / "config/tenants/acme.yaml").write_text(tenant)
        checked = made.type("gatehouse check")
        assert checked.returncode == DONE and "warning" not in checked.stdout + checked.stderr, checked.stderr
        shown = made.done("gatehouse tenant show acme")
        assert "required; grace: 14d" in shown and "rp_id: example.org; attestation: attested" in shown, shown


def test_doctor_finds_no_fault_from_outside(operations: Walk) -> None:
    """With the configuration at hand nothing is left unseen but what no answer tells."""
    for line in example("Operations.md", "gatehouse doctor").lines:
        said = operations.done(operations.here(line))
        assert ", 0 warn, 0 fail, " in said.splitlines()[-1], said


# --- SAML.md --------------------------------------------------------------------------------------------------------


def test_a_saved_response_is_judged_as_the_page_shows(binary: Path, tmp_path: Path) -> None:
    """A response to that request, at that moment, is accepted; the line stands as it is on the page."""
    block = example("SAML.md", "gatehouse saml check").text
    vectors = REPOSITORY / "Tests/Vectors/saml"
    shutil.copy(vectors / "signed-assertion.xml", tmp_path / "response.xml")
    shutil.copy(vectors / "metadata.xml", tmp_path / "idp.xml")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/gatehouse").symlink_to(binary)
    ended = subprocess.run(
        ["sh", "-c", block], cwd=tmp_path, env={"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}, capture_output=True,
        text=True, timeout=COMMAND_SECONDS, check=False)
    assert ended.returncode == DONE and ended.stdout.startswith("verdict: accepted\n"), ended.stdout + ended.stderr


PROVIDERS = [each for each in EXAMPLES if each.document == "SAMLProviders.md"]


def with_connection(made: Walk, tenant: str) -> None:
    """Gives the folder a tenant's file, and metadata for whatever it names."""
    (made.folder / "config/tenants").mkdir()
    (made.folder / "config/tenants/acme.yaml").write_text("id: acme\nname: Acme\n" + tenant)
    for name in re.findall(r"metadata_file: (\S+)", tenant):
        shutil.copy(REPOSITORY / "Tests/Vectors/saml/metadata.xml", made.folder / "config" / name)


def test_the_commands_for_connections_work_while_the_server_runs(binary: Path, tmp_path: Path) -> None:
    """The tenant's file of the page is good as it stands; then one line after the other succeeds."""
    connection = example("SAML.md", "hosts: [acme.example.org]").text
    alone = example("SAML.md", "sign_in: { methods: [saml").text
    with walk(binary, tmp_path) as made:
        made.done("gatehouse keys init")
        with_connection(made, alone + connection)
        checked = made.type("gatehouse check")
        assert checked.returncode == DONE and "warning" not in checked.stdout + checked.stderr, checked.stderr
        made.listen_on_free_ports()
        with made.started("gatehouse run"):
            ada = "gatehouse user create --tenant acme --email ada@acme.example --name Ada"
            made.done(f"{ada} --password-stdin < password")
            metadata, addresses, test, listed = example("SAML.md", "gatehouse saml metadata").lines
            assert made.type(metadata).returncode == DONE
            entity_id = "https://acme.example.org:8443/.gatehouse/saml/acme/okta/metadata"
            assert f'entityID="{entity_id}"' in (tmp_path / "gatehouse.xml").read_text()
            assert f"entity_id: {entity_id}\n" in made.done(addresses)
            assert "fail" not in made.done(test)
            assert re.search(r"^okta +in-use ", made.done(listed), re.MULTILINE)
            shown, unlink = example("SAML.md", "gatehouse user show").lines
            assert "ada@acme.example" in made.done(shown)
            assert made.done(unlink) == "0 links removed\n"
            for line in example("SAML.md", "gatehouse saml trace").lines:
                assert made.done(line) == ""
            begin, again, finish = example("SAML.md", "gatehouse saml rotate-keys").lines
            made.done(begin)
            assert made.type(again).returncode == DONE
            document = (tmp_path / "gatehouse.xml").read_text()
            assert document.count('<md:KeyDescriptor use="signing">') == 2, document
            made.done(finish)


def test_the_addresses_to_enter_are_those_of_the_page(binary: Path, tmp_path: Path) -> None:
    """The line prints the four addresses of the table, but for the port of public_url, which the page leaves out."""
    (line,) = example("SAMLProviders.md", "gatehouse saml metadata").lines
    page = next(each for each in documents() if each.name == "SAMLProviders.md").read_text()
    addresses = re.findall(r"`(https://acme\.example\.org/\.gatehouse/saml/acme/company/\w+)` \|$", page, re.MULTILINE)
    with walk(binary, tmp_path) as made:
        made.done("gatehouse keys init")
        with_connection(
            made, "hosts: [acme.example.org]\nemail_domains: [acme.example]\n"
            "saml: [{ name: company, metadata_file: idp.xml }]\n")
        said = made.done(line).replace("acme.example.org:8443", "acme.example.org")
    assert len(addresses) == 4 and all(f" {address}\n" in said for address in addresses), said


@pytest.mark.parametrize(
    "each", [each for each in PROVIDERS if each.language == "yaml"],
    ids=[each.lines[2].split()[-1] for each in PROVIDERS if each.language == "yaml"])
def test_the_connection_of_a_provider_is_good(binary: Path, tmp_path: Path, each: Example) -> None:
    """In a tenant's file beside the ten lines it is checked without a fault or a warning."""
    with walk(binary, tmp_path) as made:
        made.done("gatehouse keys init")
        with_connection(made, "hosts: [acme.example.org]\nemail_domains: [acme.example]\n" + each.text)
        checked = made.type("gatehouse check")
        assert checked.returncode == DONE, checked.stdout + checked.stderr
        assert "warning" not in checked.stdout + checked.stderr, checked.stdout


@pytest.mark.parametrize(
    "each", [each for each in PROVIDERS if each.language == "php"],
    ids=[each.lines[0] for each in PROVIDERS if each.language == "php"])
def test_what_is_written_at_simplesamlphp_is_php(tmp_path: Path, each: Example) -> None:
    """PHP reads it."""
    (tmp_path / "block.php").write_text("<?php\n" + each.text)
    read = subprocess.run(
        ["php", "-l", "block.php"], cwd=tmp_path, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)
    assert read.returncode == DONE, read.stdout + read.stderr


# --- commands within a line -----------------------------------------------------------------------------------------


def is_command(span: Span) -> bool:
    """True for what calls a program of ours, and for whatever has an option behind its first word."""
    first, *others = span.text.split(" ")
    return (
        (Path(first).name == "gatehouse" and bool(others)) or first.startswith(("deploy/", "Tests/Benchmarks/run"))
        or (not first.startswith("-") and any(word.startswith("-") for word in others)))


COMMANDS = [each for each in SPANS if is_command(each)]
OPTIONS = [each for each in SPANS if each.text.startswith("--")]


@functools.cache
def help_of(binary: Path, *command: str) -> str:
    """`gatehouse COMMAND --help`, which must be that command's."""
    done = subprocess.run(
        [str(binary), *command, "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=COMMAND_SECONDS, check=False)
    assert done.returncode == DONE, done.stderr
    assert re.search(rf"^USAGE: {' '.join(['gatehouse', *command])}\b", done.stdout, re.MULTILINE), done.stdout
    return done.stdout


def subcommands(binary: Path, *command: str) -> list[str]:
    """The commands below this one."""
    return re.findall(r"^  ([a-z-]+)  ", help_of(binary, *command).partition("SUBCOMMANDS:")[2], re.MULTILINE)


def assert_gatehouse_knows(binary: Path, words: list[str]) -> None:
    """The words are a command that does something, and its help lists each of the options."""
    command: tuple[str, ...] = ()
    while below := subcommands(binary, *command):
        assert len(words) > len(command), f"gatehouse {' '.join(command)} needs one of {below}"
        word = words[len(command)]
        assert word in below, f"gatehouse {' '.join(command)} does not know {word}; it knows {below}"
        command += (word,)
    for option in words[len(command):]:
        if option.startswith("--"):
            assert has_option(help_of(binary, *command), option), f"{' '.join(command)} does not know {option}"


def has_option(text: str, option: str) -> bool:
    """True where this help lists the option."""
    return re.search(rf"^  (-\w, )?{option}\b", text, re.MULTILINE) is not None


@pytest.mark.parametrize("each", COMMANDS, ids=[each.name for each in COMMANDS])
def test_a_command_within_a_line_exists(binary: Path, each: Span) -> None:
    """Ours is known to the program or script with each of its options; any other is run by the test below."""
    words = each.text.split(" ")
    if Path(words[0]).name == "gatehouse":
        assert_gatehouse_knows(binary, words[1:])
    elif (REPOSITORY / words[0]).exists() or words[0].startswith("deploy/"):
        assert_script_knows(words)
    else:
        assert each.text in ENDS, f"no test runs {each.text}; name it in ENDS"


@pytest.mark.parametrize("each", OPTIONS, ids=[each.name for each in OPTIONS])
def test_an_option_within_a_line_exists(binary: Path, each: Span) -> None:
    """Some command or script of ours has it; where a script has it, with the word behind it."""
    option = each.text.split(" ")[0]
    commands = [(name,) for name in subcommands(binary)]
    commands += [(name, below) for name, in commands for below in subcommands(binary, name)]
    assert (
        each.text in script_help("deploy/test") or each.text in (REPOSITORY / "deploy/quickstart").read_text()
        or any(has_option(help_of(binary, *command), option) for command in commands)), option


@pytest.mark.parametrize("text", ENDS)
def test_a_command_within_a_line_ends_as_the_page_says(readme: Walk, binary: Path, text: str) -> None:
    """Run beside the server; names in capitals stand for what the reader has."""
    assert readme.server
    (readme.folder / "NEW").mkdir(exist_ok=True)
    if not (readme.folder / "NEW/gatehouse").exists():
        (readme.folder / "NEW/gatehouse").symlink_to(binary)
    line = text.replace("-connect HOST:443", f"-connect 127.0.0.1:{readme.server.port}")
    for name, value in (("HOST", "globex.example.org"), ("H", "globex.example.org"), ("P", "/"), ("A", "192.0.2.7")):
        line = re.sub(rf"(?<= ){name}(?= |$)", value, line)
    ended = readme.type(readme.here(line) if "--url" in line else line)
    code, words = ENDS[text]
    assert ended.returncode == code, f"{line}\n{ended.returncode} {ended.stdout}{ended.stderr}"
    assert words.replace("PORT", str(readme.server.port)) in ended.stdout + ended.stderr, ended.stdout + ended.stderr
