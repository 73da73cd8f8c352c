"""nginx with the session table as maps, and nginx without authentication."""

import subprocess

from processes import PinnedProcess, free_port
from proxies.proxy import Proxy
from workload import SESSION_COOKIE, Route, Workload

CONFIGURATION = """\
{modules}daemon off;
worker_processes {loops};
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
pcre_jit on;
events {{ worker_connections 8192; }}
http {{
    log_format json escape=json '{log_format}';
    access_log {folder}/access.log json buffer=64k flush=1s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 0;
    keepalive_timeout 60s;
    keepalive_requests 1000000000;
    map_hash_max_size 65536;
    map_hash_bucket_size 128;
    upstream application {{
        server 127.0.0.1:{upstream};
        keepalive 128;
        keepalive_requests 1000000000;
    }}
{tables}
    server {{
        listen 127.0.0.1:{port} ssl http2 backlog=4096;
        server_name *.example.org;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.3;
        proxy_http_version 1.1;
        proxy_max_temp_file_size 0;
        proxy_request_buffering off;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host $host;
        proxy_set_header X-Forwarded-Port $server_port;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Request-ID $request_id;
{rules}    }}
}}
"""

LOG_FORMAT = (
    '{"time":$msec,"client":"$remote_addr","host":"$host","method":"$request_method","path":"$uri",'
    '"status":$status,"bytes":$body_bytes_sent,"seconds":$request_time,"request":"$request_id"'
)

# `$cookie_…` cannot name a cookie with a hyphen, so the header is searched.
TOKEN_MAP = """\
    map $http_cookie $token {{
        default "";
        "~(?:^|; ){cookie}=(?<session_cookie>[^;]*)" $session_cookie;
    }}
"""
# The application's Cookie field is the client's without the session's.
COOKIE_MAP = """\
    map $http_cookie $application_cookie {{
        default $http_cookie;
        "~^(?<cookies_before>.*?)(?:; )?{cookie}=[^;]*(?<cookies_after>.*)$" $cookies_before$cookies_after;
    }}
"""
ROLE_MAPS = """\
    map $session_roles $is_user { default 0; "~(?:^|,)user(?:,|$)" 1; }
    map $session_roles $is_admin { default 0; "~(?:^|,)admin(?:,|$)" 1; }
"""

CHECKS = """\
        if ($host_tenant = "") { return 421; }
        if ($session_tenant = "") { return 401; }
        if ($session_tenant != $host_tenant) { return 401; }
"""

IDENTITY = """\
        proxy_set_header Cookie $application_cookie;
        proxy_set_header X-Tenant-ID $session_tenant;
        proxy_set_header X-User-ID $session_user;
        proxy_set_header X-User-Email $session_email;
        proxy_set_header X-User-Name $session_name;
        proxy_set_header X-User-Roles $session_roles;
        proxy_set_header X-Auth-Factors $session_factors;
        proxy_set_header X-Session-ID $session_handle;
        proxy_set_header X-User-External-ID "";
        proxy_set_header X-Gatehouse-Assertion "";
        proxy_set_header X-Gatehouse-Secret "";
        proxy_set_header X-Original-URL "";
        proxy_set_header X-Rewrite-URL "";
        proxy_set_header Forwarded "";
"""

#: The session's fields in the order of `Session.identity_headers`, as variables `$session_…`.
FIELDS = ("tenant", "user", "email", "name", "roles", "factors", "handle")


class Nginx(Proxy):
    """One map a field, each keyed by the cookie; one location a route.  Underscored names it drops itself."""

    name = "nginx"
    title = "nginx"

    #: `load_module` lines.
    modules = ""

    @classmethod
    def version(cls) -> str:
        return subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr.strip()

    def start(self) -> None:
        self.port = free_port()
        configuration = self.write("nginx.conf", CONFIGURATION.format(
            port=self.port, folder=self.folder, upstream=self.stage.upstream_port, certificate=self.stage.certificate,
            key=self.stage.key, tables=self.tables(), rules=self.rules(), log_format=self.log_format(),
            loops=self.stage.loops, modules=self.modules,
        ))
        self.process = PinnedProcess(
            self.name, ["nginx", "-e", f"{self.folder}/error.log", "-c", str(configuration)], self.stage.cores,
            self.folder)
        self.process.wait_for_port(self.port)

    def tables(self) -> str:
        """What stands before the server: host to tenant, cookie to each field of its session."""
        return COOKIE_MAP.format(cookie=SESSION_COOKIE) + session_maps(self, "$host")

    def rules(self) -> str:
        """What the server does with a request, and its locations."""
        return CHECKS + IDENTITY + "".join(self.location(route) for route in self.stage.workload.routes)

    def log_format(self) -> str:
        """One JSON object a request, with the session's tenant and user."""
        return LOG_FORMAT + ',"tenant":"$session_tenant","user":"$session_user"}'

    def location(self, route: Route) -> str:
        """The route's place, with the check of its role."""
        check = f"if ($is_{route.role} = 0) {{ return 403; }} " if route.role else ""
        return f"        location {route.path} {{ {check}proxy_pass http://application; }}\n"


class NginxWithoutAuthentication(Nginx):
    """TLS, forwarding headers and the log, nothing else."""

    name = "nginx-plain"
    title = "nginx, no authentication"
    authenticates = False

    def tables(self) -> str:
        return ""

    def rules(self) -> str:
        return "        location / { proxy_pass http://application; }\n"

    def log_format(self) -> str:
        return LOG_FORMAT + "}"


def session_maps(proxy: Proxy, host: str) -> str:
    """Maps from `host` to `$host_tenant`, from the cookie to each `$session_…`, and the two roles.

    Their files are in the proxy's own folder.
    """
    workload: Workload = proxy.stage.workload
    text = TOKEN_MAP.format(cookie=SESSION_COOKIE)
    text += _map(proxy, host, "$host_tenant", {f"{tenant}.example.org": tenant for tenant in workload.tenants})
    for position, name in enumerate(FIELDS):
        values = {session.token: list(session.identity_headers().values())[position] for session in workload.sessions}
        text += _map(proxy, "$token", f"$session_{name}", values)
    return text + ROLE_MAPS


def _map(proxy: Proxy, source: str, variable: str, values: dict[str, str]) -> str:
    table = proxy.write(f"{variable[1:]}.map", "".join(f'"{key}" "{value}";\n' for key, value in values.items()))
    return f'    map {source} {variable} {{ default ""; include {table}; }}\n'
