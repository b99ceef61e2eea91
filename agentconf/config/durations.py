"""Numbers as the format writes them, to numbers as they are served."""

from __future__ import annotations

import re
from typing import Final

PATTERN: Final = r"^(?=[0-9.]*[1-9])[0-9]{1,9}(\.[0-9]{1,9})?(ms|s|m|h)$"
LONGEST_SECONDS: Final = 1e9
_DURATION: Final = re.compile(PATTERN[1:-1])
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def in_seconds(text: str) -> float | str:
    """`30s`, `2m`, `1.5h` and `250ms` in seconds; a text that is no duration unchanged."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return text
    unit = match[2]
    return min(float(text[: -len(unit)]) * _UNITS[unit], LONGEST_SECONDS)


def whole(number: float) -> int | float:
    """JSON Schema counts 1.0 as an integer: the integer that it stands for."""
    return int(number) if number.is_integer() else number
