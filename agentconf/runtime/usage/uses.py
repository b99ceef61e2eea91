"""Whether connections are in use: a process that forks waits for that to end, and lets nobody begin meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

_PATIENCE_S: Final = 2.0
"""Longer than a transaction takes; one that waits for the file itself holds nothing that a child would miss."""


class Uses:
    """How many threads use them at this moment."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._is_ending = False

    @contextmanager
    def one(self) -> Generator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._is_ending, _PATIENCE_S)
            self._count += 1
        try:
            yield
        finally:
            with self._changed:
                self._count -= 1
                self._changed.notify_all()

    def end(self) -> bool:
        """Lets no other use begin, and waits a little for those that have; whether all of them ended."""
        with self._changed:
            self._is_ending = True
            return self._changed.wait_for(lambda: not self._count, _PATIENCE_S)

    def begin_again(self) -> None:
        with self._changed:
            self._is_ending = False
            self._changed.notify_all()
