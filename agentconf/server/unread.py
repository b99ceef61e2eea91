"""A client that does not read what it is sent: each of its connections says when that has lasted too long."""

from __future__ import annotations

import asyncio
from typing import ClassVar, Self

from agentconf.server.options import Limits


class Unread(asyncio.Protocol):
    """Beside a protocol of uvicorn's, in front of it. Moments are those of the loop's clock, in seconds."""

    limits: ClassVar[Limits] = Limits()
    loop: asyncio.AbstractEventLoop
    _read_by: float | None = None

    @classmethod
    def within(cls, limits: Limits) -> type[Self]:
        """The same with these limits."""
        return type(cls.__name__, (cls,), {"limits": limits})

    def pause_writing(self) -> None:
        self._read_by = self.loop.time() + self.limits.write_timeout_s
        super().pause_writing()

    def resume_writing(self) -> None:
        self._read_by = None
        super().resume_writing()

    def is_unread(self, now: float) -> bool:
        """Whether the client has read too little for too long."""
        return self._read_by is not None and self._read_by < now
