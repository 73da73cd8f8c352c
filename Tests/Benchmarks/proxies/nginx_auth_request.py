"""nginx that asks a service about each request (auth_request); both are counted."""

from dataclasses import replace

from processes import PinnedProcesses
from proxies.auth_service import AuthService
from proxies.nginx import COOKIE_MAP, FIELDS, IDENTITY, Nginx
from workload import SESSION_COOKIE, Route

TABLES = """\
    upstream service {{
        server 127.0.0.1:{service};
        keepalive 128;
        keepalive_requests 1000000000;
    }}
"""

QUESTION = """\
        auth_request /auth;
        location = /auth {
            internal;
            proxy_pass http://service;
            proxy_request_buffering on;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_pass_request_headers off;
            proxy_set_header Connection "";
            proxy_set_header Cookie $http_cookie;
            proxy_set_header X-Forwarded-Host $host;
            proxy_set_header X-Forwarded-Uri $request_uri;
        }
"""


class NginxAuthRequest(Nginx):
    """The service decides; the fields of its answer are the identity."""

    name = "nginx-auth-request"
    title = "nginx with auth_request and its service"

    def start(self) -> None:
        self.service = AuthService(replace(self.stage, folder=self.folder))
        self.service.start()
        try:
            super().start()
        except BaseException:
            self.service.stop()
            raise
        self.process = PinnedProcesses(self.process, self.service.process)

    def tables(self) -> str:
        return COOKIE_MAP.format(cookie=SESSION_COOKIE) + TABLES.format(service=self.service.port)

    def rules(self) -> str:
        fields = "".join(
            f"        auth_request_set $session_{name} $upstream_http_{header.lower().replace('-', '_')};\n"
            for header, name in zip(self.service.fields, FIELDS))
        return QUESTION + fields + IDENTITY + "".join(map(self.location, self.stage.workload.routes))

    def location(self, route: Route) -> str:
        return f"        location {route.path} {{ proxy_pass http://application; }}\n"
