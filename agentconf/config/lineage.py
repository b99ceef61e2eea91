"""`extends`: the profiles of an agent in the order in which they are merged."""

from __future__ import annotations

from typing import Any

from agentconf.document.document import Document


def extended(value: dict[str, Any]) -> tuple[str, ...]:
    """The names that `extends` gives, as a list or as one."""
    names = value.get("extends")
    if isinstance(names, str):
        return (names,)
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def lineage(names: tuple[str, ...], profiles: dict[str, Document]) -> tuple[str, ...]:
    """The profiles to merge, lowest first: in order, depth first, each once, its last place counting.

    Unknown names and the links that close a cycle are left out; they are findings elsewhere.
    """
    order: dict[str, None] = {}
    ahead = list(names)  # taken from its end: walking backwards, the last place of a profile is met first
    while ahead:
        name = ahead.pop()
        if name not in order and name in profiles:
            order[name] = None
            ahead.extend(extended(profiles[name].value))
    return tuple(reversed(order))


def cycles(profiles: dict[str, Document]) -> list[tuple[str, ...]]:
    """Each circle of profiles once, as the way from one of them back to itself."""
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    for start in sorted(profiles):
        way: dict[str, list[str]] = {}
        ahead = [start]
        while ahead or way:
            if not ahead:
                done.add(way.popitem()[0])
            else:
                _step(ahead.pop(), way, done, profiles, found)
            ahead = _next(way)
    return found


def _step(
    name: str, way: dict[str, list[str]], done: set[str], profiles: dict[str, Document], found: list[tuple[str, ...]]
) -> None:
    if name in way:
        names = list(way)
        found.append((*names[names.index(name) :], name))
    elif name not in done and name in profiles:
        way[name] = list(extended(profiles[name].value))


def _next(way: dict[str, list[str]]) -> list[str]:
    """The next parent to look at: of the innermost profile on the way that has one left."""
    if not way:
        return []
    left = way[next(reversed(way))]
    return [left.pop(0)] if left else []
