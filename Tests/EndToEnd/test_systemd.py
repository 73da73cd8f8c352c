"""Under systemd, as far as it can be had without its being the first process: sockets by systemd-socket-activate,
notifications to a socket of the test's, units by systemd-analyze."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.client import Endpoint
from support.running import (
    HOST, Running, Setting, ask, await_that, client_context, metric_in, prepare, request, running, running_echo)
from support.successors import Successors

UNITS = Path(__file__).resolve().parents[2] / "deploy/systemd"


def free_port(family: socket.AddressFamily = socket.AF_INET, host: str = "127.0.0.1") -> int:
    """A port that was free a moment ago."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


class Manager:
    """Listens as systemd does for what a service says of itself."""

    def __init__(self, address: str) -> None:
        self.name = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.socket.settimeout(30)

    def __enter__(self) -> Manager:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def heard(self, wanted: str) -> dict[str, str]:
        """The next datagram that has this line; others are passed over."""
        while True:
            lines = self.socket.recv(4096).decode().split("\n")
            said = dict(line.split("=", 1) for line in lines)
            if any(line == wanted or line.startswith(wanted + "=") for line in lines):
                return said


@contextmanager
def activated(binary: Path, folder: Path, *listen: str, names: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """`systemd-socket-activate … gatehouse run`, which starts with the first connection."""
    arguments = [argument for address in listen for argument in ("--listen", address)]
    with open(folder / "stderr.txt", "wb") as errors:
        process = subprocess.Popen(
            ["systemd-socket-activate", *arguments, *([f"--fdname={names}"] if names else []),
             str(binary), "run", "--config", str(folder / "gatehouse.yaml")],
            stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, cwd=folder, env={"PATH": os.environ["PATH"]})
    try:
        await_that(lambda: "Listening on" in (folder / "stderr.txt").read_text(), "it listens")
        yield process
    finally:
        process.terminate()
        process.wait(30)


def test_the_connection_that_wakes_the_service_is_served(binary: Path, tmp_path: Path) -> None:
    """Sockets of systemd's are used for the listener and for operations; nothing is bound a second time."""
    port, operations = free_port(), free_port()
    with running_echo(binary) as echo:
        prepare(tmp_path, Setting(upstream_port=echo, port=port, operations_port=operations))
        with activated(binary, tmp_path, f"127.0.0.1:{port}", f"127.0.0.1:{operations}", names="web:probes") as process:
            endpoint = Endpoint("127.0.0.1", port, client_context(tmp_path / "tls/authority.pem"), HOST)
            assert ask(endpoint, request("/public/x")).status == 200
            server = Running(process, tmp_path, tmp_path / "gatehouse.log")
            server.operations_port = operations
            page = server.operations("/metrics")[1]
            assert metric_in(page, f'gatehouse_listener_info{{address="127.0.0.1:{port}",purpose="https"}}') == 1
            assert process.poll() is None
            with Successors(server) as processes:
                processes.upgrade()
                assert ask(endpoint, request("/public/y")).status == 200


def test_a_dual_stack_socket_is_matched(binary: Path, tmp_path: Path) -> None:
    """`:PORT` in the file is `[::]:PORT` of systemd's, for both families."""
    port = free_port(socket.AF_INET6, "::")
    with running_echo(binary) as echo:
        prepare(tmp_path, Setting(upstream_port=echo))
        file = tmp_path / "gatehouse.yaml"
        file.write_text(file.read_text().replace("127.0.0.1:0", f":{port}", 1))
        with activated(binary, tmp_path, f"[::]:{port}"):
            endpoint = Endpoint("127.0.0.1", port, client_context(tmp_path / "tls/authority.pem"), HOST)
            assert ask(endpoint, request("/public/x")).status == 200


def test_a_socket_that_no_listener_has_refuses_the_start(binary: Path, tmp_path: Path) -> None:
    """Whoever connected there would wait for ever: it is named with its address, exit code 78."""
    port, other = free_port(), free_port()
    prepare(tmp_path, Setting(port=port))
    with activated(binary, tmp_path, f"127.0.0.1:{port}", f"127.0.0.1:{other}", names="web:stray") as process:
        with socket.create_connection(("127.0.0.1", port), 20):
            assert process.wait(30) == 78
        said = (tmp_path / "stderr.txt").read_text()
        assert f'"stray" on 127.0.0.1:{other}' in said and "ListenStream=" in said, said
        assert '"web"' not in said


def test_a_reload_that_leaves_a_socket_of_systemds_says_so(binary: Path, tmp_path: Path) -> None:
    """It stays open there, and nobody would accept from it."""
    port, other = free_port(), free_port()
    with running_echo(binary) as echo:
        prepare(tmp_path, Setting(upstream_port=echo, port=port))
        file = tmp_path / "gatehouse.yaml"
        good = file.read_text()
        pair = "{ chain_file: tls/chain.pem, key_file: tls/key.pem }"
        file.write_text(good.replace("operations:", f'  - {{ address: "127.0.0.1:{other}", tls: {{ certificates: [ {pair} ] }} }}\n'
                                     "operations:", 1))
        with activated(binary, tmp_path, f"127.0.0.1:{port}", f"127.0.0.1:{other}") as process:
            endpoint = Endpoint("127.0.0.1", port, client_context(tmp_path / "tls/authority.pem"), HOST)
            assert ask(endpoint, request("/public/x")).status == 200
            server = Running(process, tmp_path, tmp_path / "gatehouse.log")
            file.write_text(good)
            process.send_signal(signal.SIGHUP)
            server.await_event("reloaded")
            told = server.events("listener-left-open")
            assert [f"127.0.0.1:{other} " in each["message"] for each in told] == [True]
            assert ask(endpoint, request("/public/x")).status == 200


def test_sockets_meant_for_another_process_are_left_alone(binary: Path, tmp_path: Path) -> None:
    """LISTEN_PID of somebody else: the variables were inherited by accident."""
    prepare(tmp_path, Setting())
    with running(binary, tmp_path, prefix=("env", "LISTEN_FDS=1", "LISTEN_PID=1")) as server:
        assert server.operations("/readyz")[0] == 200


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_systemd_is_told(binary: Path, tmp_path: Path, kind: str) -> None:
    """READY, RELOADING with its time, the watchdog's signs of life, MAINPID of an upgrade, STOPPING."""
    name = str(tmp_path / "notify") if kind == "path" else f"@gatehouse-test-{os.getpid()}"
    with Manager(name) as manager, running_echo(binary) as echo:
        prepare(tmp_path, Setting(upstream_port=echo))
        prefix = ("env", f"NOTIFY_SOCKET={name}", "WATCHDOG_USEC=4000000")
        with running(binary, tmp_path, prefix=prefix) as server, Successors(server) as processes:
            assert f"Serving 127.0.0.1:{server.port}" in manager.heard("READY=1")["STATUS"]
            manager.heard("WATCHDOG=1")
            manager.heard("WATCHDOG=1")
            server.send_signal(signal.SIGHUP)
            assert int(manager.heard("RELOADING=1")["MONOTONIC_USEC"]) > 0
            assert "generation 2" in manager.heard("READY=1")["STATUS"]
            processes.upgrade()
            assert manager.heard("MAINPID")["MAINPID"] == str(processes.process)
            manager.heard("READY=1")
            assert ask(server.endpoint, request("/public/x")).status == 200
            processes.send_signal(signal.SIGTERM)
            assert int(manager.heard("STOPPING=1")["EXTEND_TIMEOUT_USEC"]) >= 25_000_000


def test_units_are_what_systemd_understands(tmp_path: Path) -> None:
    """`systemd-analyze verify` has nothing to say, and little of the machine is within the service's reach."""
    for unit in ("gatehouse.service", "gatehouse.socket"):
        shutil.copy(UNITS / unit, tmp_path)
    service = tmp_path / "gatehouse.service"
    service.write_text(service.read_text().replace("/usr/local/bin/gatehouse", "/bin/true"))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(service), str(tmp_path / "gatehouse.socket")],
        capture_output=True, text=True, timeout=60, check=False)
    # What it says of other units of this machine is no matter of ours.
    said = [line for line in (verified.stdout + verified.stderr).splitlines() if "gatehouse" in line]
    assert (verified.returncode, said) == (0, [])
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", str(service)],
        capture_output=True, text=True, timeout=60, check=False)
    assert judged.returncode == 0, judged.stdout[-400:]
