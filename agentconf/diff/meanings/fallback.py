"""What is tried when the primary fails."""

from __future__ import annotations

from collections.abc import Iterator

from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.rules.view import AgentView


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """Only fallbacks in service count."""
    if pair.before is None or pair.after is None:
        return
    old, new = _fallbacks(pair.before), _fallbacks(pair.after)
    lost, gained = [name for name in old if name not in new], [name for name in new if name not in old]
    if old and not new:
        yield said(("llm", "fallbacks"), "fallback", "high", f"no fallback is left (was {', '.join(old)})")
    elif lost:
        now = f"; now {', '.join(gained)}" if gained else ""
        yield said(("llm", "fallbacks"), "fallback", "medium", f"no longer falls back to {', '.join(lost)}{now}")
    elif gained:
        yield said(("llm", "fallbacks"), "fallback", "low", f"falls back to {', '.join(gained)} too")
    elif old != new:
        yield said(("llm", "fallbacks"), "fallback", "low", f"fallbacks are tried in another order: {', '.join(new)}")


def _fallbacks(view: AgentView) -> list[str]:
    """The models behind the first one in service."""
    return [entry.model for entry in view.chains[0][1:]]
