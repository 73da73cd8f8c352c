"""A whole installation as an operator sets it up: configuration, key, tenants, members, the application behind it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .certificates import Authority
from .running import Running, running, running_echo
from .streams import Streams
from .visitor import BALANCER, Visitor, fresh_address

ACME, GLOBEX, SHARED = "acme.example.org", "globex.example.org", "app.example.org"
PASSWORD = "Seven-Herons_4-Breakfast"
"""A password that every rule for passwords would like; each member has it with a number of their own behind."""
COMMAND_SECONDS = 60

CONFIGURATION = """\
listeners:
  - address: "127.0.0.1:0"
    tls: {{ certificates: [ {{ chain_file: tls/chain.pem, key_file: tls/key.pem }} ] }}
operations: {{ address: "127.0.0.1:0" }}
trusted_proxies: [ "{balancer}/32" ]
public_url: "https://app.example.org:8443"
upstreams:
  echo:
    servers: [ "http://127.0.0.1:{echo_port}" ]
    audience: echo-application
  streams:
    servers: [ "http://127.0.0.1:{streams_port}" ]
routes:
  - {{ name: public, match: {{ host: "*.example.org", path: /public/ }}, access: public, upstream: echo }}
  - {{ name: optional, match: {{ host: "*.example.org", path: /optional/ }}, access: optional, upstream: echo }}
  - name: admin-streams
    match: {{ host: "*.example.org", path: /admin/streams/ }}
    access: {{ roles: [ admin ] }}
    upstream: streams
  - name: admin
    match: {{ host: "*.example.org", path: /admin/ }}
    access: {{ roles: [ admin ] }}
    upstream: echo
  - name: streams
    match: {{ host: "*.example.org", path: /streams/ }}
    access: authenticated
    upstream: streams
  - {{ name: app, match: {{ host: "*.example.org", path: / }}, access: authenticated, upstream: echo }}
roles:
  - {{ name: user, default: true }}
  - {{ name: admin, assignable_by: tenant }}
  - {{ name: billing, assignable_by: tenant }}
login: {{ {login} }}
telemetry: {{ log: {{ level: info, format: json, file: gatehouse.log }} }}
"""

TENANTS = {
    "acme": "id: acme\nname: Acme GmbH\nhosts: [ acme.example.org ]\nmfa: none\nroles: [ auditor ]\n",
    "globex": "id: globex\nname: Globex Corporation\nhosts: [ globex.example.org ]\nmfa: none\n",
}


@dataclass(frozen=True)
class Member:
    """Somebody who can sign in."""

    tenant: str
    email: str
    name: str
    roles: tuple[str, ...] = ()
    id: str = ""

    @property
    def password(self) -> str:
        """Their password."""
        number = int.from_bytes(hashlib.sha256(self.email.encode()).digest()[:4])
        return f"{PASSWORD}+{'-'.join(str(number))}"


MIA = Member("acme", "mia.member@acme.example", "Mia Member")
ADA = Member("acme", "ada.admin@acme.example", "Ada Admin", ("admin", "auditor"))
OTTO = Member("globex", "otto.outsider@globex.example", "Otto Outsider", ("admin",))
BEA = Member("acme", "bea.both@partner.example", "Bea Both")
BEA_AT_GLOBEX = Member("globex", BEA.email, BEA.name)


@dataclass
class Installation:
    """A folder with everything in it, and the commands on it."""

    binary: Path
    folder: Path
    authority: Authority
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": os.environ["PATH"]})

    @property
    def data(self) -> Path:
        """Where the databases lie."""
        return self.folder / "data"

    @property
    def configuration(self) -> Path:
        """gatehouse.yaml."""
        return self.folder / "gatehouse.yaml"

    def command(
        self, *arguments: str, stdin: str = "", prefix: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Runs `gatehouse ARGUMENTS… --config FILE`, whatever comes of it."""
        return subprocess.run(
            [*prefix, str(self.binary), *arguments, "--config", str(self.configuration)], cwd=self.folder,
            env=self.environment, input=stdin, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)

    def done(self, *arguments: str, stdin: str = "") -> str:
        """Runs a command that must succeed; what it says."""
        ended = self.command(*arguments, stdin=stdin)
        words = f"gatehouse {' '.join(arguments)}: {ended.returncode} {ended.stderr}{ended.stdout}"
        assert ended.returncode == 0, words
        return ended.stdout

    def listed(self, *arguments: str) -> list[dict[str, object]]:
        """What a list says with `--json`."""
        said = json.loads(self.done(*arguments, "--json"))
        assert isinstance(said, list), said
        return said

    def add(self, member: Member) -> Member:
        """`user create` with a password from standard input; the member with the id that was given."""
        roles = [argument for role in member.roles for argument in ("--role", role)]
        said = self.done(
            "user", "create", "--tenant", member.tenant, "--email", member.email, "--name", member.name, *roles,
            "--password-stdin", stdin=member.password + "\n")
        return Member(member.tenant, member.email, member.name, member.roles, said.strip())

    @contextmanager
    def copied(self) -> Iterator[Installation]:
        """A copy of the folder, where it stands still; the applications behind are the same."""
        with tempfile.TemporaryDirectory(prefix="gatehouse-") as parent:
            folder = Path(parent) / "copy"
            shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("*.sock"))
            yield Installation(self.binary, folder, self.authority)

    @contextmanager
    def running(self, prefix: tuple[str, ...] = ()) -> Iterator[Running]:
        """`gatehouse run`, from its `started` line to its end by SIGTERM."""
        log = self.folder / "gatehouse.log"
        if log.exists():
            log.rename(log.with_suffix(f".{len(list(self.folder.glob('gatehouse.*.log')))}.log"))
        with running(self.binary, self.folder, prefix=prefix) as server:
            yield server

    def visitor(
        self, server: Running, host: str = ACME, language: str = "en", address: str | None = None
    ) -> Visitor:
        """A browser with an address of its own; without one where `address` is empty."""
        address = fresh_address() if address is None else address
        return Visitor(server.port, self.authority.file, host, address, language)


@contextmanager
def installation(binary: Path, login: str = "") -> Iterator[Installation]:
    """An installation in a folder of its own, whose path is short enough for a socket and open to other users.

    `login` are keys of that section, as in YAML.  Key and tenants are there, members are not; nothing runs but the
    applications behind.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatehouse-")))
        folder.chmod(0o755)
        echo_port = stack.enter_context(running_echo(binary))
        streams = stack.enter_context(Streams())
        authority = Authority(folder / "tls/authority.pem")
        authority.issue([ACME, GLOBEX, SHARED, "*.example.org"], folder / "tls/chain.pem", folder / "tls/key.pem")
        (folder / "tenants").mkdir()
        for tenant, text in TENANTS.items():
            (folder / "tenants" / f"{tenant}.yaml").write_text(text)
        made = Installation(binary, folder, authority)
        made.configuration.write_text(CONFIGURATION.format(
            balancer=BALANCER, echo_port=echo_port, streams_port=streams.port, login=login))
        made.done("keys", "init")
        yield made


def as_another_user() -> tuple[str, ...]:
    """A command's prefix that makes it run as nobody."""
    return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
