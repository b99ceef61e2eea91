"""Keys without a format of their own: random text behind a name that says so, or so random that nothing else is it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agentconf.rules.keys import harmless

NAMED: Final = "key without a format of its own"
UNNAMED: Final = "random text"
PASSWORD: Final = "password"  # noqa: S105  # a kind, not one

# What is between the name and the value: a sign, a word such as "is", quotes, a block scalar's mark and line break.
_NAMED: Final = re.compile(
    r"(?P<name>(?:key|token|secret|passw(?:or)?d|pwd|credential|bearer|authorization|auth)s?)(?![a-z])"
    r"(?P<sign>[\"'`)\]]{0,2}(?:\s{0,3}(?:[:=]{1,2}|->|=>|\|)|\s{1,3}(?:is|was)(?=[\s:]))?)"
    r"[\s>|+-]{0,40}[\"'`(\[<{]{0,2}(?:(?:Bearer|Basic|Token|Key)\s{1,3})?[\"'`]?"
    r"(?P<value>[A-Za-z0-9_+/=.~!$^*%@#&?-]{8,512}+)",
    re.IGNORECASE,
)
_NOT_OF_A_KEY: Final = re.compile(
    r"(?:public|cache|primary|partition|foreign|sort|idempotency|lock|hot|mon|tur)[-_ ]?$", re.IGNORECASE
)
_BEHIND: Final = ".,;:!?'\"`)]}>"
_ALONE: Final = re.compile(r"(?<![A-Za-z0-9+/=_.:@%#?&,$*-])[A-Za-z0-9_+/-]{32,128}+={0,2}+(?![A-Za-z0-9+/=_.@:-])")
_HEX: Final = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_KEY_LENGTH: Final = 16
_PASSWORD_NAMES: Final = ("passw", "pwd")
_ENDS_IN_BLOB: Final = re.compile(r"[A-Za-z0-9+/_-]{60,512}={0,2}[\s\"'`]*\Z")
_BEGINS_WITH_BLOB: Final = re.compile(r"[\s\"'`#>]*[A-Za-z0-9+/_-]{60}")


def named(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and kind of what stands behind the name of a credential and looks random."""
    for match in _NAMED.finditer(text):
        value = match["value"].rstrip(_BEHIND)
        before = text[max(0, match.start() - 12) : match.start()]
        if _NOT_OF_A_KEY.search(before):
            continue
        start = match.start("value")
        if len(value) >= _KEY_LENGTH and _is_random(value):
            yield start, start + len(value), NAMED
        elif match["name"].lower().startswith(_PASSWORD_NAMES) and match["sign"].strip() and _is_password(value):
            yield start, start + len(value), PASSWORD


def unnamed(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and kind of what is as random as a key and as long, whatever stands before it."""
    for match in _ALONE.finditer(text):
        is_random = _has_each_class(match[0]) and harmless.entropy(match[0]) >= 4.5
        if is_random and not _is_known(match[0]) and not _in_blob(text, match):
            yield match.start(), match.end(), UNNAMED


def _is_random(value: str) -> bool:
    has_digit = any(character.isdigit() for character in value)
    has_letter = any(character.isalpha() for character in value)
    if not (has_digit and has_letter) or _is_known(value):
        return False
    return harmless.entropy(value) >= (3.0 if _HEX.fullmatch(value) else 3.5)


def _is_password(value: str) -> bool:
    """A password of people is shorter than a key: letters and digits, and at least as varied as a word."""
    has_both = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return has_both and len(value) >= 8 and harmless.entropy(value) >= 2.5 and not _is_known(value)


def _is_known(value: str) -> bool:
    return (
        value[0] in "$%"
        or harmless.is_uuid(value)
        or harmless.is_public(value)
        or harmless.is_placeholder(value)
        or harmless.is_made_of_words(value)
    )


def _has_each_class(value: str) -> bool:
    digits = sum(map(str.isdigit, value))
    return digits >= 3 and any(map(str.isupper, value)) and any(map(str.islower, value))


def _in_blob(text: str, match: re.Match[str]) -> bool:
    """Whether a line is one of several of encoded data: a picture in Base64, a certificate."""
    before = text[max(0, match.start() - 160) : match.start()].rpartition("\n")[0]
    after = text[match.end() : match.end() + 160].partition("\n")[2]
    return _ENDS_IN_BLOB.search(before) is not None or _BEGINS_WITH_BLOB.match(after) is not None
