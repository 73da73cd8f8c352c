"""The corpus itself obeys its rules: sizes, ids, twins, reason codes, and requests that are what they say."""

from __future__ import annotations

import pytest

from support.cases import ACCEPTED, Case, CorpusError, parse_text, unescape
from support.identity import people
from support.readers import read_requests
from support.targets import same_target

TOKENS = {name: person.token for name, person in people().items()}
BEYOND_OUR_BOUNDS = {"chunks-size-many-zeros", "chunks-extension-too-long", "chunks-extensions-too-long-together"}
MALFORMED_FOR_EVERY_READER = {"framing", "chunks", "header-syntax"}


def test_the_corpus_is_large_enough(corpus: list[Case]) -> None:
    answers = [case for case in corpus if case.group.startswith("answers")]
    assert len(corpus) - len(answers) >= 150
    assert len(answers) >= 25


def test_ids_are_unique(corpus: list[Case]) -> None:
    ids = [case.id for case in corpus]
    assert len(ids) == len(set(ids)), sorted(each for each in ids if ids.count(each) > 1)


def test_every_refusal_has_an_accepted_twin(corpus: list[Case]) -> None:
    verdicts = {case.id: case.verdict for case in corpus}
    for case in corpus:
        if case.verdict in ("refused", "replaced", "cut", "dropped"):
            assert verdicts.get(case.twin or "") in ACCEPTED, f"{case.id}: twin {case.twin}"


def test_reason_codes_exist_and_have_that_status(corpus: list[Case], reasons: dict[str, int]) -> None:
    for case in corpus:
        for status, reason in (pair for pairs in case.answers for pair in pairs):
            if reason is not None:
                assert reasons.get(reason) == status, f"{case.id}: {status} {reason}"
            elif case.verdict in ("refused", "replaced"):
                pytest.fail(f"{case.id}: a refusal without a reason code")


def test_accepted_requests_are_read_strictly_as_expected(corpus: list[Case]) -> None:
    for case in corpus:
        if case.verdict == "forwarded":
            data = case.request_bytes(TOKENS).removeprefix(b"\r\n")
            requests = read_requests(data).requests
            assert len(requests) >= len(case.upstream), case.id
            for request, (method, target) in zip(requests, case.upstream):
                sent = request.target.removeprefix("https://acme.example.org")
                sent = "/" if sent == "" else sent
                assert request.method == method, case.id
                assert sent.startswith("HTTPS:") or same_target(sent, target), case.id


def test_requests_refused_for_their_framing_or_syntax_are_refused_by_the_strict_reader(corpus: list[Case]) -> None:
    for case in corpus:
        about_bounds = any(status != 400 and status != 501 for pairs in case.answers for status, _ in pairs)
        about_trailers = any(reason == "trailer-refused" for pairs in case.answers for _, reason in pairs)
        by_policy = case.id in BEYOND_OUR_BOUNDS
        if case.verdict != "refused" or case.group not in MALFORMED_FOR_EVERY_READER:
            continue
        if about_bounds or about_trailers or by_policy:
            continue
        assert read_requests(case.request_bytes(TOKENS)).fault is not None, case.id


def test_a_misspelt_key_is_an_error() -> None:
    with pytest.raises(CorpusError, match="x.cases:3: unknown key seees"):
        parse_text("group: g\n[a]\nseees: X absent\n", "x.cases")


def test_a_misspelt_expectation_is_an_error() -> None:
    text = "group: g\n[a]\nstory: s\nverdict: forwarded\nanswer: 200\nsees: X is absent\nrequest:\n  x\n"
    with pytest.raises(CorpusError, match="absent"):
        parse_text(text, "x.cases")


def test_escapes_stand_for_their_bytes() -> None:
    assert unescape(r"a\r\n\t\s\\\x00\xff", {}) == b"a\r\n\t \\\x00\xff"
    assert unescape(r"\{3*ab\n}\{session:m}", {"m": "T"}) == b"ab\nab\nab\nT"


def test_an_unknown_escape_is_an_error() -> None:
    with pytest.raises(CorpusError):
        unescape(r"\q", {})
