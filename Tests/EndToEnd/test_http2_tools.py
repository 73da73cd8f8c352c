"""HTTP/2 with the tools that people use: curl, h2load, httpx, and a raw client where those are too polite."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from support.client import Endpoint
from support.http2 import frames
from support.http2.connection import Connection, speaking_http2
from support.http2.fields import LiteralEncoder
from support.http2.playground import EVENT, Playground, bytes_of
from support.running import HOST, Running, Setting, prepare, running

MEBIBYTE = 1 << 20
BIG_BYTES = 64 * MEBIBYTE
GROWTH_BYTES = 24 * MEBIBYTE
"""What the gateway may grow by while 64 MiB pass: far less than the body, more than its buffers and the allocator's."""
PATIENCE_SECONDS = 60


@dataclass
class Site:
    """The gateway and the application behind it."""

    server: Running
    playground: Playground

    @property
    def url(self) -> str:
        """Where tools reach it."""
        return f"https://{HOST}:{self.server.port}/public"

    def curl(self, path: str, *arguments: str | Path) -> tuple[str, bytes]:
        """What curl wrote of an exchange (version and status), and the body."""
        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--cacert", self.server.folder / "tls/authority.pem",
             "--resolve", f"{HOST}:{self.server.port}:127.0.0.1", "--max-time", str(PATIENCE_SECONDS),
             "--write-out", "%{stderr}%{http_version} %{http_code}", *arguments, self.url + path],
            capture_output=True, check=False)
        assert done.returncode == 0, f"curl ended with {done.returncode}: {done.stderr.decode()}"
        return done.stderr.decode(), done.stdout

    def connection(self) -> Connection:
        """A raw client that has said its preface."""
        made = Connection(replace(speaking_http2(self.server.endpoint), patience_seconds=PATIENCE_SECONDS))
        made.push(frames.PREFACE + frames.settings())
        return made

    def client(self) -> httpx.AsyncClient:
        """httpx, which offers both versions."""
        context = ssl.create_default_context(cafile=str(self.server.folder / "tls/authority.pem"))
        return httpx.AsyncClient(http2=True, verify=context, timeout=PATIENCE_SECONDS, trust_env=False)

    def resident_bytes(self) -> int:
        """The gateway's resident memory."""
        status = Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024  # type: ignore[index]


@pytest.fixture(scope="module")
def site(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One gateway for all of them."""
    folder = tmp_path_factory.mktemp("tools")
    with Playground() as playground:
        prepare(folder, Setting(upstream_port=playground.port))
        with running(binary, folder) as server:
            yield Site(server, playground)
            assert server.stop() == 0


@pytest.fixture(scope="module")
def big_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """64 MiB."""
    path = tmp_path_factory.mktemp("big") / "body"
    path.write_bytes(bytes_of(BIG_BYTES))
    return path


def fields(method: str, path: str, *more: tuple[str, str]) -> bytes:
    """A header block."""
    listed = [(":method", method), (":scheme", "https"), (":authority", HOST), (":path", "/public" + path), *more]
    return LiteralEncoder().encode([(name.encode(), value.encode()) for name, value in listed])


def heads(stream: int, block: bytes, ends: bool = True) -> bytes:
    """HEADERS."""
    return frames.frame(frames.HEADERS, frames.END_HEADERS | (frames.END_STREAM if ends else 0), stream, block)


# --- what is spoken ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [(("h2", "http/1.1"), "h2"), (("http/1.1", "h2"), "h2"), (("h2",), "h2"), (("http/1.1",), "http/1.1"), ((), None)],
    ids=["both", "both the other way", "h2", "http1", "nothing"])
def test_alpn_chooses_http2_where_it_is_offered(site: Site, offered: tuple[str, ...], chosen: str | None) -> None:
    """RFC 7301 §3.2: the gateway prefers HTTP/2; RFC 9113 §3.2: never without the client's offer."""
    assert alpn(site.server.endpoint, offered) == chosen


def alpn(endpoint: Endpoint, offered: tuple[str, ...]) -> str | None:
    """What is chosen among these."""
    assert endpoint.tls is not None
    context = ssl.create_default_context(cadata="".join(
        ssl.DER_cert_to_PEM_cert(each) for each in endpoint.tls.get_ca_certs(binary_form=True)))
    if offered:
        context.set_alpn_protocols(list(offered))
    with (
        socket.create_connection((endpoint.host, endpoint.port), PATIENCE_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as session,
    ):
        return session.selected_alpn_protocol()


def test_a_listener_without_http2_speaks_http1(binary: Path, tmp_path: Path) -> None:
    """`http2: false` is the operator's word."""
    prepare(tmp_path, Setting())
    path = tmp_path / "gatehouse.yaml"
    path.write_text(path.read_text().replace("    tls:\n", "    http2: false\n    tls:\n", 1))
    with running(binary, tmp_path) as server:
        assert alpn(server.endpoint, ("h2", "http/1.1")) == "http/1.1"


def test_settings_name_the_bounds(site: Site) -> None:
    """RFC 9113 §6.5.2: bounds on streams and fields; RFC 8441 §3: extended CONNECT; and no push."""
    with site.connection() as connection:
        assert connection.read_until(lambda seen: bool(seen.settings))
        told = connection.seen.settings
        assert 1 <= told[frames.PARAMETERS["MAX_CONCURRENT_STREAMS"]] <= 1000
        assert 4096 <= told[frames.PARAMETERS["MAX_HEADER_LIST_SIZE"]] <= 1 << 20
        assert told[frames.PARAMETERS["ENABLE_CONNECT_PROTOCOL"]] == 1
        assert told.get(frames.PARAMETERS["ENABLE_PUSH"], 0) == 0


# --- curl -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["2", "1.1"])
def test_curl_gets_the_same_in_both_versions(site: Site, version: str) -> None:
    """The application cannot tell which version its visitor speaks."""
    said, body = site.curl("/told?x=1", f"--http{version}", "--header", "X-Note: kept")
    assert said == f"{version} 200"
    told = json.loads(body)
    assert (told["method"], told["path"]) == ("GET", "/public/told?x=1")
    names = [name for name, _ in told["headers"]]
    assert ["x-note", "kept"] in told["headers"] and names.count("host") == 1
    assert not {"transfer-encoding", "http2-settings", "upgrade"}.intersection(names)


def test_curl_head(site: Site) -> None:
    """HEAD: the length of what GET would send, and nothing else."""
    said, body = site.curl("/bytes/1000", "--http2", "--head")
    assert said == "2 200" and re.search(rb"(?im)^content-length: 1000\r?$", body)


@pytest.mark.parametrize("status", ["204", "304", "404", "500"])
def test_curl_statuses_without_a_body(site: Site, status: str) -> None:
    """A status is passed on, with no body and no fault."""
    said, body = site.curl(f"/status/{status}", "--http2", "--include")
    assert said == f"2 {status}" and b'etag: "a"' in body.lower() and body.endswith(b"\r\n\r\n")


def test_curl_ranges(site: Site) -> None:
    """RFC 9110 §14: a range, and one that cannot be."""
    said, body = site.curl("/bytes/1000", "--http2", "--range", "10-19")
    assert (said, body) == ("2 206", bytes_of(1000)[10:20])
    assert site.curl("/bytes/1000", "--http2", "--range", "5000-")[0] == "2 416"


def test_curl_posts_with_expect(site: Site, tmp_path: Path) -> None:
    """RFC 9110 §10.1.1: curl waits for 100, and sends."""
    (tmp_path / "body").write_bytes(bytes_of(2 * MEBIBYTE))
    said, body = site.curl(
        "/told", "--http2", "--header", "Expect: 100-continue", "--data-binary", f"@{tmp_path}/body")
    told = json.loads(body)
    assert (said, told["length"]) == ("2 200", 2 * MEBIBYTE)
    assert told["sha256"] == hashlib.sha256(bytes_of(2 * MEBIBYTE)).hexdigest()


def test_curl_uploads_without_a_length(site: Site, tmp_path: Path) -> None:
    """A body whose length nobody knows."""
    (tmp_path / "body").write_bytes(b"y" * 300_000)
    said, body = site.curl(
        "/told", "--http2", "--request", "PUT", "--header", "Content-Length:", "--upload-file", tmp_path / "body")
    assert (said, json.loads(body)["length"]) == ("2 200", 300_000)


# --- large bodies -----------------------------------------------------------------------------------------------------


def test_a_large_download_keeps_memory_flat(site: Site, tmp_path: Path) -> None:
    """64 MiB arrive whole, and the gateway holds none of it."""
    site.curl("/bytes/1000000", "--http2")
    before = site.resident_bytes()
    assert site.curl(f"/bytes/{BIG_BYTES}", "--http2", "--output", tmp_path / "body")[0] == "2 200"
    assert (tmp_path / "body").read_bytes() == bytes_of(BIG_BYTES)
    assert site.resident_bytes() - before < GROWTH_BYTES


def test_a_large_chunked_download(site: Site, tmp_path: Path) -> None:
    """The same in chunks."""
    assert site.curl(f"/chunked/{BIG_BYTES}", "--http2", "--output", tmp_path / "body")[0] == "2 200"
    assert (tmp_path / "body").read_bytes() == bytes_of(BIG_BYTES)


def test_a_large_upload_keeps_memory_flat(site: Site, big_file: Path) -> None:
    """64 MiB go up whole, and the gateway holds none of it."""
    before = site.resident_bytes()
    said, body = site.curl("/told", "--http2", "--request", "POST", "--upload-file", big_file)
    told = json.loads(body)
    assert (said, told["length"]) == ("2 200", BIG_BYTES)
    assert told["sha256"] == hashlib.sha256(big_file.read_bytes()).hexdigest()
    assert site.resident_bytes() - before < GROWTH_BYTES


def test_a_reader_that_pauses_holds_the_application_back(site: Site) -> None:
    """A window of 64 KiB that nobody opens: the gateway does not gather the rest."""
    before = site.resident_bytes()
    with site.connection() as connection:
        connection.opens_windows = False
        connection.push(heads(1, fields("GET", f"/bytes/{BIG_BYTES}")))
        stream = connection.stream(1)
        stream.keeps_body = False
        assert connection.read_until(lambda _: stream.body_bytes >= frames.DEFAULT_WINDOW)
        connection.read_until(lambda _: stream.body_bytes > frames.DEFAULT_WINDOW, 1)
        assert stream.body_bytes == frames.DEFAULT_WINDOW
        assert site.resident_bytes() - before < GROWTH_BYTES
        connection.opens_windows = True
        connection.push(frames.window_update(0, 1 << 20) + frames.window_update(1, 1 << 20))
        assert connection.read_until(lambda _: stream.is_over)
        assert stream.is_ended and stream.body_bytes == BIG_BYTES and not connection.seen.faults


# --- streams in time --------------------------------------------------------------------------------------------------


def test_events_arrive_at_once(site: Site) -> None:
    """Server-sent events: each is here before the next one is even made, with another stream beside."""
    with site.connection() as connection:
        connection.push(heads(1, fields("GET", "/events/5", ("accept", "text/event-stream"))))
        stream = connection.stream(1)
        wanted = ""
        for number in range(5):
            site.playground.release.release()
            wanted += EVENT.format(number)
            assert connection.read_until(lambda _: len(stream.body) >= len(wanted))
            assert bytes(stream.body).decode() == wanted
            beside = 3 + 2 * number
            connection.push(heads(beside, fields("GET", "/told")))
            assert connection.read_until(lambda _: connection.stream(beside).is_over)
        assert connection.read_until(lambda _: stream.is_over) and stream.is_ended


def test_a_body_is_passed_on_as_it_comes(site: Site) -> None:
    """What the client has sent reaches the application before the client sends the rest: 100, then an early answer."""
    with site.connection() as connection:
        connection.push(heads(1, fields("POST", "/told", ("expect", "100-continue")), ends=False))
        stream = connection.stream(1)
        assert connection.read_until(lambda _: bool(stream.interim) or stream.is_over)
        assert stream.interim == [100] and stream.status is None
        connection.push(frames.frame(frames.DATA, frames.END_STREAM, 1, b"hello"))
        assert connection.read_until(lambda _: stream.is_over)
        assert json.loads(bytes(stream.body))["length"] == 5


def test_early_hints_and_trailers(site: Site) -> None:
    """RFC 8297: 103 may come before 200.  RFC 9113 §8.1: trailers are passed on without what the gateway alone may set."""
    with site.connection() as connection:
        connection.push(heads(1, fields("GET", "/hints")) + heads(3, fields("GET", "/trailers", ("te", "trailers"))))
        one, two = connection.stream(1), connection.stream(3)
        assert connection.read_until(lambda _: one.is_over and two.is_over)
        assert one.interim in ([103], []), "an early hint is passed on or left out"
        assert (one.status, bytes(one.body)) == (200, b"hello")
        assert (two.status, bytes(two.body)) == (200, b"hello")
        assert all(name != "x-user-id" for name, _ in two.trailers)
        assert not connection.seen.faults


def test_pings_are_answered_with_their_own_bytes(site: Site) -> None:
    """RFC 9113 §6.7."""
    with site.connection() as connection:
        connection.push(frames.ping(b"12345678") + frames.ping(b"abcdefgh"))
        assert connection.read_until(lambda seen: len(seen.pongs) == 2)
        assert connection.seen.pongs == [b"12345678", b"abcdefgh"]


# --- many at once -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("streams", ["1", "10", "32"])
def test_h2load(site: Site, streams: str, tmp_path: Path) -> None:
    """Thousands of requests on a few connections: every one is answered 200."""
    (tmp_path / "body").write_bytes(b"z" * 5000)
    for more in ([], [f"--data={tmp_path}/body"]):
        done = subprocess.run(
            ["h2load", "--requests=1000", "--clients=4", f"--max-concurrent-streams={streams}", *more,
             f"--header=Host: {HOST}", f"--header=:authority: {HOST}", f"--connect-to=127.0.0.1:{site.server.port}",
             site.url + "/told"],
            capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
        assert done.returncode == 0, done.stderr
        assert "Application protocol: h2" in done.stdout, done.stdout
        assert "1000 done, 1000 succeeded, 0 failed, 0 errored" in done.stdout, done.stdout
        assert "status codes: 1000 2xx, 0 3xx, 0 4xx, 0 5xx" in done.stdout, done.stdout


def test_many_bodies_at_once_on_one_connection(site: Site) -> None:
    """A hundred and fifty requests with bodies of their own, thirty at a time, none mixed up with another."""
    with site.connection() as connection:
        for start in range(0, 150, 30):
            bodies = {2 * number + 1: b"%d-" % number * (number * 37 % 500 + 1) for number in range(start, start + 30)}
            for stream in bodies:
                connection.push(heads(stream, fields("POST", f"/told?n={stream}"), ends=False))
            for stream, body in bodies.items():
                assert connection.read_until(lambda _: connection.room(stream) >= len(body))
                connection.count_data(stream, len(body))
                connection.push(frames.frame(frames.DATA, frames.END_STREAM, stream, body))
            assert connection.read_until(lambda _: all(connection.stream(each).is_over for each in bodies))
            for stream, body in bodies.items():
                told = json.loads(bytes(connection.stream(stream).body))
                assert (told["path"], told["length"]) == (f"/public/told?n={stream}", len(body))
                assert told["sha256"] == hashlib.sha256(body).hexdigest()
        assert not connection.seen.faults


def test_httpx_streams_both_ways(site: Site) -> None:
    """A body from a generator goes up, and a large one comes down in pieces."""
    async def pieces():
        for _ in range(100):
            yield b"p" * 10_000

    async def walk() -> None:
        async with site.client() as client:
            base = f"https://127.0.0.1:{site.server.port}/public"
            more = {"headers": {"Host": HOST}, "extensions": {"sni_hostname": HOST}}
            told = (await client.post(f"{base}/told", content=pieces(), **more)).json()
            assert told["length"] == 1_000_000
            digest = hashlib.sha256()
            async with client.stream("GET", f"{base}/chunked/5000000", **more) as answer:
                async for piece in answer.aiter_bytes():
                    digest.update(piece)
            assert digest.hexdigest() == hashlib.sha256(bytes_of(5_000_000)).hexdigest()

    asyncio.run(walk())


# --- the end ----------------------------------------------------------------------------------------------------------


def test_a_drain_ends_connections_with_goaway(binary: Path, tmp_path: Path) -> None:
    """RFC 9113 §6.8: SIGTERM: GOAWAY without an error, what is under way is answered, then the connection ends."""
    with Playground() as playground:
        prepare(tmp_path, Setting(upstream_port=playground.port))
        with running(binary, tmp_path) as server:
            site = Site(server, playground)
            with site.connection() as connection, site.connection() as idle:
                connection.push(heads(1, fields("GET", "/held")))
                assert idle.read_until(lambda seen: bool(seen.settings))
                assert playground.is_held.wait(PATIENCE_SECONDS)
                server.send_signal(signal.SIGTERM)
                assert connection.read_until(lambda seen: bool(seen.goaways))
                playground.let_go.set()
                connection.read_to_end()
                idle.read_to_end()
                stream = connection.stream(1)
                assert (stream.status, bytes(stream.body), stream.is_ended) == (200, b"let go", True)
                for each in (connection, idle):
                    assert each.seen.ending == "closed"
                    assert {goaway.code for goaway in each.seen.goaways} == {"NO_ERROR"}
            assert server.process.wait(PATIENCE_SECONDS) == 0
