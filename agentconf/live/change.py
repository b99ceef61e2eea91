"""What a reload changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from agentconf.config.agent import Agent
from agentconf.frozen import FrozenDict
from agentconf.keypath import KeyPath, render
from agentconf.snapshot.snapshot import Snapshot

_NOT_SAID: Final = frozenset(("id", "environment", "file"))


class Version(NamedTuple):
    """A snapshot by its number and digest."""

    generation: int
    digest: str


class Change:
    """The step from one snapshot to another.

    `created`, `deleted`: agent ids, sorted. `changed`: by id, the keys whose values differ, found when they are asked
    for. An agent that is switched off counts as deleted, one switched on as created.
    """

    __slots__ = ("after", "before", "changed", "created", "deleted")

    def __init__(self, before: Snapshot, after: Snapshot) -> None:
        self.before = before
        self.after = after
        self.created = tuple(sorted(after.keys() - before.keys()))
        self.deleted = tuple(sorted(before.keys() - after.keys()))
        digests = before.digests
        differ = [name for name, digest in after.digests.items() if digests.get(name) != digest]
        self.changed = ChangedKeys(before, after, tuple(name for name in differ if name in before and name in after))

    @property
    def generation(self) -> int:
        return self.after.generation

    @property
    def digest(self) -> str:
        return self.after.digest

    @property
    def previous(self) -> Version:
        """The generation and the digest before."""
        return Version(self.before.generation, self.before.digest)

    @property
    def summary(self) -> str:
        """How many agents it touches: `1 created, 2 changed, 0 deleted`."""
        return f"{len(self.created)} created, {len(self.changed)} changed, {len(self.deleted)} deleted"

    def __repr__(self) -> str:
        return f"<Change to generation {self.generation}: {self.summary}>"

    def as_json(self) -> dict[str, Any]:
        """The part that `watch --format json` prints of a change."""
        return {
            "generation": self.generation,
            "digest": self.digest,
            "created": list(self.created),
            "changed": {name: list(keys) for name, keys in self.changed.items()},
            "deleted": list(self.deleted),
        }


class ChangedKeys(Mapping[str, tuple[str, ...]]):
    """Ids to the keys that changed. A change of a root default touches every agent, so they are compared when asked."""

    __slots__ = ("_after", "_before", "_ids", "_known")

    def __init__(self, before: Snapshot, after: Snapshot, ids: tuple[str, ...]) -> None:
        self._before, self._after = before, after
        self._ids = dict.fromkeys(sorted(ids))
        self._known: dict[str, tuple[str, ...]] = {}

    def __getitem__(self, agent_id: str) -> tuple[str, ...]:
        if agent_id not in self._ids:
            raise KeyError(agent_id)
        if agent_id not in self._known:
            self._known[agent_id] = changed_keys(self._before[agent_id], self._after[agent_id])
        return self._known[agent_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __repr__(self) -> str:
        return repr(dict(self))


def changed_keys(before: Agent, after: Agent) -> tuple[str, ...]:
    """The keys of the format whose resolved values differ, sorted: `llm.temperature`. A list counts as one value."""
    return tuple(sorted(_differing(before, after, ())))


def _differing(before: Any, after: Any, path: KeyPath) -> Iterator[str]:
    if before == after:
        return
    one, other = _entries(before), _entries(after)
    if one is None or other is None:
        yield render(path)
        return
    for key in one.keys() | other.keys():
        if path or key not in _NOT_SAID:
            yield from _differing(one.get(key), other.get(key), (*path, key))


def _entries(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    return value if isinstance(value, FrozenDict) else None
