"""The context window of the primary."""

from __future__ import annotations

from collections.abc import Iterator

from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.rules.view import AgentView


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """Smaller is what breaks long conversations."""
    before, after = _window(pair.before), _window(pair.after)
    if before is not None and after is not None and before != after:
        is_smaller = after < before
        text = f"context window {'smaller' if is_smaller else 'larger'}: {before:,} to {after:,} tokens"
        yield said(("llm", "model"), "context", "medium" if is_smaller else "none", text)


def _window(view: AgentView | None) -> int | None:
    entry = view.primary if view is not None else None
    return entry.facts.max_input_tokens if entry is not None and entry.facts is not None else None
