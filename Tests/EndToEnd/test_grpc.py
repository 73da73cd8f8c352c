"""gRPC from grpcio's client through the gateway to grpcio's server: every kind of call, status, deadline and end."""

from __future__ import annotations

import queue
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from support.grpc_service import PATIENCE_SECONDS, SERVICE, GrpcService
from support.fences import example
from support.installation import ACME, MIA, installation
from support.running import HOST, Running, Setting, prepare, running

PAGE, BEGINNING = "Routes.md", "upstreams:"
HEALTH = '  - { name: health, match: { host: "*", path: /grpc.health.v1.Health/ }, access: public, upstream: app }\n'
LARGE_BYTES = 3 << 20
Call = Callable[..., object]


def write(folder: Path, upstream_port: int) -> None:
    """The tests' configuration with an upstream that speaks HTTP/2 in clear text."""
    prepare(folder, Setting(upstream_port=upstream_port))
    path = folder / "gatehouse.yaml"
    text = path.read_text().replace("http://127.0.0.1:", "h2c://127.0.0.1:")
    path.write_text(text.replace("routes:\n", "routes:\n" + HEALTH, 1))


@contextmanager
def channel_to(server: Running, host: str = HOST) -> Iterator[grpc.Channel]:
    """A client that trusts the tests' authority, and no proxy of the machine's."""
    trust = grpc.ssl_channel_credentials((server.folder / "tls/authority.pem").read_bytes())
    options = [
        ("grpc.ssl_target_name_override", host), ("grpc.default_authority", host), ("grpc.enable_http_proxy", 0),
        ("grpc.enable_retries", 0)]
    with grpc.secure_channel(f"127.0.0.1:{server.port}", trust, options) as channel:
        yield channel


@dataclass
class Site:
    """Client, gateway, server."""

    service: GrpcService
    server: Running
    channel: grpc.Channel

    def unary(self, method: str) -> Call:
        """One message, one answer."""
        return self.channel.unary_unary(f"/{SERVICE}/{method}")

    def answers(self, method: str) -> Call:
        """One message, many answers."""
        return self.channel.unary_stream(f"/{SERVICE}/{method}")


@pytest.fixture(scope="module")
def site(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One of each for all of them."""
    folder = tmp_path_factory.mktemp("grpc")
    with GrpcService() as service:
        write(folder, service.port)
        with running(binary, folder) as server, channel_to(server) as channel:
            yield Site(service, server, channel)


def test_the_health_check_of_the_standard(site: Site) -> None:
    """grpc.health.v1, as orchestrators ask it; a service that is not there is NOT_FOUND, in trailers alone."""
    stub = health_pb2_grpc.HealthStub(site.channel)
    for name in ("", SERVICE):
        answer = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=PATIENCE_SECONDS)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    with pytest.raises(grpc.RpcError) as failure:
        stub.Check(health_pb2.HealthCheckRequest(service="nobody"), timeout=PATIENCE_SECONDS)
    assert failure.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("size", [0, 1, 5, 16_379, 16_384, 65_535, 65_536, LARGE_BYTES])
def test_a_unary_call(site: Site, size: int) -> None:
    """Messages of every size, both ways."""
    message = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    assert site.unary("Echo")(message, timeout=PATIENCE_SECONDS) == message


def test_metadata_both_ways(site: Site) -> None:
    """Texts and bytes: the caller's, the server's at the beginning, the server's at the end (trailers)."""
    sent = (("x-note", "kept"), ("x-note-bin", b"\x00\x01\xff"), ("x-user-id", "spoof"), ("x_tenant_id", "spoof"))
    answer, call = site.unary("Metadata").with_call(b"m", metadata=sent, timeout=PATIENCE_SECONDS)
    assert answer == b"m"
    early, late = dict(call.initial_metadata()), dict(call.trailing_metadata())
    assert (early["x-early"], early["x-early-bin"]) == ("first", b"\x00\xff")
    assert (late["x-late"], late["x-late-bin"]) == ("last", b"\xff\x00")
    heard = site.service.heard[-1]
    assert (heard["x-note"], heard["x-note-bin"]) == ("kept", b"\x00\x01\xff")
    assert "spoof" not in heard.values()


def test_answers_as_a_stream(site: Site) -> None:
    """A thousand, in order."""
    found = list(site.answers("Count")(b"1000", timeout=PATIENCE_SECONDS))
    assert found == [b"%d" % number for number in range(1000)]


def test_answers_arrive_at_once(site: Site) -> None:
    """Each is here before the next one is made."""
    call = site.answers("Drip")(b"5", timeout=PATIENCE_SECONDS)
    for number in range(5):
        site.service.go_on.release()
        assert next(call) == b"%d" % number
    assert list(call) == [] and call.code() == grpc.StatusCode.OK


def test_messages_as_a_stream(site: Site) -> None:
    """A thousand go up, one comes back."""
    add = site.channel.stream_unary(f"/{SERVICE}/Sum")
    assert add((b"%d" % number for number in range(1000)), timeout=PATIENCE_SECONDS) == b"499500"


def test_both_ways_at_the_same_time(site: Site) -> None:
    """Each message is sent only after the answer to the one before: neither way waits for the other's end."""
    words: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    call = site.channel.stream_stream(f"/{SERVICE}/Talk")(iter(words.get, None), timeout=PATIENCE_SECONDS)
    for number in range(50):
        words.put(b"%d" % number)
        assert next(call) == b"heard %d" % number
    words.put(None)
    assert list(call) == [] and call.code() == grpc.StatusCode.OK


def test_a_failure_in_trailers_alone(site: Site) -> None:
    """A status without a message: headers and trailers in one block, its text in more than ASCII."""
    with pytest.raises(grpc.RpcError) as failure:
        site.unary("Fail")(b"", timeout=PATIENCE_SECONDS)
    assert failure.value.code() == grpc.StatusCode.NOT_FOUND
    assert failure.value.details() == "no Käse: 100 %"


def test_a_failure_after_messages(site: Site) -> None:
    """What was sent arrives, then the status in trailers."""
    call = site.answers("FailLater")(b"", timeout=PATIENCE_SECONDS)
    assert [next(call), next(call)] == [b"one", b"two"]
    with pytest.raises(grpc.RpcError) as failure:
        next(call)
    assert (failure.value.code(), failure.value.details()) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "enough")


def test_a_deadline(site: Site) -> None:
    """The server hears of it (`grpc-timeout`), the client gives up at it, the server hears of that."""
    site.service.cancelled.clear()
    with pytest.raises(grpc.RpcError) as failure:
        site.unary("Wait")(b"", timeout=1.5)
    assert failure.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    remaining = site.service.remaining[-1]
    assert remaining is not None and 0 < remaining <= 2
    assert site.service.cancelled.wait(PATIENCE_SECONDS)


def test_a_cancellation(site: Site) -> None:
    """The client goes away in the middle: the server hears of it, and the channel goes on."""
    site.service.cancelled.clear()
    site.service.is_waiting.clear()
    call = site.unary("Wait").future(b"", timeout=PATIENCE_SECONDS)
    assert site.service.is_waiting.wait(PATIENCE_SECONDS)
    call.cancel()
    assert site.service.cancelled.wait(PATIENCE_SECONDS)
    assert site.unary("Echo")(b"still", timeout=PATIENCE_SECONDS) == b"still"


def test_many_at_once(site: Site) -> None:
    """Two hundred calls on one channel, none mixed up with another."""
    calls = [site.unary("Echo").future(b"%d" % number, timeout=PATIENCE_SECONDS) for number in range(200)]
    assert [call.result(PATIENCE_SECONDS) for call in calls] == [b"%d" % number for number in range(200)]


@pytest.mark.parametrize("method", ["/app/Echo", "/admin/Echo"])
def test_who_has_no_session_is_unauthenticated(site: Site, method: str) -> None:
    """The gateway's 401 is what gRPC calls UNAUTHENTICATED, and the server hears nothing."""
    before = len(site.service.heard)
    with pytest.raises(grpc.RpcError) as failure:
        site.channel.unary_unary(method)(b"", timeout=PATIENCE_SECONDS)
    assert failure.value.code() == grpc.StatusCode.UNAUTHENTICATED
    assert len(site.service.heard) == before


def test_a_method_that_is_not_there(site: Site) -> None:
    """The server's own UNIMPLEMENTED."""
    with pytest.raises(grpc.RpcError) as failure:
        site.unary("Nothing")(b"", timeout=PATIENCE_SECONDS)
    assert failure.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_the_page_s_example_calls_as_a_member(binary: Path) -> None:
    """With the session's cookie as metadata the application hears who calls; without it the reason is told."""
    with GrpcService("shop.Orders") as service, installation(binary) as site:
        upstreams, routes = example(PAGE, BEGINNING).text.split("routes:\n")
        upstreams = upstreams.replace("127.0.0.1:50051", f"127.0.0.1:{service.port}")
        text = site.configuration.read_text().replace("upstreams:\n", upstreams, 1)
        text = text.replace("routes:\n", "routes:\n" + routes, 1)
        site.configuration.write_text(text)
        with site.running() as server:
            mia = site.add(MIA)
            visitor = site.visitor(server)
            visitor.sign_in(mia.email, mia.password)
            with channel_to(server, ACME) as channel:
                call = channel.unary_unary("/shop.Orders/Echo")
                with pytest.raises(grpc.RpcError) as failure:
                    call(b"", timeout=PATIENCE_SECONDS)
                assert failure.value.code() == grpc.StatusCode.UNAUTHENTICATED
                assert str(failure.value.details()).startswith("login-required: ")
                assert service.heard == []
                cookie = (("cookie", visitor.jar.header(ACME)), ("origin", f"https://{ACME}"))
                assert call(b"mine", metadata=cookie, timeout=PATIENCE_SECONDS) == b"mine"
                heard = service.heard[-1]
                assert (heard["x-user-id"], heard["x-tenant-id"]) == (mia.id, "acme")
                assert "cookie" not in heard


def test_a_server_that_is_not_there(binary: Path, tmp_path: Path) -> None:
    """UNAVAILABLE, so that clients try again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    write(tmp_path, port)
    with running(binary, tmp_path) as server, channel_to(server) as channel:
        with pytest.raises(grpc.RpcError) as failure:
            channel.unary_unary(f"/{SERVICE}/Echo")(b"", timeout=PATIENCE_SECONDS)
        assert failure.value.code() == grpc.StatusCode.UNAVAILABLE
