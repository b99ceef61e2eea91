"""A review: what differs, what each side has wrong, and what it would have cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agentconf.diagnostic import Diagnostic
from agentconf.diff.change import Change, Risk, worst
from agentconf.diff.money import Forecast


@dataclass(slots=True)
class Review:
    """What differs. `base` and `head` are the sides as the user named them."""

    base: str
    head: str
    environments: tuple[str | None, ...]
    changes: list[Change] = field(default_factory=list)
    base_diagnostics: tuple[Diagnostic, ...] = ()
    head_diagnostics: tuple[Diagnostic, ...] = ()
    forecast: Forecast | None = None

    @property
    def agents_changed(self) -> int:
        """How many agents differ in at least one environment."""
        return len({change.agent for change in self.changes if change.agent is not None})

    @property
    def risk(self) -> Risk:
        """The gravest risk of all changes."""
        return worst(change.risk for change in self.changes)

    @property
    def is_different(self) -> bool:
        """Whether anything differs, be it what is wrong with a side."""
        old, new = (
            {(one.code, one.message) for one in side} for side in (self.base_diagnostics, self.head_diagnostics)
        )
        return bool(self.changes) or old != new

    def as_json(self) -> dict[str, Any]:
        """What `diff --format json` prints."""
        said = {
            "base": self.base,
            "head": self.head,
            "environments": [name for name in self.environments if name is not None],
            "agents_changed": self.agents_changed,
            "changes": [change.as_json() for change in self.changes],
            "base_diagnostics": [finding.as_json() for finding in self.base_diagnostics],
            "head_diagnostics": [finding.as_json() for finding in self.head_diagnostics],
        }
        return said | ({"forecast": self.forecast.as_json()} if self.forecast is not None else {})
