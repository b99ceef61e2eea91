"""Values of other people's files, read with patience: what is not what it should be is unknown, never an exception."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any, Final

_PER_MILLION: Final = 1_000_000
_MOST_DOLLARS: Final = 1e9
_MOST_TOKENS: Final = 1e12
_DAY: Final = re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]")
_LONGEST_TEXT: Final = 512
_DIGITS: Final = 10
"""A price per token times a million has noise behind these digits: 0.00000125 * 1e6 is 1.2499999999999998."""


def number(value: Any) -> float | None:
    """A finite number from 0; one written as text will do."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) and read >= 0 else None


def dollars(value: Any) -> float | None:
    """US dollars, 0 included."""
    read = number(value)
    return None if read is None or read > _MOST_DOLLARS else read


def dollars_per_million(per_token: Any) -> float | None:
    """The price of a million from that of one token."""
    read = number(per_token)
    if read is None or read * _PER_MILLION > _MOST_DOLLARS:
        return None
    return float(f"{read * _PER_MILLION:.{_DIGITS}g}")


def tokens(value: Any) -> int | None:
    """A count of tokens from 1; a file that says 0 does not know."""
    read = number(value)
    return int(read) if read is not None and 1 <= read <= _MOST_TOKENS and read == int(read) else None


def day(value: Any) -> date | None:
    """A date as YYYY-MM-DD, and nothing else: a year or a remark is no day."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def text(value: Any) -> str | None:
    """A name of readable length on one line."""
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT and value.isprintable() else None


def names(value: Any) -> frozenset[str] | None:
    """A list of names; one that is not gives nothing at all."""
    if not isinstance(value, list) or not all(isinstance(name, str) and name.isprintable() for name in value):
        return None
    return frozenset(value)
