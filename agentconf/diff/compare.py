"""Two drafts to the changes of each resolved agent, in each environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agentconf.config.resolve import Resolved
from agentconf.config.shown import shown_value
from agentconf.diff.beside import Told, with_meanings
from agentconf.diff.causes import cause_of
from agentconf.diff.change import Cause, Change, Meaning
from agentconf.diff.findings import finding_meanings
from agentconf.diff.leaves import Difference, differences, is_same
from agentconf.diff.meanings.every import meanings_of
from agentconf.diff.parts import has_same_schema
from agentconf.diff.renames import renamed
from agentconf.diff.sides import Pair, Side
from agentconf.keypath import ABSENT, KeyPath, render
from agentconf.pipeline import Draft
from agentconf.rules.outlook import Outlook


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared: two drafts, the paths and prompts in which they differ, and how both are looked at."""

    base: Draft
    head: Draft
    changed: frozenset[str]
    prompts: frozenset[str]
    outlook: Outlook
    _made: dict[str | None, tuple[Side, Side]] = field(default_factory=dict)

    def in_environment(self, environment: str | None) -> tuple[Side, Side]:
        """Both sides, the same each time. Raises UnknownEnvironment."""
        if environment not in self._made:
            self._made[environment] = (
                Side(self.base, environment, self.outlook, self._shown(self.base), self.prompts),
                Side(self.head, environment, self.outlook, self._shown(self.head), self.prompts),
            )
        return self._made[environment]

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
            yield from _created(after, name, before.mentions)


def _judges_otherwise(sides: Sides) -> bool:
    """Whether findings may differ though the agent does not: by settings, models or the lock."""
    is_same = has_same_schema(sides.base.tree, sides.head.tree)
    return not is_same or any(path.startswith(("_settings.", "_models.")) for path in sides.changed)


def _changed(before: Side, after: Side, names: tuple[str, str], *, is_other_world: bool) -> Iterator[Change]:
    old, new = names
    one, other = before.resolved(old), after.resolved(new)
    assert one is not None
    assert other is not None
    is_alike = is_same(one.config, other.config)
    if is_alike and old == new and not is_other_world and not _delegates_otherwise(before, after, one):
        return
    found = [] if is_alike else list(differences(one.config, other.config))
    changes = [_change(before, after, names, difference) for difference in found]
    if old != new:
        yield _renamed(after, names, other, was_served=one.enabled)
    pair = Pair(new, after.environment, before.view(old), after.view(new), before.mentions)
    said = list(meanings_of(pair, found))
    said += finding_meanings(before, after, names)
    yield from with_meanings(before, after, Told(changes, [one.path for one in found], said, pair))


def _delegates_otherwise(before: Side, after: Side, agent: Resolved) -> bool:
    """Whether agents come or go that this one may delegate to."""
    return "delegates" in agent.config and before.draft.config.agent_ids != after.draft.config.agent_ids


def _renamed(after: Side, names: tuple[str, str], resolved: Resolved, *, was_served: bool) -> Change:
    """The old id is gone all the same."""
    text = f"who asks for '{names[0]}' gets an error, or the default agent"
    meanings = (Meaning("enabled", "medium", text),) if was_served else ()
    return Change(names[1], after.environment, "renamed", None, *names, Cause(resolved.file, 1), meanings)


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


def _created(after: Side, name: str, mentions: Callable[[str], bool]) -> Iterator[Change]:
    resolved = after.resolved(name)
    if resolved is not None:
        change = Change(name, after.environment, "created", None, None, None, Cause(resolved.file, 1))
        said = list(meanings_of(Pair(name, after.environment, None, after.view(name), mentions), []))
        said += finding_meanings(None, after, (name, name))
        yield replace(change, meanings=tuple(one.meaning for one in said))


def _deleted(before: Side, name: str) -> Iterator[Change]:
    resolved = before.resolved(name)
    if resolved is not None:
        change = Change(name, before.environment, "deleted", None, None, None, Cause(resolved.file, 1))
        said = meanings_of(Pair(name, before.environment, before.view(name), None), [])
        yield replace(change, meanings=tuple(one.meaning for one in said))
