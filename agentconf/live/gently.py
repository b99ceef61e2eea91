"""Long work in small turns: other threads get theirs in between.

By itself the interpreter lets a thread that wants a turn wait for five milliseconds, and for all the others that wait;
and a big thing that is let go of is taken apart in one turn.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

T = TypeVar("T")

_TURN: Final = 96
"""Agents resolved in about four milliseconds."""
_FEW: Final = 64
_PAUSE_S: Final = 50e-6


def in_turns(items: Iterable[T]) -> Iterator[T]:
    """The items, with a pause now and then."""
    for count, item in enumerate(items, 1):
        if count % _TURN == 0:
            time.sleep(_PAUSE_S)
        yield item


def pause(_: int = 0) -> None:
    """A turn for the others. It can be told as progress."""
    time.sleep(_PAUSE_S)


def let_go(leftovers: list[list[Any]]) -> None:
    """Empties lists that hold the last reference to many things, a few at a time."""
    while leftovers:
        things = leftovers.pop()
        while things:
            del things[-_FEW:]
            time.sleep(_PAUSE_S)
