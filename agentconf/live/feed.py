"""News for those who asked, in order and without bound on nobody's memory: a slow reader gets the newest as one."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress
from typing import Final, Generic, Self, TypeVar

from agentconf.live.change import Change

BACKLOG: Final = 100
"""How many news wait for a slow reader before the newest are told as one."""

News = TypeVar("News")


class Feed(Generic[News]):
    """The news from now on, one by one: an iterator, for `for` and for `async for`.

    It ends when the watch is closed, or by `close()`. A reader that is more than a hundred behind misses the older.
    """

    def __init__(self) -> None:
        self._waiting: deque[News] = deque()
        self._arrived = threading.Condition()
        self._sleepers: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._is_open = True

    def put(self, news: News) -> None:
        """Tell something. Never waits."""
        with self._arrived:
            if len(self._waiting) >= BACKLOG:
                news = self._joined(self._waiting.pop(), news)
            self._waiting.append(news)
            self._wake()

    def close(self) -> None:
        """No more is told; what waits is still given."""
        with self._arrived:
            self._is_open = False
            self._wake()

    def next(self, timeout: float | None = None) -> News | None:
        """The next; None where there was none within `timeout` seconds, or there will be none any more."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._waiting or not self._is_open, timeout)
            return self._waiting.popleft() if self._waiting else None

    @property
    def is_open(self) -> bool:
        """Whether more may be told."""
        return self._is_open

    @property
    def has_ended(self) -> bool:
        """Whether there will be none any more."""
        return not self._is_open and not self._waiting

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> News:
        news = self.next()
        if news is None:
            raise StopIteration
        return news

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> News:
        while True:
            with self._arrived:
                if self._waiting:
                    return self._waiting.popleft()
                if not self._is_open:
                    raise StopAsyncIteration
                loop = asyncio.get_running_loop()
                sleeper: asyncio.Future[None] = loop.create_future()
                self._sleepers.append((loop, sleeper))
            await sleeper

    def _joined(self, last: News, news: News) -> News:
        return news

    def _wake(self) -> None:
        self._arrived.notify_all()
        sleepers, self._sleepers = self._sleepers, []
        for loop, sleeper in sleepers:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(_wake_up, sleeper)


class Changes(Feed[Change]):
    """The changes from now on. A reader that falls behind gets the newest of them as one change: none is missed."""

    def _joined(self, last: Change, news: Change) -> Change:
        return Change(last.before, news.after)


def _wake_up(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
