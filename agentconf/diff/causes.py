"""The line that caused a change."""

from __future__ import annotations

from agentconf.diff.change import Cause
from agentconf.diff.leaves import Difference
from agentconf.diff.sides import Side
from agentconf.keypath import ABSENT, KeyPath


def cause_of(before: Side, after: Side, names: tuple[str, str], difference: Difference) -> Cause | None:
    """Where the new value is written, if that file has changed; else where the old one was, if that has.

    A value can change though neither line did: another profile was taken, in the agent's own file. `names` are the
    agent's ids on both sides.
    """
    old, new = names
    places = []
    if difference.new is not ABSENT:
        places.append((after, after.place(new, difference.path)))
    if difference.old is not ABSENT:
        places.append((before, before.place(old, difference.path)))
    else:
        places.append((before, _cleared(before, old, difference.path)))
    for side, place in places:
        if place is not None and place.file in side.changed:
            return place
    return _extends(before, after, names) or next((place for _, place in places if place is not None), None)


def _cleared(side: Side, name: str, path: KeyPath) -> Cause | None:
    """The line that had cleared a value, now gone."""
    resolved = side.resolved(name)
    if resolved is None:
        return None
    for layer in reversed(list(side.judge.resolver.layers(resolved.agent_file))):
        document = layer.document
        if document is not None and document.has_null and document.file in side.changed:
            return Cause(document.file, document.value_span((*layer.path, *path)).line)
    return None


def _extends(before: Side, after: Side, names: tuple[str, str]) -> Cause | None:
    """The list of profiles, where that is what has changed."""
    old, new = before.agents.get(names[0]), after.agents.get(names[1])
    if old is None or new is None or new.document.file not in after.changed:
        return None
    if old.document.value.get("extends") == new.document.value.get("extends"):
        return Cause(new.document.file, 1)
    side = new if "extends" in new.document.value else old
    return Cause(side.document.file, side.document.key_span(("extends",)).line)
