"""Parameters that the model no longer takes."""

from __future__ import annotations

from collections.abc import Iterator

from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.rules.unsupported_parameter import JUDGED, is_taken
from agentconf.rules.view import AgentView


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """Those that the primary took before, and is known not to take now."""
    if pair.before is None or pair.after is None:
        return
    before, after = _dropped(pair.before), _dropped(pair.after)
    lost = [name for name in after if name not in before]
    if lost:
        model = pair.after.primary.model if pair.after.primary else ""
        yield said(("llm", "model"), "parameter", "low", f"'{model}' does not take {', '.join(lost)}")


def _dropped(view: AgentView) -> list[str]:
    entry = view.primary
    if entry is None:
        return []
    return [name for name in JUDGED if name in entry.config and not is_taken(entry, name)]
