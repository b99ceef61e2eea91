"""One writer at a time: of the threads of a process, and of the processes of a machine."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, TypeVar

from agentconf.errors import GitBusy
from agentconf.server.problem import UNAVAILABLE, Problem
from agentconf.source.git.work_tree import OWN_FOLDER

T = TypeVar("T")

_PATIENCE_S: Final = 20.0
_PAUSE_S: Final = 0.02
_LOCK: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class Turn:
    """Whose turn it is in a clone."""

    def __init__(self) -> None:
        self._threads = threading.Lock()

    @contextmanager
    def alone(self, git_folder: str) -> Generator[None]:
        """Nobody else writes meanwhile. Raises Problem (503) after some seconds, and OSError."""
        folder = os.path.join(git_folder, OWN_FOLDER)
        with self.here():
            os.makedirs(folder, exist_ok=True)
            descriptor = os.open(os.path.join(folder, "lock"), _LOCK, 0o600)
            try:
                patiently(lambda: _lock(descriptor))
                yield
            finally:
                os.close(descriptor)

    @contextmanager
    def here(self) -> Generator[None]:
        """No other thread of this process has its turn meanwhile. Raises Problem (503) after a minute."""
        if not self._threads.acquire(timeout=_PATIENCE_S * 3):
            raise _busy("other writers are before you")
        try:
            yield
        finally:
            self._threads.release()


def patiently(step: Callable[[], T]) -> T:
    """What a step gives, tried again while another git is at work. Raises Problem (503) after some seconds."""
    ends = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return step()
        except GitBusy as error:
            if time.monotonic() > ends:
                raise _busy(str(error)) from None
        time.sleep(_PAUSE_S)


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise GitBusy("another process of agentconf is writing") from None


def _busy(why: str) -> Problem:
    return Problem(UNAVAILABLE, f"{why}; try again", headers={"retry-after": "1"})
