"""Work spread over the processors by forking: each part in a process of its own, its result sent back.

Only for a process without threads, such as the command line.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")


def processors() -> int:
    """How many processors this process may use; 1 where it cannot fork."""
    if not hasattr(os, "fork"):
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each_forked(work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """`work` of every part, in their order; the first part in this process, the others in children.

    An exception in a part is raised here. A child that dies is a RuntimeError.
    """
    children = [_start(work, part) for part in parts[1:]]
    results = [work(part) for part in parts[:1]]
    return results + [_finish(*child) for child in children]


def _start(work: Callable[[Part], Result], part: Part) -> tuple[int, int]:
    ours, theirs = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _answer(work, part, theirs)
    os.close(theirs)
    return child, ours


def _answer(work: Callable[[Part], Result], part: Part, theirs: int) -> None:
    """Never returns: the child ends here, without the parent's exit handlers."""
    status = 1
    try:
        try:
            said: tuple[bool, object] = (True, work(part))
        except Exception as error:  # noqa: BLE001  # it is raised again in the parent
            said = (False, error)
        with os.fdopen(theirs, "wb") as pipe:
            pickle.dump(said, pipe, pickle.HIGHEST_PROTOCOL)
        status = 0
    finally:
        os._exit(status)


def _finish(child: int, ours: int) -> Result:  # type: ignore[type-var]  # the parts' results come back as one type
    with os.fdopen(ours, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    if not data:
        raise RuntimeError("a process that checked a part of the tree ended before it had answered")
    is_result, value = pickle.loads(data)  # noqa: S301  # written by our own child
    if not is_result:
        raise value
    result: Result = value
    return result
