"""The wire by itself: what becomes of a question whose connection is closed."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from collections.abc import Coroutine
from typing import Any

import httpx
import pytest

from agentconf.remote.faults import Unreachable
from agentconf.remote.wire import Wire


async def _step() -> None:
    """Whoever awaits this has begun."""


async def _wrapped(inner: Coroutine[Any, Any, None]) -> None:
    """As task groups have their tasks: one that is cancelled before it begins never awaits the inner one."""
    await inner


def test_a_question_in_the_middle_of_a_step_is_ended_by_who_began_it(recwarn: pytest.WarningsRecorder) -> None:
    has_begun, is_closing = threading.Event(), threading.Event()

    async def ask(_: httpx.AsyncClient) -> None:
        loop: Any = asyncio.get_running_loop()
        has_begun.set()
        while not (is_closing.is_set() and loop._ready):  # what `close` has told the loop waits there
            is_closing.wait(0.001)
        await asyncio.sleep(0)
        await asyncio.create_task(_wrapped(_step()))

    def close() -> None:
        has_begun.wait(10)
        is_closing.set()
        wire.close()

    warnings.simplefilter("always")
    wire = Wire(httpx.AsyncClient)
    thread = threading.Thread(target=close)
    thread.start()
    with pytest.raises(Unreachable, match="the connection was closed"):
        wire.run(ask)
    thread.join(10)
    gc.collect()
    assert [str(one.message) for one in recwarn] == []
