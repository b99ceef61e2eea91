"""How a trial went: in our words alone, since a provider's may repeat a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

State: TypeAlias = Literal["ok", "failed", "unknown", "-"]
"""Unknown: it was tried, and cannot be said. `-`: there was nothing to try."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`said` says why, or what it was."""

    state: State
    said: str | None = None

    @property
    def is_failed(self) -> bool:
        return self.state == "failed"

    def as_json(self) -> dict[str, Any]:
        return {"state": self.state, "said": self.said}


OK: Final = Outcome("ok")
NOTHING: Final = Outcome("-")


def failed(said: str) -> Outcome:
    return Outcome("failed", said)


def unknown(said: str) -> Outcome:
    return Outcome("unknown", said)
