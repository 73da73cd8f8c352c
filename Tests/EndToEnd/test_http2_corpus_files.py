"""The corpus of frames itself obeys its rules: sizes, ids, twins, reason codes; and a misspelt line is an error."""

from __future__ import annotations

import pytest

from support.cases import ACCEPTED, Case, CorpusError
from support.http2 import frames
from support.http2.cases import FrameCase, parse_frame_text
from support.http2.fields import CompressingEncoder, Decoder, LiteralEncoder
from support.http2.script import bytes_of, field_list
from support.http2.translate import translated
from support.identity import people

TOKENS = {name: person.token for name, person in people().items()}
LEAST_OWN, LEAST_TRANSLATED = 800, 450


def test_the_corpus_is_large_enough(frame_corpus: list[FrameCase], corpus: list[Case]) -> None:
    assert len(frame_corpus) >= LEAST_OWN
    assert len(translated(corpus, TOKENS)) >= LEAST_TRANSLATED


def test_ids_are_unique(frame_corpus: list[FrameCase]) -> None:
    ids = [case.id for case in frame_corpus]
    assert len(ids) == len(set(ids)), sorted(each for each in ids if ids.count(each) > 1)


def test_every_refusal_has_an_accepted_twin(frame_corpus: list[FrameCase]) -> None:
    verdicts = {case.id: case.case.verdict for case in frame_corpus}
    for case in frame_corpus:
        if case.case.verdict in ("refused", "replaced", "cut", "dropped", "ended"):
            assert verdicts.get(case.case.twin or "") in ACCEPTED, f"{case.id}: twin {case.case.twin}"


def test_reason_codes_exist_and_have_that_status(frame_corpus: list[FrameCase], reasons: dict[str, int]) -> None:
    for case in frame_corpus:
        for outcome in (each for allowed in case.outcomes for each in allowed):
            if outcome.reason is not None:
                assert reasons.get(outcome.reason) == outcome.status, f"{case.id}: {outcome}"


def test_every_step_can_be_sent(frame_corpus: list[FrameCase]) -> None:
    for case in frame_corpus:
        for step in case.steps:
            if step.kind not in ("await", "bare"):
                for encoder in (LiteralEncoder(), CompressingEncoder()):
                    assert bytes_of(step, TOKENS, encoder), f"{case.id}: {step}"


def test_what_is_forwarded_begins_with_the_pseudo_fields(frame_corpus: list[FrameCase]) -> None:
    for case in frame_corpus:
        for step in case.steps:
            if case.case.verdict == "forwarded" and step.kind == "request":
                names = [name for name, _ in field_list(step, TOKENS)]
                assert all(name.startswith(b":") for name in names[:3]), case.id


def test_literals_and_compressed_fields_say_the_same() -> None:
    fields = [(b":method", b"GET"), (b"x-a", b"\x00\xff"), (b"X-B", b" "), (b"x-a", b"\x00\xff")]
    for encoder in (LiteralEncoder(), CompressingEncoder()):
        assert Decoder().decode(encoder.encode(fields)) == fields


def test_frames_are_read_as_they_were_written() -> None:
    buffer = bytearray(frames.frame(frames.DATA, frames.END_STREAM, 5, b"hello") + b"\x00\x00")
    assert frames.next_frame(buffer) == frames.Frame(frames.DATA, frames.END_STREAM, 5, b"hello")
    assert frames.next_frame(buffer) is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("heders 1", "is no frame"), ("data", "lacks words"), ("request 1 GET /\n    x-note", "is no field"),
        ("request 1 GET /\n    -x-note", "removes nothing"), ("request 1 GET /\n    =x-note: a", "replaces nothing"),
        ("ping\n    x-note: a", "has no fields"),
    ],
)
def test_a_misspelt_line_is_an_error(line: str, says: str) -> None:
    text = f"group: g\n[a]\nstory: s\nverdict: dropped\nframes:\n  {line}\n"
    with pytest.raises(CorpusError, match=says):
        for case in parse_frame_text(text, "x.cases"):
            for step in case.steps:
                bytes_of(step, TOKENS, LiteralEncoder())


@pytest.mark.parametrize("answer", ["stream NO_SUCH", "200,", "200 200", "close", "connection", "200, 200"])
def test_a_misspelt_answer_is_an_error(answer: str) -> None:
    text = f"group: g\n[a]\nstory: s\nverdict: forwarded\nanswer: {answer}\nframes:\n  ping\n"
    with pytest.raises(CorpusError):
        parse_frame_text(text, "x.cases")
