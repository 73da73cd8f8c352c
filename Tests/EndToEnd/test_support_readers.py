"""The readers that judge the gateway are right themselves: the strict one, the lenient ones, the one for answers."""

from __future__ import annotations

import pytest

from support.answers import AnswerReader, MalformedAnswer
from support.identity import GATEWAY_COOKIE, people, spoofed_fields
from support.readers import read_requests
from support.targets import reaches, same_target
from support.tolerance import LENIENT_READINGS

HOST = b"Host: acme.example.org\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
HIDDEN = b"GET /admin/hidden HTTP/1.1\r\n" + HOST + b"\r\n"

PLAIN = [
    b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n",
    b"POST /a HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello",
    b"POST /a HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
    b"POST /a HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    b"POST /a HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("message", PLAIN)
@pytest.mark.parametrize("name", LENIENT_READINGS)
def test_all_readings_agree_on_a_message_that_has_one_meaning(name: str, message: bytes) -> None:
    stream = message + PLAIN[0]
    strict = read_requests(stream)
    lenient = read_requests(stream, LENIENT_READINGS[name])
    assert strict.fault is None
    assert strict.consumed == len(stream)
    assert [(each.line, each.body) for each in lenient.requests] == [(each.line, each.body) for each in strict.requests]


def test_the_strict_reader_reads_fields_body_and_trailers() -> None:
    request = read_requests(PLAIN[2]).requests[0]
    assert request.line == ("POST", "/a")
    assert request.values("HOST") == [b"acme.example.org"]
    assert (request.body, request.trailers) == (b"hello", [("X-T", b"1")])


@pytest.mark.parametrize("cut", range(1, len(PLAIN[2])))
def test_a_cut_message_is_unfinished_and_no_fault(cut: int) -> None:
    reading = read_requests(PLAIN[2][:cut])
    assert reading.requests == []
    assert reading.fault is None


@pytest.mark.parametrize(
    "head",
    [
        b"GET /a HTTP/1.1\n", b"GET  /a HTTP/1.1\r\n", b"GET /a HTTP/2.0\r\n", b"GET /a\r\n", b"G(T /a HTTP/1.1\r\n",
        b"GET /a HTTP/1.1\r\nX : 1\r\n", b"GET /a HTTP/1.1\r\n: 1\r\n", b"GET /a HTTP/1.1\r\nX: 1\r\n 2\r\n",
        b"GET /a HTTP/1.1\r\nX: \x00\r\n", b"GET /a HTTP/1.1\r\nX: a\rb\r\n", b"GET /a HTTP/1.1\r\nX\r\n",
        b"GET /a HTTP/1.1\r\nContent-Length: 1, 1\r\n", b"GET /a HTTP/1.1\r\nContent-Length: +1\r\n",
        b"GET /a HTTP/1.1\r\nTransfer-Encoding: x\r\n", b"GET /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n",
        b"GET /a HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        b"GET /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n",
    ],
)
def test_the_strict_reader_refuses(head: bytes) -> None:
    assert read_requests(head + b"\r\n0\r\n\r\n").fault is not None


@pytest.mark.parametrize(
    "chunks",
    [
        b"0x1\r\na\r\n", b"+1\r\na\r\n", b"1 \r\na\r\n", b"1\na\r\n", b"1\r\nab\r\n", b"1\r\na\n", b"\r\n",
        b"1;a\nb\r\na\r\n",
    ],
)
def test_the_strict_reader_refuses_chunks(chunks: bytes) -> None:
    head = b"POST /a HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    assert read_requests(head + chunks + b"0\r\n\r\n").fault is not None


SMUGGLING = {
    "length-wins": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunked-wins": b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % (5 + len(HIDDEN)) + HIDDEN,
    "first-length": b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "last-length": b"Content-Length: %d\r\nContent-Length: 0\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "length-ignored": b"Content-Length: x\r\n\r\n" + HIDDEN,
    "numbers-wrap": b"Transfer-Encoding: chunked\r\n\r\n0100000000000000000\r\n\r\n" + HIDDEN,
    "line-feed-ends-line": b"X: a\n\n" + HIDDEN,
    "carriage-return-ends-line": b"X: a\r\r" + HIDDEN,
    "folding-joined": b"Content-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "folding-separate": b"X: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n" + HIDDEN,
    "space-before-colon-trimmed": b"Transfer-Encoding : chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n" + HIDDEN,
    "space-before-colon-skipped": b"Content-Length : %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "underscore-is-dash": b"Transfer_Encoding: chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunk-end-skipped": b"Transfer-Encoding: chunked\r\n\r\n1\r\naXX0\r\n\r\n" + HIDDEN,
    "chunk-end-optional": b"Transfer-Encoding: chunked\r\n\r\n1\r\na0\r\n\r\n" + HIDDEN,
    "null-ends-field": b"Transfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n" + HIDDEN,
    "extension-to-line-feed": b"Transfer-Encoding: chunked\r\n\r\n1;a\ra\n1\r\n0\r\n\r\n" + HIDDEN,
    "everything": b"Content-Length: 0x0\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\n\n" + HIDDEN,
    "everything-length-wins": b"Content-Length : 0\nTransfer-Encoding: chunked\n\n" + HIDDEN,
}


@pytest.mark.parametrize("name", LENIENT_READINGS)
def test_each_lenient_reading_finds_what_it_is_there_for(name: str) -> None:
    stream = b"POST /a HTTP/1.1\r\n" + HOST + SMUGGLING[name]
    seen = [each.line for each in read_requests(stream, LENIENT_READINGS[name]).requests]
    assert ("GET", "/admin/hidden") in seen


@pytest.mark.parametrize(
    "target",
    [
        "/admin", "/ADMIN/x", "/%61dmin/", "//admin/", "/./admin/", "/a/../admin/", "/a/%2e%2e/admin", "/admin%2fx",
        "/admin;x/", "/a/..;/admin/", "\\admin", "/a/..%5cadmin/", "/admin%00.png", "/a/%c0%ae%c0%ae/admin/",
        "https://h/admin/", "/admin?x", "/a/..%c0%afadmin", "/admin/.",
    ],
)
def test_every_spelling_of_a_guarded_path_is_found(target: str) -> None:
    assert reaches(target, "/admin")


@pytest.mark.parametrize("target", ["/administrators", "/app/admin", "/a?/admin/", "/admin.json", "/%2561dmin/", "/"])
def test_other_paths_are_not_guarded(target: str) -> None:
    assert not reaches(target, "/admin")


def test_equivalent_targets_are_the_same() -> None:
    assert same_target("/%61%2fb", "/a%2Fb")
    assert not same_target("/a%2Fb", "/a/b")


IDENTITY = (
    b"X-Gatehouse-Secret: S\r\nX-Tenant-ID: acme\r\nX-User-ID: 0b9f5a52-6c0e-4b39-8d6e-3f1f54a7c001\r\n"
    b"X-User-Email: mia@acme.example\r\nX-User-Name: Mia Member\r\nX-User-Roles: user\r\nX-Session-ID: h-member\r\n"
)


@pytest.mark.parametrize(
    ("more", "is_spoofed"),
    [
        (b"", False), (b"X-Note: 1\r\n", False), (b"X-Request-ID: 1\r\n", False),
        (b"X_User_ID: spoof\r\n", True), (b"X-User-ID: spoof\r\n", True), (b"X.Tenant.ID: acme\r\n", True),
        (b"Remote-User: root\r\n", True), (b"X-Pomerium-Claim-X: a\r\n", True), (b"X-Original-URL: /a\r\n", True),
        (b"X-Forwarded-For: 203.0.113.66\r\n", True), (b"X-Forwarded-For: 127.0.0.1\r\n", False),
        (b"X-Gatehouse-Assertion: a.b\r\n", True), (b"X-Request-ID: spoof\r\n", True),
    ],
)
def test_a_field_that_the_gateway_did_not_set_is_found(more: bytes, is_spoofed: bool) -> None:
    request = read_requests(b"GET /a HTTP/1.1\r\n" + HOST + IDENTITY + more + b"\r\n").requests[0]
    assert bool(spoofed_fields(request, people()["member"], "S")) is is_spoofed


def test_an_identity_without_a_session_is_found() -> None:
    request = read_requests(b"GET /a HTTP/1.1\r\n" + HOST + IDENTITY + b"\r\n").requests[0]
    assert spoofed_fields(request, None, "S")


@pytest.mark.parametrize(
    ("cookie", "is_ours"),
    [(b"a=b; __Host-gatehouse=x", True), (b"__Host-gatehouse-sso=x", True), (b"=__Host-gatehouse=x", True),
     (b"__Host-gatehouses=x", False), (b"a=__Host-gatehouse", False), (b"x__Host-gatehouse=1", False)],
)
def test_a_cookie_of_the_gateway_is_found(cookie: bytes, is_ours: bool) -> None:
    assert bool(GATEWAY_COOKIE.search(cookie)) is is_ours


def read_answer(data: bytes, of_head: bool = False, ended: bool = False):
    """The first answer of these bytes."""
    reader = AnswerReader()
    reader.feed(data)
    return reader.next(of_head, ended)


def test_an_answer_is_read_with_what_came_before_it() -> None:
    answer = read_answer(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    assert answer is not None
    assert (answer.interim, answer.status, answer.body, answer.is_complete) == ([100], 200, b"ok", True)


def test_an_answer_of_chunks_is_read() -> None:
    answer = read_answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: 1\r\n\r\n")
    assert answer is not None and answer.body == b"ok" and answer.is_complete


def test_a_cut_answer_is_incomplete() -> None:
    data = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"
    assert read_answer(data) is None
    answer = read_answer(data, ended=True)
    assert answer is not None and not answer.is_complete


def test_an_answer_to_head_has_no_body() -> None:
    answer = read_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", of_head=True)
    assert answer is not None and answer.is_complete and answer.body == b""


@pytest.mark.parametrize(
    "data",
    [b"HTTP/1.1 20 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX : 1\r\n\r\n", b"HTTP/1.1 200 OK\r\n a\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"hello\r\n\r\n"],
)
def test_a_malformed_answer_is_found(data: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read_answer(data)
