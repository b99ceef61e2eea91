"""What reports show of the manual of a rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Help:
    """What a rule finds in one line, more about that, and the whole page as Markdown."""

    short: str
    full: str
    markdown: str
