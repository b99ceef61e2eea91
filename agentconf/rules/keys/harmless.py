"""What a key is told apart from: placeholders, names made of words, model names, digests, UUIDs, cipher text."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Final

_PLACEHOLDER: Final = re.compile(
    r"example|placeholder|change[-_]?me|redacted|replace[-_]|insert[-_]|dummy|(?<![a-z0-9])(?:your|my|fake)(?![a-z0-9])"
    r"|(.)\1{5}|x{4}|\.{3}|\*{3}",
    re.IGNORECASE,
)
_PART: Final = re.compile(
    r"[a-z]{1,15}\d{0,3}|[A-Z]{1,15}\d{0,3}|\d{1,8}|[A-Za-z0-9]{1,4}"
    r"|(?:[A-Z]?[a-z]{2,14})(?:[A-Z][a-z]{2,14}){0,3}\d{0,3}"
)
_BETWEEN: Final = re.compile(r"[-_./+=~]+")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
# Fernet's and age's cipher text, the first bytes of certificates and public keys, and digests that name themselves.
_PUBLIC: Final = re.compile(
    r"gAAAA|YWdlLWVu|LS0tLS1CRUdJTiBB|AAAA[BCE][23][NV]|age1|sha(?:1|256|384|512)[-_]|MII[A-Za-z]"
)


def entropy(text: str) -> float:
    """Shannon's entropy in bits a character; 0 of an empty text."""
    total = len(text)
    return -sum(count / total * math.log2(count / total) for count in Counter(text).values())


def is_placeholder(text: str) -> bool:
    """Whether a text stands for a key that is to be put there: `sk-your-key`, `AKIAIOSFODNN7EXAMPLE`, `xxxx`."""
    return _PLACEHOLDER.search(text) is not None


def is_made_of_words(text: str) -> bool:
    """Whether a text is a name: words, short numbers and dates with something between, as in a model's name."""
    return all(_PART.fullmatch(part) for part in _BETWEEN.split(text) if part)


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def is_public(text: str) -> bool:
    """Whether a text is random, and still no secret: cipher text, a public key, a digest."""
    return _PUBLIC.match(text) is not None
