"""Models that will be, or are, no longer served."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from agentconf.diff.change import Risk
from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.rules.view import AgentView, Entry


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """Of each model that was not in the chain before, and of one whose date has changed."""
    if pair.after is None:
        return
    known = {(entry.model, _day(entry)) for entry in pair.before.entries} if pair.before is not None else set()
    for entry in pair.after.entries:
        if (entry.model, _day(entry)) not in known:
            yield from _of(entry, pair.after)


def _day(entry: Entry) -> date | None:
    return entry.facts.retires if entry.facts is not None else None


def _of(entry: Entry, view: AgentView) -> Iterator[Said]:
    retires = _day(entry)
    if retires is None:
        return
    days = (retires - view.knowledge.today).days
    path = (*entry.path, "model")
    if days <= 0:
        yield said(path, "retirement", "high", f"'{entry.model}' was retired on {retires}")
    else:
        risk: Risk = "medium" if days <= 90 else "low"
        yield said(path, "retirement", risk, f"'{entry.model}' retires on {retires}, in {days} days")
