"""Telling, in the middle of long work, how far it is: for a display, or to let others have their turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias, TypeVar

T = TypeVar("T")

Progress: TypeAlias = Callable[[int], None]
"""Told how many things are done."""

_EVERY: Final = 256


def told(items: Iterable[T], progress: Progress | None) -> Iterable[T]:
    """The items; progress is told before the first, and now and then."""
    return items if progress is None else _told(items, progress)


def _told(items: Iterable[T], progress: Progress) -> Iterator[T]:
    for count, item in enumerate(items):
        if count % _EVERY == 0:
            progress(count)
        yield item
