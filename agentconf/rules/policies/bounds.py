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

    items: int = 32
    values: int = 500
    text_bytes: int = 100_000

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

    @property
    def weight(self) -> int:
        """What a copy of it, or a comparison with its like, costs in steps: mappings within it cost most."""
        is_flat = self.shape.is_single or (self.shape.item is not None and self.shape.item.is_single)
        return self.values // 8 if is_flat or self.values <= _FEW else _STEPS_OF_VALUE * self.values


def values_of(shape: Shape, sizes: Sizes) -> int:
    """How many values there are in a value of a shape, at most."""
    if shape.is_open:
        return sizes.values
    within = 0
    if shape.fields is not None:
        within = sum(values_of(below, sizes) for below in shape.fields.values())
    elif shape.item is not None:
        within = sizes.items * values_of(shape.item, sizes)
    return min(1 + within, max(sizes.values, 1))


_FEW: Final = 4
_STEPS_OF_VALUE: Final = 4
