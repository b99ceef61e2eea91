"""What a change comes to, with the key that it follows from."""

from __future__ import annotations

from dataclasses import dataclass

from agentconf.diff.change import Cause, Meaning, MeaningKind, Risk
from agentconf.keypath import KeyPath


@dataclass(frozen=True, slots=True)
class Said:
    """A meaning, and where it belongs. `cause` is for one that follows from no change of a value."""

    path: KeyPath
    meaning: Meaning
    cause: Cause | None = None


def said(path: KeyPath, kind: MeaningKind, risk: Risk, text: str) -> Said:
    return Said(path, Meaning(kind, risk, text))
