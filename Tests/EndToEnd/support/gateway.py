"""Starts the built gateway on a configuration of its own in a temporary folder, and stops it."""

from __future__ import annotations

import json
import os
import re
import selectors
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .certificates import certificates_in, make_certificates
from .client import Endpoint
from .identity import Person
from .master_key import write_master_key

START_SECONDS = 30.0
STOP_SECONDS = 15.0
HEADER_BYTES = 16 * 1024
HEADERS = 50
BODY_BYTES = 64 * 1024
HOSTS = ["acme.example.org", "globex.example.org", "app.example.org"]
READY = re.compile(r"ready listener=(\S+):(\d+) operations=(\S+):(\d+)\s*")

CONFIGURATION = """\
listeners:
  - address: "127.0.0.1:0"
    tls:
      minimum_version: "1.2"
      certificates:
        - {{ chain_file: tls/chain.pem, key_file: tls/key.pem }}
operations: {{ address: "127.0.0.1:0" }}
trusted_proxies: [ "127.0.0.2/32" ]
public_url: "https://app.example.org:8443"
shared_hosts: []
upstreams:
  app:
    servers: [ "http://127.0.0.1:{upstream_port}" ]
    shared_secret_file: upstream.secret
    timeouts: {{ connect: 2s, first_byte: 2s, idle: 10s }}
    retries: 0
routes:
  - {{ name: public, match: {{ host: "*.example.org", path: /public/ }}, access: public, upstream: app }}
  - {{ name: optional, match: {{ host: "*.example.org", path: /optional/ }}, access: optional, upstream: app }}
  - name: admin
    match: {{ host: "*.example.org", path: /admin/ }}
    methods: [ GET, POST ]
    access: {{ roles: [ admin ] }}
    upstream: app
  - name: exact
    match: {{ host: "*.example.org", path: /Exact/ }}
    case_sensitive: true
    access: authenticated
    upstream: app
  - name: parameters
    match: {{ host: "*.example.org", path: /parameters/ }}
    path_parameters: allow
    access: authenticated
    upstream: app
  - name: slashes
    match: {{ host: "*.example.org", path: /slashes/ }}
    encoded_slash: allow
    access: authenticated
    upstream: app
  - name: empty
    match: {{ host: "*.example.org", path: /empty/ }}
    empty_segments: allow
    access: authenticated
    upstream: app
  - name: shared
    match: {{ host: "*.example.org", path: /shared/ }}
    shared_cache: true
    access: authenticated
    upstream: app
  - name: socket
    match: {{ host: "*.example.org", path: /socket/ }}
    upgrades: [ websocket ]
    access: authenticated
    upstream: app
  - {{ name: app, match: {{ host: "*.example.org", path: /app/ }}, access: authenticated, upstream: app }}
  - {{ name: rest, match: {{ host: acme.example.org, path: / }}, access: authenticated, upstream: app }}
roles:
  - {{ name: user, default: true }}
  - {{ name: admin, assignable_by: tenant }}
tenants_directory: tenants
identity_headers: {{ encoding: percent }}
telemetry: {{ log: {{ level: info, format: json, file: access.log }} }}
limits:
  header_bytes: 16KiB
  headers: {headers}
  body: 64KiB
  header_timeout: 10s
  idle_timeout: 60s
"""

TENANT = """\
id: {id}
name: {id} test tenant
hosts: [ {id}.example.org ]
mfa: none
allowed_networks: []
"""


@dataclass(frozen=True)
class Gateway:
    """A running gateway."""

    endpoint: Endpoint
    operations_port: int
    folder: Path


def write_configuration(folder: Path, upstream_port: int, shared_secret: str) -> Path:
    """Writes gatehouse.yaml with everything that it names; gives its path."""
    make_certificates(folder / "tls", HOSTS)
    write_master_key(folder / "keys/master.key")
    secret = folder / "upstream.secret"
    secret.touch(mode=0o600)
    secret.write_text(shared_secret)
    (folder / "tenants").mkdir()
    for tenant in ("acme", "globex"):
        (folder / "tenants" / f"{tenant}.yaml").write_text(TENANT.format(id=tenant))
    path = folder / "gatehouse.yaml"
    path.write_text(CONFIGURATION.format(upstream_port=upstream_port, headers=HEADERS))
    return path


@contextmanager
def running_gateway(
    executable: str, folder: Path, upstream_port: int, shared_secret: str, people: dict[str, Person]
) -> Iterator[Gateway]:
    """The gateway from its `ready` line to its end by SIGTERM; its standard error goes to `stderr.txt`."""
    configuration = write_configuration(folder, upstream_port, shared_secret)
    sessions = folder / "sessions.json"
    sessions.touch(mode=0o600)
    sessions.write_text(json.dumps([person.seed() for person in people.values()], indent=2))
    with open(folder / "stderr.txt", "wb") as errors:
        process = subprocess.Popen(
            [executable, "--config", str(configuration), "--sessions", str(sessions)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, cwd=folder,
        )
    try:
        line = _first_line(process)
        match = READY.fullmatch(line)
        if not match:
            said = (folder / "stderr.txt").read_text(errors="replace")[-4000:]
            raise RuntimeError(f"the gateway did not become ready: {line!r}\n{said}")
        context = certificates_in(folder / "tls").client_context()
        yield Gateway(Endpoint(match.group(1), int(match.group(2)), context), int(match.group(4)), folder)
        if process.poll() is not None:
            raise RuntimeError(f"the gateway ended by itself with status {process.returncode}")
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _first_line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    collected = b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while b"\n" not in collected:
            if not selector.select(START_SECONDS):
                break
            data = os.read(descriptor, 4096)
            if not data:
                break
            collected += data
    return collected.decode(errors="replace").split("\n")[0]
