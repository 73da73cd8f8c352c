"""Runs `gatehouse run` as an operator does: one configuration file in a folder, one process, signals, its log."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .answers import Answer
from .certificates import Authority
from .client import Conversation, Endpoint
from .master_key import write_master_key

PATIENCE_SECONDS = 30.0
HOST = "app.example.org"

CONFIGURATION = """\
listeners:
  - address: "127.0.0.1:{port}"
    tls:
      certificates:
{certificates}
operations: {{ address: "127.0.0.1:{operations_port}" }}
public_url: "https://app.example.org:8443"
upstreams:
  app:
    servers: [ "http://127.0.0.1:{upstream_port}" ]
    timeouts: {{ connect: 1s, first_byte: {first_byte}, idle: 60s }}
    retries: 0
routes:
  - {{ name: public, match: {{ host: "*", path: /public/ }}, access: public, upstream: app }}
  - {{ name: admin, match: {{ host: "*", path: /admin/ }}, access: {{ roles: [ admin ] }}, upstream: app }}
  - {{ name: app, match: {{ host: "*", path: / }}, access: authenticated, upstream: app }}
roles:
  - {{ name: user, default: true }}
  - {{ name: admin }}
telemetry: {{ log: {{ level: info, format: json, file: {log_file} }} }}
limits: {{ {limits} }}
"""


@dataclass(frozen=True)
class Setting:
    """What a configuration says; a test names only what matters to it."""

    upstream_port: int = 9
    port: int = 0
    operations_port: int = 0
    certificates: tuple[str, ...] = ("tls/chain.pem tls/key.pem",)
    """Chain and key file of each pair, with a space between."""
    first_byte: str = "20s"
    log_file: str = "gatehouse.log"
    limits: str = ""
    """Keys of `limits`, as in YAML."""

    def text(self) -> str:
        """The text of gatehouse.yaml."""
        pairs = [pair.split(" ") for pair in self.certificates]
        return CONFIGURATION.format(
            port=self.port, operations_port=self.operations_port, upstream_port=self.upstream_port,
            first_byte=self.first_byte, log_file=self.log_file, limits=self.limits,
            certificates="\n".join(f"        - {{ chain_file: {chain}, key_file: {key} }}" for chain, key in pairs),
        )


def prepare(folder: Path, setting: Setting) -> Authority:
    """Writes gatehouse.yaml, a master key, and one certificate for both hosts of the tests; gives who signed it."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = Authority(folder / "tls/authority.pem")
    authority.issue([HOST, "acme.example.org"], folder / "tls/chain.pem", folder / "tls/key.pem")
    write_master_key(folder / "keys/master.key")
    (folder / "gatehouse.yaml").write_text(setting.text())
    return authority


def await_that(condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Returns as soon as the condition holds; fails by name when the deadline has passed."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"within {seconds} s it did not happen that {what}"
        select.select([], [], [], 0.01)


def client_context(authority: Path) -> ssl.SSLContext:
    """A client that trusts this authority alone and offers HTTP/1.1."""
    context = ssl.create_default_context(cafile=str(authority))
    context.set_alpn_protocols(["http/1.1"])
    return context


def request(
    target: str, method: str = "GET", host: str = HOST, fields: tuple[str, ...] = (), body: bytes = b""
) -> bytes:
    """The bytes of a request; `Content-Length` is set where there is a body."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", *fields]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def ask(endpoint: Endpoint, data: bytes) -> Answer:
    """The answer to one request on a connection of its own; fails where none comes."""
    with Conversation(endpoint) as conversation:
        return ask_on(conversation, data)


def ask_on(conversation: Conversation, data: bytes) -> Answer:
    """The answer to one more request on this connection; fails where none comes."""
    wanted = len(conversation.observed.answers) + 1
    conversation.send(data)
    observed = conversation.read_answers(wanted, data.startswith(b"HEAD "))
    assert len(observed.answers) == wanted, f"no answer: the connection is {observed.ending}, {observed.fault or ''}"
    return observed.answers[-1]


class Running:
    """A running gateway: its process, its ports, its log, its probes."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
        self.process = process
        self.folder = folder
        self.log = log
        self.port = 0
        self.operations_port = 0

    @property
    def endpoint(self) -> Endpoint:
        """How a client that trusts the folder's authority reaches it."""
        return Endpoint("127.0.0.1", self.port, client_context(self.folder / "tls/authority.pem"), HOST)

    def events(self, name: str, log: Path | None = None) -> list[dict[str, str]]:
        """The process's own log lines of this name so far."""
        path = log or self.log
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        parsed = [json.loads(line) for line in lines if line.endswith("\n")]
        return [line for line in parsed if line.get("event") == name]

    def await_event(self, name: str, count: int = 1) -> dict[str, str]:
        """The `count`th log line of this name, as soon as it is there."""

        def is_there() -> bool:
            assert self.process.poll() is None, f"the gateway ended with {self.process.returncode}: {self.said()}"
            return len(self.events(name)) >= count

        await_that(is_there, f"{name} was logged {count} times")
        return self.events(name)[count - 1]

    def said(self) -> str:
        """What it wrote to standard error."""
        return (self.folder / "stderr.txt").read_text(errors="replace")

    def operations(self, path: str) -> tuple[int, str]:
        """Status and body of a probe."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.operations_port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()

    def metric(self, name: str) -> float:
        """The value of a metric, labels included in the name; 0 where it is not there (yet)."""
        return metric_in(self.operations("/metrics")[1], name)

    def await_metric(self, name: str, value: float) -> None:
        """Waits until it has counted so far: what an answer tells is counted when the answer is on its way already."""
        await_that(lambda: self.metric(name) >= value, f"{name} counts {value:.0f}")
        assert self.metric(name) == value

    def send_signal(self, number: signal.Signals) -> None:
        """Asks the process for something."""
        self.process.send_signal(number)

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        self.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)


def metric_in(page: str, name: str) -> float:
    """The value of a metric on a page in Prometheus' text format; 0 where it is not there."""
    match = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
    return float(match.group(1)) if match else 0.0


@contextmanager
def running(
    binary: Path, folder: Path, setting: Setting | None = None, prefix: tuple[str, ...] = ()
) -> Iterator[Running]:
    """`gatehouse run` on the folder's gatehouse.yaml, which is written where a setting is given.

    `prefix` is a command that runs it, such as prlimit.  It is stopped at the end, if the test has not done so.
    """
    if setting is not None:
        prepare(folder, setting)
    with open(folder / "stderr.txt", "wb") as errors:
        process = subprocess.Popen(
            [*prefix, str(binary), "run", "--config", str(folder / "gatehouse.yaml")],
            stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, cwd=folder,
            env={"PATH": os.environ["PATH"]},
        )
    server = Running(process, folder, folder / "gatehouse.log")
    try:
        started = server.await_event("started")
        server.port = int(started["listeners"].rsplit(":", 1)[1])
        server.operations_port = int(started["operations"].rsplit(":", 1)[1])
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise


@contextmanager
def running_echo(binary: Path) -> Iterator[int]:
    """`gatehouse upstream-echo` on a free port, which is given."""
    process = subprocess.Popen(
        [str(binary), "upstream-echo", "--address", "127.0.0.1:0"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        match = re.fullmatch(r"echo: listening on http://127\.0\.0\.1:(\d+)/\n", line)
        assert match, f"upstream-echo said {line!r}"
        yield int(match.group(1))
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
