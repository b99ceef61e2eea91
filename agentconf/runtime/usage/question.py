"""What a report is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Key: TypeAlias = Literal["agent", "environment", "model", "day", "variant"]


@dataclass(frozen=True, slots=True)
class Question:
    """Which calls, and by which keys they are counted up. `since` and `until` are Unix seconds, the latter exclusive.

    Empty stands for all. `is_own`: the calls that callers' users paid themselves, instead of the others.
    """

    by: tuple[Key, ...] = ("agent",)
    since: float | None = None
    until: float | None = None
    environments: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()
    is_own: bool = False
