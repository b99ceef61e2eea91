"""One format of a key, and the words without which it cannot stand in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Pattern:
    """A format of keys. Where a text holds none of `needles`, `regex` is neither compiled nor tried.

    Every quantifier of `regex` is bounded, so that a hostile text costs a bounded time at each place. `entropy` is what
    a match must have at least, in bits a character: a key is random, and its placeholder is not.
    """

    kind: str
    needles: tuple[str, ...]
    regex: str
    entropy: float = 3.0

    @property
    def compiled(self) -> re.Pattern[str]:
        return _compiled(self.regex)


@cache
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex, re.ASCII)
