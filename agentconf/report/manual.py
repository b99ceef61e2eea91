"""What reports show beside findings: the manual of a rule, and what would mend a finding."""

from __future__ import annotations

from dataclasses import dataclass

from agentconf.diagnostic import Severity, Span


@dataclass(frozen=True, slots=True)
class Help:
    """What a rule finds in one line, more about that, its whole page, and how severe it is unless settings say more."""

    short: str
    full: str
    text: str
    markdown: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would mend a finding in its own file: the text that is to stand in a place, and in words what that does."""

    said: str
    span: Span
    text: str
