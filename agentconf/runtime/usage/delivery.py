"""Brings a batch into the store: tried again while there is no database, row by row where it refuses one of them."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from agentconf.runtime.usage.record import CallRecord
from agentconf.runtime.usage.unavailable import UsageUnavailable

_LOG: Final = logging.getLogger("agentconf.runtime")
_DAY_S: Final = 86_400.0
_FORGET_EVERY_S: Final = 3_600.0
_TELL_EVERY_S: Final = 60.0
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 5.0


class Store(Protocol):
    """What the writer needs of a store; `UsageStore` is one."""

    def write(self, records: Sequence[CallRecord], batch: str | None = None) -> None: ...

    def has(self, batch: str, since: float) -> bool: ...

    def forget(self, before: float, tree: str | None = None) -> bool: ...


class Delivery:
    """`pause` waits so many seconds and says whether to go on trying.

    `give_up` is told how many records are not tried any more. `lost` is how many were dropped so far, these among
    them; what the database refused is `dropped`.

    For one thread; the counters may be read by any, and any may have told what is lost.
    """

    def __init__(
        self, store: Store, pause: Callable[[float], bool], give_up: Callable[[int], None], lost: Callable[[], int]
    ) -> None:
        self._store = store
        self._pause = pause
        self._give_up = give_up
        self._lost = lost
        self._is_out = False
        self._telling = threading.RLock()
        self._told_lost = 0
        self._tell_at = 0.0
        self._forget_at = 0.0
        self.retention: dict[str, int] = {}
        self.written = 0
        self.dropped = 0

    def deliver(self, records: Sequence[CallRecord]) -> None:
        """Returns when they are written, refused for good, or given up. Raises nothing."""
        try:
            self._deliver(records)
        except Exception as error:  # noqa: BLE001  # whatever a row trips over, the next ones are to be written
            self._refuse(records, error)
        self.tell_lost()
        self._forget()

    def _deliver(self, records: Sequence[CallRecord]) -> None:
        name, pause_s, is_again = os.urandom(8).hex(), _FIRST_PAUSE_S, False
        while True:
            try:
                if not (is_again and self._store.has(name, min(record.at for record in records))):
                    self._store.write(records, name)
            except UsageUnavailable as error:
                self._begin_outage(error)
                if not self._pause(pause_s):
                    self._give_up(len(records))
                    return
                is_again, pause_s = True, min(2 * pause_s, _LONGEST_PAUSE_S)
                self.tell_lost()
            else:
                break
        self.written += len(records)
        self._end_outage()

    def _refuse(self, records: Sequence[CallRecord], error: Exception) -> None:
        """One row that is refused takes no other with it."""
        if len(records) > 1:
            for record in records:
                self.deliver([record])
        else:
            self.dropped += 1
            _LOG.warning("the record of a call is lost: the database refused it (%s)", type(error).__name__)

    def _begin_outage(self, error: UsageUnavailable) -> None:
        if not self._is_out:
            self._is_out = True
            _LOG.warning("%s; calls go on, and their records wait until it can be used again", error)

    def _end_outage(self) -> None:
        if self._is_out:
            self._is_out = False
            _LOG.warning("the record of calls is written again")

    def tell_lost(self, *, is_last: bool = False) -> None:
        """Logs that records are lost, at most once a minute; and how many they were, at the end.

        When this returns it is told, by whichever thread: the other may not live to finish its sentence.
        """
        with self._telling:
            lost, now = self._lost(), time.monotonic()
            if lost > self._told_lost and (is_last or now >= self._tell_at):
                self._told_lost, self._tell_at = lost, now + _TELL_EVERY_S
                _LOG.warning("records of calls are lost, since they could not be written in time: %d so far", lost)

    def _forget(self) -> None:
        """Once an hour, what the trees want forgotten: a part after each batch, so that new records do not wait."""
        now = time.monotonic()
        if not self.retention or self._is_out or now < self._forget_at:
            return
        self._forget_at = now + _FORGET_EVERY_S
        try:
            for tree, days in tuple(self.retention.items()):
                if self._store.forget(time.time() - days * _DAY_S, tree):
                    self._forget_at = now
        except Exception as error:  # noqa: BLE001  # it is tried again in an hour
            _LOG.warning("old records of calls cannot be deleted now: %s", error)
