"""Budget against spend: what agents may spend in the period that is under way, and what they have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias, cast

from agentconf.config.resolve import Resolved
from agentconf.runtime.limits.periods import Per
from agentconf.runtime.usage.question import Question
from agentconf.runtime.usage.store import UsageStore


@dataclass(frozen=True, slots=True)
class Budgeted:
    """An agent's budget in US dollars, what is spent of it, and how many calls of unknown cost are not in that."""

    agent: str
    environment: str | None
    usd: float
    per: str
    resets_at: datetime
    spent_usd: float
    unpriced: int = 0

    @property
    def share(self) -> float:
        return self.spent_usd / self.usd if self.usd else float(self.spent_usd > 0)


@dataclass(frozen=True, slots=True)
class Spend:
    """What an agent has spent in its period, in US dollars; `unpriced` calls have an unknown cost."""

    usd: float = 0.0
    unpriced: int = 0


Ledger: TypeAlias = Callable[[str | None, str, datetime], Mapping[str, Spend]]
"""Of an environment, a kind of period and the moment it began: what each agent has spent since, by its id."""


def standing(agents: Iterable[Resolved], ledger: Ledger, now: datetime) -> list[Budgeted]:
    """Each budget of these agents, the one that is spent most of first."""
    found = list(_standing(agents, ledger, now))
    return sorted(found, key=lambda one: (-one.share, one.agent, one.environment or ""))


def _standing(agents: Iterable[Resolved], ledger: Ledger, now: datetime) -> Iterator[Budgeted]:
    asked: dict[tuple[str | None, str], Mapping[str, Spend]] = {}
    for agent in agents:
        budget: Mapping[str, Any] = agent.config.get("limits", {}).get("budget") or {}
        if "usd" in budget:
            per = budget.get("per", "day")
            begins, ends = period(per, now)
            key = (agent.environment, per)
            if key not in asked:
                asked[key] = ledger(agent.environment, per, begins)
            spend = asked[key].get(agent.id, Spend())
            yield Budgeted(agent.id, agent.environment, budget["usd"], per, ends, spend.usd, spend.unpriced)


def period(per: str, now: datetime) -> tuple[datetime, datetime]:
    """When the hour, day or month around a moment begins, and when the next one does; in UTC."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if per == "hour":
        return hour, hour + timedelta(hours=1)
    day = hour.replace(hour=0)
    if per == "day":
        return day, day + timedelta(days=1)
    month = day.replace(day=1)
    return month, (month + timedelta(days=32)).replace(day=1)


def recorded(store: UsageStore, trees: tuple[str, ...]) -> Ledger:
    """Spend by the record of calls."""

    def ledger(environment: str | None, per: str, begins: datetime) -> Mapping[str, Spend]:
        asked = Question(("agent", "environment"), since=begins.timestamp(), trees=trees)
        report = store.report(asked)
        rows = report.rows if report is not None else ()
        return {
            str(usage.key["agent"]): Spend(usage.cost_usd or 0.0, usage.unpriced)
            for usage in rows
            if usage.key["environment"] == environment
        }

    return ledger


def counted(below: Ledger, tree: str) -> Ledger:
    """Spend as the limits count it, which is what holds an agent; for whom they have not counted, what stands below.

    Where the counters cannot be read, all is as it stands below.
    """
    from agentconf.errors import LimitsUnavailable
    from agentconf.runtime.limits.guard import Guard
    from agentconf.runtime.limits.sqlite import SQLiteLimits

    guard = Guard(SQLiteLimits())

    def ledger(environment: str | None, per: str, begins: datetime) -> Mapping[str, Spend]:
        found = dict(below(environment, per, begins))
        try:
            counters = guard.spent(tree, environment)
        except LimitsUnavailable:
            return found
        for agent, spending in counters.items():
            found[agent] = Spend(spending.usd(cast(Per, per)), found.get(agent, Spend()).unpriced)
        return found

    return ledger
