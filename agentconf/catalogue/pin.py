"""From the models in use to the lock, and what moves from one lock to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from agentconf.catalogue.facts import Facts
from agentconf.catalogue.litellm_file import LiteLLMFile
from agentconf.catalogue.lock import Lock, as_entry

Parameters: TypeAlias = Callable[[str, str], list[str] | None]
"""Given a model without its provider, and LiteLLM's provider: the parameters that LiteLLM passes on."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """A lock, and the models in use that it says nothing of, since nobody knows them."""

    lock: Lock
    unknown: tuple[str, ...]


def pin(
    models: Iterable[tuple[str, str | None]], own: Collection[str], litellm: LiteLLMFile, parameters: Parameters
) -> Pinned:
    """The lock for models as agents write them, each with LiteLLM's provider where the tree says which.

    Of a model that only the tree itself knows (`own`), the parameters are locked: they depend on LiteLLM's version.
    """
    asked = sorted(set(models), key=lambda pair: (pair[0], pair[1] or ""))
    times = Counter(model for model, _ in asked)
    locked: dict[str, Facts] = {}
    unknown: list[str] = []
    for model, declared in asked:
        provider, _, bare = model.partition("/")
        by_type = f"{declared or provider}/{bare}"
        # a name that is another model in another environment is locked by what it is in each
        name = by_type if times[model] > 1 else model
        found = litellm.find(model, declared)
        if found is None and model not in own and by_type not in own:
            unknown.append(model)
            continue
        taken = parameters(bare, declared or provider)
        known = replace(found, name=name, source="lock") if found is not None else Facts(name, "lock")
        locked[name] = replace(known, parameters=None if taken is None else frozenset(taken))
    return Pinned(Lock(litellm.version, locked), tuple(dict.fromkeys(unknown)))


@dataclass(frozen=True, slots=True)
class Move:
    """One fact that one lock has and another has not, or has otherwise; None is unknown. Values are JSON's."""

    model: str
    key: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Moves:
    """What changes between two locks: models that come and go, and facts of those that stay."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Move, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def moves(old: Lock | None, new: Lock) -> Moves:
    """What is different in the new lock; all of it is, where there was none."""
    before = old.models if old else {}
    both = [name for name in sorted(new.models) if name in before]
    return Moves(
        added=tuple(name for name in sorted(new.models) if name not in before),
        removed=tuple(name for name in sorted(before) if name not in new.models),
        changed=tuple(move for name in both for move in _changed(name, before[name], new.models[name])),
    )


def _changed(name: str, old: Facts, new: Facts) -> Iterable[Move]:
    before, after = _flat(as_entry(old)), _flat(as_entry(new))
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield Move(name, key, before.get(key), after.get(key))


def _flat(entry: dict[str, Any]) -> dict[str, Any]:
    """Each capability as a fact of its own: `capabilities.vision`."""
    capabilities = entry.pop("capabilities", {})
    return {**entry, **{f"capabilities.{name}": value for name, value in capabilities.items()}}
