"""The one reference to configuration in the whole package that changes, and those who are told when it does."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable
from typing import TypeAlias

from agentconf.live.change import Change
from agentconf.live.feed import Changes
from agentconf.live.gently import pause
from agentconf.snapshot.snapshot import Snapshot

Subscriber: TypeAlias = Callable[[Change], object]

_log = logging.getLogger("agentconf.live")


class Store:
    """Holds the newest good snapshot. Readers take the reference as it is: one load, no lock, never half a change."""

    __slots__ = ("_audience", "_is_open", "_lock", "_subscribers", "_teller", "snapshot")

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._lock = threading.Lock()
        self._audience: weakref.WeakSet[Changes] = weakref.WeakSet()  # who drops an iterator is not told for ever
        self._subscribers: list[Subscriber] = []
        self._teller: threading.Thread | None = None
        self._is_open = True

    def swap(self, snapshot: Snapshot) -> Change | None:
        """Serve a snapshot from now on. The change, where the generation is a new one; then all are told."""
        before, self.snapshot = self.snapshot, snapshot
        if before.generation == snapshot.generation:
            return None
        pause()
        change = Change(before, snapshot)
        with self._lock:
            for changes in tuple(self._audience):
                if changes.is_open:
                    changes.put(change)
                else:
                    self._audience.discard(changes)
        return change

    def changes(self) -> Changes:
        """The changes from now on."""
        changes = Changes()
        with self._lock:
            if self._is_open:
                self._audience.add(changes)
            else:
                changes.close()
        return changes

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call a function with each change, in a thread that serves all subscribers in turn. Returns what ends it."""
        with self._lock:
            self._subscribers = [*self._subscribers, subscriber]
            if self._teller is None and self._is_open:
                changes = Changes()
                self._audience.add(changes)
                self._teller = threading.Thread(target=self._tell, args=(changes,), name="agentconf-tell", daemon=True)
                self._teller.start()

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers = [one for one in self._subscribers if one is not subscriber]

        return unsubscribe

    def close(self) -> None:
        """End every iterator. What is served stays readable."""
        with self._lock:
            self._is_open = False
            audience = tuple(self._audience)
        for changes in audience:
            changes.close()
        if self._teller is not None and self._teller is not threading.current_thread():
            self._teller.join(timeout=5)  # a subscriber that hangs does not keep the service from ending

    def _tell(self, changes: Changes) -> None:
        for change in changes:
            for subscriber in self._subscribers:
                try:
                    subscriber(change)
                except Exception:  # noqa: BLE001  # theirs, whatever it is
                    _log.exception("a subscriber failed on generation %d; the others are told", change.generation)
