"""What is quoted shows nothing that looks like a key, and does nothing to the terminal or log that it reaches."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

HIDDEN: Final = "***"

# The prefixes that providers give their keys; `key` is also a word, and counts only with a digit behind it.
_PREFIXED: Final = re.compile(
    r"(?<![A-Za-z0-9])"
    r"(?:(?P<word>key)|sk|pk|rk|gsk|xai|hf|ghp|gho|ghs|ghu|glpat|xox[abprs]|r8|tgp|pplx|nvapi|sq0|dop|shpat|fw|csk)"
    r"[-_](?P<rest>[A-Za-z0-9_+/=.-]{6,})"
)
_CERTAIN: Final = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b|\bAIza[A-Za-z0-9_-]{20,}|\beyJ[A-Za-z0-9_.-]{16,}|\bgAAAA[A-Za-z0-9_=-]{16,}"
    r"|\b(?:hv[sbr]|SG)\.[A-Za-z0-9_.-]{16,}"
    r"|(?<=://)[^/\s@]+(?=@)"
)
_LONG: Final = re.compile(r"(?<![A-Za-z0-9+/=_])(?=[A-Za-z+/=_]*[0-9])(?=[0-9+/=_]*[A-Za-z])[A-Za-z0-9+/=_]{20,}")
# key_rotation_days, hf-translation-team, teams/team2/AZURE_KEY_EU2: words of a likely length, with short numbers.
_WORDS: Final = re.compile(r"(?:(?:[A-Z]?[a-z]{1,14}|[A-Z]{1,14})\d{0,2}(?:[-_./]|$)|(?:20)?\d{1,2}(?:[-_./]|$))+")
# In a long run of letters the words may be longer, since there are at least two.
_LONG_WORDS: Final = re.compile(
    r"(?:(?:[A-Z]?[a-z]{1,24}|[A-Z]{1,24})\d{0,2}(?:[-_./]|$)|(?:20)?\d{1,2}(?:[-_./]|$)){2,}"
)
_JOINED: Final = re.compile("[a-z][-_][a-z]")
_FILE_SUFFIX: Final = re.compile(r"\.(?:yaml|yml|json|md|txt)$")
_NAMED: Final = re.compile(
    r"(?i)(?P<name>(?:api[-_]?key|authorization|secret|token|password|passwd|credentials?)[\"']?\s*[:=]\s*)(?!null\b)"
    r"(?:(?P<reference>[\"']?(?:\$\{(?:env|file):[^}\s]*\}|os\.environ/[A-Za-z0-9_]+)[\"']?(?=[\s,}\]]|$))|(?P<literal>[^\s#].*))"
)
# Controls (C0 and C1), line and paragraph separators, marks that turn the direction of text, halves of characters.
_ACTING: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@lru_cache(maxsize=2048)
def without_keys(text: str) -> str:
    """The text with everything that looks like a key hidden; names made of plain words stay.

    Findings say the same texts again and again, so the last ones are remembered.
    """
    return _LONG.sub(_hide_long, _CERTAIN.sub(HIDDEN, _PREFIXED.sub(_hide_prefixed, text)))


def line_without_keys(line: str) -> str:
    """A line of a config file, the value of anything named like a credential hidden too, unless it is a reference."""
    return without_keys(_NAMED.sub(_hide_value, line))


def printable(text: str) -> str:
    r"""The text on one line, whatever would act on a terminal or a log escaped: `\x1b`, `\n`."""
    return _ACTING.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def _hide_prefixed(match: re.Match[str]) -> str:
    rest = _FILE_SUFFIX.sub("", match["rest"])
    # one word behind a provider's prefix may be a key of letters alone; several are a name, and so is a file's
    is_name = match["word"] or (rest.islower() and (_JOINED.search(rest) or rest != match["rest"]))
    return match[0] if is_name and _WORDS.fullmatch(rest) else HIDDEN


def _hide_long(match: re.Match[str]) -> str:
    return match[0] if _LONG_WORDS.fullmatch(match[0]) else HIDDEN


def _hide_value(match: re.Match[str]) -> str:
    return match[0] if match["reference"] else match["name"] + HIDDEN
