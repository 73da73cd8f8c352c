"""The attack table.  Run as a program it writes every file into a folder, with a list:

    python3 -m support.saml.attacks FOLDER          (in Tests/EndToEnd)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from support.saml import keys
from support.saml.attacks_content import all_of_content
from support.saml.attacks_shape import all_of_shape
from support.saml.attacks_xml import all_of_xml
from support.saml.case import Attack, How
from support.saml.messages import CONSUMER, ENTITY, at, metadata


def attacks() -> list[Attack]:
    """All of them; no name twice."""
    found = [*all_of_xml(), *all_of_shape(), *all_of_content()]
    names = [each.name for each in found]
    assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
    return found


class World:
    """The files beside the attacks: metadata of the provider and of others, and keys of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in {
            "usual": metadata(keys.provider(), keys.elliptic()), "stranger": metadata(keys.stranger()),
            "another-key": metadata(keys.provider()),
            "expired": metadata(keys.provider(), valid_until=at(0)),
            "renamed": metadata(keys.provider(), entity="https://idp.example/other"),
        }.items():
            (folder / f"metadata-{name}.xml").write_text(text)
        for name, pair in {"ours": keys.ours(), "another-key": keys.stranger()}.items():
            path = folder / f"{name}.key"
            path.touch(mode=0o600)
            path.write_bytes(pair.pem)

    def arguments(self, file: Path, how: How) -> list[str]:
        """How `gatehouse saml check` is called."""
        found = [
            str(file), "--metadata", str(self.folder / f"metadata-{how.metadata}.xml"), "--entity-id", ENTITY, "--acs",
            CONSUMER, "--at", at(0)]
        if how.request:
            found += ["--in-response-to", how.request]
        if how.has_key:
            key = "another-key" if how.metadata == "another-key" else "ours"
            found += ["--decryption-key", str(self.folder / f"{key}.key")]
        if how.allows_legacy:
            found += ["--insecure-allow-legacy"]
        return found


def write(folder: Path) -> None:
    """Each attack and its twin, and a list of what is expected of them."""
    folder.mkdir(parents=True, exist_ok=True)
    world, table = World(folder), []
    for each in attacks():
        for suffix, content, how, reason in (
            ("attack", each.file, each.how, each.reason), ("twin", each.twin, each.twin_how, None)
        ):
            file = folder / f"{each.name}.{suffix}"
            file.write_bytes(content)
            table.append({"reason": reason, "arguments": world.arguments(file, how)})
    (folder / "table.json").write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
