"""What the tree makes of a finding: the severity in its settings, and the comments that excuse a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from agentconf import codes
from agentconf.config.caps import capped
from agentconf.config.tree import ConfigTree
from agentconf.diagnostic import Diagnostic, Rule, Severity
from agentconf.document.excuses import Excuse, excuse_of
from agentconf.suggest import did_you_mean

_SEVERITIES: dict[str, Severity | None] = {"error": "error", "warning": "warning", "off": None}


class Leniency:
    """The severities and excuses of one tree. `used` are the excuses that have excused something."""

    def __init__(self, config: ConfigTree) -> None:
        self.severities = severities_of(config)
        self._excuses = config.excuses
        self.used: set[Excuse] = set()

    @property
    def off(self) -> frozenset[str]:
        """The rules that are switched off."""
        return frozenset(name for name, severity in self.severities.items() if severity is None)

    def weighed(self, findings: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The findings that are left, each as severe as the tree wants it."""
        if not self.severities and not self._excuses:
            return list(findings)
        return [said for finding in findings for said in self._weighed(finding)]

    def _weighed(self, finding: Diagnostic) -> Iterator[Diagnostic]:
        rule = finding.rule
        excuse = excuse_of(finding, self._excuses) if rule.can_be_excused and self._excuses else None
        if excuse is not None:
            self.used.add(excuse)
            return
        if rule.can_be_set and rule.name in self.severities:
            severity = self.severities[rule.name]
            if severity is not None:
                yield replace(finding, rule=replace(rule, severity=severity))
            return
        yield finding


def severities_of(config: ConfigTree) -> dict[str, Severity | None]:
    """The severity of rules by name, where the settings say one; None is off. What is malformed is said elsewhere."""
    document = config.settings.document
    said = document.value.get("rules") if document is not None else None
    if not isinstance(said, dict):
        return {}
    return {name: _SEVERITIES[value] for name, value in said.items() if value in ("error", "warning", "off")}


def policy_ids(config: ConfigTree) -> list[str]:
    """The ids of the policies in the settings."""
    document = config.settings.document
    said = document.value.get("policies") if document is not None else None
    ids = [one.get("id") for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    return [name for name in ids if isinstance(name, str)]


def wrong_severities(config: ConfigTree) -> Iterator[Diagnostic]:
    """Names under `rules` in the settings that no rule has, and rules that cannot be set."""
    document = config.settings.document
    if document is None:
        return
    settable = {rule.name: rule for rule in codes.EVERY}
    for name, severity in severities_of(config).items():
        path, key = ("rules", name), f"rules.{name}"
        rule = settable.get(name)
        if rule is None:
            hint = _name_for(name, settable)
            message = f"there is no rule '{name}'"
            yield Diagnostic(codes.UNKNOWN_KEY, message, document.file, document.key_span(path), key, hint=hint)
        elif not rule.can_be_set and severity != rule.severity:
            message = f"the rule '{name}' is always an error"
            hint = "delete the line" + ("; single lines can be excused" if rule.can_be_excused else "")
            yield Diagnostic(codes.UNKNOWN_VALUE, message, document.file, document.value_span(path), key, hint=hint)


def idle_excuses(
    excuses: Iterable[Excuse], used: set[Excuse], off: Iterable[str], policies: Iterable[str] = ()
) -> Iterator[Diagnostic]:
    """Excuses without a reason, and those that excuse nothing; of rules that are switched off nothing can be said.

    `policies` are the ids of the tree's policies, by which a comment excuses too.
    """
    known = {**dict.fromkeys(policies, codes.POLICY_VIOLATION), **{rule.name: rule for rule in codes.EVERY}}
    for file, group in groupby(sorted(excuses, key=lambda excuse: (excuse.file, excuse.span)), lambda one: one.file):
        yield from capped(_idle(group, used, set(off), known), file)


def _idle(excuses: Iterable[Excuse], used: set[Excuse], off: set[str], known: dict[str, Rule]) -> Iterator[Diagnostic]:
    for excuse in excuses:
        if not excuse.has_reason:
            hint = "add -- and why; without, it excuses nothing"
            message = "this excuse gives no reason"
            yield Diagnostic(codes.EXCUSE_WITHOUT_REASON, message, excuse.file, excuse.span, hint=hint)
        elif excuse not in used and not off.intersection(excuse.names):
            message, hint = _useless(excuse, known)
            yield Diagnostic(codes.USELESS_EXCUSE, message, excuse.file, excuse.span, hint=hint)


def _useless(excuse: Excuse, known: dict[str, Rule]) -> tuple[str, str]:
    for name in excuse.names:
        if name not in known:
            return f"there is no rule '{name}'", _name_for(name, known)
        if not known[name].can_be_excused:
            return f"the rule '{name}' cannot be excused", "mend what it finds"
    names = ", ".join(excuse.names)
    if not names:
        return "this excuse names no rule", "write allow NAME -- why, with a name from 'agentconf rules'"
    return f"there is nothing to excuse: no {names} on its line", "delete it"


def _name_for(word: str, names: Iterable[str]) -> str:
    """The hint about a name that no rule has: whoever wrote a code is told the name that goes with it."""
    meant = next((rule.name for rule in codes.EVERY if rule.code == word.upper()), None)
    if meant is not None:
        return f"rules are called by their names here: {meant}"
    return did_you_mean(word, names) or "see 'agentconf rules' for their names"
