"""What a change comes to, with the key that it follows from."""

from __future__ import annotations

from dataclasses import dataclass

from agentconf.diagnostic import Diagnostic
from agentconf.diff.change import Meaning, MeaningKind, Risk
from agentconf.keypath import KeyPath


@dataclass(frozen=True, slots=True)
class Said:
    """A meaning, and where it belongs. `finding` is what newly fails or is mended, where that is what it means."""

    path: KeyPath
    meaning: Meaning
    finding: Diagnostic | None = None


def said(path: KeyPath, kind: MeaningKind, risk: Risk, text: str) -> Said:
    return Said(path, Meaning(kind, risk, text))
