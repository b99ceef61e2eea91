"""Every literal key in a text. Most texts hold nothing long enough to be one, and cost two or three microseconds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from agentconf.config.secrets import NotAReference, parse_reference
from agentconf.rules.keys import harmless, providers, random_text, vendored
from agentconf.rules.keys.pattern import Pattern

SHORTEST: Final = 20
"""A key has at least as many letters, digits and signs in a row; but a password may be shorter."""

_IN_KEYS: Final = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-+")
_TO_RUNS: Final = bytes(ord("k") if byte in _IN_KEYS else ord(" ") for byte in range(256))
_RUN: Final = b"k" * SHORTEST
_PASSWORD: Final = b"assw"
_LOUD_PASSWORD: Final = _PASSWORD.upper()
_PEM: Final = "-----BEGIN"
_REFERENCE: Final = re.compile(r"\$\{[^{}\s]{1,65536}\}|os\.environ/\w{1,128}")
_CIPHERS: Final = ("fernet", "age")

PATTERNS: Final[tuple[Pattern, ...]] = (*providers.PATTERNS, *vendored.PATTERNS)


class FoundKey(NamedTuple):
    """Where a key stands, in characters from the beginning of the text, and what it looks like."""

    start: int
    end: int
    kind: str


def may_hold_keys(data: bytes) -> bool:
    """Whether a closer look is worth its time: anything in one piece that is as long as a key, or a password's name."""
    return _RUN in data.translate(_TO_RUNS) or _PASSWORD in data or _LOUD_PASSWORD in data


def find_keys(text: str) -> Iterator[FoundKey]:
    """The keys of a text as they stand, none inside another. What is written as a reference is none."""
    if not may_hold_keys(text.encode("utf-8", "surrogatepass")):
        return
    end = 0
    for found in sorted(_candidates(text), key=lambda one: (one[0], one[1])):
        start, _, stop, kind = found
        if start >= end:
            end = stop
            yield FoundKey(start, stop, kind)


def _candidates(text: str) -> Iterator[tuple[int, int, int, str]]:
    """(start, rank, end, kind): at one place the lowest rank counts; what has a format goes before what has none."""
    references = [(match.start(), match.end(), _is_cipher(match[0])) for match in _REFERENCE.finditer(text)]
    for rank, pattern in enumerate(PATTERNS):
        if not any(needle in text for needle in pattern.needles):  # one pattern for all would take four times as long
            continue
        for match in pattern.compiled.finditer(text):
            if _is_key(pattern, match[0]) and not _within(match.start(), references, ciphers_alone=True):
                yield match.start(), rank, match.end(), pattern.kind
    for rank, find in enumerate((random_text.named, random_text.unnamed), len(PATTERNS)):
        for start, end, kind in find(text):
            if not _within(start, references, ciphers_alone=False):
                yield start, rank, end, kind


def _is_key(pattern: Pattern, matched: str) -> bool:
    return matched.startswith(_PEM) or (
        harmless.entropy(matched) >= pattern.entropy
        and not harmless.is_placeholder(matched)
        and not harmless.is_made_of_words(matched)
    )


def _within(start: int, references: list[tuple[int, int, bool]], *, ciphers_alone: bool) -> bool:
    return any(first <= start < last and (is_cipher or not ciphers_alone) for first, last, is_cipher in references)


def _is_cipher(text: str) -> bool:
    """Whether a reference holds cipher text: what looks like a key there does so by chance."""
    try:
        reference = parse_reference(text)
    except NotAReference:
        return False
    return reference.source in _CIPHERS and harmless.is_public(reference.name)
