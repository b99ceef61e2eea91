"""The guard before a call: it asks the counters, and says in words, errors and alerts what they answer."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from agentconf.errors import LimitsUnavailable
from agentconf.live.metrics import Metric
from agentconf.runtime.limits import wording
from agentconf.runtime.limits.alert import REFUSALS, UNSETTLED, Alert, Herald
from agentconf.runtime.limits.ask import NOTHING, Ask, Spent
from agentconf.runtime.limits.reckoning import Let, bounds_of, claim_of, used_by
from agentconf.runtime.limits.store import Bounds, Busy, Claim, LimitStore, Spending, StoreUnavailable, Used, Verdict

_log = logging.getLogger("agentconf.runtime")

_OWED_AT_MOST: Final = 10_000


class Guard:
    """Keeps agents to their limits. One for a process; safe among threads and tasks. `clock` gives Unix seconds."""

    def __init__(
        self,
        store: LimitStore,
        on_alert: Callable[[Alert], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._herald = Herald(on_alert)
        self._clock = clock
        self._owed: deque[tuple[Let, Used]] = deque(maxlen=_OWED_AT_MOST)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What this process refused, and what it raised alerts for."""
        return self._herald.metrics()

    def enter(self, ask: Ask, *, wait: bool = True) -> Passage:
        """Let a call in, and reserve what it may cost. `leave` the passage in the end, whatever happened.

        Raises LimitExceeded, BudgetExceeded, PriceUnknown and LimitsUnavailable. With `wait=False` it raises Busy where
        the counters are somebody else's at this moment: then ask again from a thread that may wait.
        """
        bounds = bounds_of(ask.agent)
        if bounds is None:
            return FREE
        claim = self._claimed(ask, bounds)
        self._pay(wait=False)
        verdict = self._asked(ask, lambda: self._store.enter(claim, wait=wait))
        self._tell(ask, claim, verdict)
        if verdict.refusal is not None:
            raise wording.refused(ask, claim, verdict.refusal)
        assert verdict.hold is not None
        return Passage(self, Let(ask, claim, verdict.hold))

    def spent(self, tree: str, environment: str | None) -> Mapping[str, Spending]:
        """What each agent has spent in the current periods, by its id. Raises LimitsUnavailable."""
        try:
            return self._store.spent(tree, environment, self._clock())
        except StoreUnavailable as error:
            raise LimitsUnavailable(f"what agents have spent cannot be read: {error}") from None

    def pay(self) -> None:
        """Settle what is owed, where the counters can be used."""
        self._pay(wait=True)

    def close(self) -> None:
        """Settle what is owed, and let go of the counters."""
        self.pay()
        self._store.close()

    def exchange(self, let: Let, ask: Ask, spent: Spent, *, wait: bool) -> tuple[Let, Exception | None]:
        """For Passage: what is held from now on, and why the next entry may not be called, where it may not."""
        bounds, used = let.claim.bounds, used_by(let.ask, spent)
        claim = claim_of(ask, bounds, self._clock())
        self._pay(wait=False)
        verdict = self._asked(ask, lambda: self._store.exchange(let.hold, used, claim, wait=wait))
        self._tell(ask, claim, verdict)
        refusal = verdict.refusal
        error: Exception | None = wording.refused(ask, claim, refusal) if refusal is not None else None
        if error is None and _is_unpriced(ask, bounds):
            error = self._unpriced(ask)
        return Let(ask, claim, verdict.hold or let.hold), error

    def settle(self, let: Let, spent: Spent, *, wait: bool) -> None:
        """For Passage. What cannot be written now is owed, and written with one of the next calls."""
        used = used_by(let.ask, spent)
        self._pay(wait=False)
        try:
            self._settle(let, used, wait=wait)
        except StoreUnavailable as error:
            if not self._owed:
                _log.error("what calls took cannot be counted, and will be tried again: %s", error)
            self._herald.count(UNSETTLED, let.ask.agent)
            self._owed.append((let, used))

    def _settle(self, let: Let, used: Used, *, wait: bool) -> None:
        verdict = self._store.leave(let.hold, used, let.claim.bounds, wait=wait)
        self._tell(let.ask, let.claim, verdict)

    def _pay(self, *, wait: bool) -> None:
        """Settle what is owed, as far as that can be done."""
        while self._owed:
            try:
                let, used = self._owed.popleft()
            except IndexError:  # another thread was quicker
                return
            try:
                self._settle(let, used, wait=wait)
            except (Busy, StoreUnavailable):
                self._owed.appendleft((let, used))
                return

    def _claimed(self, ask: Ask, bounds: Bounds) -> Claim:
        if _is_unpriced(ask, bounds):
            raise self._unpriced(ask)
        return claim_of(ask, bounds, self._clock())

    def _unpriced(self, ask: Ask) -> Exception:
        self._herald.count(REFUSALS, ask.agent, "budget")
        return wording.no_price(ask)

    def _asked(self, ask: Ask, question: Callable[[], Verdict]) -> Verdict:
        try:
            return question()
        except StoreUnavailable as error:
            self._herald.count(REFUSALS, ask.agent, "limits")
            raise LimitsUnavailable(
                f"the agent '{ask.agent.id}' has limits, and its counters cannot be used: {error}"
            ) from None

    def _tell(self, ask: Ask, claim: Claim, verdict: Verdict) -> None:
        """The usual case first: nothing."""
        if verdict.refusal is not None:
            self._herald.count(REFUSALS, ask.agent, verdict.refusal.limit)
        if verdict.alert is not None:
            self._herald.alert(ask.agent, claim, verdict.alert)
        if verdict.overrun is not None:
            goes_on = "its calls go to a cheaper entry" if ask.is_beyond_budget else "its calls go on"
            self._herald.overrun(ask.agent, claim, goes_on=goes_on)


class Passage:
    """A call that was let in. It is one call's own: not to be shared among tasks."""

    __slots__ = ("_guard", "_let")

    def __init__(self, guard: Guard | None, let: Let | None) -> None:
        self._guard = guard
        self._let = let

    def retake(self, ask: Ask, spent: Spent | None, *, wait: bool = True) -> None:
        """The next entry of the same call: what the one before took is settled (None: nothing), and its own reserved.

        Raises BudgetExceeded and PriceUnknown where it may not be called; what came before is settled all the same, and
        another entry may be tried. Raises LimitsUnavailable, and Busy as `enter` does, with nothing done.
        """
        if self._guard is None or self._let is None:
            return
        self._let, error = self._guard.exchange(self._let, ask, spent or NOTHING, wait=wait)
        if error is not None:
            raise error

    def leave(self, spent: Spent, *, wait: bool = True) -> None:
        """The end, once; a second time does nothing. `spent` is what the last entry took. Raises Busy as `enter` does.

        What cannot be written at this moment is kept, and written with one of the next calls.
        """
        if self._guard is None or self._let is None:
            return
        self._guard.settle(self._let, spent, wait=wait)
        self._let = None


FREE: Final = Passage(None, None)
"""The passage of everybody who has no limits."""


def _is_unpriced(ask: Ask, bounds: Bounds) -> bool:
    return bounds.usd is not None and ask.price is None
