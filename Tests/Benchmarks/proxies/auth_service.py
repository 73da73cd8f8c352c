"""The service that others ask about a session: nginx with the session table as maps, as lean as one can be."""

from processes import PinnedProcess, free_port
from proxies.nginx import CHECKS, FIELDS, session_maps
from proxies.proxy import Proxy, Stage

CONFIGURATION = """\
daemon off;
worker_processes {loops};
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
pcre_jit on;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_timeout 300s;
    keepalive_requests 1000000000;
    map_hash_max_size 65536;
    map_hash_bucket_size 128;
{tables}
    map $http_x_forwarded_uri $is_permitted {{
        default 1;
        "~^/admin/" $is_admin;
        "~^/area-" $is_user;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
{checks}        if ($is_permitted = 0) {{ return 403; }}
        location / {{
{answer}            return 204;
        }}
    }}
}}
"""


class AuthService(Proxy):
    """Answers 204 with the identity fields, or 401, 403, 421; asked with X-Forwarded-Host and X-Forwarded-Uri."""

    name = "auth-service"

    #: The identity fields that it answers.
    fields: tuple[str, ...] = ()

    def __init__(self, stage: Stage):
        super().__init__(stage)
        self.fields = tuple(stage.workload.sessions[0].identity_headers())

    def start(self) -> None:
        self.port = free_port()
        answer = "".join(
            f"            add_header {header} $session_{name};\n" for header, name in zip(self.fields, FIELDS))
        configuration = self.write("nginx.conf", CONFIGURATION.format(
            folder=self.folder, loops=self.stage.loops, port=self.port, checks=CHECKS, answer=answer,
            tables=session_maps(self, "$http_x_forwarded_host"),
        ))
        self.process = PinnedProcess(
            self.name, ["nginx", "-e", f"{self.folder}/error.log", "-c", str(configuration)], self.stage.cores,
            self.folder)
        self.process.wait_for_port(self.port)
