"""Work in parallel threads that waits for nobody longer than it said."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from agentconf.progress import Progress

Key = TypeVar("Key")
Result = TypeVar("Result")


def in_parallel(
    tasks: Mapping[Key, Callable[[], Result]],
    late: Result,
    timeout_s: float,
    at_once: int = 16,
    progress: Progress | None = None,
) -> dict[Key, Result]:
    """What each task gives; `late` for one that has given nothing after so many seconds, and is left behind.

    Tasks do not raise. Their threads are daemons: Ctrl-C need not wait for them.
    """
    finished: queue.SimpleQueue[tuple[Key, Result]] = queue.SimpleQueue()
    waiting, running, results = list(tasks)[::-1], dict[Key, float](), dict[Key, Result]()
    while waiting or running:
        while waiting and len(running) < at_once:
            key = waiting.pop()
            running[key] = time.monotonic() + timeout_s
            threading.Thread(target=_run, args=(key, tasks[key], finished), daemon=True).start()
        for key, result in _next(finished, running, late):
            if running.pop(key, None) is not None:
                results[key] = result
        if progress is not None:
            progress(len(results))
    return {key: results[key] for key in tasks}


def _run(key: Key, task: Callable[[], Result], finished: queue.SimpleQueue[tuple[Key, Result]]) -> None:
    finished.put((key, task()))


def _next(
    finished: queue.SimpleQueue[tuple[Key, Result]], running: Mapping[Key, float], late: Result
) -> list[tuple[Key, Result]]:
    """The next result, or those that are too late."""
    try:
        return [finished.get(timeout=max(0.001, min(running.values()) - time.monotonic()))]
    except queue.Empty:
        now = time.monotonic()
        return [(key, late) for key, until in running.items() if until <= now]
