"""A full disk (a small tmpfs): sign-ins fail closed, sessions in memory go on, nothing acknowledged is lost."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.golden import Golden
from support.installation import ACME, ADA, MIA, Installation
from support.report_table import Table
from support.running import await_that
from support.stage import heard, who

DONE, UNAVAILABLE = 0, 69
SESSION = "__Host-gatehouse"


@contextmanager
def small_disk(site: Installation, size: str) -> Iterator[None]:
    """The data folder on a file system of its own that is soon full."""
    aside = site.data.rename(site.folder / "data.aside")
    site.data.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(site.data)],
        capture_output=True, text=True, check=False)
    assert mounted.returncode == 0, f"this test mounts a small tmpfs and must run as root: {mounted.stderr}"
    try:
        for file in aside.iterdir():
            (shutil.copytree if file.is_dir() else shutil.copy2)(file, site.data / file.name)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(site.data)], check=True)


def fill(folder: Path) -> Path:
    """Writes until nothing fits any more."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file:
        for step in (65536, 4096, 1):
            try:
                while file.write(b"x" * step):
                    pass
            except OSError:
                continue
    return filler


def test_a_full_disk_refuses_sign_ins_and_keeps_sessions(
    site: Installation, golden: Golden, store_table: Table
) -> None:
    """No room: sign-ins get 503 `store-unavailable`, commands that write 69, sessions in memory go on; with room all
    is as before, and nothing that was acknowledged is lost."""
    with small_disk(site, "8m"):
        with site.running() as server:
            member = golden.visitor(site, server)
            assert who(member) is not None
            before = site.visitor(server)
            before.sign_in(ADA.email, ADA.password)
            filler = fill(site.data)
            answers = []
            # The write-ahead log may have room left inside its file: soon it has none.
            for _ in range(40):
                visitor = site.visitor(server)
                answers.append(visitor.try_sign_in(MIA.email, MIA.password))
                if answers[-1].status != 303:
                    break
            refused = answers[-1]
            written = site.command(
                "user", "create", "--tenant", "acme", "--email", "late@acme.example", "--name", "Late",
                "--password-stdin", stdin=MIA.password)
            status, health = server.operations("/healthz")
            store_table.add(
                "the disk is full", f"sign-in {refused.status}, user create {written.returncode}, /healthz {status}",
                written.stderr + json.dumps(json.loads(health)["checks"]))
            assert refused.status == 503, f"{refused.status} {refused.text[:1000]}"
            assert "store-unavailable" in refused.text
            assert SESSION not in visitor.jar.hosts[ACME]
            assert written.returncode == UNAVAILABLE, f"{written.returncode} {written.stderr}"
            assert status == 503
            assert who(member) is not None and heard(member)["x-tenant-id"] == ["acme"], "sessions in memory go on"
            assert server.process.poll() is None
            filler.unlink()
            await_that(
                lambda: site.visitor(server).try_sign_in(MIA.email, MIA.password).status == 303, "it is as before", 10)
            await_that(lambda: server.operations("/healthz")[0] == 200, "/healthz is content", 10)
            assert server.stop() == DONE
        assert site.command("store", "verify").returncode == DONE
        with site.running() as server:
            before.port = member.port = server.port
            assert who(before) is not None and who(member) is not None
            assert "late@acme.example" not in site.done("user", "list", "--tenant", "acme")


def test_a_full_disk_at_start(site: Installation, store_table: Table) -> None:
    """The gateway says that it cannot write, or serves the public pages and refuses sign-ins; it never hangs."""
    with small_disk(site, "8m"):
        fill(site.data)
        with open(site.folder / "full.txt", "wb") as errors:
            process = subprocess.Popen(
                [str(site.binary), "run", "--config", str(site.configuration)], stdin=subprocess.DEVNULL,
                stdout=errors, stderr=errors, cwd=site.folder, env=site.environment)
        try:
            log = site.folder / "gatehouse.log"
            log_before = log.read_text().count('"started"') if log.exists() else 0
            await_that(
                lambda: process.poll() is not None or log.read_text().count('"started"') > log_before,
                "it starts or says why not")
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(30)
        said = (site.folder / "full.txt").read_text()
        store_table.add("the disk is full at start", f"run {code}", said)
        assert code in (DONE, UNAVAILABLE), f"{code} {said}"
        assert "Fatal error" not in said
        if code == UNAVAILABLE:
            assert re.search("full|space|disk", said), said
