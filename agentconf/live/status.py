"""How a watch is doing, said honestly: what is served, what was tried, how old it is, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal, TypeAlias

from agentconf.diagnostic import Diagnostic

State: TypeAlias = Literal["fresh", "stale", "failing"]
"""`fresh`: what is served is what the folder says. `failing`: the folder says something that is refused, in whole or in
part, and the last good is served for it. `stale`: the folder cannot be followed, and what is served may be old.
"""


@dataclass(frozen=True, slots=True)
class Status:
    """A watch at one moment.

    `applied` and `attempted` are digests: of what is served, and of what the folder held at the last reload, without
    the agents that are refused. `age_s` is the time since the whole folder was last looked at and understood, infinite
    where it never was.
    `quarantined` says of each agent that is refused why. `missing` are the agents that disappeared all at once, or with
    the root, and are served until `accept_deletes()`.
    """

    state: State
    reason: str | None
    generation: int
    applied: str
    attempted: str | None
    age_s: float
    quarantined: Mapping[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    drift_found: int = 0
    advise: Callable[[], tuple[Diagnostic, ...]] = field(default=tuple, repr=False, compare=False)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What makes no sense in what is served: models, cost, owners, policies. Found when asked for."""
        return self.advise()

    def as_json(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "reason": self.reason,
            "generation": self.generation,
            "applied": self.applied,
            "attempted": self.attempted,
            "age_s": round(self.age_s, 3) if isfinite(self.age_s) else None,
            "quarantined": {name: [one.as_json() for one in found] for name, found in self.quarantined.items()},
            "missing": list(self.missing),
            "drift_found": self.drift_found,
        }
