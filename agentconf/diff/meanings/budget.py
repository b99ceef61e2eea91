"""What the agent may spend, and whether anybody still counts it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.rules.costlier_fallback import money
from agentconf.rules.view import AgentView

_HOURS: Final = {"hour": 1.0, "day": 24.0, "month": 730.0}
_PATH: Final = ("limits", "budget")


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """Compared by the hour, since the period may change with the amount."""
    if pair.before is None or pair.after is None:
        return
    old, new = _budget(pair.before), _budget(pair.after)
    if old and not new:
        yield said(_PATH, "budget", "high", f"the budget of {_shown(old)} is gone")
    elif new and not old:
        yield said(_PATH, "budget", "low", f"a budget of {_shown(new)} from now on")
    elif old and new and old != new:
        yield from _changed(old, new)
    if old and new and _counts(pair.before) and not _counts(pair.after):
        yield said(_PATH, "budget", "high", "the budget can no longer be enforced: a price is unknown")


def _changed(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Said]:
    before, after = _hourly(old), _hourly(new)
    if before != after:
        text = f"budget {_shown(old)} to {_shown(new)}"
        yield said(_PATH, "budget", "medium" if after > before else "low", text)
    if old.get("on_exceeded", "block") == "block" != new.get("on_exceeded", "block"):
        yield said(_PATH, "budget", "high", f"beyond the budget calls go on (on_exceeded: {new['on_exceeded']})")


def _budget(view: AgentView) -> dict[str, Any] | None:
    return (view.config.get("limits") or {}).get("budget")


def _counts(view: AgentView) -> bool:
    return all(entry.cost is not None for entry in view.entries)


def _hourly(budget: dict[str, Any]) -> float:
    return float(budget.get("usd") or 0) / _HOURS.get(str(budget.get("per")), 24.0)


def _shown(budget: dict[str, Any]) -> str:
    return f"{money(float(budget.get('usd') or 0))} per {budget.get('per')}"
