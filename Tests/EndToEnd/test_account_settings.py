"""What files say of sessions and looks: staying signed in, a tenant's own limits, its name, logo and colours."""

from __future__ import annotations

import signal
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.fences import example
from support.installation import ACME, GLOBEX, MIA, OTTO, SHARED
from support.promises import await_effect
from support.running import await_that
from support.stage import Stage, account_form, prove, stage
from test_login_pages import runs_unlisted

SESSION = "__Host-gatehouse"
DAYS = 30
SHOWN = "session: { idle: 15m, absolute: 8h, per_user_limit: 3, remember: 0s }"


def picture(width: int = 36, height: int = 36, colour: tuple[int, int, int] = (11, 92, 173)) -> bytes:
    """A PNG of one colour (RFC 2083)."""
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = (b"\0" + bytes(colour) * width) * height
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


@pytest.fixture(scope="module")
def own(binary: Path) -> Iterator[Stage]:
    """An installation that offers to stay signed in."""
    with stage(binary, f"session: {{ remember: {DAYS}d }}", members=(MIA, OTTO)) as made:
        yield made


def reload(own: Stage, tenant: str, more: str) -> None:
    """Adds keys to a tenant's file and has the server read it."""
    file = own.site.folder / f"tenants/{tenant}.yaml"
    kept = file.read_text().split("# added\n")[0]
    file.write_text(f"{kept}# added\n{more}\n")
    before = len(own.server.events("reloaded"))
    own.server.send_signal(signal.SIGHUP)
    own.server.await_event("reloaded", before + 1)


def test_who_asks_to_stay_signed_in_keeps_the_cookie(own: Stage) -> None:
    """`Max-Age` of the whole span for those who ask, none for the others; another token keeps what is left of it."""
    visitor = own.visitor()
    page = visitor.to_password(MIA.email)
    assert f"Stay signed in on this device for {DAYS} days" in page.read.words
    assert visitor.submit(page, page.form("password"), password=MIA.password, remember="1").status == 303
    assert prove(visitor, MIA.password).status == 303
    asked = [cookie for _, cookie in visitor.jar.seen if cookie.name == SESSION]
    assert len(asked) == 2
    for cookie in asked:
        assert 0 <= DAYS * 86_400 - int(cookie.attributes["max-age"]) <= 60
    assert "Stays signed in until" in account_form(visitor, "/sessions").read.words
    other = own.signed_in(MIA)
    cookie, = [cookie for _, cookie in other.jar.seen if cookie.name == SESSION]
    assert "max-age" not in cookie.attributes


def test_a_tenant_s_file_makes_sessions_shorter_and_fewer(own: Stage) -> None:
    """At the next reload, for sessions that there are too; other tenants keep what the operator says."""
    first, otto = own.signed_in(MIA), own.signed_in(OTTO)
    reload(own, "acme", "session: { per_user_limit: 1, remember: 0s, absolute: 2h, idle: 1s }")
    assert not own.visitor().to_password(MIA.email).asks_for("remember")
    assert own.visitor(GLOBEX).to_password(OTTO.email).asks_for("remember")
    # Each look is a use, so there is more than the idle time between two.
    await_that(lambda: (time.sleep(1.5), first.is_signed_in)[1] is False, "an idle session ends")
    reload(own, "acme", "session: { per_user_limit: 1 }")
    one, two = own.signed_in(MIA), own.signed_in(MIA)
    await_effect(lambda: not one.is_signed_in, "the oldest session gives way")
    assert two.is_signed_in and otto.is_signed_in
    reload(own, "acme", "")


def test_a_tenant_s_file_cannot_make_them_longer(own: Stage) -> None:
    """`check` says where, and a reload keeps what was."""
    file = own.site.folder / "tenants/acme.yaml"
    kept = file.read_text()
    file.write_text(kept + "session: { absolute: 13h }\n")
    said = own.site.command("check")
    assert said.returncode == 78
    assert "session.absolute: 13h is longer than login.session.absolute (12h" in said.stderr + said.stdout
    file.write_text(kept)


def test_a_tenant_s_pages_have_its_name_logo_and_colours(own: Stage) -> None:
    """On its own host alone, within the policy, the logo cacheable for ever under a name that carries its hash."""
    (own.site.folder / "acme.png").write_bytes(picture())
    reload(
        own, "acme",
        'branding: { name: Acme Welt, logo_file: acme.png, accent: "#7a1fa2", accent_dark: "#e1b3ff" }')
    visitor = own.visitor()
    page = visitor.to_password(MIA.email)
    assert "Acme Welt" in page.read.words and "Acme Welt" in page.read.title
    assert "--accent:#7a1fa2" in page.text and "--accent:#e1b3ff" in page.text
    assert not runs_unlisted(page)
    logo, = page.read.resources
    served = own.visitor().get(logo)
    assert (served.status, served.header("Content-Type"), served.body) == (200, "image/png", picture())
    assert "immutable" in served.header("Cache-Control")
    assert "img-src 'self'" in page.header("Content-Security-Policy")
    for host in (GLOBEX, SHARED):
        other = own.visitor(host).open("/app/start")
        assert "Acme Welt" not in other.text and "7a1fa2" not in other.text
        assert other.read.resources == []
    assert own.visitor().open("/app/start").read.resources == [logo]
    reload(own, "acme", "")
    assert "Acme GmbH" in own.visitor(ACME).open("/app/start").read.words
    assert own.visitor().get(logo).status == 404


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('branding: { accent: "#ffcc00" }', "has a contrast of 1.3:1 against the pages' light ground"),
        ("branding: { logo_file: tenants/acme.yaml }", "no picture that is known"),
        ("branding: { logo_file: none.png }", "no such file"),
    ])
def test_looks_that_do_not_do_are_refused(own: Stage, more: str, words: str) -> None:
    """By `check`, with place and mend."""
    file = own.site.folder / "tenants/acme.yaml"
    kept = file.read_text()
    file.write_text(f"{kept}{more}\n")
    said = own.site.command("check")
    assert said.returncode == 78
    assert words in said.stderr + said.stdout and "tenants/acme.yaml:" in said.stderr + said.stdout
    file.write_text(kept)


def test_the_lines_of_the_page_are_good(own: Stage) -> None:
    """Operations.md: `check` finds no fault in a tenant's file with its lines."""
    file = own.site.folder / "tenants/acme.yaml"
    before = file.read_text()
    (own.site.folder / "acme.png").write_bytes(picture())
    file.write_text(before.split("# added\n")[0] + example("Operations.md", SHOWN).text)
    try:
        assert ": ok " in own.site.done("check")
    finally:
        file.write_text(before)
