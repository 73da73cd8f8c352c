"""A request is judged by its own bytes: nothing of the one before it is left in the memory that both are read into.

The loops read every head into the same place.  The first test's story: the target of the request before was still
there when a head was judged that had not arrived as a whole, so that the same bytes were 414 or 431, as it fell out.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.application import Application
from support.client import Conversation
from support.running import Setting, ask_on, prepare, request, running


@pytest.mark.parametrize(
    ("unfinished", "status", "code"),
    [
        (b"GET /public/" + b"a" * 40000, 414, "target-too-long"),
        (b"GET /public/x HTTP/1.1\r\nHost: app.example.org\r\nX: " + b"a" * 40000, 431, "header-too-large"),
    ],
    ids=["target", "field"])
@pytest.mark.parametrize("before", ["/public/" + "b" * 4000, "/public/c?d=e", None], ids=["long", "short", "none"])
def test_an_unfinished_head_is_judged_alone(
    binary: Path, tmp_path: Path, before: str | None, unfinished: bytes, status: int, code: str
) -> None:
    """What is too long is named rightly although its end has not come, whatever this loop has read before."""
    with Application() as application:
        prepare(tmp_path, Setting(upstream_port=application.port))
        with running(binary, tmp_path) as server, Conversation(server.endpoint) as conversation:
            if before:
                assert ask_on(conversation, request(before)).status == 200
            answer = ask_on(conversation, unfinished)
            assert (answer.status, json.loads(answer.body)["code"]) == (status, code)
