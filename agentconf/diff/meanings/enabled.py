"""Agents that are switched on and off, come and go."""

from __future__ import annotations

from collections.abc import Iterator

from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.rules.view import AgentView


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """Who calls an agent that is gone gets an error, or the default agent."""
    old, new = _is_on(pair.before), _is_on(pair.after)
    path = ("enabled",)
    if pair.before is None and new:
        yield said(path, "enabled", "low", "a new agent is served")
    elif pair.after is None and old:
        yield said(path, "enabled", "medium", "the agent is gone: who asks for it gets an error, or the default agent")
    elif pair.before is not None and pair.after is not None and old != new:
        text = "served again" if new else "no longer served: who asks for it gets an error"
        yield said(path, "enabled", "low" if new else "medium", text)
    yield from _entries(pair)


def _is_on(view: AgentView | None) -> bool:
    return view is not None and view.agent.enabled


def _entries(pair: Pair) -> Iterator[Said]:
    """A primary that is taken out of service: the first fallback takes its place."""
    if pair.before is None or pair.after is None or not pair.after.agent.enabled:
        return
    one, other = pair.before.primary, pair.after.primary
    if one is not None and other is None:
        yield said(("llm", "enabled"), "enabled", "high", "no model of the agent is in service any more")
    elif one is not None and other is not None and one.is_fallback != other.is_fallback:
        text = f"calls go to '{other.model}' first, and not to '{one.model}'"
        yield said(("llm", "enabled"), "enabled", "medium", text)
