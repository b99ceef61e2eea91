"""A client that is told: its place, and what is known of it. Nothing that grows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["websocket", "event-stream"]


@dataclass(slots=True, eq=False)
class Member:
    """`place` is the generation that it has been told of, None where nothing is known of what it has.

    `digest` is what it says that it serves. Times are those of the event loop's clock, in seconds.
    """

    kind: Kind
    place: int | None
    name: str | None = None
    token: str | None = None
    is_hinted: bool = False
    """Whether it fetches what changed itself, and is told only that something did."""
    is_listening: bool = False
    is_owed: bool = False
    """Whether it asked where it stands, and is answered even where nothing is new."""
    digest: str | None = None
    heard_at: float = 0.0
    sending_since: float | None = None
    is_ending: bool = False
    task: asyncio.Task[None] | None = None
    _sleeper: asyncio.Future[None] | None = field(default=None, repr=False)

    def wake(self) -> None:
        """There is something for it, or it ends."""
        if self._sleeper is not None and not self._sleeper.done():
            self._sleeper.set_result(None)

    async def sleep(self, seconds: float) -> bool:
        """Until it is woken: True; or False where that took too long."""
        loop = asyncio.get_running_loop()
        sleeper = self._sleeper = loop.create_future()
        timer = loop.call_later(seconds, _end_sleep, sleeper)
        try:
            await sleeper
        finally:
            self._sleeper = None
            timer.cancel()
        return timer.when() > loop.time()


def _end_sleep(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
