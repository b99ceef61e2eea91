"""Several processes on one socket. Each follows the tree for itself; they agree by digest, not by talking."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Final

from agentconf.errors import AgentconfError
from agentconf.server.order import Order, serve

_BEAT_S: Final = 0.2
_RESTART_S: Final = 1.0
"""How long a process that died is waited for before the next takes its place."""


def serve_with_workers(order: Order, listening: socket.socket, count: int) -> int | None:
    """Serve with so many processes until asked to end; the signal that asked. One that dies is replaced."""
    with tempfile.TemporaryDirectory(prefix="agentconf-tickets-") as folder, _asked() as signals:
        shared = replace(order, options=replace(order.options, tickets=folder))
        workers = [_started(shared, listening) for _ in range(count)]
        while not signals:
            time.sleep(_BEAT_S)
            workers = [_living(worker, lambda: _started(shared, listening)) for worker in workers]
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join(order.grace_s + 5)
            worker.kill()
        return signals[0]


def _living(worker: BaseProcess, start: Callable[[], BaseProcess]) -> BaseProcess:
    if worker.is_alive():
        return worker
    time.sleep(_RESTART_S)
    return start()


def _started(order: Order, listening: socket.socket) -> BaseProcess:
    """A new interpreter: threads, which follow the tree, do not outlive a fork."""
    worker = multiprocessing.get_context("spawn").Process(target=_work, args=(order, listening), daemon=True)
    worker.start()
    return worker


def _work(order: Order, listening: socket.socket) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal interrupts all of its processes; ours are asked in turn
    listening.setblocking(False)
    try:
        serve(order, listening)
    except AgentconfError as error:
        raise SystemExit(str(error)) from None


@contextmanager
def _asked() -> Generator[list[int]]:
    """The signals to end that have come."""
    found: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        found.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield found
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
