"""Meanings beside the changes that they follow from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

from agentconf.diff.change import Cause, Change, Meaning
from agentconf.diff.elsewhere import cause_elsewhere
from agentconf.diff.meanings.said import Said
from agentconf.diff.sides import Pair, Side
from agentconf.keypath import KeyPath, render

_NAMING: Final = ("model", "enabled")
"""What says which model answers; of the keys of a fallback it is these that most follows from."""


@dataclass(frozen=True, slots=True)
class Told:
    """The changes of one agent, the path of each, and what they come to."""

    changes: list[Change]
    paths: list[KeyPath]
    said: list[Said]
    pair: Pair


def with_meanings(before: Side, after: Side, told: Told) -> Iterator[Change]:
    """Each meaning beside the change that it follows from; one that follows from none is a change of its own."""
    by_change: dict[int, list[Meaning]] = {}
    rest: list[tuple[Said, Cause | None]] = []
    for one in told.said:
        index = nearest(one.path, told.paths)
        cause = cause_elsewhere(before, after, one, told.pair) if index is None else None
        if index is None and (cause is not None or not told.changes):
            rest.append((one, cause or _own_place(one)))
        else:
            by_change.setdefault(_related(one.path, told.paths) if index is None else index, []).append(one.meaning)
    for index, change in enumerate(told.changes):
        yield replace(change, meanings=tuple(by_change[index])) if index in by_change else change
    for one, cause in rest:
        key = render(one.path) or None
        yield Change(told.pair.name, told.pair.environment, "changed", key, None, None, cause, (one.meaning,))


def _own_place(said: Said) -> Cause | None:
    return Cause(said.finding.file, said.finding.line) if said.finding is not None else None


def nearest(path: KeyPath, paths: list[KeyPath]) -> int | None:
    """The change at a path, or else below it or above it; None where there is none."""
    if path in paths:
        return paths.index(path)
    near = [one for one in paths if path and (one[: len(path)] == path or path[: len(one)] == one)]
    return paths.index(_naming(near)) if near else None


def _related(path: KeyPath, paths: list[KeyPath]) -> int:
    """The change that has most of a path in common; the first where none has any."""
    common = [sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(path, one, strict=False))) for one in paths]
    most = [one for one, number in zip(paths, common, strict=True) if number == max(common)]
    return paths.index(_naming(most) if max(common) else most[0])


def _naming(paths: list[KeyPath]) -> KeyPath:
    return next((path for path in paths if path[0] == "llm" and path[-1] in _NAMING), paths[0])
