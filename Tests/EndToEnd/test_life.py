"""What happens over time: reload and certificate swap under load, drain, log rotation.

`GATEHOUSE_LOAD_SECONDS` says how long the load lasts; 6 unless given.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509

from support.application import Application
from support.client import Conversation, Endpoint
from support.load import Load
from support.running import HOST, Running, Setting, ask, ask_on, await_that, prepare, request, running, running_echo

LOAD_SECONDS = float(os.environ.get("GATEHOUSE_LOAD_SECONDS", "6"))


@pytest.fixture
def echo_port(binary: Path) -> Iterator[int]:
    """`gatehouse upstream-echo` as the application."""
    with running_echo(binary) as port:
        yield port


def test_no_request_fails_over_reloads_and_a_certificate_swap(
    binary: Path, tmp_path: Path, echo_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under load: a certificate swap by renamed files, a reload, a refused reload: every request is answered."""
    authority = prepare(tmp_path, Setting(upstream_port=echo_port))
    chain, key, file = tmp_path / "tls/chain.pem", tmp_path / "tls/key.pem", tmp_path / "gatehouse.yaml"
    good = file.read_text()
    serials: list[int] = []

    def swap() -> None:
        serials.append(authority.issue([HOST], chain, key))

    def await_shown() -> None:
        await_that(lambda: all(load.serials[serial] > 0 for serial in serials), "the new certificate is shown")

    with running(binary, tmp_path) as server:
        load = Load(server.endpoint)

        def swap_unasked() -> None:
            await_that(lambda: load.connections > 0, "the first certificate is shown")
            swap()
            server.await_event("certificates-read")
            await_shown()

        def reload() -> None:
            file.write_text(good.replace("path: /admin/", "path: /administration/"))
            server.send_signal(signal.SIGHUP)
            server.await_event("reloaded")

        def reload_badly() -> None:
            file.write_text(good.replace("retries: 0", "retries: many"))
            server.send_signal(signal.SIGHUP)
            server.await_event("reload-refused")

        def reload_with_new_certificate() -> None:
            swap()
            file.write_text(good)
            server.send_signal(signal.SIGHUP)
            server.await_event("reloaded", 2)
            await_shown()

        load.run(
            LOAD_SECONDS,
            [(0.2, swap_unasked), (0.5, reload), (0.6, reload_badly), (0.75, reload_with_new_certificate)])
        assert load.failures == []
        assert load.answered > 100 * LOAD_SECONDS / 6
        assert len(load.serials) == 3, "the first certificate was shown, too"
        server.await_metric("gatehouse_configuration_generation", 3)
        server.await_metric("gatehouse_reloads_refused_total", 1)
        assert server.stop() == 0
    with capsys.disabled():
        print(f"\n{load.answered} requests on {load.connections} connections in {LOAD_SECONDS:.0f} s, 0 failed")


def test_half_a_certificate_swap_keeps_the_old_pair(binary: Path, tmp_path: Path, echo_port: int) -> None:
    """Between the renames of chain and key the old pair serves; when both have come, the new one does."""
    authority = prepare(tmp_path, Setting(upstream_port=echo_port))
    with running(binary, tmp_path) as server:
        old = serial_shown(server)
        fresh = authority.issue([HOST], tmp_path / "fresh/chain.pem", tmp_path / "fresh/key.pem")
        (tmp_path / "fresh/chain.pem").rename(tmp_path / "tls/chain.pem")
        server.await_event("certificates-kept")
        assert serial_shown(server) == old
        checks = json.loads(server.operations("/readyz")[1])["checks"]
        assert checks["certificates"]["status"] == "ok"
        assert "a changed file cannot be used" in checks["certificates"]["detail"]
        (tmp_path / "fresh/key.pem").rename(tmp_path / "tls/key.pem")
        server.await_event("certificates-read")
        await_that(lambda: serial_shown(server) == fresh, "the new certificate is shown")
        assert ask(server.endpoint, request("/public/x")).status == 200


def serial_shown(server: Running) -> int:
    """The serial number of the certificate that a new connection is shown."""
    with Conversation(server.endpoint) as conversation:
        assert isinstance(conversation.socket, ssl.SSLSocket)
        shown = conversation.socket.getpeercert(binary_form=True)
        assert shown is not None
        return x509.load_der_x509_certificate(shown).serial_number


def test_a_reload_changes_what_is_decided(binary: Path, tmp_path: Path, echo_port: int) -> None:
    """SIGHUP puts new routes in force, on connections that are open already; a bad file after it changes nothing."""
    prepare(tmp_path, Setting(upstream_port=echo_port))
    file = tmp_path / "gatehouse.yaml"
    good = file.read_text()
    with running(binary, tmp_path) as server, Conversation(server.endpoint) as open_before:
        assert ask_on(open_before, request("/open/x")).status == 401
        file.write_text(good.replace("path: /public/", "path: /open/"))
        server.send_signal(signal.SIGHUP)
        server.await_event("reloaded")
        await_that(lambda: ask_on(open_before, request("/open/x")).status == 200, "the new route is in force")
        assert ask(server.endpoint, request("/public/x")).status == 401
        for number, bad in enumerate([good + "nonsense: 1\n", "", good.replace("upstream: app", "upstream: none")], 1):
            file.write_text(bad)
            server.send_signal(signal.SIGHUP)
            server.await_event("reload-refused", number)
            assert ask_on(open_before, request("/open/x")).status == 200
            assert ask(server.endpoint, request("/open/x")).status == 200
        file.write_text(good)
        server.send_signal(signal.SIGHUP)
        server.await_event("reloaded", 2)
        await_that(lambda: ask_on(open_before, request("/open/x")).status == 401, "the mended file is in force")
        assert server.operations("/healthz")[0] == 200, "the refused reloads are over"


def test_a_listener_is_moved_by_reload(binary: Path, tmp_path: Path, echo_port: int) -> None:
    """A reload that moves a listener: connections of the old place go on, new ones are refused there."""
    prepare(tmp_path, Setting(upstream_port=echo_port))
    with running(binary, tmp_path) as server, Conversation(server.endpoint) as before:
        assert ask_on(before, request("/public/x")).status == 200
        old = server.endpoint
        file = tmp_path / "gatehouse.yaml"
        file.write_text(file.read_text().replace("127.0.0.1:0", "127.0.0.2:0", 1))
        server.send_signal(signal.SIGHUP)
        address, port = server.await_event("reloaded")["listeners"].rsplit(":", 1)
        assert address == "127.0.0.2"
        moved = Endpoint(address, int(port), old.tls, old.server_name)
        assert ask(moved, request("/public/x")).status == 200
        assert ask_on(before, request("/public/x")).status == 200
        await_that(lambda: not is_served(old), "nobody is served at the old place")


def test_a_delay_keeps_serving_while_readiness_is_red(binary: Path, tmp_path: Path, echo_port: int) -> None:
    """`drain.delay`: /readyz fails first, new connections are still served; another SIGTERM ends the wait."""
    prepare(tmp_path, Setting(upstream_port=echo_port))
    file = tmp_path / "gatehouse.yaml"
    file.write_text(file.read_text() + "drain: { delay: 5m, timeout: 10s }\n")
    with running(binary, tmp_path) as server:
        assert server.operations("/readyz")[0] == 200
        server.send_signal(signal.SIGTERM)
        server.await_event("leaving")
        assert server.operations("/readyz")[0] == 503
        assert ask(server.endpoint, request("/public/x")).status == 200
        assert server.stop() == 0
        assert server.events("stopped")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_drain_lets_a_slow_request_finish(binary: Path, tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM and SIGINT: a request under way is answered, idle connections close, no new one comes in, exit 0."""
    with Application() as application:
        prepare(tmp_path, Setting(upstream_port=application.port))
        with running(binary, tmp_path) as server:
            with Conversation(server.endpoint) as slow, Conversation(server.endpoint) as idle:
                assert ask_on(idle, request("/public/x")).status == 200
                slow.send(request("/public/held"))
                assert application.is_held.wait(10)
                server.send_signal(number)
                server.await_event("draining")
                observed = idle.read_to_end()
                assert observed.ending == "closed" and len(observed.answers) == 1
                await_that(lambda: not is_served(server.endpoint), "new connections are turned away")
                assert server.process.poll() is None, "it waits for the request under way"
                application.release.set()
                answers = slow.read_answers(1, False).answers
                assert [(each.status, each.body) for each in answers] == [(200, b"/public/held")]
                assert answers[0].is_complete
                assert slow.read_to_end().ending == "closed"
            assert server.process.wait(10) == 0
            assert server.events("stopped")
            assert server.said() == ""


def is_served(endpoint: Endpoint) -> bool:
    """True where a new connection gets as far as a TLS handshake."""
    try:
        with socket.create_connection((endpoint.host, endpoint.port), 0.2) as plain:
            assert endpoint.tls is not None
            with endpoint.tls.wrap_socket(plain, server_hostname=HOST):
                return True
    except OSError:
        return False


def test_usr1_opens_the_log_anew(binary: Path, tmp_path: Path, echo_port: int) -> None:
    """SIGUSR1 after a rename: new lines go to a new file, old ones stay in the old one, none is lost or doubled."""
    prepare(tmp_path, Setting(upstream_port=echo_port))
    with running(binary, tmp_path) as server:
        for number in range(20):
            assert ask(server.endpoint, request(f"/public/before-{number}")).status == 200
        await_that(lambda: server.log.read_text().count("/public/before-") == 20, "the access log has all of them")
        rotated = tmp_path / "gatehouse.log.1"
        server.log.rename(rotated)
        with Conversation(server.endpoint) as conversation:
            assert ask_on(conversation, request("/public/between")).status == 200
            await_that(lambda: "/public/between" in rotated.read_text(), "until the signal the old file is written")
            server.send_signal(signal.SIGUSR1)
            await_that(server.log.exists, "a new file is there")
            assert ask_on(conversation, request("/public/after")).status == 200
            await_that(lambda: "/public/after" in server.log.read_text(), "the new file is written")
        assert "/public/after" not in rotated.read_text()
        paths = [
            json.loads(line).get("path") for file in (rotated, server.log) for line in file.read_text().splitlines()]
        wanted = [f"/public/before-{number}" for number in range(20)] + ["/public/between", "/public/after"]
        assert sorted(path for path in paths if path) == sorted(wanted), "each loop has an order of its own"
        assert server.events("log-reopened") or server.events("log-reopened", rotated)
