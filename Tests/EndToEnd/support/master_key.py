"""A master key as `gatehouse keys init` writes it, for tests that are about something else."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path


def write_master_key(path: Path) -> None:
    """Writes a new key; the folder is made."""
    body = b"gatehouse-master-key 1\n" + base64.b64encode(os.urandom(32)) + b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(body + b"sha256:" + hashlib.sha256(body).hexdigest()[:16].encode() + b"\n")
