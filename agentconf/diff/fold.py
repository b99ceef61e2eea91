"""Entries that one edit made, as one: a setting with what it does to agents, and values that come together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from agentconf.diff.entry import Entry

_TOGETHER: Final = ("limits.budget", "variants", "experiment")
"""What is written and read as one."""
_SAME: Final = {"experiment": "variants"}


def folded(entries: Iterable[Entry]) -> list[Entry]:
    """Fewer entries that say the same."""
    return _with_companions(_with_own_settings(list(entries)))


def _with_own_settings(entries: list[Entry]) -> list[Entry]:
    """A setting, and what agents make of it, stand on one line: the setting is told, with the agents it reaches."""
    settings = {one.cause: one for one in entries if not one.agents and one.kind == "changed" and not _is_finding(one)}
    left = []
    for entry in entries:
        setting = settings.get(entry.cause) if entry.agents and entry.cause and entry.kind == "changed" else None
        if setting is not None and (entry.is_without_values or _is_below(entry.key, setting.key)):
            setting.take(entry)
        else:
            left.append(entry)
    return left


def _is_finding(entry: Entry) -> bool:
    """Whether it tells what was found about a setting, which may be caused by a line elsewhere."""
    return entry.key is not None and entry.is_without_values


def _is_below(key: str | None, above: str | None) -> bool:
    return key is not None and above is not None and (key == above or key.startswith((f"{above}.", f"{above}[")))


def _with_companions(entries: list[Entry]) -> list[Entry]:
    """Values without a meaning of their own go with the gravest of those written beside them."""
    leaders: dict[tuple[object, ...], Entry] = {}
    for entry in sorted((one for one in entries if one.meanings), key=Entry.order):
        leaders.setdefault(_company(entry), entry)
    left = []
    for entry in entries:
        leader = leaders.get(_company(entry)) if not entry.meanings and _container(entry.key) else None
        if leader is not None:
            leader.take(entry)
        else:
            left.append(entry)
    return left


def _company(entry: Entry) -> tuple[object, ...]:
    agents = tuple((environment, tuple(names)) for environment, names in entry.agents.items())
    return _container(entry.key), entry.cause.file if entry.cause else None, agents


def _container(key: str | None) -> str | None:
    found = next((one for one in _TOGETHER if _is_below(key, one)), None)
    return _SAME.get(found or "", found)
