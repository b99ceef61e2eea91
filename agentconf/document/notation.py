"""Values to the text that an edit puts into a file: as the file is written, as far as it says how.

What is plain and what needs quotes is PyYAML's to know, and the core schema's; layout is decided here, since what is
put between a person's lines should look as if they had written it.
"""

from __future__ import annotations

import json
import re
from math import inf, isfinite
from typing import Any, Final

from agentconf.document.dump import NEEDS_ESCAPES, dump
from agentconf.errors import EditRefused

WIDTH: Final = 100
"""A list of single values that fits stands on one line."""

_BEYOND_JSON: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def scalar(value: Any, *, is_flow: bool = False, quote: str | None = None) -> str:
    """A single value on one line; a text in the quotes that it had, else in none where it needs none."""
    if isinstance(value, str):
        return _text(value, is_flow, quote)
    if isinstance(value, float) and not isfinite(value):
        raise EditRefused("a number that is not finite cannot stand in a file")
    try:
        return json.dumps(value)
    except (TypeError, ValueError):  # a type that JSON has not, or more digits than Python writes
        raise EditRefused(f"a {type(value).__name__} such as this cannot stand in a file") from None


def _text(text: str, is_flow: bool, quote: str | None) -> str:
    if quote is None and _is_plain(text, is_flow):
        return text
    can_be_single = text.isprintable()
    if can_be_single and (quote == "'" or (quote is None and ('"' in text or "\\" in text))):
        return "'" + text.replace("'", "''") + "'"
    return _BEYOND_JSON.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _is_plain(text: str, is_flow: bool) -> bool:
    """Whether a text may stand without quotes, as a key and as a value, and is text for readers of YAML 1.1 too."""
    if "\n" in text:
        return False
    if is_flow:
        return dump([text], is_flow=True, width=inf) == f"[{text}]\n"
    return dump({"key": text}, width=inf) == f"key: {text}\n"


def inline(value: Any, quote: str | None = None) -> str:
    """Any value on one line, as it stands inside brackets; keys and texts in a quote where the others have it."""
    if isinstance(value, dict):
        pairs = (f"{scalar(key, is_flow=True, quote=quote)}: {inline(item, quote)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(item, quote) for item in value) + "]"
    return scalar(value, is_flow=True, quote=quote)


def is_inline(value: Any) -> bool:
    """Whether a value is best written on one line where there is a choice: single ones, and short lists of them."""
    if isinstance(value, str):
        return not _is_long(value)
    if isinstance(value, dict):
        return not value
    if isinstance(value, list):
        is_simple = not any(isinstance(item, dict | list) or (isinstance(item, str) and "\n" in item) for item in value)
        return not value or (is_simple and len(inline(value)) <= WIDTH)
    return True


def _is_long(text: str) -> bool:
    return "\n" in text.strip("\n") and can_be_literal(text)


def can_be_literal(text: str) -> bool:
    r"""Whether a text may stand as a block behind `|`: nothing to escape, and at most one line break at its end."""
    is_sayable = "\r" not in text and not NEEDS_ESCAPES.search(text)
    return is_sayable and not text.endswith("\n\n") and bool(text.rsplit("\n", 1)[-1].strip() or text.strip())


def literal(text: str, indent: int, step: int) -> list[str]:
    """A text as a block behind `|`, each line `indent` deep, which is `step` deeper than what holds it."""
    # where the first line begins with blanks, how deep the block is must be said
    depth = str(step) if text[:1] in {" ", "\t", "\n"} else ""
    lines = text.removesuffix("\n").split("\n")
    chomping = "" if text.endswith("\n") else "-"
    return [f"|{depth}{chomping}", *(" " * indent + line if line else "" for line in lines)]


def block(value: Any, indent: int, step: int = 2) -> list[str]:
    """A mapping or list that is not empty, on lines of its own, each `indent` deep."""
    pad = " " * indent
    lines: list[str] = []
    if isinstance(value, dict):
        for key, item in value.items():
            first, *rest = behind(item, indent, step)
            lines += [f"{pad}{scalar(key)}:{first and ' ' + first}", *rest]
        return lines
    for item in value:
        if isinstance(item, dict | list) and not is_inline(item):
            first, *rest = block(item, indent + 2, step)
            lines += [f"{pad}- {first.lstrip(' ')}", *rest]
        else:
            first, *rest = behind(item, indent, 2)
            lines += [f"{pad}- {first}", *rest]
    return lines


def behind(value: Any, indent: int, step: int) -> list[str]:
    """What follows the colon of a key that stands `indent` deep: the rest of its line, and the lines below."""
    if isinstance(value, str) and _is_long(value):
        return literal(value, indent + step, step)
    if is_inline(value):
        return [scalar(value) if not isinstance(value, dict | list) else inline(value)]
    return ["", *block(value, indent + step, step)]
