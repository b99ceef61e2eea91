"""One change of one resolved agent in one environment, with the line that caused it and what it means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

Risk: TypeAlias = Literal["high", "medium", "low", "none"]
Kind: TypeAlias = Literal["created", "deleted", "renamed", "changed"]
MeaningKind: TypeAlias = Literal[
    "price", "context", "capability", "provider", "region", "key", "budget", "limit", "fallback", "parameter",
    "experiment", "retirement", "policy", "rule", "enabled", "instructions",
]  # fmt: skip

RISKS: Final[tuple[Risk, ...]] = ("high", "medium", "low", "none")
"""The gravest first."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The line that wrote what is new; of what is gone, the line that wrote it in the base."""

    file: str
    line: int

    def as_json(self) -> dict[str, Any]:
        return {"file": self.file, "line": self.line}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a change comes to, in words."""

    kind: MeaningKind
    risk: Risk
    text: str

    def as_json(self) -> dict[str, str]:
        return {"kind": self.kind, "risk": self.risk, "text": self.text}


@dataclass(frozen=True, slots=True)
class Change:
    """`agent` is None where the tree's own settings change; `key` is None where a whole agent comes or goes.

    `old` and `new` are values as they may be shown; None where there is none. A renamed agent has its ids there.
    """

    agent: str | None
    environment: str | None
    kind: Kind
    key: str | None
    old: Any
    new: Any
    cause: Cause | None
    meanings: tuple[Meaning, ...] = ()

    @property
    def risk(self) -> Risk:
        """The gravest risk of what it means."""
        return worst(meaning.risk for meaning in self.meanings)

    def as_json(self) -> dict[str, Any]:
        return {
            "agent": self.agent,
            "environment": self.environment,
            "kind": self.kind,
            "key": self.key,
            "old": self.old,
            "new": self.new,
            "cause": self.cause.as_json() if self.cause else None,
            "meanings": [meaning.as_json() for meaning in self.meanings],
        }


def worst(risks: Iterable[Risk]) -> Risk:
    """The gravest of some risks; none of nothing."""
    return min(risks, key=RISKS.index, default="none")
