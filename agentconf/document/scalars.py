"""Plain scalars by the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema).

`no`, `on`, `12:30:00` and `2026-01-02` are strings, `010` is ten.
"""

from __future__ import annotations

import re
from typing import Final

NOT_A_STRING: Final = frozenset(("", *"-+.0123456789tTfFnN~"))
"""The first characters of every plain scalar that the core schema reads as something else than a string; "" of none."""

_NUMERIC: Final = frozenset("-+.0123456789")
_NAMED: Final[dict[str, bool | float | None]] = {
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_OTHER_BASE: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_DIGITS_LIMIT: Final = 4000
"""Python refuses to read or write longer integers, since that takes quadratic time."""


def value_of(text: str) -> str | int | float | bool | None:
    """The value of a plain scalar. A number too large to hold is infinite, which callers refuse."""
    if text in _NAMED:
        return _NAMED[text]
    if text[0] not in _NUMERIC:
        return text
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= _DIGITS_LIMIT else float("inf")
    if _FLOAT.fullmatch(text):
        return float(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0) if len(text) <= _DIGITS_LIMIT * 0.8 else float("inf")  # a digit of 16 is 1.2 of 10
    return text
