"""The command line of the benchmark."""

import argparse
import datetime
import os
from pathlib import Path

from measure import Measurement, measure_bodies, measure_half_load, measure_requests, measure_uploads
from measure_connections import (
    measure_first_requests, measure_handshakes, measure_idle_http2_memory, measure_idle_memory, measure_resumption,
)
from measure_streams import measure_http2, measure_loops
from proxies.caddy import Caddy
from proxies.envoy import Envoy, EnvoyVerifying
from proxies.gatehouse import Gatehouse, GatehouseBefore
from proxies.haproxy import HAProxy, HAProxyWithoutAuthentication
from proxies.nginx import Nginx, NginxWithoutAuthentication
from proxies.nginx_auth_request import NginxAuthRequest
from proxies.nginx_lua import NginxLua
from proxies.proxy import Proxy
from proxies.traefik import Traefik

KINDS: dict[str, type[Proxy]] = {
    kind.name: kind for kind in (
        HAProxy, Nginx, NginxLua, NginxAuthRequest, Envoy, EnvoyVerifying, Caddy, Traefik, Gatehouse,
        HAProxyWithoutAuthentication, NginxWithoutAuthentication, GatehouseBefore)
}
#: Measured where --only is silent.
USUAL = [name for name in KINDS if name != GatehouseBefore.name]
#: In the order of a round.
MEASUREMENTS: dict[str, Measurement] = {
    "requests": measure_requests,
    "first": measure_first_requests,
    "half-load": measure_half_load,
    "http2": measure_http2,
    "handshakes": measure_handshakes,
    "resumption": measure_resumption,
    "memory": measure_idle_memory,
    "http2-memory": measure_idle_http2_memory,
    "bodies": measure_bodies,
    "uploads": measure_uploads,
    "loops": measure_loops,
}


def read_options(arguments: list[str]) -> argparse.Namespace:
    """The options, with `proxies`, `measurements` and `results` made ready; ends the process on a bad one."""
    parser = argparse.ArgumentParser(
        prog="Tests/Benchmarks/run",
        description="Gatehouse and other proxies doing the same job, interleaved; see README.md beside this script.")
    parser.add_argument("--only", default=",".join(USUAL), help="proxies, by comma: %(default)s")
    parser.add_argument("--measure", default=",".join(MEASUREMENTS), help="measurements, by comma: %(default)s")
    parser.add_argument("--rounds", type=_at_least(1), default=5, help="rounds (%(default)s)")
    parser.add_argument("--seconds", type=_at_least(1), default=4, help="length of a timed window (%(default)s)")
    parser.add_argument("--connections", type=_at_least(1), default=64, help="of the load (%(default)s)")
    parser.add_argument("--sessions", type=_at_least(100), default=10_000, help="signed in (%(default)s)")
    parser.add_argument("--handshakes", type=_at_least(1), default=300, help="a round (%(default)s)")
    parser.add_argument("--idle", type=_at_least(1), default=1_000, help="idle connections (%(default)s)")
    parser.add_argument("--proxy-core", type=int, default=0, help="core of the proxy (%(default)s)")
    parser.add_argument("--load-core", type=int, default=1, help="core of load and application (%(default)s)")
    parser.add_argument("--strace", action="store_true", help="count system calls of --subject instead of timing")
    parser.add_argument("--counters", action="store_true", help="compare /metrics over 100,000 requests instead")
    parser.add_argument("--profile", action="store_true", help="perf record of --subject under load instead")
    parser.add_argument(
        "--callgrind", action="store_true", help="count Gatehouse's instructions in user space instead")
    parser.add_argument("--http2", action="store_true", help="--profile under HTTP/2 with 10 streams a connection")
    parser.add_argument("--soak", type=_at_least(1000), metavar="N", help="resident memory over N requests instead")
    parser.add_argument("--siege", type=_at_least(10), metavar="N", help="N slow clients of each kind instead")
    parser.add_argument("--subject", choices=KINDS, default=Gatehouse.name, help="of these steps (%(default)s)")
    parser.add_argument("--results", type=Path, help="folder for report.md and results.json, outside the clone")
    parser.add_argument("--keep", action="store_true", help="keep configurations and logs in the results folder")
    options = parser.parse_args(arguments)

    options.inspects = bool(
        options.strace or options.counters or options.profile or options.callgrind or options.soak or options.siege)
    options.proxies = [options.subject] if options.inspects else options.only.split(",")
    options.measurements = options.measure.split(",")
    if unknown := [name for name in options.proxies if name not in KINDS]:
        parser.error(f"--only: {', '.join(unknown)}; known: {', '.join(KINDS)}")
    if unknown := [name for name in options.measurements if name not in MEASUREMENTS]:
        parser.error(f"--measure: {', '.join(unknown)}; known: {', '.join(MEASUREMENTS)}")
    if options.counters and options.subject != Gatehouse.name:
        parser.error("--counters reads Gatehouse's /metrics; the others have none")
    for kind in (Gatehouse, GatehouseBefore):
        if kind.name in options.proxies and not os.access(kind.binary() or "", os.X_OK):
            parser.error(
                f"{kind.variable} must name the release build of gatehouse-test-gateway; "
                "without it: --only haproxy,nginx,haproxy-plain,nginx-plain")
    options.results = (options.results or _default_results()).resolve()
    return options


def _default_results() -> Path:
    base = os.environ.get("GATEHOUSE_BUILD") or Path.home() / ".cache" / "gatehouse"
    return Path(base) / "benchmarks" / datetime.datetime.now().strftime("%Y-%m-%dT%H%M%S")


def _at_least(least: int):
    def number(text: str) -> int:
        value = int(text)
        if value < least:
            raise ValueError
        return value

    return number
