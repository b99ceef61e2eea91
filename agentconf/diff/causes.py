"""The line that caused a change."""

from __future__ import annotations

from collections.abc import Iterator

from agentconf.config.prompts import prompt_text
from agentconf.diff.change import Cause
from agentconf.diff.leaves import Difference
from agentconf.diff.sides import Side
from agentconf.keypath import ABSENT, KeyPath, look_up


def cause_of(before: Side, after: Side, names: tuple[str, str], difference: Difference) -> Cause | None:
    """Where the new value is written, if that file has changed; else where the old one was, if that has.

    A value can change though neither line did: another profile was taken, in the agent's own file. `names` are the
    agent's ids on both sides.
    """
    places = []
    for side, place in _places(before, after, names, difference):
        if place.file in side.changed:
            return place
        places.append(place)
    return _own_file(before, after, names, difference.path) or next(iter(places), None)


def _places(before: Side, after: Side, names: tuple[str, str], difference: Difference) -> Iterator[tuple[Side, Cause]]:
    """Where the value is written, or cleared, on the new side and then on the old one."""
    for side, name, value in ((after, names[1], difference.new), (before, names[0], difference.old)):
        if value is ABSENT:
            place = _cleared(side, name, difference.path)
        else:
            place = _prompt(side, name, difference.path, value) or side.place(name, difference.path)
        if place is not None:
            yield side, place


def _prompt(side: Side, name: str, path: KeyPath, value: object) -> Cause | None:
    """The file that a prompt was read from, where that has changed and not what names it."""
    resolved = side.resolved(name)
    if path[-1:] != ("instructions",) or not side.changed_prompts or resolved is None:
        return None
    for layer in side.judge.resolver.layers(resolved.agent_file):
        seen = side.draft.inspected.get(layer.document.path) if layer.document is not None else None
        for prompt in seen.prompt_paths if seen is not None else ():
            data = side.draft.tree.open_prompt(prompt) if prompt in side.changed_prompts else None
            if isinstance(data, bytes) and _says(data, value):
                return Cause(side.draft.tree.shown(prompt), 1)
    return None


def _says(data: bytes, value: object) -> bool:
    try:
        return prompt_text(data) == value
    except UnicodeDecodeError:
        return False


def _cleared(side: Side, name: str, path: KeyPath) -> Cause | None:
    """The line that clears a value, in a file that has changed."""
    resolved = side.resolved(name)
    for layer in reversed(list(side.judge.resolver.layers(resolved.agent_file))) if resolved is not None else ():
        document = layer.document
        if document is None or document.file not in side.changed or not document.has_null:
            continue
        for length in range(len(path), 0, -1):
            if look_up(layer.config, path[:length]) is None:
                return Cause(document.file, document.key_span((*layer.path, *path[:length])).line)
    return None


def _own_file(before: Side, after: Side, names: tuple[str, str], path: KeyPath) -> Cause | None:
    """In the agent's own file: the list of profiles, where that has changed; else what is nearest to the value."""
    old, new = before.agents.get(names[0]), after.agents.get(names[1])
    if old is None or new is None or new.document.file not in after.changed:
        return None
    if old.document.value.get("extends") == new.document.value.get("extends"):
        return Cause(new.document.file, new.document.value_span(path).line)
    side = new if "extends" in new.document.value else old
    return Cause(side.document.file, side.document.key_span(("extends",)).line)
