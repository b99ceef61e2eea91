"""Encrypted references in files, encrypted anew: only their own bytes change, and no plain text touches the disk."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from agentconf.document.text import lines_of, without_bom
from agentconf.errors import SecretUnavailable
from agentconf.source.whole import sync_folder, written_aside

_ENCRYPTED: Final = re.compile(rb"\$\{(?P<source>fernet|age):(?P<text>[^{}]+)\}")

Rotate = Callable[[str], str]
"""Makes the new text of a reference from the old one; the same where it can stay. Raises SecretUnavailable."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What becomes of one reference. One is left where another of its file failed; `reason` says why that did."""

    line: int
    column: int
    source: str
    outcome: Literal["rotated", "current", "failed", "left"]
    reason: str | None = None


def holds_any(data: bytes, sources: Iterable[str]) -> bool:
    """Whether a file may hold references of some sources."""
    return any(b"${%b:" % source.encode() in data for source in sources)


def rotated(data: bytes, rotates: Mapping[str, Rotate]) -> tuple[bytes, list[Rotation]]:
    """A file's bytes with the references of some sources rotated, and what became of each; as it was where one failed.

    Comments are not told apart: what is commented out today may be in use tomorrow.
    """
    done: list[Rotation] = []
    pieces: list[bytes] = []
    at = 0
    for match in _ENCRYPTED.finditer(data):
        source, old = match["source"].decode(), match["text"].decode("utf-8", "replace")
        if source not in rotates:
            continue
        new, rotation = _one(data, match, source, _attempted(rotates[source], old))
        done.append(rotation)
        pieces += (data[at : match.start("text")], new)
        at = match.end("text")
    if any(one.outcome == "failed" for one in done):
        return data, [replace(one, outcome="left") if one.outcome == "rotated" else one for one in done]
    return b"".join((*pieces, data[at:])), done


def replace_file(path: str, old: bytes, new: bytes) -> None:
    """Puts new bytes in the place of old ones, in one step; mode and owner stay.

    Raises SecretUnavailable where the file no longer holds the old ones, and OSError.
    """
    real = os.path.realpath(path)
    with open(real, "rb") as file:
        status, now = os.fstat(file.fileno()), file.read(len(old) + 1)
    if now != old:
        raise SecretUnavailable("the file was changed meanwhile; run it again")
    with written_aside(real, new, like=status) as temporary:
        os.replace(temporary, real)
    sync_folder(os.path.dirname(real))


def _attempted(rotate: Rotate, old: str) -> str | SecretUnavailable:
    try:
        return rotate(old)
    except SecretUnavailable as error:
        return error


def _one(data: bytes, match: re.Match[bytes], source: str, new: str | SecretUnavailable) -> tuple[bytes, Rotation]:
    before = lines_of(without_bom(data[: match.start()]).decode("utf-8", "replace"))
    line, column = len(before), len(before[-1]) + 1
    old = match["text"]
    if isinstance(new, SecretUnavailable):
        return old, Rotation(line, column, source, "failed", new.reason)
    is_same = new.encode() == old
    return new.encode(), Rotation(line, column, source, "current" if is_same else "rotated")
