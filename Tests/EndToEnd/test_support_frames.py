"""The judge of frames can fail: nginx, which knows nothing of identities, is caught letting pass, spoofing, smuggling.

And it can be satisfied: what nginx does as RFC 9113 says passes.
"""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from support.cases import Case
from support.certificates import certificates_in, make_certificates
from support.client import Endpoint
from support.http2.cases import FrameCase
from support.http2.connection import speaking_http2
from support.http2.run import run_frames
from support.http2.translate import translated
from support.identity import people
from support.judge import Outcome
from support.recording_upstream import RecordingUpstream
from support.running import await_that

SECRET = "the-upstream-secret"
MEMBERS = people()
NGINX = """\
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ }}
http {{
  access_log off; underscores_in_headers on; ignore_invalid_headers off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen unix:{folder}/probe; listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {folder}/tls/chain.pem; ssl_certificate_key {folder}/tls/key.pem;
    location / {{
      proxy_pass http://127.0.0.1:{upstream}; proxy_http_version 1.1; proxy_buffering off; proxy_request_buffering off;
      proxy_set_header Connection ""; proxy_set_header Cookie ""; {identity}
    }}
  }}
}}
"""


@dataclass
class Naive:
    """The proxy, and the application behind it."""

    endpoint: Endpoint
    upstream: RecordingUpstream

    def outcome(
        self, case: FrameCase, reasons: dict[str, int], piece_bytes: int | None = None, patience_seconds: float = 20.0
    ) -> Outcome:
        """Plays a case through it; with little patience where nothing will come."""
        endpoint = replace(self.endpoint, patience_seconds=patience_seconds)
        return run_frames(case, endpoint, self.upstream, MEMBERS, SECRET, set(reasons), piece_bytes)


def free_port() -> int:
    """A port that nobody has at the moment; nginx cannot tell which one it was given."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def identity() -> str:
    """The member's identity as directives: every request is theirs."""
    person = MEMBERS["member"]
    values = {
        "X-Gatehouse-Secret": SECRET, "X-Tenant-ID": person.tenant, "X-User-ID": person.user,
        "X-User-Email": person.email, "X-User-Name": person.name, "X-User-Roles": ",".join(person.roles),
        "X-Session-ID": person.handle, "Host": "$host",
    }
    return " ".join(f'proxy_set_header {name} "{value}";' for name, value in values.items())


@pytest.fixture(scope="module")
def naive() -> Iterator[Naive]:
    """A proxy that believes its clients."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-nginx-") as name, RecordingUpstream() as upstream:
        folder, port = Path(name), free_port()
        make_certificates(folder / "tls", ["acme.example.org"])
        (folder / "nginx.conf").write_text(
            NGINX.format(folder=folder, port=port, upstream=upstream.port, identity=identity()))
        process = subprocess.Popen(["nginx", "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL)
        try:
            await_that(lambda: (folder / "probe").exists(), "nginx listens")
            plain = Endpoint("127.0.0.1", port, certificates_in(folder / "tls").client_context())
            yield Naive(speaking_http2(plain), upstream)
        finally:
            process.terminate()
            process.wait(30)


@pytest.mark.parametrize(
    ("case_id", "kind"),
    [
        ("frames-plain", "passed"),
        ("frames-even-stream", "passed"),
        ("settings-frame-zero", "passed"),
        ("pseudo-path-twice", "passed"),
        ("length-too-short", "passed"),
        ("answers-plain", "passed"),
        ("streams-bodies-interleaved", "passed"),
        ("identity-header-x-underscore-user-underscore-id", "spoofed"),
        ("path-admin-below", "bypassed"),
        ("authority-unknown-unknown", "bypassed"),
        ("answers-cookie-of-ours", "exposed"),
        ("answers-alt-svc", "wrong"),
        ("preface-ping-first", "hung"),
        ("fields-value-escape", "smuggled"),
        ("downgrade-transfer-underscore-encoding-alone", "smuggled"),
    ],
)
def test_a_proxy_is_judged_by_what_it_does(
    naive: Naive, case_id: str, kind: str, frame_corpus: list[FrameCase], reasons: dict[str, int]
) -> None:
    case = next(each for each in frame_corpus if each.id == case_id)
    outcome = naive.outcome(case, reasons, patience_seconds=2.0 if kind == "hung" else 20.0)
    assert outcome.kind == kind, outcome.explain()


@pytest.mark.parametrize("case_id", ["answers-plain", "continuation-five", "hpack-index-zero"])
def test_bytes_and_compression_change_no_verdict(
    naive: Naive, case_id: str, frame_corpus: list[FrameCase], reasons: dict[str, int]
) -> None:
    case = next(each for each in frame_corpus if each.id == case_id)
    outcome = naive.outcome(case, reasons, piece_bytes=1)
    assert outcome.kind == "passed", outcome.explain()


@pytest.mark.parametrize(
    ("case_id", "kind"),
    [
        ("line-plain", "passed"), ("framing-chunked", "passed"), ("prefix-plain", "bypassed"),
        ("answers-length-cut", "passed"),
    ])
def test_a_translated_case_is_judged_too(
    naive: Naive, case_id: str, kind: str, corpus: list[Case], reasons: dict[str, int]
) -> None:
    tokens = {name: person.token for name, person in MEMBERS.items()}
    case = next(each for each in translated(corpus, tokens) if each.id == f"as-http2-{case_id}")
    outcome = naive.outcome(case, reasons)
    assert outcome.kind == kind, outcome.explain()
