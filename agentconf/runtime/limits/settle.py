"""The end of a passage, from wherever a call ends."""

from __future__ import annotations

import asyncio
import threading

from agentconf.runtime.limits.ask import Spent
from agentconf.runtime.limits.guard import Passage
from agentconf.runtime.limits.store import Busy


def settle(passage: Passage, spent: Spent) -> None:
    """Leave a passage, now if the counters are free. An event loop does not wait for them: a thread does."""
    try:
        passage.leave(spent, wait=False)
    except Busy:
        if _in_event_loop():
            threading.Thread(target=passage.leave, args=(spent,), name="agentconf-settle").start()
        else:
            passage.leave(spent)


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
