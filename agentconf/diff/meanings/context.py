"""The context window of the primary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf.diff.change import Risk
from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.rules.view import AgentView

_MUCH: Final = 0.9
"""A window that is smaller by less is nothing that a conversation notices."""


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """Smaller is what breaks long conversations."""
    before, after = _window(pair.before), _window(pair.after)
    if before is not None and after is not None and before != after:
        is_smaller = after < before
        text = f"context window {'smaller' if is_smaller else 'larger'}: {before:,} to {after:,} tokens"
        risk: Risk = "none" if not is_smaller else "medium" if after < _MUCH * before else "low"
        yield said(("llm", "model"), "context", risk, text)


def _window(view: AgentView | None) -> int | None:
    entry = view.primary if view is not None else None
    return entry.facts.max_input_tokens if entry is not None and entry.facts is not None else None
