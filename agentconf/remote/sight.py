"""How a client is doing, said by the time since the server last confirmed what is served."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

from agentconf.live.status import State, Status
from agentconf.snapshot.snapshot import Snapshot

TTL_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Sight:
    """What was found last. `confirmed_at` is of the monotonic clock; None before the server has ever confirmed.

    `trouble` says why the server cannot be heard, `refusal` why what it says is not served.
    """

    confirmed_at: float
    trouble: str | None = None
    refusal: str | None = None
    attempted: str | None = None

    def confirmed(self) -> Sight:
        """The server says that what is served is the newest."""
        return Sight(time.monotonic())

    def lost(self, trouble: str) -> Sight:
        return replace(self, trouble=trouble)

    def refused(self, refusal: str) -> Sight:
        return replace(self, refusal=refusal, trouble=None)

    def status(self, snapshot: Snapshot, ttl: float, quiet: float) -> Status:
        """`fresh` while the server confirms, `stale` up to the time to live, then `failing`; served is the last good.

        `quiet` is how long a server that lives is never silent.
        """
        age = time.monotonic() - self.confirmed_at
        state, reason = self._state(age, ttl, quiet)
        return Status(
            state=state,
            reason=reason,
            generation=snapshot.generation,
            applied=snapshot.digest,
            attempted=self.attempted or snapshot.digest,
            age_s=age,
            advise=lambda: snapshot.advice,
        )

    def _state(self, age: float, ttl: float, quiet: float) -> tuple[State, str | None]:
        if self.refusal is not None:
            return "failing", self.refusal
        trouble = self.trouble or (f"nothing was heard of the server for {age:.0f} s" if age > quiet else None)
        if trouble is None:
            return "fresh", None
        if age > ttl:
            said = f"{trouble}; what is served was confirmed {age:.0f} s ago, longer than its time to live of {ttl:g} s"
            return "failing", said
        return "stale", trouble
