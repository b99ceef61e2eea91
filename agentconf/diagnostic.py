"""Findings are values: what is wrong, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, TypeAlias

from agentconf.redact import printable, without_keys

Severity: TypeAlias = Literal["error", "warning"]


class Span(NamedTuple):
    """A stretch of text. Lines and columns count from 1, columns in characters; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


START = Span(1, 1, 1, 1)
"""The place of a finding about a whole file."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a finding is an instance of. `name` completes "allow ..."."""

    code: str
    name: str
    severity: Severity = "error"
    refuses: bool = True
    """Whether an agent with this finding is refused at run time too, not only in review."""
    can_be_set: bool = False
    """Whether the settings may give it another severity, or switch it off."""
    can_be_excused: bool = False
    """Whether a comment may excuse a line of it. What is unreadable or unsafe can be neither set nor excused."""
    alias: str | None = None
    """Another name by which a comment excuses it: a policy's id."""


def _make_harmless(finding: object, texts: tuple[str, ...], paths: tuple[str, ...]) -> None:
    """Escapes what acts, and hides keys in the texts; a path says where to look, and stays whole."""
    for name in (*texts, *paths):
        text = getattr(finding, name)
        if text and not (text.isascii() and text.isprintable()):
            text = printable(text)
        if text and name in texts:
            text = without_keys(text)
        object.__setattr__(finding, name, text)


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that a finding is about."""

    message: str
    file: str
    line: int
    column: int

    def __post_init__(self) -> None:
        _make_harmless(self, ("message",), ("file",))

    def as_json(self) -> dict[str, Any]:
        return {"message": self.message, "file": self.file, "line": self.line, "column": self.column}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `file` is relative to the current folder; `key`, `agent` and `environment` where they apply."""

    rule: Rule
    message: str
    file: str
    span: Span = START
    key: str | None = None
    agent: str | None = None
    environment: str | None = None
    hint: str | None = None
    fixable: bool = False
    related: tuple[Related, ...] = ()
    replacement: str | None = None
    """What to write instead of the text at `span`, where that is certain."""

    def __post_init__(self) -> None:
        """A finding may quote the file, and never what looks like a key there, nor what acts on a terminal or a log."""
        _make_harmless(self, ("message", "key", "hint"), ("file",))

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def severity(self) -> Severity:
        return self.rule.severity

    @property
    def line(self) -> int:
        return self.span.line

    @property
    def column(self) -> int:
        return self.span.column

    @property
    def is_error(self) -> bool:
        return self.rule.severity == "error"

    def order(self) -> tuple[Any, ...]:
        """Sorts findings as a reader meets them."""
        return (self.file, self.span, self.rule.code, self.message, self.environment or "", self.agent or "")

    def sameness(self) -> tuple[Any, ...]:
        """Equal for findings that differ in agent and environment alone."""
        return (self.rule, self.message, self.file, self.span, self.key, self.hint, self.related, self.replacement)

    def as_json(self) -> dict[str, Any]:
        line, column, end_line, end_column = self.span
        return {
            "code": self.rule.code,
            "rule": self.rule.name,
            "severity": self.rule.severity,
            "message": self.message,
            "file": self.file,
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
            "key": self.key,
            "agent": self.agent,
            "environment": self.environment,
            "hint": self.hint,
            "fixable": self.fixable,
            "related": [place.as_json() for place in self.related],
        }

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.column}: {self.severity} {self.code} {self.message}"
        return f"{text} ({self.hint})" if self.hint else text


def in_order(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted, and each said once."""
    return tuple(sorted(dict.fromkeys(findings), key=Diagnostic.order))


def joined(findings: Iterable[Diagnostic], environments: Iterable[str | None]) -> tuple[Diagnostic, ...]:
    """Sorted; what holds for several agents or in every environment is said once, without naming one."""
    everywhere = set(environments)
    groups: dict[tuple[Any, ...], list[Diagnostic]] = {}
    for finding in findings:
        groups.setdefault(finding.sameness(), []).append(finding)
    return in_order(said for group in groups.values() for said in _join(group, everywhere))


def _join(group: list[Diagnostic], everywhere: set[str | None]) -> list[Diagnostic]:
    agents = {finding.agent for finding in group}
    agent = agents.pop() if len(agents) == 1 else None
    environments = {finding.environment for finding in group}
    if None in environments or environments >= everywhere:
        environments = {None}
    first = group[0]
    if len(environments) == 1 and first.agent == agent and first.environment in environments:
        return [first]
    return [replace(first, agent=agent, environment=name) for name in environments]
