"""Numbers as the format writes them, to numbers as they are served."""

from __future__ import annotations

import re
from typing import Final

PATTERN: Final = r"^(?=[0-9.]*[1-9])[0-9]{1,9}(\.[0-9]{1,9})?(ms|s|m|h)$"
LONGEST_SECONDS: Final = 1e9
_DURATION: Final = re.compile(PATTERN[1:-1])
_MILLISECONDS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


def in_seconds(text: str) -> float | str:
    """`30s`, `2m`, `1.5h` and `250ms` in seconds; a text that is no duration unchanged."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return text
    unit = match[2]
    number, _, fraction = text[: -len(unit)].partition(".")
    # one division of whole numbers: the nearest float, so that 700ms and 0.7 have one digest
    scale: int = 1000 * 10 ** len(fraction)
    return min(int(number + fraction) * _MILLISECONDS[unit] / scale, LONGEST_SECONDS)


def whole(number: float) -> int | float:
    """JSON Schema counts 1.0 as an integer: the integer that it stands for."""
    return int(number) if number.is_integer() else number
