"""Pointers of Git LFS: what a commit holds in the place of a large file, and a checkout, too, until that is fetched."""

from __future__ import annotations

import hashlib
import re
from typing import Final

_POINTER: Final = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\r?\n(?:[a-z0-9.-]+ [^\n]*\n)*?"
    rb"oid sha256:(?P<digest>[0-9a-f]{64})\r?\n(?:[a-z0-9.-]+ [^\n]*\n)*"
)
_BEGINNING: Final = "version https://git-lfs.github.com/spec/v1\n"
_LIMIT_BYTES: Final = 1024


def is_pointer(data: bytes) -> bool:
    """Whether these bytes only say where others are."""
    return _digest(data) is not None


def points_at(pointer: bytes, data: bytes) -> bool:
    """Whether a pointer stands for just these bytes."""
    return _digest(pointer) == hashlib.sha256(data).hexdigest()


def begins_like_a_pointer(text: str) -> bool:
    """The same of a text as it is shown: what it points at may be hidden there."""
    return text.startswith(_BEGINNING) and len(text) < _LIMIT_BYTES


def _digest(data: bytes) -> str | None:
    found = _POINTER.fullmatch(data) if len(data) < _LIMIT_BYTES else None
    return found["digest"].decode() if found else None
