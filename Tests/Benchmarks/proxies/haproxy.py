"""HAProxy with the session table as a map, and HAProxy without authentication."""

import subprocess

from processes import PinnedProcess, free_port
from proxies.proxy import Proxy
from workload import SESSION_COOKIE

# Removed whatever they carry: everything that a browser could send to look signed in or local.
LOOK_ALIKES = """\
    http-request del-header ^x[-_](tenant|user|auth|session|request|forwarded|gatehouse|real|original|rewrite) -m reg
    http-request del-header forwarded
"""

FORWARDED = """\
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Forwarded-Proto https
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    http-request set-header X-Forwarded-Port %[dst_port]
    http-request set-header X-Real-IP %[src]
"""

# `|`-joined: tenant, user, email, name, roles, factors, handle, and the roles with a comma on each side.
SESSIONS = """\
    http-request set-var(txn.session) req.cook({cookie}),map_str({folder}/sessions.map)
    http-request set-var(txn.tenant) req.hdr(host),lower,map_str({folder}/hosts.map)
    http-request set-var(txn.role) path,map_beg({folder}/routes.map)
    http-request deny deny_status 421 unless {{ var(txn.tenant) -m found }}
    http-request deny deny_status 404 unless {{ var(txn.role) -m found }}
    http-request deny deny_status 401 unless {{ var(txn.session) -m found }}
    http-request deny deny_status 401 unless {{ var(txn.session),field(1,|),strcmp(txn.tenant) eq 0 }}
    acl is_user var(txn.session),field(8,|) -m sub ,user,
    acl is_admin var(txn.session),field(8,|) -m sub ,admin,
    http-request deny deny_status 403 if {{ var(txn.role) -m str user }} !is_user
    http-request deny deny_status 403 if {{ var(txn.role) -m str admin }} !is_admin
"""

IDENTITY = """\
    http-request set-header X-Tenant-ID %[var(txn.tenant)]
    http-request set-header X-User-ID %[var(txn.session),field(2,|)]
    http-request set-header X-User-Email %[var(txn.session),field(3,|)]
    http-request set-header X-User-Name %[var(txn.session),field(4,|)]
    http-request set-header X-User-Roles %[var(txn.session),field(5,|)]
    http-request set-header X-Auth-Factors %[var(txn.session),field(6,|)]
    http-request set-header X-Session-ID %[var(txn.session),field(7,|)]
    http-request replace-header Cookie ^(.*?)(?:;\\ )?{cookie}=[^;]*(.*)$ \\1\\2
"""

CONFIGURATION = """\
global
    nbthread {loops}
    maxconn 8000
    log stdout len 2048 format raw local0 info
    ssl-default-bind-options ssl-min-ver TLSv1.3

defaults
    mode http
    log global
    timeout connect 2s
    timeout client 60s
    timeout server 60s
    timeout http-request 10s
    timeout http-keep-alive 60s
    http-reuse always

frontend public
    bind 127.0.0.1:{port} ssl crt {folder}/pair.pem alpn h2,http/1.1
    log-format '{log_format}'
    unique-id-format %{{+X}}o%ci%cp%Ts%rt%pid
    unique-id-header X-Request-ID
{rules}    default_backend application

backend application
    server application 127.0.0.1:{upstream}
"""

LOG_FORMAT = (
    '{"time":%Ts.%ms,"client":"%ci","host":"%[var(txn.host)]","method":"%HM","path":"%HPO","status":%ST,'
    '"bytes":%B,"milliseconds":%Ta,"request":"%ID"'
)


class HAProxy(Proxy):
    """The session's fields come from one map keyed by the cookie, the needed role from a map of paths."""

    name = "haproxy"
    title = "HAProxy"

    @classmethod
    def version(cls) -> str:
        return subprocess.run(["haproxy", "-v"], capture_output=True, text=True, check=True).stdout.split(" - ")[0]

    def start(self) -> None:
        self._write_maps()
        self.write("pair.pem", self.stage.certificate.read_text() + self.stage.key.read_text())
        self.port = free_port()
        configuration = self.write("haproxy.cfg", CONFIGURATION.format(
            port=self.port, folder=self.folder, upstream=self.stage.upstream_port, rules=self.rules(),
            log_format=self.log_format(), loops=self.stage.loops,
        ))
        # Log lines go to standard output, which is the file: a write each, and no syslog daemon to pay.
        self.process = PinnedProcess(
            self.name, ["haproxy", "-db", "-f", str(configuration)], self.stage.cores, self.folder, self.access_log)
        self.process.wait_for_port(self.port)

    def rules(self) -> str:
        """What the frontend does with a request, in order."""
        names = {"cookie": SESSION_COOKIE, "folder": self.folder}
        keep_host = "    http-request set-var(txn.host) req.hdr(host)\n"
        return keep_host + SESSIONS.format(**names) + LOOK_ALIKES + IDENTITY.format(**names) + FORWARDED

    def log_format(self) -> str:
        """One JSON object a request, with the session's tenant and user."""
        return LOG_FORMAT + ',"tenant":"%[var(txn.tenant)]","user":"%[var(txn.session),field(2,|)]"}'

    def _write_maps(self) -> None:
        workload = self.stage.workload
        lines = []
        for session in workload.sessions:
            fields = [*session.identity_headers().values(), "," + ",".join(session.roles) + ","]
            lines.append(f"{session.token} {'|'.join(fields)}\n")
        self.write("sessions.map", "".join(lines))
        self.write("hosts.map", "".join(f"{tenant}.example.org {tenant}\n" for tenant in workload.tenants))
        self.write("routes.map", "".join(f"{route.path} {route.role or 'any'}\n" for route in workload.routes))


class HAProxyWithoutAuthentication(HAProxy):
    """TLS, forwarding headers and the log, nothing else."""

    name = "haproxy-plain"
    title = "HAProxy, no authentication"
    authenticates = False

    def rules(self) -> str:
        return "    http-request set-var(txn.host) req.hdr(host)\n" + FORWARDED

    def log_format(self) -> str:
        return LOG_FORMAT + "}"
