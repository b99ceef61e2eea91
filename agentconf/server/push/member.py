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
    told_at: float = 0.0
    """When the last that it was told was begun, or, before that, when it came."""
    is_being_told: bool = False
    is_ending: bool = False
    task: asyncio.Task[None] | None = None
    _sleeper: asyncio.Future[None] | None = field(default=None, repr=False)

    def wake(self) -> None:
        """There is something for it, or it ends."""
        if self._sleeper is not None and not self._sleeper.done():
            self._sleeper.set_result(None)

    async def sleep(self) -> None:
        """Until it is woken."""
        self._sleeper = asyncio.get_running_loop().create_future()
        try:
            await self._sleeper
        finally:
            self._sleeper = None
