"""The narrow interface behind which counters are kept: in SQLite, and one day in an engine that machines share.

A store counts and compares, each method in one step that no other caller sees half of. It knows neither agents nor
prices: money comes in billionths of a US dollar, as whole numbers, so that a million sums are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias

from agentconf.runtime.limits.periods import Per, Periods

PER_DOLLAR: Final = 1_000_000_000

Limit: TypeAlias = Literal["max_parallel", "requests_per_minute", "tokens_per_minute", "budget"]


class Busy(Exception):
    """Somebody else holds the counters at this moment, and the caller would not wait."""


class StoreUnavailable(Exception):
    """The counters cannot be read or written. The message is the end of a sentence, with the way out."""


class Key(NamedTuple):
    """Whose counters they are. No environment is ""."""

    tree: str
    environment: str
    agent: str


class Bounds(NamedTuple):
    """What an agent may; None is unlimited. `alert` is the amount at which an alert is raised."""

    usd: int | None
    per: Per
    alert: int
    requests: int | None
    tokens: int | None
    parallel: int | None


class Claim(NamedTuple):
    """What a call would reserve. `is_capped`: it is refused where the budget does not hold it."""

    key: Key
    bounds: Bounds
    now: float
    periods: Periods
    cost: int
    tokens: int
    is_capped: bool


class Hold(NamedTuple):
    """A call that was let in. `file` names the counters that hold it, `number` and `agent` its place among them."""

    file: str
    number: int
    agent: int
    periods: Periods
    second: int
    cost: int
    tokens: int


class Used(NamedTuple):
    """What a call took in the end."""

    cost: int
    tokens: int


class Refusal(NamedTuple):
    """The limit that refused, how much of it is taken, and in how many seconds it may not be; None is unknown."""

    limit: Limit
    taken: int
    retry_after_s: float | None = None


class Verdict(NamedTuple):
    """What became of a claim or a settlement.

    `alert` is what was spent when it first came to the amount at which an alert is raised, `overrun` what was taken
    when a budget that is not capped first ran over: each once a period among all who share the counters.
    """

    hold: Hold | None = None
    refusal: Refusal | None = None
    alert: int | None = None
    overrun: int | None = None


class Spending(NamedTuple):
    """US dollars of an agent in the current hour, day and month; `reserved_usd` is for calls that are under way."""

    hour_usd: float
    day_usd: float
    month_usd: float
    reserved_usd: float

    def usd(self, per: Per) -> float:
        """What is spent in the current period, without what is reserved."""
        return {"hour": self.hour_usd, "day": self.day_usd, "month": self.month_usd}[per]


class LimitStore(Protocol):
    """Every method but `close` raises StoreUnavailable, and Busy where it is told not to wait."""

    def enter(self, claim: Claim, *, wait: bool) -> Verdict:
        """Reserve a claim and take a slot, or refuse it and count nothing."""

    def exchange(self, hold: Hold, used: Used, claim: Claim, *, wait: bool) -> Verdict:
        """Settle a hold, and reserve for the same call again; where that is refused, the hold is left without cost."""

    def leave(self, hold: Hold, used: Used, bounds: Bounds, *, wait: bool) -> Verdict:
        """Settle a hold and free its slot."""

    def spent(self, tree: str, environment: str | None, now: float | None = None) -> Mapping[str, Spending]:
        """What each agent has spent, by its id; `now` is in Unix seconds, None the present."""

    def close(self) -> None:
        """Let go of everything. What is held counts as spent, as it was reserved."""
