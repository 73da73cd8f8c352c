"""The recipes of BehindABalancer.md in real balancers: nginx and HAProxy as Debian has them, the fences of the page as
they stand, and Gatehouse behind with config/examples/behind-a-balancer.yaml."""

from __future__ import annotations

import csv
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from support.certificates import Authority
from support.fences import REPOSITORY, example, replaced
from support.installation import MIA, SHARED as HOST, Installation
from support.running import PATIENCE_SECONDS, Running, await_that, client_context, running
from support.visitor import Page, Visitor

BALANCER, MEMBER = "127.0.0.1", "127.0.0.77"
"""Where the balancer comes from, which alone is trusted, and where the member's browser is."""
FORGED = "203.0.113.9"
PAGE = "BehindABalancer.md"


# --- the application ------------------------------------------------------------------------------------------------


class Application:
    """Tells each request's headers back as JSON; `/stream` sends `one` at once, and `two` when `go_on` is set."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        application = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = PATIENCE_SECONDS

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                if self.path == "/stream":
                    return self._stream()
                told: dict[str, list[str]] = {}
                for name, value in self.headers.items():
                    told.setdefault(name.lower(), []).append(value)
                body = json.dumps(told).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def _stream(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"3\r\none\r\n")
                self.wfile.flush()
                application.go_on.wait(2 * PATIENCE_SECONDS)
                self.wfile.write(b"3\r\ntwo\r\n0\r\n\r\n")

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Application:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


# --- Gatehouse ------------------------------------------------------------------------------------------------------


def write_configuration(folder: Path, application_port: int, listener_keys: str) -> None:
    """The example for balancers with this machine's addresses, a port for probes, and a log."""
    text = (REPOSITORY / "config/examples/behind-a-balancer.yaml").read_text()
    here = {
        'address: ":8443"': f'address: "127.0.0.1:0"{listener_keys}', "[10.0.1.0/24]": f'["{BALANCER}/32"]',
        "http://10.0.2.11:8080": f"http://127.0.0.1:{application_port}",
    }
    (folder / "gatehouse.yaml").write_text(
        replaced(text, here) + 'operations: { address: "127.0.0.1:0" }\n'
        "telemetry: { log: { level: info, format: json, file: gatehouse.log } }\n")


def make_member(site: Installation) -> None:
    """The key, a tenant on the host that public_url names, and a member."""
    site.done("keys", "init")
    site.done("tenant", "create", MIA.tenant, "--name", "Acme GmbH")
    site.add(MIA)


# --- the balancers --------------------------------------------------------------------------------------------------

NGINX = """\
daemon off;
master_process off;
error_log stderr;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
{recipe}
}}
"""

HAPROXY = """\
global
    stats socket {folder}/haproxy.sock level user
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend browsers
    bind 127.0.0.1:{port} ssl crt {folder}/tls/both.pem
    default_backend gatehouse
{recipe}
"""

HAPROXY_TCP = """\
defaults
    mode tcp
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend browsers
    bind 127.0.0.1:{port}
    default_backend gatehouse-tcp
{recipe}
"""


def nginx_configuration(folder: Path, port: int, gate: int) -> str:
    """The page's server, in nothing but what nginx needs to run without root and beside another nginx."""
    recipe = replaced(example(PAGE, "server {").text, {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "10.0.2.5:8443": f"127.0.0.1:{gate}",
        "/etc/nginx/app.pem": f"{folder}/tls/app.pem",
        "/etc/nginx/app.key": f"{folder}/tls/app.key",
        "/etc/nginx/gatehouse-authority.pem": f"{folder}/tls/authority.pem",
    })
    return NGINX.format(folder=folder, recipe=recipe)


def haproxy_configuration(folder: Path, port: int, gate: int) -> str:
    """The page's backend, with the defaults that Debian's own file has, a frontend, and a socket to ask."""
    recipe = replaced(example(PAGE, "backend gatehouse\n    option").text, {
        "10.0.2.5:8443": f"127.0.0.1:{gate}",
        "/etc/haproxy/gatehouse-authority.pem": f"{folder}/tls/authority.pem",
    })
    return HAPROXY.format(folder=folder, port=port, recipe=recipe)


def haproxy_tcp_configuration(folder: Path, port: int, gate: int) -> str:
    """The page's backend that passes the bytes through."""
    recipe = replaced(example(PAGE, "backend gatehouse-tcp").text, {"10.0.2.5:8443": f"127.0.0.1:{gate}"})
    return HAPROXY_TCP.format(port=port, recipe=recipe)


BALANCERS: dict[str, tuple[Callable[[Path, int, int], str], tuple[str, ...]]] = {
    "nginx": (nginx_configuration, ("nginx", "-e", "stderr", "-c")),
    "haproxy": (haproxy_configuration, ("haproxy", "-db", "-f")),
}
"""How each is set up, and its command in the foreground, to which the file is added."""
PASSING = (haproxy_tcp_configuration, ("haproxy", "-db", "-f"))
"""The one that passes the bytes through."""


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        return int(other.getsockname()[1])


@contextmanager
def balancing(kind: str, folder: Path, gate: int) -> Iterator[int]:
    """The balancer before Gatehouse's port; the port on which browsers find it."""
    configuration, command = BALANCERS.get(kind, PASSING)
    program = shutil.which(command[0], path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, f"{command[0]} is not there; deploy/test installs it"
    port, file = free_port(), folder / f"{kind}.conf"
    file.write_text(configuration(folder, port, gate))
    with open(folder / f"{kind}.txt", "wb") as said:
        process = subprocess.Popen(
            [program, *command[1:], str(file)], cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said)

    def accepts() -> bool:
        assert process.poll() is None, f"{kind} ended: {(folder / f'{kind}.txt').read_text()}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        await_that(accepts, f"{kind} accepts connections")
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


# --- a browser before it --------------------------------------------------------------------------------------------


class Browser(Visitor):
    """A browser at the balancer: its address is its connection's."""

    def send(
        self, method: str, target: str, *, fields: tuple[tuple[str, str], ...] = (), **more: object
    ) -> Page:
        """One request, as given; public_url has no port, so Host has none unless it is given."""
        host = () if "Host" in dict(fields) else (("Host", self.host),)
        return super().send(method, target, fields=(*host, *fields), **more)  # type: ignore[arg-type]

    def connected(self) -> http.client.HTTPConnection:
        """A connection to the balancer, whose certificate is right."""
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS, (MEMBER, 0))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        connection.sock = client_context(self.authority).wrap_socket(plain, server_hostname=self.host)
        return connection

    def _exchange(
        self, method: str, target: str, sent: list[tuple[str, str]], body: bytes, server_name: str
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        with closing(self.connected()) as connection:
            connection.request(method, target, body or None, dict(sent))
            with connection.getresponse() as answer:
                return answer.status, answer.getheaders(), answer.read()


@dataclass(frozen=True)
class Site:
    """A balancer with Gatehouse and the application behind it."""

    kind: str
    folder: Path
    port: int
    gate: Running
    application: Application

    def browser(self, port: int = 0) -> Browser:
        """A browser, before this balancer or before another one."""
        return Browser(port or self.port, self.folder / "tls/authority.pem", HOST, address="")

    def member(self) -> Browser:
        """A browser in which the member has signed in."""
        browser = self.browser()
        browser.sign_in(MIA.email, MIA.password)
        return browser

    def heard(self, browser: Browser, **forged: str) -> dict[str, list[str]]:
        """What the application was told, of a request with these fields besides the browser's own."""
        fields = tuple((name.replace("_", "-"), value) for name, value in forged.items())
        page = browser.get("/app/", fields=fields)
        assert page.status == 200, page.text
        return json.loads(page.body)


@pytest.fixture(scope="module")
def gate(binary: Path) -> Iterator[tuple[Path, Running, Application]]:
    """Gatehouse and the application, once for both balancers."""
    with gatehouse(binary) as made:
        yield made


@contextmanager
def gatehouse(binary: Path, listener_keys: str = "") -> Iterator[tuple[Path, Running, Application]]:
    """Gatehouse and the application, in a folder whose path is short enough for sockets."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatehouse-")))
        application = stack.enter_context(Application())
        authority = Authority(folder / "tls/authority.pem")
        authority.issue([HOST], folder / "tls/app.pem", folder / "tls/app.key")
        both = (folder / "tls/app.pem").read_text() + (folder / "tls/app.key").read_text()
        (folder / "tls/both.pem").write_text(both)
        write_configuration(folder, application.port, listener_keys)
        make_member(Installation(binary, folder, authority))
        yield folder, stack.enter_context(running(binary, folder)), application


@pytest.fixture(scope="module", params=BALANCERS)
def site(request: pytest.FixtureRequest, gate: tuple[Path, Running, Application]) -> Iterator[Site]:
    """Each balancer before it."""
    folder, server, application = gate
    with balancing(request.param, folder, server.port) as port:
        yield Site(request.param, folder, port, server, application)


# --- what the page promises -----------------------------------------------------------------------------------------


def test_a_member_signs_in_and_the_application_hears_who_and_from_where(site: Site) -> None:
    """Identity headers as without a balancer; the client's address is the browser's, not the balancer's."""
    browser = site.browser()
    assert browser.get("/app/").is_redirect, "it is for members"
    heard = site.heard(site.member())
    assert (heard["x-tenant-id"], heard["x-user-email"]) == ([MIA.tenant], [MIA.email])
    assert heard["x-gatehouse-assertion"]
    assert (heard["x-forwarded-for"], heard["x-real-ip"]) == ([MEMBER], [MEMBER])
    assert (heard["x-forwarded-host"], heard["x-forwarded-proto"]) == ([HOST], ["https"])


@pytest.mark.parametrize("forged", [FORGED, f"{FORGED}, {BALANCER}", BALANCER])
def test_a_client_address_that_the_client_writes_does_not_count(site: Site, forged: str) -> None:
    """The address is the one that the balancer appended, whatever stood in the fields before."""
    heard = site.heard(site.member(), X_Forwarded_For=forged, X_Real_IP=forged, Forwarded=f"for={FORGED}")
    assert (heard["x-forwarded-for"], heard["x-real-ip"]) == ([MEMBER], [MEMBER])
    assert FORGED not in json.dumps(heard)


def test_an_identity_that_the_client_writes_does_not_arrive(site: Site) -> None:
    """The application hears the member's own, and nothing at all without a session."""
    member = site.member()
    own = site.heard(member)
    forged = site.heard(member, X_User_ID="somebody", X_User_Roles="admin", X_Tenant_ID="globex")
    for name in ("x-user-id", "x-user-roles", "x-tenant-id"):
        assert forged[name] == own[name]
    assert "somebody" not in json.dumps(forged)
    assert site.browser().get("/app/", fields=(("X-User-ID", own["x-user-id"][0]),)).is_redirect


def test_the_balancer_is_one_that_is_trusted(site: Site) -> None:
    """Where `trusted_proxies` names it, neither metric nor check complains."""
    site.heard(site.member())
    assert site.gate.metric("gatehouse_untrusted_forwarding_headers_total") == 0
    assert site.gate.operations("/readyz")[0] == 200


@pytest.mark.parametrize("port", ["", ":443", ":8443"])
def test_a_form_of_the_application_is_no_foreign_one(site: Site, port: str) -> None:
    """The origin that browsers name is the application's own: the balancer keeps the host, on any port of its own."""
    fields = (("Host", HOST + port), ("Origin", f"https://{HOST}{port}"))
    answer = site.member().post("/app/save", {"a": "b"}, fields=fields)
    assert answer.status == 200, answer.text


def test_a_host_that_is_not_served_is_refused_by_gatehouse(site: Site) -> None:
    """The balancer leaves it to Gatehouse which hosts there are."""
    assert site.browser().get("/", fields=(("Host", "nobody.example"),)).status == 421


def test_a_streamed_answer_arrives_as_it_is_sent(site: Site) -> None:
    """The first words are there while the application has not said the last ones yet."""
    member = site.member()
    site.application.go_on.clear()
    with closing(member.connected()) as connection:
        connection.request("GET", "/stream", headers={"Host": HOST, "Cookie": member.jar.header(HOST)})
        with connection.getresponse() as answer:
            assert answer.status == 200
            assert answer.read1(100) == b"one"
            site.application.go_on.set()
            assert answer.read() == b"two"


def test_a_gatehouse_of_another_authority_is_not_spoken_to(site: Site) -> None:
    """The balancer verifies the certificate: with another authority in its file nobody is let through."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-") as name:
        shutil.copytree(site.folder / "tls", Path(name) / "tls")
        Authority(Path(name) / "tls/authority.pem", "Somebody else")
        with balancing(site.kind, Path(name), site.gate.port) as port:
            assert site.browser(port).get("/app/").status in (502, 503)


# --- HAProxy's own check --------------------------------------------------------------------------------------------


def haproxy_server(folder: Path) -> dict[str, str]:
    """What HAProxy says about the server `gate`: a line of `show stat`, by column."""
    with socket.socket(socket.AF_UNIX) as control:
        control.settimeout(PATIENCE_SECONDS)
        control.connect(str(folder / "haproxy.sock"))
        control.sendall(b"show stat\n")
        said = b"".join(iter(lambda: control.recv(65536), b"")).decode()
    lines = csv.DictReader(said.removeprefix("# ").splitlines())
    return next(line for line in lines if (line["pxname"], line["svname"]) == ("gatehouse", "gate"))


@pytest.mark.parametrize("site", ["haproxy"], indirect=True)
def test_haproxy_checks_the_server_and_finds_it_up(site: Site) -> None:
    """`check` opens a TLS connection, which Gatehouse answers (before the first one every server counts as up)."""
    await_that(lambda: haproxy_server(site.folder)["check_status"] == "L6OK", "the server's check has passed")
    assert haproxy_server(site.folder)["status"] == "UP"


# --- the bytes passed through ---------------------------------------------------------------------------------------


def test_haproxy_passes_the_bytes_through_and_says_whose_they_are(binary: Path) -> None:
    """Gatehouse's own certificate reaches the browser, the browser's address reaches the application; who comes
    directly, with or without a header, is refused."""
    with gatehouse(binary, "\n    proxy_protocol: true") as (folder, server, application), \
            balancing("haproxy-tcp", folder, server.port) as port:
        site = Site("haproxy-tcp", folder, port, server, application)
        heard = site.heard(site.member(), X_Forwarded_For=FORGED)
        assert (heard["x-forwarded-for"], heard["x-real-ip"]) == ([MEMBER], [MEMBER])
        assert heard["x-user-email"] == [MIA.email]
        for header in (b"", b"PROXY TCP4 203.0.113.9 203.0.113.1 1 2\r\n"):
            with socket.create_connection(("127.0.0.1", server.port), PATIENCE_SECONDS, (MEMBER, 0)) as direct:
                direct.settimeout(PATIENCE_SECONDS)
                try:
                    direct.sendall(header)
                    assert direct.recv(1) == b""
                except ConnectionResetError:
                    pass
        server.await_metric('gatehouse_refusals_total{reason="proxy-header-untrusted"}', 2)
