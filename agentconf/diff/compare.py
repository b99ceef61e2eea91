"""Two drafts to the changes of each resolved agent, in each environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agentconf.config.shown import shown_value
from agentconf.diff.causes import cause_of
from agentconf.diff.change import Cause, Change, Meaning
from agentconf.diff.findings import finding_meanings
from agentconf.diff.leaves import Difference, differences
from agentconf.diff.meanings.every import meanings_of
from agentconf.diff.meanings.said import Said
from agentconf.diff.renames import renamed
from agentconf.diff.sides import Pair, Side
from agentconf.keypath import ABSENT, KeyPath, render
from agentconf.pipeline import Draft
from agentconf.rules.outlook import Outlook


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared: two drafts, the paths in which they differ, and how each is looked at.

    The outlooks differ where the head is judged by the base's settings.
    """

    base: Draft
    head: Draft
    changed: frozenset[str]
    outlook: Outlook

    def in_environment(self, environment: str | None) -> tuple[Side, Side]:
        """Both sides. Raises UnknownEnvironment."""
        return (
            Side(self.base, environment, self.outlook, self._shown(self.base)),
            Side(self.head, environment, self.outlook, self._shown(self.head)),
        )

    def _shown(self, draft: Draft) -> frozenset[str]:
        return frozenset(draft.tree.shown(path) for path in self.changed)


def compare(sides: Sides, environments: Sequence[str | None]) -> list[Change]:
    """Every change of a resolved agent in these environments, which both sides must have."""
    old, new = sides.base.config.agents, sides.head.config.agents
    gone = {name: agent for name, agent in old.items() if name not in sides.head.config.agent_ids}
    come = {name: agent for name, agent in new.items() if name not in sides.base.config.agent_ids}
    names = renamed(gone, come)
    return [change for environment in environments for change in _compared(sides, environment, names)]


def _compared(sides: Sides, environment: str | None, names: dict[str, str]) -> Iterator[Change]:
    before, after = sides.in_environment(environment)
    is_other_world = _judges_otherwise(sides)
    for name in before.agents:
        new = names.get(name, name)
        if new not in after.agents:
            if name not in sides.head.config.agent_ids:
                yield from _deleted(before, name)
        elif before.resolved(name) is not None and after.resolved(new) is not None:
            yield from _changed(before, after, (name, new), is_other_world=is_other_world)
    for name in after.agents:
        if name not in sides.base.config.agent_ids and name not in names.values():
            yield from _created(after, name)


def _judges_otherwise(sides: Sides) -> bool:
    """Whether findings may differ though the agent does not: by settings, models or the lock."""
    is_other_schema = sides.base.tree.metadata_schema != sides.head.tree.metadata_schema
    return is_other_schema or any(path.startswith(("_settings.", "_models.")) for path in sides.changed)


def _changed(before: Side, after: Side, names: tuple[str, str], *, is_other_world: bool) -> Iterator[Change]:
    old, new = names
    one, other = before.resolved(old), after.resolved(new)
    assert one is not None
    assert other is not None
    is_same = one.config == other.config
    if is_same and old == new and not is_other_world:
        return
    found = [] if is_same else list(differences(one.config, other.config))
    changes = [_change(before, after, names, difference) for difference in found]
    if old != new:
        cause = Cause(other.file, 1)
        changes.insert(0, Change(new, after.environment, "renamed", None, old, new, cause))
    pair = Pair(new, after.environment, before.view(old), after.view(new))
    said = list(meanings_of(pair, found))
    said += finding_meanings(before, after, names)
    yield from _with_meanings(changes, [one.path for one in found], said, pair)


def _change(before: Side, after: Side, names: tuple[str, str], difference: Difference) -> Change:
    path = difference.path
    return Change(
        names[1],
        after.environment,
        "changed",
        render(path),
        _shown(path, difference.old),
        _shown(path, difference.new),
        cause_of(before, after, names, difference),
    )


def _shown(path: KeyPath, value: Any) -> Any:
    return None if value is ABSENT else shown_value(path, value)


def _created(after: Side, name: str) -> Iterator[Change]:
    resolved = after.resolved(name)
    if resolved is not None:
        change = Change(name, after.environment, "created", None, None, None, Cause(resolved.file, 1))
        said = list(meanings_of(Pair(name, after.environment, None, after.view(name)), []))
        said += finding_meanings(None, after, (name, name))
        yield replace(change, meanings=tuple(one.meaning for one in said))


def _deleted(before: Side, name: str) -> Iterator[Change]:
    resolved = before.resolved(name)
    if resolved is not None:
        change = Change(name, before.environment, "deleted", None, None, None, Cause(resolved.file, 1))
        said = meanings_of(Pair(name, before.environment, before.view(name), None), [])
        yield replace(change, meanings=tuple(one.meaning for one in said))


def _with_meanings(changes: list[Change], paths: list[KeyPath], said: list[Said], pair: Pair) -> Iterator[Change]:
    """Each meaning beside the change that it follows from; one that follows from none is a change of its own."""
    offset = len(changes) - len(paths)
    by_change: dict[int, list[Meaning]] = {}
    rest: list[Said] = []
    for one in said:
        index = _nearest(one.path, paths)
        if index is None and not changes:
            rest.append(one)
        else:
            by_change.setdefault(0 if index is None else index + offset, []).append(one.meaning)
    for index, change in enumerate(changes):
        yield replace(change, meanings=tuple(by_change.get(index, ())))
    for one in rest:
        key = render(one.path) or None
        yield Change(pair.name, pair.environment, "changed", key, None, None, one.cause, (one.meaning,))


def _nearest(path: KeyPath, paths: list[KeyPath]) -> int | None:
    """The change at a path, below it, or above it."""
    for index, one in enumerate(paths):
        if one == path:
            return index
    for index, one in enumerate(paths):
        if one[: len(path)] == path or path[: len(one)] == one:
            return index
    return None
