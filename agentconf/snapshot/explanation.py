"""Why a value is what it is: every layer that spoke, with file, line and column, and the one that won."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agentconf.config.provenance import Said, indexed, spoken
from agentconf.config.resolve import Resolved, Resolver
from agentconf.config.shown import shown_value
from agentconf.errors import KeyNotFound
from agentconf.keypath import ABSENT, KeyPath, look_up, render
from agentconf.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class LayerValue:
    """What one layer says. `file`, `line` and `column` are None for the machine's layers."""

    layer: str
    file: str | None
    line: int | None
    column: int | None
    value: Any
    wins: bool
    cleared: bool = False

    def as_json(self) -> dict[str, Any]:
        said = {
            "layer": self.layer, "file": self.file, "line": self.line, "column": self.column,
            "value": self.value, "wins": self.wins,
        }  # fmt: skip
        return said | ({"cleared": True} if self.cleared else {})


@dataclass(frozen=True, slots=True)
class Explanation:
    """One key of one agent in one environment. `layers` are lowest first; a secret is shown as its reference."""

    agent: str
    environment: str | None
    key: str
    value: Any
    layers: tuple[LayerValue, ...]

    @property
    def winner(self) -> LayerValue | None:
        """The highest layer that wins; None where the value is no layer's."""
        return next((layer for layer in reversed(self.layers) if layer.wins), None)

    def as_json(self) -> dict[str, Any]:
        return {
            "agent": self.agent, "environment": self.environment, "key": self.key, "value": self.value,
            "layers": [layer.as_json() for layer in self.layers],
        }  # fmt: skip


def explain(resolver: Resolver, agent: Resolved, path: KeyPath) -> Explanation:
    """Every layer that says something of a key. Raises KeyNotFound where none does."""
    path = indexed(agent.config, path)
    said = spoken(resolver, agent, path)
    value = look_up(agent.config, path)
    if value is ABSENT and path == ("enabled",):
        value = True  # what `show` prints where nobody says it
    if not said and value is ABSENT:
        raise KeyNotFound(_no_such_key(agent, path))
    shown = None if value is ABSENT else shown_value(path, value)
    layers = tuple(_layer_value(one, path) for one in said)
    return Explanation(agent.id, agent.environment, render(path), shown, layers)


def leaf_paths(value: Any, path: KeyPath = ()) -> list[KeyPath]:
    """The paths of every single value of a resolved configuration, lists of plain values counting as one."""
    if isinstance(value, dict) and value:
        return [leaf for key, item in value.items() for leaf in leaf_paths(item, (*path, key))]
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return [leaf for index, item in enumerate(value) for leaf in leaf_paths(item, (*path, index))]
    return [path]


def _layer_value(said: Said, path: KeyPath) -> LayerValue:
    span = said.span
    file = said.layer.file
    value = None if said.cleared else shown_value(path, said.value)
    line, column = (span.line, span.column) if span and file else (None, None)
    return LayerValue(said.layer.name, file, line, column, value, said.wins, said.cleared)


def _no_such_key(agent: Resolved, path: KeyPath) -> str:
    known = [render(leaf[:length]) for leaf in leaf_paths(agent.config) for length in range(1, len(leaf) + 1)]
    hint = did_you_mean(render(path), known)
    return f"no layer of '{agent.id}' says anything about '{render(path)}'" + (f"; {hint}" if hint else "")
