"""How large values may be, and what an expression may cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agentconf.keypath import KeyPath
from agentconf.rules.policies.vocabulary import OPEN, Shape

COST_LIMIT: Final = 2_000_000
"""In steps of a quarter of a microsecond: half a second where values are as large as may be, usually a thousandth."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the values of an agent may be: items of one list or mapping, values in all, bytes of one text."""

    items: int = 64
    values: int = 2_000
    text_bytes: int = 300_000

    def holds(self, other: Sizes) -> bool:
        """Whether nothing in the other is larger."""
        return self.items >= other.items and self.values >= other.values and self.text_bytes >= other.text_bytes


@dataclass(frozen=True, slots=True)
class Bound:
    """Bounds upon a value: the length of any list in it, its values in all, and the kilobytes of any text in it.

    `path` is the place in the agent that it is read from; of an item of a list, the list's.
    """

    shape: Shape = OPEN
    items: int = 1
    values: int = 1
    kilobytes: int = 1
    path: KeyPath | None = None
