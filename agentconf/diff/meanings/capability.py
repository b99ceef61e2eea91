"""What the primary could do and can no longer, and the reverse."""

from __future__ import annotations

from collections.abc import Iterator

from agentconf.catalogue.facts import Facts
from agentconf.diff.change import Risk
from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.rules.fallback_lacks_capability import lost_to
from agentconf.rules.view import AgentView


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """What the agent requires counts most."""
    before, after = _facts(pair.before), _facts(pair.after)
    if pair.after is None or before is None or after is None:
        return
    required = set((pair.after.config.get("requires") or {}).get("capabilities") or ())
    lost = list(dict.fromkeys((*lost_to(before, after), *(name for name in required if _is_lost(name, before, after)))))
    if lost:
        risk: Risk = "high" if required & set(lost) else "medium"
        yield said(("llm", "model"), "capability", risk, f"the model loses {', '.join(lost)}")
    gained = lost_to(after, before)
    if gained:
        yield said(("llm", "model"), "capability", "none", f"the model gains {', '.join(gained)}")


def _is_lost(name: str, before: Facts, after: Facts) -> bool:
    return before.has(name) is True and after.has(name) is not True


def _facts(view: AgentView | None) -> Facts | None:
    return view.primary.facts if view is not None and view.primary is not None else None
