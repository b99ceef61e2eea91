"""Which findings are said, by `--select` and `--ignore`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic, Rule
from agentconf.suggest import did_you_mean

ALWAYS_SAID: Final = frozenset((codes.LITERAL_SECRET.code, codes.UNDECLARED_PROVIDER.code, codes.OWN_CONNECTION.code))
"""Keys that leak, and connections that a tree does not want: nobody can choose not to hear of them."""
_BAND: Final = re.compile(r"AC\d{1,3}", re.IGNORECASE)


class UnknownRule(ValueError):
    """No rule has this code or name; the message says which were near."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Codes of rules. An empty `selected` is all of them."""

    selected: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()

    @classmethod
    def of(cls, select: Iterable[str], ignore: Iterable[str]) -> Choice:
        """From codes (AC301), the beginnings of codes (AC3) and names (unknown-model). Raises UnknownRule."""
        return cls(_codes(select), _codes(ignore))

    def takes(self, rule: Rule) -> bool:
        """Whether findings of a rule are said."""
        if rule.code in ALWAYS_SAID:
            return True
        return rule.code not in self.ignored and (not self.selected or rule.code in self.selected)

    def of_findings(self, findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Those that are said."""
        return tuple(finding for finding in findings if self.takes(finding.rule))


def _codes(words: Iterable[str]) -> frozenset[str]:
    parts = (part.strip() for word in words for part in word.split(","))
    return frozenset(code for part in parts if part for code in _meant(part))


def _meant(word: str) -> set[str]:
    if _BAND.fullmatch(word):
        found = {rule.code for rule in codes.EVERY if rule.code.startswith(word.upper())}
    else:
        found = {rule.code for rule in codes.EVERY if rule.name == word.lower()}
    if not found:
        hint = did_you_mean(word, {name for rule in codes.EVERY for name in (rule.code, rule.name)})
        raise UnknownRule(f"there is no rule '{word[:64]}'; {hint or 'agentconf rules lists them'}")
    return found
