"""Key paths: the way from the root of a document to one of its values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_PLAIN: Final = re.compile(r"[^.\[\]\"\s]+")
_STEP: Final = re.compile(r"""\[(?P<index>\d{1,9})\]|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\.?(?P<plain>[^.\[\]"\s]+)""")


def render(path: KeyPath) -> str:
    """Write a path as people read it: ``llm.fallbacks[0].model``, ``metadata["a.b"]``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            text += f".{step}" if text else step
        else:
            escaped = step.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text


def parse(text: str) -> KeyPath:
    """Read what `render` writes; ``llm.fallbacks.0.model`` is understood too.

    Raises ValueError where the text is no path.
    """
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None or (position == 0 and text[0] == "."):
            raise ValueError(f"{text!r} is not a key; write it as llm.temperature or llm.fallbacks[0].model")
        steps.append(_step(match))
        position = match.end()
    return tuple(steps)


def _step(match: re.Match[str]) -> str | int:
    if match["index"] is not None:
        return int(match["index"])
    if match["quoted"] is not None:
        return re.sub(r"\\(.)", r"\1", match["quoted"])
    return match["plain"]


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""What `look_up` answers where nothing stands; None is a value."""


def look_up(value: Any, path: KeyPath) -> Any:
    """The value at a path, or ABSENT. A number in the path may index a list or, as text, name a key."""
    for step in path:
        if value.__class__ is dict or isinstance(value, Mapping):  # the first is the usual case, and ten times quicker
            value = value.get(step if isinstance(step, str) else str(step), ABSENT)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            value = _item(value, step)
        else:
            return ABSENT
    return value


def _item(items: Sequence[Any], step: str | int) -> Any:
    index = int(step) if isinstance(step, int) or step.isdecimal() else -1
    return items[index] if 0 <= index < len(items) else ABSENT
