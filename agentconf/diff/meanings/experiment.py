"""Experiments: begun, changed, ended, and what share of users moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agentconf.diff.change import Risk
from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.rules.view import AgentView


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """By the shares that users get on the day of the review."""
    if pair.before is None or pair.after is None:
        return
    old, new = shares(pair.before), shares(pair.after)
    if old == new:
        return
    path = ("variants",)
    if not old:
        yield said(path, "experiment", "medium", f"an experiment begins: {_shown(new)}")
    elif not new:
        yield said(path, "experiment", "medium", f"the experiment ends (was {_shown(old)})")
    else:
        moved = moving(old, new)
        risk: Risk = "medium" if moved >= 0.1 else "low"
        yield said(path, "experiment", risk, f"{moved:.0%} of the users move: {_shown(old)} to {_shown(new)}")


def shares(view: AgentView) -> dict[str, float]:
    """The share of users that each variant gets; after the experiment's end everyone gets the control."""
    variants = view.config.get("variants") or {}
    total = sum(float(one.get("weight") or 0) for one in variants.values())
    if not total:
        return {}
    experiment = view.config.get("experiment") or {}
    ends = str(experiment.get("ends") or "9")
    if ends < view.knowledge.today.isoformat():
        return {str(experiment.get("control")): 1.0}
    return {name: float(one.get("weight") or 0) / total for name, one in variants.items() if one.get("weight")}


def moving(old: Mapping[str, float], new: Mapping[str, float]) -> float:
    """The least share of users that must get another variant than before."""
    return sum(max(share - new.get(name, 0.0), 0.0) for name, share in old.items())


def _shown(parts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in parts.items())
