"""Applications behind TLS and unix sockets, and several servers of one: who is trusted, who gets the requests, and what is
told where something fails."""

from __future__ import annotations

import datetime
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from support.answers import Answer
from support.certificates import Authority
from support.client import Conversation
from support.running import Running, Setting, ask, await_that, prepare, request, running
from support.upstreams import Upstream, server_tls


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path, for the sake of unix sockets."""
    made = Path(tempfile.mkdtemp(prefix="gh-up-"))
    yield made
    shutil.rmtree(made)


@contextmanager
def gateway(binary: Path, folder: Path, upstream: str, setting: Setting = Setting()) -> Iterator[Running]:
    """A gateway whose upstream `app` has these keys, in YAML's flow style."""
    prepare(folder, setting)
    file = folder / "gatehouse.yaml"
    lines = file.read_text().split("upstreams:\n")
    rest = lines[1][lines[1].index("routes:"):]
    file.write_text(f"{lines[0]}upstreams:\n  app: {{ {upstream} }}\n{rest}")
    with running(binary, folder) as server:
        yield server


def get(server: Running, path: str = "/public/a") -> Answer:
    return ask(server.endpoint, request(path))


def reason(answer: Answer) -> str:
    return f"{answer.status} {json.loads(answer.body)['code']}"


def upstream_check(server: Running) -> str:
    """What `/healthz` says of upstreams."""
    return str(json.loads(server.operations("/healthz")[1])["checks"]["upstreams"]["detail"])


class Servers:
    """An authority for application servers, and certificates that it has signed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "servers"
        self.authority = Authority(self._folder / "authority.pem", "authority of the applications")

    def certificate(self, name: str, lifetime: datetime.timedelta = datetime.timedelta(days=1)) -> tuple[Path, Path]:
        files = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        self.authority.issue([name], *files, lifetime=lifetime)
        return files


def test_a_server_of_the_named_authority_is_trusted_and_its_session_resumed(binary: Path, folder: Path) -> None:
    servers = Servers(folder)
    with Upstream(tls=server_tls(*servers.certificate("app.internal"))) as app:
        keys = f'servers: ["https://127.0.0.1:{app.port}"], ca_file: servers/authority.pem, server_name: app.internal'
        with gateway(binary, folder, keys) as server:
            for index in range(3):
                assert get(server, f"/public/{index}").body == f"one /public/{index}".encode()
            assert ask(server.endpoint, request("/public/post", "POST", body=b"b" * 100_000)).status == 200
            assert set(app.tls_names) == {"app.internal"}
            assert len(app.tls_names) <= 2, "one connection of each loop, which serves every request"
            # A connection that the application ends is made anew, and its session resumed.
            app.kill()
            with Upstream(port=app.port, tls=server_tls(*servers.certificate("app.internal"))) as again:
                await_that(lambda: get(server).status == 200, "the restarted application answers")
                assert again.tls_names[0] == "app.internal"
            assert server.metric("gatehouse_upstream_connects_total") >= 2


def test_a_session_is_resumed_by_the_same_server(binary: Path, folder: Path) -> None:
    servers = Servers(folder)
    with Upstream(tls=server_tls(*servers.certificate("app.internal"))) as app:
        keys = f'servers: ["https://127.0.0.1:{app.port}"], ca_file: servers/authority.pem, server_name: app.internal'
        with gateway(binary, folder, keys) as server:
            app.closes = True
            for _ in range(4):
                assert get(server).status == 200
            await_that(lambda: len(app.resumed) >= 2, "a second connection was made")
            assert any(app.resumed[1:]), app.resumed


@pytest.mark.parametrize(
    ("trusted", "name", "days", "words"),
    [
        (False, "app.internal", 1, "unable to get local issuer certificate"),
        (True, "other.internal", 1, "hostname mismatch"),
        (True, "app.internal", -1, "certificate has expired"),
    ],
    ids=["unknown-authority", "another-name", "expired"],
)
def test_a_server_that_cannot_be_trusted_gets_nothing(
    binary: Path, folder: Path, trusted: bool, name: str, days: int, words: str
) -> None:
    servers = Servers(folder)
    Authority(folder / "servers/stranger.pem", "a stranger")
    chain, key = servers.certificate(name, datetime.timedelta(days=days))
    with Upstream(tls=server_tls(chain, key)) as app:
        authority = "authority" if trusted else "stranger"
        keys = (f'servers: ["https://127.0.0.1:{app.port}"], ca_file: servers/{authority}.pem, '
                "server_name: app.internal, retries: 0")
        with gateway(binary, folder, keys) as server:
            assert reason(get(server)) == "502 upstream-handshake-failed"
            assert words in upstream_check(server)
            post = ask(server.endpoint, request("/public/post", "POST", body=b"secret"))
            assert reason(post) == "502 upstream-handshake-failed"
            assert app.paths == []
            server.await_metric('gatehouse_refusals_total{reason="upstream-handshake-failed"}', 2)


def test_a_server_that_asks_for_a_certificate_gets_ours(binary: Path, folder: Path) -> None:
    servers = Servers(folder)
    context = server_tls(*servers.certificate("app.internal"), clients_of=servers.authority.file)
    servers.authority.issue(
        ["gatehouse.internal"], folder / "servers/own.pem", folder / "servers/own.key",
        usage=ExtendedKeyUsageOID.CLIENT_AUTH)
    with Upstream(tls=context) as app:
        keys = (f'servers: ["https://127.0.0.1:{app.port}"], ca_file: servers/authority.pem, '
                "server_name: app.internal, retries: 0")
        with gateway(binary, folder / "without", keys.replace("servers/a", "../servers/a")) as server:
            assert reason(get(server)) == "502 upstream-handshake-failed"
            assert "alert certificate required" in upstream_check(server)
            assert app.paths == []
        own = "client_certificate: { chain_file: servers/own.pem, key_file: servers/own.key }"
        with gateway(binary, folder, f"{keys}, {own}") as server:
            assert get(server).status == 200
            assert app.client_names[0] == "gatehouse.internal"


def test_a_server_without_tls_and_one_with_it_where_none_is_meant(binary: Path, folder: Path) -> None:
    servers = Servers(folder)
    with Upstream() as plain, Upstream(tls=server_tls(*servers.certificate("app.internal"))) as encrypted:
        with gateway(binary, folder / "one", f'servers: ["https://127.0.0.1:{plain.port}"], retries: 0') as server:
            assert reason(get(server)) == "502 upstream-handshake-failed"
        with gateway(binary, folder / "two", f'servers: ["http://127.0.0.1:{encrypted.port}"], retries: 0') as server:
            assert get(server).status == 502
        assert plain.paths == encrypted.paths == []


def test_a_large_answer_and_a_large_request_pass_over_tls(binary: Path, folder: Path) -> None:
    servers = Servers(folder)
    with Upstream(tls=server_tls(*servers.certificate("app.internal"))) as app:
        keys = f'servers: ["https://127.0.0.1:{app.port}"], ca_file: servers/authority.pem, server_name: app.internal'
        with gateway(binary, folder, keys) as server:
            answer = ask(server.endpoint, request("/public/large", "POST", body=b"b" * 5_000_000))
            assert answer.status == 200
            assert len(get(server, "/public/blocks").body) == 8_000_000


def test_a_unix_socket_is_spoken_to_and_found_again_after_a_restart(binary: Path, folder: Path) -> None:
    path = folder / "app.sock"
    with gateway(binary, folder, f'servers: ["unix:{path}"], retries: 1') as server:
        assert reason(get(server)) == "502 upstream-unreachable"
        with Upstream("first", path=path) as app:
            assert get(server).body == b"first /public/a"
            app.kill()
        path.unlink()
        assert reason(get(server)) == "502 upstream-unreachable"
        with Upstream("second", path=path):
            assert get(server).body == b"second /public/a"


def test_a_changed_authority_is_read_without_a_reload(binary: Path, folder: Path) -> None:
    servers = Servers(folder)
    trusted = folder / "trusted.pem"
    Authority(trusted, "a stranger")
    with Upstream(tls=server_tls(*servers.certificate("app.internal"))) as app:
        keys = f'servers: ["https://127.0.0.1:{app.port}"], ca_file: trusted.pem, server_name: app.internal'
        with gateway(binary, folder, keys) as server:
            assert get(server).status == 502
            fresh = folder / "trusted.new"
            fresh.write_bytes(servers.authority.file.read_bytes())
            fresh.rename(trusted)
            await_that(lambda: get(server).status == 200, "the new authority is trusted")


# --- several servers ------------------------------------------------------------------------------------------------


def clear(*apps: Upstream) -> str:
    """`servers` of these applications."""
    return "servers: [" + ", ".join(f'"http://127.0.0.1:{app.port}"' for app in apps) + "]"


def serving(server: Running, url: str) -> float:
    return server.metric(f'gatehouse_upstream_serving{{upstream="app",server="{url}"}}')


def test_a_server_that_is_killed_and_restarted_costs_no_request(binary: Path, folder: Path) -> None:
    with Upstream("stays") as stays, Upstream("dies") as dies:
        with gateway(binary, folder, f"{clear(stays, dies)}, balance: round_robin, retries: 1") as server:
            names = {get(server).body.split()[0] for _ in range(4)}
            assert names == {b"stays", b"dies"}
            dies.kill()
            for index in range(40):
                answer = get(server, f"/public/{index}")
                assert answer.status == 200 and answer.body == f"stays /public/{index}".encode()
            ejected = server.await_event("upstream-ejected")
            assert ejected["server"] == f"http://127.0.0.1:{dies.port}" and "refused" in ejected["fault"]
            assert server.events("upstream-unreachable")
            with Upstream("again", port=dies.port):
                await_that(lambda: get(server).body.startswith(b"again"), "the restarted server gets requests")
                assert server.await_event("upstream-returned")["upstream"] == "app"
                assert serving(server, f"http://127.0.0.1:{dies.port}") == 1


def test_health_checks_take_servers_out_and_in_over_tls_too(binary: Path, folder: Path) -> None:
    servers = Servers(folder)
    with Upstream("first", tls=server_tls(*servers.certificate("app.internal"))) as first, Upstream("second") as second:
        urls = f"https://127.0.0.1:{first.port}", f"http://127.0.0.1:{second.port}"
        check = "health_check: { path: /healthz, interval: 200ms, timeout: 30s, healthy_after: 1, unhealthy_after: 2 }"
        keys = (f'servers: ["{urls[0]}", "{urls[1]}"], ca_file: servers/authority.pem, server_name: app.internal, '
                f"balance: round_robin, {check}")
        with gateway(binary, folder, keys) as server:
            await_that(lambda: first.checks > 1 and second.checks > 1, "both are checked")
            first.health = 503
            unhealthy = server.await_event("upstream-unhealthy")
            assert unhealthy["server"] == urls[0] and unhealthy["fault"] == "answered 503"
            await_that(lambda: serving(server, urls[0]) == 0, "the metric tells")
            assert {get(server).body for _ in range(8)} == {b"second /public/a"}
            assert "health checks fail" in upstream_check(server)
            first.health = 200
            assert server.await_event("upstream-healthy")["server"] == urls[0]
            await_that(lambda: get(server).body.startswith(b"first"), "it gets requests again")


def test_an_upstream_that_is_full_says_so_at_once_where_nobody_may_wait(binary: Path, folder: Path) -> None:
    with Upstream() as app:
        with gateway(binary, folder, f"{clear(app)}, limits: {{ connections: 1, pending: 0 }}") as server:
            held = []
            try:
                # Each loop has one connection: as many as there are loops are held, the others are refused.
                refused: list[Answer] = []
                while not refused:
                    conversation = Conversation(server.endpoint).__enter__()
                    held.append(conversation)
                    conversation.send(request("/public/held"))
                    await_that(
                        lambda: app.paths.count("/public/held") == len(held)
                        or server.metric('gatehouse_refusals_total{reason="upstream-overloaded"}') == 1,
                        "the request is held or refused")
                    if app.paths.count("/public/held") < len(held):
                        refused = conversation.read_answers(1, False).answers
                assert reason(refused[0]) == "503 upstream-overloaded"
                assert refused[0].values("Retry-After")
                app.release.set()
                for conversation in held[:-1]:
                    assert conversation.read_answers(1, False).answers[0].status == 200
            finally:
                for conversation in held:
                    conversation.__exit__(None, None, None)
            await_that(lambda: refusals_logged(folder) == [503], "the access log has the reason")


def refusals_logged(folder: Path) -> list[int]:
    """The status of every line of the log with this reason."""
    lines = (folder / "gatehouse.log").read_text().splitlines(keepends=True)
    parsed = [json.loads(line) for line in lines if line.endswith("\n")]
    return [line["status"] for line in parsed if line.get("reason") == "upstream-overloaded"]
