"""Gatehouse itself: the release build whose session table is filled from a file."""

import base64
import hashlib
import json
import os
import secrets

from processes import START_BOUND_SECONDS, PinnedProcess
from proxies.proxy import Proxy
from workload import PUBLIC_HOST, Route

BINARY_VARIABLE = "GATEHOUSE_TEST_GATEWAY"
#: A library that is preloaded into Gatehouse alone: another allocator, to see what it brings.
ALLOCATOR_VARIABLE = "GATEHOUSE_ALLOCATOR"

CONFIGURATION = """\
listeners:
  - address: "127.0.0.1:0"
    tls:
      minimum_version: "1.3"
      certificates:
        - {{ chain_file: {certificate}, key_file: {key} }}
operations: {{ address: "127.0.0.1:0" }}
public_url: https://{public_host}
upstreams:
  app:
    servers: [ "http://127.0.0.1:{upstream}" ]
routes:
{routes}roles:
  - {{ name: user, default: true }}
  - {{ name: admin, assignable_by: tenant }}
tenants_directory: tenants
telemetry: {{ log: {{ level: info, format: json, file: {log} }} }}
limits: {{ connections: 8000, connections_per_address: 8000 }}
"""


class Gatehouse(Proxy):
    """Started as `$GATEHOUSE_TEST_GATEWAY --config FILE --sessions FILE`; it counts its cores by affinity."""

    name = "gatehouse"
    title = "Gatehouse"

    #: Where /metrics is served, once started: `127.0.0.1:PORT`.
    operations = ""

    start_bound_seconds = START_BOUND_SECONDS
    #: The environment variable that names the executable.
    variable = BINARY_VARIABLE

    @classmethod
    def binary(cls) -> str | None:
        """The executable's absolute path, or None where the variable is not set."""
        named = os.environ.get(cls.variable)
        return os.path.abspath(named) if named else None

    @classmethod
    def version(cls) -> str:
        return f"{cls.title} ({cls.variable}={cls.binary()})"

    def start(self) -> None:
        workload = self.stage.workload
        sessions = self.folder / "sessions.json"
        workload.write_sessions(sessions)
        for tenant in workload.tenants:
            self.write(f"tenants/{tenant}.yaml", f"id: {tenant}\nname: {tenant}\nhosts: [ {tenant}.example.org ]\n")
        configuration = self.write("gatehouse.yaml", CONFIGURATION.format(
            certificate=self.stage.certificate, key=self.stage.key, public_host=PUBLIC_HOST,
            upstream=self.stage.upstream_port, routes="".join(map(_route, workload.routes)), log=self.access_log,
        ))
        self._write_master_key()
        argv = [self.binary() or "", "--config", str(configuration), "--sessions", str(sessions)]
        self.process = PinnedProcess(self.name, self.command(argv), self.stage.cores, self.folder)
        words = dict(word.split("=", 1) for word in self.process.wait_for_line("ready ", self.start_bound_seconds).split()[1:])
        self.port = int(words["listener"].rsplit(":", 1)[1])
        self.operations = words["operations"]

    def command(self, argv: list[str]) -> list[str]:
        """What is really started."""
        preload = os.environ.get(ALLOCATOR_VARIABLE)
        return ["env", f"LD_PRELOAD={preload}", *argv] if preload else argv

    def _write_master_key(self) -> None:
        """A key of this run's own, in the form that `gatehouse keys init` writes."""
        folder = self.folder / "keys"
        folder.mkdir(mode=0o700, exist_ok=True)
        body = f"gatehouse-master-key 1\n{base64.b64encode(secrets.token_bytes(32)).decode()}\n"
        checksum = hashlib.sha256(body.encode()).hexdigest()[:16]
        key = folder / "master.key"
        key.write_text(f"{body}sha256:{checksum}\n")
        key.chmod(0o600)


class GatehouseBefore(Gatehouse):
    """Another build, to hold a change against in the same run; only where it is asked for."""

    name = "gatehouse-before"
    title = "Gatehouse, before"
    variable = "GATEHOUSE_TEST_GATEWAY_BEFORE"

    def command(self, argv: list[str]) -> list[str]:
        """Without the allocator that the other build is given."""
        return argv


def _route(route: Route) -> str:
    access = f"{{ roles: [ {route.role} ] }}" if route.role else "authenticated"
    match = f'{{ host: "*.example.org", path: {json.dumps(route.path)} }}'
    return f"  - {{ name: {route.name}, match: {match}, access: {access}, upstream: app }}\n"
