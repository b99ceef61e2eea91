"""Several processes on one socket. Each follows the tree for itself; they agree by digest, not by talking."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Final

from agentconf.errors import AgentconfError, SourceUnavailable
from agentconf.server.order import Order, serve
from agentconf.server.run import ending_signals

_BEAT_S: Final = 0.2
_RESTART_S: Final = 1.0
"""How long it takes until the next stands in the place of a process that died."""
_QUICK_S: Final = 10.0
_MOST_QUICK_ENDS: Final = 3


def serve_with_workers(order: Order, listening: socket.socket, count: int) -> int | None:
    """Serve with so many processes until asked to end; the signal that asked. One that dies is replaced.

    Raises SourceUnavailable where they die as soon as they begin; each has said why by then.
    """
    with tempfile.TemporaryDirectory(prefix="agentconf-tickets-") as folder, _asked() as signals:
        options = replace(order.options, tickets=folder)
        orders = [replace(order, options=replace(options, worker=number)) for number in range(1, count + 1)]
        workers = [_Worker(one, listening) for one in orders]
        try:
            while not signals:
                time.sleep(_BEAT_S)
                for worker in workers:
                    worker.keep_alive()
        finally:
            _end(workers, order.grace_s)
        return signals[0]


class _Worker:
    """A process that is begun again when it dies."""

    def __init__(self, order: Order, listening: socket.socket) -> None:
        self._order = order
        self._listening = listening
        self._quick_ends = 0
        self._begin()

    def keep_alive(self) -> None:
        if self.process.is_alive():
            return
        self._quick_ends = self._quick_ends + 1 if time.monotonic() - self._begun < _QUICK_S else 0
        if self._quick_ends >= _MOST_QUICK_ENDS:
            raise SourceUnavailable("the processes end as soon as they begin; what they say above is why")
        time.sleep(_RESTART_S)
        self._begin()

    def _begin(self) -> None:
        self._begun = time.monotonic()
        self.process: BaseProcess = _started(self._order, self._listening)


def _end(workers: list[_Worker], grace_s: int) -> None:
    for worker in workers:
        worker.process.terminate()
    for worker in workers:
        worker.process.join(grace_s + 5)
        worker.process.kill()


def _started(order: Order, listening: socket.socket) -> BaseProcess:
    """A new interpreter: threads, which follow the tree, do not outlive a fork."""
    worker = multiprocessing.get_context("spawn").Process(target=_work, args=(order, listening), daemon=True)
    worker.start()
    return worker


def _work(order: Order, listening: socket.socket) -> None:
    for number in (signal.SIGINT, signal.SIGHUP):  # a terminal sends them to all of its processes: see ending_signals
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()
    listening.setblocking(False)
    try:
        serve(order, listening)
    except AgentconfError as error:
        raise SystemExit(str(error)) from None


def _follow_parent() -> None:
    """Ends this process when the one that began it is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _asked() -> Generator[list[int]]:
    """The signals to end that have come."""
    found: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        found.append(number)

    before = {number: signal.signal(number, note) for number in ending_signals()}
    try:
        yield found
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
