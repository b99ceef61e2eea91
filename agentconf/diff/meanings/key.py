"""Keys that must be there before the merge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentconf.config.secrets import masked
from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.keypath import KeyPath
from agentconf.rules.view import AgentView


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """References of the providers that the agent uses, which it did not need before."""
    if pair.after is None:
        return
    known = {text for _, text in _references(pair.before)} if pair.before is not None else set()
    where = f" in {pair.environment}" if pair.environment else ""
    for path, text in _references(pair.after):
        if text not in known:
            known.add(text)
            new = ", which it did not need before" if pair.before is not None else ""
            yield said(path, "key", "high", f"needs {masked(text)}{where}{new}")


def _references(view: AgentView | None) -> Iterator[tuple[KeyPath, str]]:
    for entry in view.entries if view is not None else ():
        yield from _of_connection((*entry.path, "model"), entry.connection or {})
        yield from _of_connection((*entry.path, "api_key"), entry.config)


def _of_connection(path: KeyPath, connection: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(connection.get("api_key"), str):
        yield path, connection["api_key"]
