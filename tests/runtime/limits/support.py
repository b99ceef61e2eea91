"""What the tests of limits share: agents with limits, calls that ask, a clock that is turned by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from agentconf.config.agent import Agent
from agentconf.runtime.limits.alert import Alert
from agentconf.runtime.limits.ask import Ask, Spent
from agentconf.runtime.limits.guard import Guard
from agentconf.runtime.limits.sqlite import SQLiteLimits
from agentconf.runtime.prices import Price
from agentconf.runtime.tokens import Tokens
from agentconf.testing import snapshot_of

TREE: Final = "/srv/agents.d"
MODEL: Final = "openai/gpt-4.1"
DOLLAR_A_TOKEN: Final = Price(1_000_000, 1_000_000)
"""So that tokens are dollars, and sums are seen at a glance."""
NOON: Final = datetime(2027, 5, 14, 12, 30, tzinfo=UTC).timestamp()


class Clock:
    """Turned by hand."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def agent_with(limits: Mapping[str, Any] | None, agent_id: str = "a") -> Agent:
    said: dict[str, Any] = {"owner": "team", "llm": {"model": MODEL}}
    if limits is not None:
        said["limits"] = dict(limits)
    return snapshot_of({agent_id: said})[agent_id]


def budget(usd: float, per: str = "day", **more: Any) -> dict[str, Any]:
    return {"budget": {"usd": usd, "per": per, **more}}


def ask(agent: Agent, dollars: int = 1, *, price: Price | None = DOLLAR_A_TOKEN, is_beyond_budget: bool = False) -> Ask:
    """A call that is reckoned at some dollars, and as many tokens."""
    return Ask(agent, TREE, MODEL, price, Tokens(dollars, is_estimated=True), is_beyond_budget)


def took(dollars: int) -> Spent:
    return Spent(Tokens(dollars))


def guard_at(
    folder: Path, clock: Callable[[], float] | None = None, on_alert: Callable[[Alert], None] | None = None
) -> Guard:
    return Guard(SQLiteLimits(folder / "limits.sqlite3"), on_alert, clock or Clock())


def metric_of(guard: Guard, name: str) -> dict[tuple[str, ...], float]:
    """The samples of a metric by the values of their labels."""
    metric = next(one for one in guard.metrics if one.name == f"agentconf_{name}")
    return {tuple(sample.labels.values()): sample.value for sample in metric.samples}
