"""Takes records off the caller's hands, and writes them in batches by a thread of its own.

A caller's part is an entry in a queue. What cannot be written is kept and tried again, within bounds.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Final

from agentconf.runtime.usage import endings
from agentconf.runtime.usage.delivery import Delivery, Store
from agentconf.runtime.usage.record import CallRecord

_MOST_TEXT: Final = 64 << 20


class Recorder:
    """Records calls. `record` takes some microseconds, never waits and never raises, whatever becomes of the database.

    At most `limit` records wait, with at most 64 Mi characters of prompts and answers; then records (or those texts
    alone) are dropped, counted and logged. They are written `interval_s` after the first that waits, or when `batch`
    of them do. The end of the process writes what waits, within five seconds; `close` does so before.
    """

    def __init__(self, store: Store, *, limit: int = 50_000, batch: int = 1_000, interval_s: float = 0.25) -> None:
        self._store = store
        self._limit = limit
        self._batch = batch
        self._interval_s = interval_s
        self._is_closed = False
        self._retention: dict[str, int] = {}
        self._begin()
        endings.look_after(self)

    def _begin(self) -> None:
        """As new: so a forked process begins too, since what waited is the parent's to write."""
        # these queues are safe in finalisers and signal handlers, which may come in the middle of a call
        self._queue: SimpleQueue[CallRecord | threading.Event] = SimpleQueue()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._ends_at: float | None = None
        self._held = 0
        self._is_resting = False
        self._is_over = False
        self._flushing = 0
        self._lost = 0
        self._text = 0
        self._delivery = Delivery(self._store, self._pause, self._give_up, lambda: self._lost)
        self._delivery.retention = self._retention

    @property
    def written(self) -> int:
        """How many records this process has written."""
        return self._delivery.written

    @property
    def dropped(self) -> int:
        """How many records of this process are lost."""
        return self._lost + self._delivery.dropped

    @property
    def pending(self) -> int:
        """How many records wait, those among them that are being written."""
        return self._queue.qsize() + self._held

    def record(self, record: CallRecord) -> None:
        """Takes a record."""
        try:
            waiting = self.pending
            if waiting >= self._limit or self._is_closed:
                self._lose(1)
                return
            if record.prompt is not None or record.answer is not None:
                record = self._weighed(record)
            self._queue.put(record)
            if self._thread is None:
                self._start()
            if self._is_resting and waiting + 1 >= self._batch and self._bell.empty():
                self._bell.put(None)
        except Exception:  # noqa: BLE001  # a call never fails for its record
            self._lose(1)

    def keep(self, tree: str, days: int | None) -> None:
        """Has the calls of a tree deleted after so many days; None keeps them. It is done about once an hour."""
        if days is None:
            self._retention.pop(tree, None)
        else:
            self._retention[tree] = days

    def flush(self, timeout: float | None = None) -> bool:
        """Waits until all that was recorded so far is written, or lost for good; whether it is, within so many seconds.

        A database that could not be reached is tried at once.
        """
        if self._is_closed:
            return not self.pending
        done = threading.Event()
        with self._lock:
            self._flushing += 1
        self._queue.put(done)
        self._bell.put(None)
        with suppress(RuntimeError):  # at the end of the process no thread begins, and `close` writes by itself
            self._start()
        return self._thread is not None and done.wait(timeout)

    def close(self, timeout: float = endings.AT_EXIT_S) -> None:
        """Writes what waits, for so many seconds; what is not written then is lost, counted and logged."""
        with self._lock:
            if self._is_closed:
                return
            self._ends_at = time.monotonic() + timeout
            self._is_closed = True
        self._queue.put(threading.Event())
        self._bell.put(None)
        if self._thread is None:
            self._run()
        else:
            self._thread.join(timeout)
        left, _ = self._drained(self._limit + self._batch)
        with self._lock:
            self._is_over = True
            self._lost += len(left) + self._held
        self._delivery.tell_lost(is_last=True)

    def begin_anew(self) -> None:
        """As a forked process does: what waits is its parent's to write."""
        if not self._is_closed:
            self._begin()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._is_closed:
                thread = threading.Thread(target=self._run, name="agentconf-usage", daemon=True)
                thread.start()
                self._thread = thread
                endings.close_in_worker(self)

    def _run(self) -> None:
        while not (self._is_closed and self._queue.empty()):
            first = self._queue.get()
            if isinstance(first, CallRecord):
                self._held = 1
                self._gather()
            records, done = self._drained(self._batch, first)
            self._held = len(records)
            if records:
                self._delivery.deliver(records)
                self._unweigh(records)
                self._held = 0
            if done is not None:
                with self._lock:
                    self._flushing -= 1
                done.set()

    def _gather(self) -> None:
        """A little time for more records to come, unless there are enough."""
        self._is_resting = True  # first, so that whoever adds the last one rings, or is counted here
        if self._queue.qsize() < self._batch and not (self._flushing or self._is_closed):
            self._rest(self._interval_s)
        self._is_resting = False

    def _drained(
        self, most: int, first: CallRecord | threading.Event | None = None
    ) -> tuple[list[CallRecord], threading.Event | None]:
        """What waits, up to whoever waits for it to be written."""
        records: list[CallRecord] = []
        with suppress(Empty):
            item = self._queue.get_nowait() if first is None else first
            while isinstance(item, CallRecord):
                records.append(item)
                if len(records) >= most:
                    return records, None
                item = self._queue.get_nowait()
            return records, item
        return records, None

    def _rest(self, seconds: float) -> None:
        """Until there is a hurry. Nobody is in one while the process ends: it waits for this."""
        with suppress(Empty):
            self._bell.get(timeout=seconds)
            while True:
                self._bell.get_nowait()

    def _pause(self, seconds: float) -> bool:
        """Before another try; False where there is no time for one."""
        if self._ends_at is not None:
            seconds = min(seconds, self._ends_at - time.monotonic())
            if seconds <= 0:
                return False
        self._rest(seconds)
        return True

    def _give_up(self, count: int) -> None:
        """The thread's own word on what it holds, unless `close` was quicker and has counted that."""
        with self._lock:
            if not self._is_over:
                self._lost += count
                self._held -= count

    def _lose(self, count: int) -> None:
        with self._lock:
            self._lost += count

    def _weighed(self, record: CallRecord) -> CallRecord:
        """The record, without its texts where too many of them wait."""
        size = len(record.prompt or "") + len(record.answer or "")
        with self._lock:
            if self._text + size > _MOST_TEXT:
                return replace(record, prompt=None, answer=None)
            self._text += size
        return record

    def _unweigh(self, records: list[CallRecord]) -> None:
        size = sum(len(record.prompt or "") + len(record.answer or "") for record in records)
        if size:
            with self._lock:
                self._text -= size
