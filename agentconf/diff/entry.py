"""One edit, with all that it reaches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agentconf.diff.change import RISKS, Cause, Kind, Meaning, Risk, worst


@dataclass(slots=True)
class Entry:
    """The same change of the same value by the same line. `agents` are by environment.

    `also` are keys that follow it: a fallback inherits from the primary, a variant from both; a budget comes whole.
    """

    cause: Cause | None
    kind: Kind
    key: str | None
    old: Any
    new: Any
    agents: dict[str | None, list[str]] = field(default_factory=dict)
    meanings: dict[Meaning, int] = field(default_factory=dict)
    also: set[str] = field(default_factory=set)

    @property
    def risk(self) -> Risk:
        return worst(meaning.risk for meaning in self.meanings)

    @property
    def names(self) -> list[str]:
        """The agents that it reaches, each once."""
        return sorted({name for names in self.agents.values() for name in names})

    @property
    def is_without_values(self) -> bool:
        """Whether nothing but its meanings tells what it is."""
        return self.key is None or (self.old is None and self.new is None)

    def take(self, other: Entry) -> None:
        """Tell another entry with this one."""
        if other.key is not None and other.key != self.key and not other.is_without_values:
            self.also.add(other.key)
        self.also |= other.also
        for meaning, number in other.meanings.items():
            self.meanings[meaning] = self.meanings.get(meaning, 0) + number
        for environment, names in other.agents.items():
            known = self.agents.get(environment, [])
            self.agents[environment] = sorted({*known, *names})

    def ordered_meanings(self) -> list[tuple[Meaning, int]]:
        """The gravest first, with the number of agents and environments of each."""
        return sorted(self.meanings.items(), key=lambda item: (RISKS.index(item[0].risk), item[0].kind, item[0].text))

    def order(self) -> tuple[Any, ...]:
        cause = (self.cause.file, self.cause.line) if self.cause else ("", 0)
        return (RISKS.index(self.risk), -len(self.names), *cause, self.key or "")
