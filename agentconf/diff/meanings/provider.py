"""Who gets the prompts, and where: providers, their addresses and regions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.rules.view import AgentView

_ADDRESS: Final = ("type", "api_base")


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """Of every provider that the agent may call, fallbacks included."""
    if pair.before is None or pair.after is None:
        return
    before, after = _used(pair.before), _used(pair.after)
    come, gone = [name for name in after if name not in before], [name for name in before if name not in after]
    if come:
        text = f"prompts go to {', '.join(come)}" + (f", and no longer to {', '.join(gone)}" if gone else "")
        yield said(("llm", "model"), "provider", "medium", text)
    elif gone:
        yield said(("llm", "fallbacks"), "provider", "low", f"prompts no longer go to {', '.join(gone)}")
    yield from _regions(before, after)
    yield from _addresses(before, after)


def _used(view: AgentView) -> dict[str, dict[str, Any]]:
    return {entry.provider: entry.connection or {} for entry in view.entries}


def _regions(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> Iterator[Said]:
    old, new = ({str(one["region"]) for one in side.values() if one.get("region")} for side in (before, after))
    if old != new and (old or new):
        text = f"region {', '.join(sorted(old)) or 'not stated'} to {', '.join(sorted(new)) or 'not stated'}"
        yield said(("providers",), "region", "medium", text)


def _addresses(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> Iterator[Said]:
    """The same name at another address is what nobody notices."""
    for name, connection in after.items():
        if name in before and any(before[name].get(key) != connection.get(key) for key in _ADDRESS):
            where = connection.get("api_base") or "its own address"
            yield said(("providers", name), "provider", "high", f"the provider '{name}' is now reached at {where}")
