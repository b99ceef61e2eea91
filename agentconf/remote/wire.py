"""The client's connections, in an event loop in a thread: there whatever takes too long can be given up.

A read that blocks has a bound of its own, and a server that sends a byte now and then is within it for ever.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeAlias, TypeVar

import httpx

from agentconf.remote.faults import Unreachable

T = TypeVar("T")
Ask: TypeAlias = Callable[[httpx.AsyncClient], Coroutine[Any, Any, T]]


class Wire:
    """A client that is made when it is first needed. Safe among threads; a forked child makes one of its own."""

    def __init__(self, make: Callable[[], httpx.AsyncClient]) -> None:
        self._make = make
        self._guard = threading.Lock()
        self._begun: tuple[_Loop, httpx.AsyncClient] | None = None
        self._waiting: set[Future[Any]] = set()
        self._is_closed = False

    def run(self, ask: Ask[T]) -> T:
        """What `ask` gives, which is to end by itself. Raises what it raises, and Unreachable once this is closed."""
        with self._guard:
            if self._is_closed:
                raise Unreachable("the connection was closed")
            loop, client = self._begun = self._begun or self._begin()
            answer = asyncio.run_coroutine_threadsafe(ask(client), loop)
            self._waiting.add(answer)
        try:
            return answer.result()
        except CancelledError:
            raise Unreachable("the connection was closed") from None
        finally:
            answer.cancel()  # where this thread was interrupted
            with self._guard:
                self._waiting.discard(answer)

    def close(self) -> None:
        """Whoever waits for an answer waits no more, and nobody asks again."""
        with self._guard:
            begun, self._begun, self._is_closed = self._begun, None, True
            waiting = tuple(self._waiting)
        for answer in waiting:
            answer.cancel()
        if begun is not None:
            asyncio.run_coroutine_threadsafe(_end(begun[1]), begun[0]).result()
            begun[0].call_soon_threadsafe(begun[0].stop)

    def _begin(self) -> tuple[_Loop, httpx.AsyncClient]:
        client, loop = self._make(), _Loop()
        threading.Thread(target=loop.run, name="agentconf-requests", daemon=True).start()
        return loop, client


class _Loop(asyncio.SelectorEventLoop):
    """Runs until it is stopped."""

    def run(self) -> None:
        try:
            self.run_forever()
        finally:
            self.close()

    async def getaddrinfo(self, *asked: Any, **more: Any) -> Any:
        """In a daemon thread: an executor's is waited for at the end, and none begins once the main thread ended."""
        found: Future[Any] = Future()
        found.set_running_or_notify_cancel()

        def look() -> None:
            try:
                found.set_result(socket.getaddrinfo(*asked, **more))
            except OSError as error:
                found.set_exception(error)

        threading.Thread(target=look, name="agentconf-names", daemon=True).start()
        return await asyncio.wrap_future(found, loop=self)


async def _end(client: httpx.AsyncClient) -> None:
    """Once all that was asked has ended. Who asked was told to: what it began itself it ends itself, in good order."""
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)
    await client.aclose()
