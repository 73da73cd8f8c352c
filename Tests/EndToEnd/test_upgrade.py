"""SIGUSR2: a new process takes over listening sockets, ticket keys and the store; nobody notices.

`GATEHOUSE_LOAD_SECONDS` says how long the load lasts; 8 unless given.
"""

from __future__ import annotations

import os
import signal
import ssl
import threading
import time
from pathlib import Path

import pytest

from support.application import Application
from support.client import Conversation
from support.http2.load import StreamLoad
from support.installation import ADA, MIA, installation
from support.load import Load
from support.master_key import write_master_key
from support.running import HOST, Setting, ask, ask_on, await_that, client_context, prepare, request, running, running_echo
from support.stage import stage
from support.streams import OpenStream
from support.successors import Successors, has_ended

LOAD_SECONDS = float(os.environ.get("GATEHOUSE_LOAD_SECONDS", "8"))


def test_nobody_notices_two_upgrades_and_two_reloads(binary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Under load with kept connections, new ones and logins: every request is answered, every login succeeds."""
    logins: list[float] = []
    failures: list[str] = []
    over = threading.Event()
    with installation(binary) as site, site.running() as server, Successors(server) as processes:
        site.add(MIA)

        def sign_in_again_and_again() -> None:
            while not over.is_set():
                begun = time.monotonic()
                try:
                    site.visitor(server).sign_in(MIA.email, MIA.password)
                    logins.append(time.monotonic() - begun)
                except Exception as failure:  # noqa: BLE001
                    failures.append(f"{type(failure).__name__} {failure}"[:500])

        waited: list[int] = []
        people = threading.Thread(target=sign_in_again_and_again)
        people.start()
        try:
            load = Load(server.endpoint, host="acme.example.org")
            load.run(LOAD_SECONDS, [
                (0.1, lambda: waited.append(int(processes.upgrade()["waited_ms"]))), (0.35, processes.reload),
                (0.5, lambda: waited.append(int(processes.upgrade()["waited_ms"]))), (0.75, processes.reload)])
        finally:
            over.set()
            people.join()
        with capsys.disabled():
            print(f"\n    upgrades: {load.answered} requests on {load.connections} connections, {len(load.failures)} "
                  f"failed; {len(logins)} logins, the longest {max(logins, default=0):.2f} s; new connections waited "
                  f"{waited} ms")
        assert load.failures == [] and failures == []
        assert load.answered > 100 and len(logins) > 0
        assert len(waited) == 2 and len(server.events("reloaded")) == 2
        assert server.process.wait(60) == 0, "the first process ends by itself"
        assert site.listed("user", "list", "--tenant", "acme"), "commands reach the one that serves"


def test_streams_of_http2_do_not_notice_either(
    binary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    """Two upgrades and a reload under streams: each is answered, or stands above GOAWAY's last one (RFC 9113 §6.8)."""
    with running_echo(binary) as echo:
        prepare(tmp_path, Setting(upstream_port=echo))
        with running(binary, tmp_path) as server, Successors(server) as processes:
            load = StreamLoad(server.endpoint, host=HOST)
            load.run(LOAD_SECONDS, [(0.2, processes.upgrade), (0.45, processes.reload), (0.7, processes.upgrade)])
            with capsys.disabled():
                print(f"\n    upgrades over HTTP/2: {load.answered} streams on {load.connections} connections, "
                      f"{len(load.failures)} failed, {load.goaways} connections were sent elsewhere")
            assert load.failures == []
            assert load.answered > 100 and load.goaways > 0
            assert server.process.wait(60) == 0


def test_a_kept_connection_and_a_request_under_way_end_in_order(binary: Path, tmp_path: Path) -> None:
    """A request under way is answered by the old process, a kept connection has its next one answered there, and then both
    close; new connections are the new process's."""
    with Application() as application:
        prepare(tmp_path, Setting(upstream_port=application.port))
        with running(binary, tmp_path) as server, Successors(server) as processes:
            with Conversation(server.endpoint) as slow, Conversation(server.endpoint) as idle:
                assert ask_on(idle, request("/public/x")).status == 200
                slow.send(request("/public/held"))
                assert application.is_held.wait(10)
                processes.upgrade()
                assert ask(server.endpoint, request("/public/y")).status == 200
                last = ask_on(idle, request("/public/z"))
                assert last.status == 200 and last.announces_close
                assert idle.read_to_end().ending == "closed"
                assert server.process.poll() is None, "it waits for the request under way"
                application.release.set()
                answers = slow.read_answers(1, False).answers
                assert [(each.status, each.body) for each in answers] == [(200, b"/public/held")]
            assert server.process.wait(30) == 0
            assert server.operations("/readyz")[0] == 200


def test_the_old_process_sends_pages_to_the_new_one(binary: Path, tmp_path: Path) -> None:
    """What needs the store on a kept connection is sent to the new process, by a redirect that keeps method and body."""
    with running_echo(binary) as echo:
        prepare(tmp_path, Setting(upstream_port=echo))
        with running(binary, tmp_path) as server, Successors(server) as processes, Conversation(server.endpoint) as kept:
            assert ask_on(kept, request("/public/x")).status == 200
            processes.upgrade()
            target = "/.gatehouse/login?return_to=%2Fx"
            moved = ask_on(kept, request(target, method="POST", body=b"email=a"))
            assert moved.status == 307 and moved.announces_close
            assert moved.values("location") == [target.encode()]
            assert ask(server.endpoint, request(target)).status == 200


def test_clients_resume_their_tls_sessions(binary: Path, tmp_path: Path) -> None:
    """Ticket keys are handed over: no full handshake after an upgrade."""
    prepare(tmp_path, Setting())
    with running(binary, tmp_path) as server, Successors(server) as processes:
        context = client_context(tmp_path / "tls/authority.pem")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        endpoint = server.endpoint

        def shake(session: ssl.SSLSession | None) -> tuple[ssl.SSLSession | None, bool | None]:
            import socket
            plain = socket.create_connection((endpoint.host, endpoint.port), 20)
            with context.wrap_socket(plain, server_hostname=HOST, session=session) as secure:
                return secure.session, secure.session_reused

        session, was_reused = shake(None)
        assert not was_reused
        assert shake(session)[1]
        processes.upgrade()
        assert shake(session)[1], "the new process opens the old one's tickets"


def test_a_revocation_reaches_the_process_that_finishes(binary: Path) -> None:
    """A command to the new process ends a stream that the old one still serves."""
    with stage(binary) as acme, Successors(acme.server) as processes:
        ada = acme.signed_in(ADA)
        with OpenStream(ada, "/streams/x") as stream:
            assert stream.status == 200
            processes.upgrade()
            assert stream.is_open
            acme.site.done("session", "revoke", "--tenant", "acme", "--email", ADA.email)
            await_that(lambda: not stream.is_open, "the old process ends the stream")
            assert not stream.was_whole


def test_the_old_one_goes_on_where_the_new_one_does_not_start(binary: Path, tmp_path: Path) -> None:
    """A faulty file, another program, one that ends at once: the old process says why, and serves as before."""
    program = tmp_path / "gatehouse"
    program.symlink_to(binary)
    with running_echo(binary) as echo:
        prepare(tmp_path, Setting(upstream_port=echo))
        with running(program, tmp_path) as server, Successors(server) as processes:
            file = tmp_path / "gatehouse.yaml"
            good = file.read_text()

            def fails(number: int) -> str:
                server.send_signal(signal.SIGUSR2)
                words = server.await_event("upgrade-failed", number)["message"]
                assert ask(server.endpoint, request("/public/x")).status == 200
                assert ask(server.endpoint, request("/.gatehouse/login")).status == 200
                return words

            file.write_text(good + "nonsense: 1\n")
            assert "nonsense: unknown key" in fails(1)
            file.write_text(good)
            program.unlink()
            program.symlink_to("/bin/false")
            assert "the new process ended with exit code 1" in fails(2)
            program.unlink()
            assert "No such file" in fails(3)
            file.write_text(good + "store: { sqlite: { directory: other } }\n")
            program.symlink_to(binary)
            assert "restart to change the data folder" in fails(4)
            file.write_text(good)
            # This one fails when the old process has let go of listeners and store already.
            key = tmp_path / "keys/master.key"
            right = key.read_bytes()
            key.unlink()
            write_master_key(key)
            assert "master_key_file" in fails(5)
            key.write_bytes(right)
            server.await_metric("gatehouse_upgrades_failed_total", 5)
            processes.upgrade()
            assert ask(server.endpoint, request("/public/x")).status == 200


def test_sigterm_during_an_upgrade_stops(binary: Path, tmp_path: Path) -> None:
    """SIGTERM while the new process has not come up: both end, the old one in order."""
    program = tmp_path / "gatehouse"
    program.symlink_to(binary)
    prepare(tmp_path, Setting())
    with running(program, tmp_path) as server:
        slow = tmp_path / "slow"
        slow.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n")
        slow.chmod(0o755)
        program.unlink()
        program.symlink_to(slow)
        server.send_signal(signal.SIGUSR2)
        note = tmp_path / "pid"
        await_that(lambda: note.exists() and note.read_text().strip(), "the new program runs")
        assert server.stop() == 0
        assert "this process is to stop" in server.events("upgrade-failed")[0]["message"]
        assert server.events("stopped")
        await_that(lambda: has_ended(int(note.read_text())), "the new program was ended")


def test_a_listener_that_the_new_configuration_has_not_is_closed(binary: Path, tmp_path: Path) -> None:
    """The new process reads the files as they are: a moved listener is bound, what the old one had is closed."""
    with running_echo(binary) as echo:
        prepare(tmp_path, Setting(upstream_port=echo))
        with running(binary, tmp_path) as server, Successors(server) as processes:
            old = server.endpoint
            file = tmp_path / "gatehouse.yaml"
            file.write_text(file.read_text().replace("127.0.0.1:0", "127.0.0.2:0", 1))
            processes.upgrade()
            address, port = server.events("started")[1]["listeners"].rsplit(":", 1)
            assert address == "127.0.0.2"
            moved = type(old)(address, int(port), old.tls, old.server_name)
            assert ask(moved, request("/public/x")).status == 200
            with pytest.raises(OSError):
                Conversation(old)
