"""The application behind the proxies: nginx with one worker, answering from memory."""

import urllib.request
from pathlib import Path

from processes import PinnedProcess, free_port
from proxies.nginx_lua import MODULES
from workload import LARGE_BODY_BYTES, LARGE_BODY_PATH, SMALL_BODY_BYTES, UPLOAD_PATH

CONFIGURATION = """\
{modules}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type text/plain;
    keepalive_timeout 300s;
    keepalive_requests 1000000000;
    sendfile on;
    open_file_cache max=16;
    client_max_body_size 0;
    client_body_buffer_size 2m;
    server {{
        listen 127.0.0.1:{identified} backlog=4096;
        if ($http_x_user_id = "") {{ return 500; }}
        location / {{ return 200 "{small}"; }}
        location = {large_path} {{ alias {folder}/large; }}
        location = {upload_path} {{
            content_by_lua_block {{ ngx.req.read_body() ngx.header.content_length = {small_bytes} ngx.print("{small}") }}
        }}
    }}
    server {{
        listen 127.0.0.1:{anonymous} backlog=4096;
        location / {{ return 200 "{small}"; }}
        location = {large_path} {{ alias {folder}/large; }}
        location = {upload_path} {{
            content_by_lua_block {{ ngx.req.read_body() ngx.header.content_length = {small_bytes} ngx.print("{small}") }}
        }}
    }}
    server {{
        listen 127.0.0.1:{status};
        location / {{ stub_status; }}
    }}
}}
"""


class Upstream:
    """Two ports: one answers 500 to whoever comes without an identity, one answers everybody."""

    def __init__(self, core: int, folder: Path):
        self.folder = folder / "upstream"
        self.folder.mkdir(parents=True)
        self.identified_port, self.anonymous_port, self._status_port = free_port(), free_port(), free_port()
        (self.folder / "large").write_bytes(b"x" * LARGE_BODY_BYTES)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(
            folder=self.folder, identified=self.identified_port, anonymous=self.anonymous_port,
            status=self._status_port, small="x" * SMALL_BODY_BYTES, large_path=LARGE_BODY_PATH,
            upload_path=UPLOAD_PATH, small_bytes=SMALL_BODY_BYTES, modules=MODULES,
        ))
        self._own_requests = 0
        # The worker may run under another account than the one that made the folders.
        folder.chmod(0o755)
        self._process = PinnedProcess(
            "upstream", ["nginx", "-e", f"{self.folder}/error.log", "-c", str(configuration)], core, self.folder)
        self._process.wait_for_port(self._status_port)
        self._process.wait_for_port(self.identified_port)

    def requests(self) -> int:
        """Requests that the application has begun to answer, those of this method not among them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._status_port}/", timeout=10) as answer:
            numbers = answer.read().decode().splitlines()[2].split()
        self._own_requests += 1
        return int(numbers[2]) - self._own_requests

    def cpu_seconds(self) -> float:
        """CPU time of the application."""
        return self._process.cpu_seconds()

    def stop(self) -> None:
        """Ends the application."""
        self._process.stop()
