"""The door to watchfiles. Events are a bell: they say that it is time to look, and never what is there."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from typing import Final, Protocol, TypeAlias

from watchfiles._rust_notify import RustNotify  # documented for direct use; armed as soon as it is made

Ring: TypeAlias = Callable[[frozenset[str] | None], None]
"""Told the paths that events name; None where there may be any."""

STEP_MS: Final = 10
DEBOUNCE_MS: Final = 100
_TIMEOUT_MS: Final = 1_000
_BACKOFF_S: Final = (0.1, 0.5, 1.0, 2.0, 5.0)

_log = logging.getLogger("agentconf.live")


class Bell(Protocol):
    """Rings when something may have changed below a folder."""

    @property
    def is_armed(self) -> bool:
        """Whether a change from now on would ring."""

    @property
    def rebuilds(self) -> int:
        """How often listening had to begin anew."""

    def start(self, folder: str) -> None:
        """Listen to what happens below a folder. Armed when it returns, if it can be at all."""

    def rearm(self, folder: str) -> None:
        """Listen to another folder, or to the one that now has this name."""

    def stop(self) -> None:
        """Listen no more."""


class FolderBell:
    """Listens by watchfiles, in a thread of its own that never ends by itself."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._folder = ""
        self._thread: threading.Thread | None = None
        self._is_closing = threading.Event()
        self._again = threading.Event()
        self._is_settled = threading.Event()
        self.is_armed = False
        self.rebuilds = 0

    def start(self, folder: str) -> None:
        self._folder = folder
        self._thread = threading.Thread(target=self._run, name="agentconf-bell", daemon=True)
        self._thread.start()
        self._is_settled.wait(timeout=30)  # a huge tree on a slow mount: the sweeps do until it is armed

    def rearm(self, folder: str) -> None:
        self._folder = folder
        self._is_settled.clear()
        self._again.set()
        if not self._is_closing.is_set():
            self._is_settled.wait(timeout=5)

    def stop(self) -> None:
        self._is_closing.set()
        self._again.set()
        self._is_settled.set()  # nobody waits for a thread that ends
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        failures = 0
        while not self._is_closing.is_set():
            self._again.clear()
            try:
                self._listen()
                failures = 0
            except Exception as error:  # noqa: BLE001  # whatever happens here must not end the watching
                self._report(error, failures)
                self._is_settled.set()
                self._again.wait(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])
                failures += 1
            self.is_armed = False
            self.rebuilds += not self._is_closing.is_set()

    def _listen(self) -> None:
        """Until it is to be done anew. Raises whatever the kernel and watchfiles refuse."""
        # debug, polling, its delay, recursive, and whether to pass over folders that may not be read
        with RustNotify([self._folder], False, False, 300, True, True) as notify:
            self.is_armed = True
            self._is_settled.set()
            if self.rebuilds:
                self._ring(None)  # what happened before this moment was not listened to
            while not self._again.is_set():
                said = notify.watch(DEBOUNCE_MS, STEP_MS, _TIMEOUT_MS, self._again)
                if said == "stop":
                    return
                if isinstance(said, set):
                    paths = frozenset(path for _, path in said)
                    self._ring(paths)
                    if self._folder in paths:
                        return  # the folder itself came or went: what is listened to may be gone, its number reused

    def _report(self, error: Exception, failures: int) -> None:
        self.is_armed = False
        if failures == 0:
            _log.warning("cannot listen to %s (%s); it is swept until that works", self._folder, error)


class SilentBell:
    """For folders of which no event tells: network mounts. Sweeping does all."""

    is_armed = False
    rebuilds = 0

    def start(self, folder: str) -> None:
        """Nothing to listen to."""

    def rearm(self, folder: str) -> None:
        """Nothing to listen to."""

    def stop(self) -> None:
        """Nothing to end."""


def folders_named(paths: Iterable[str], root: str, known: Iterable[str]) -> set[str] | None:
    """The folders below a root, as a listing names them, that events are about; None where a whole look is due."""
    known = known if isinstance(known, dict | set | frozenset) else set(known)
    named: set[str] = set()
    for path in paths:
        if path == root:
            named.add("")
            continue
        if not path.startswith(root + os.sep):
            return None
        below = path[len(root) + 1 :]
        named.add(below[: below.rfind("/") + 1])
        if f"{below}/" in known:
            named.add(f"{below}/")
    return named if all(folder in known for folder in named) else None
