"""Facts and recommendations as programs read them: what is unknown is null."""

from __future__ import annotations

from datetime import date
from typing import Any

from agentconf.catalogue.compare import blended
from agentconf.catalogue.facts import FACTS, Facts
from agentconf.catalogue.recommend import Recommended


def facts_json(facts: Facts | None, today: date) -> dict[str, Any] | None:
    """Facts with every key, null where it is unknown; `days_left` until the retirement, less than 0 behind it."""
    if facts is None:
        return None
    said: dict[str, Any] = {"name": facts.name, "source": facts.source}
    said |= {key: getattr(facts, key) for key in FACTS}
    for key in ("regions", "parameters"):
        said[key] = None if said[key] is None else sorted(said[key])
    said["retires"] = facts.retires.isoformat() if facts.retires else None
    said["days_left"] = (facts.retires - today).days if facts.retires else None
    said["capabilities"] = dict(sorted(facts.capabilities.items()))
    return said


def recommended_json(one: Recommended, today: date) -> dict[str, Any]:
    """A model that fits, and how it compares with the one that it could replace, where there is one."""
    return {
        "model": one.candidate.model,
        "blended_per_million": blended(one.candidate.facts),
        "saving_percent": one.saving.percent if one.saving else None,
        "saving_per_million": one.saving.per_million if one.saving else None,
        "cheaper": one.is_cheaper if one.saving else None,
        "larger": one.is_larger,
        "facts": facts_json(one.candidate.facts, today),
    }
