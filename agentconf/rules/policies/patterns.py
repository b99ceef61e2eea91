"""What a regular expression can cost at most. Matching is linear; compiling is not free, and happens at each call."""

from __future__ import annotations

import re
from typing import Final

_REPEATED: Final = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_WIDE: Final = re.compile(r"\\[wWdDsSbBpP]|\(\?[a-zA-Z]*i|[^\x00-\x7f]")
"""What stands for a large part of Unicode: `\\w` compiles to some thousands of states."""
_STEPS_OF_CHARACTER: Final = 6
_STEPS_OF_WIDE: Final = 200


def cost(pattern: str, kilobytes: int) -> int:
    """In the steps of `survey`: to compile it, and to run it over a text. Repetitions within each other multiply."""
    states = len(pattern)
    for low, high in _REPEATED.findall(pattern):
        states *= max(int(low[:9]), int(high[:9] or 1), 1)
    each = _STEPS_OF_WIDE if _WIDE.search(pattern) else _STEPS_OF_CHARACTER
    return states * (each + 4 * kilobytes)
