"""`agentconf secret rotate`: every encrypted reference of a tree under the newest key."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import click

from agentconf.cli import console, options
from agentconf.cli.secret.encrypt import recipient_option
from agentconf.cli.status import FOUND, GOOD
from agentconf.errors import SecretUnavailable
from agentconf.live.machine import chosen_folder
from agentconf.redact import printable
from agentconf.secrets.keys import KeyRing
from agentconf.secrets.rotate import Rotate, Rotation, holds_any, replace_file, rotated
from agentconf.source.folder import read_folder
from agentconf.source.system import reason_of


@dataclass(frozen=True, slots=True)
class _Done:
    file: str
    rotations: list[Rotation]
    is_written: bool
    reason: str | None = None

    def count(self, outcome: str) -> int:
        return sum(one.outcome == outcome for one in self.rotations)


@click.command("rotate")
@options.path_argument
@recipient_option
@click.option("--check", "--dry-run", "is_check", is_flag=True, help="Write nothing; status 1 where something is due.")
@options.format_option("text", "json")
def command(path: str | None, recipients: tuple[str, ...], is_check: bool, form: str) -> int:
    """Encrypt every ${fernet:...} of the tree under the first key, in place.

    Put the new key before the old ones, rotate, commit, and take the old ones away when every machine has the commit.
    What is under the first key already stays as it is. With --recipient, every ${age:...} is encrypted for those too,
    each time, since nobody can tell by looking for whom one was encrypted. Nothing but the references changes. A file
    in which one of them cannot be decrypted is left alone.

    \b
    AGENTCONF_FERNET_KEYS="$NEW $OLD" agentconf secret rotate
    """
    root = chosen_folder(path)
    tree = read_folder(root)
    rotates = _rotates(KeyRing(os.environ, root), recipients)
    done = [
        _file(os.path.join(root, name), tree.shown(name), rotated(data, rotates), None if is_check else data)
        for name, data in tree.files.items()
        if holds_any(data, rotates)
    ]
    done = [one for one in done if one.rotations]
    console.write(_as_json(done) if form == "json" else _as_text(done, is_check))
    is_due = is_check and any(one.count("rotated") for one in done)
    return FOUND if is_due or any(one.reason or one.count("failed") for one in done) else GOOD


def _rotates(ring: KeyRing, recipients: tuple[str, ...]) -> dict[str, Rotate]:
    from agentconf.secrets import fernet

    rotates: dict[str, Rotate] = {"fernet": partial(fernet.rotated, ring)}
    if recipients:
        from agentconf.secrets import age

        rotates["age"] = partial(age.reencrypted, ring, recipients)
    return rotates


def _file(path: str, shown: str, outcome: tuple[bytes, list[Rotation]], old: bytes | None) -> _Done:
    """Writes one file. `old` is what it must still hold; None where nothing is to be written."""
    new, rotations = outcome
    if old is None or new == old:
        return _Done(shown, rotations, is_written=False)
    reason = ""
    try:
        replace_file(path, old, new)
    except SecretUnavailable as error:
        reason = error.reason
    except OSError as error:
        reason = f"cannot write it: {reason_of(error)}"
    return _Done(shown, rotations, not reason, reason or None)


def _as_text(done: list[_Done], is_check: bool) -> str:
    lines = []
    for one in done:
        for rotation in one.rotations:
            why = f": {rotation.reason}" if rotation.reason else ""
            place = f"{printable(one.file)}:{rotation.line}:{rotation.column}"
            lines.append(f"{place}: {rotation.source}: {_said(one, rotation, is_check)}{why}")
        if one.reason:
            lines.append(f"{printable(one.file)}: left as it was: {one.reason}")
    return "\n".join([*lines, _summary(done, is_check), ""])


def _said(one: _Done, rotation: Rotation, is_check: bool) -> str:
    if rotation.outcome != "rotated" or one.is_written:
        return rotation.outcome
    return "due" if is_check else "left"


def _summary(done: list[_Done], is_check: bool) -> str:
    if not done:
        return "no encrypted references to rotate"
    count = sum(one.count("rotated") for one in done if one.is_written or is_check)
    failed = sum(one.count("failed") for one in done)
    current = sum(one.count("current") for one in done)
    said = f"{count} {'due' if is_check else 'rotated'}, {current} under the first key already"
    return f"{said}, {failed} failed" if failed else said


def _as_json(done: list[_Done]) -> str:
    files: list[dict[str, Any]] = [
        {
            "file": one.file,
            "written": one.is_written,
            "reason": one.reason,
            "references": [asdict(rotation) for rotation in one.rotations],
        }
        for one in done
    ]
    return json.dumps(files, indent=2, ensure_ascii=False) + "\n"
