"""Every reference of a tree's agents, with the line that wrote it, and whether it has a value on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agentconf.config.provenance import place_of
from agentconf.config.resolve import Resolved, Resolver
from agentconf.config.secrets import NotAReference, SecretReference, parse_reference
from agentconf.diagnostic import START, Span
from agentconf.errors import SecretUnavailable
from agentconf.keypath import KeyPath, render
from agentconf.secrets.reveal import Ground, reveal


@dataclass(frozen=True, slots=True)
class Checked:
    """One reference at one place, in one environment. `reason` says why it has no value; None where it has one."""

    environment: str | None
    reference: SecretReference
    key: str
    file: str
    span: Span
    reason: str | None

    def as_json(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "reference": str(self.reference),
            "source": self.reference.source,
            "key": self.key,
            "file": self.file,
            "line": self.span.line,
            "column": self.span.column,
            "ok": self.reason is None,
            "reason": self.reason,
        }


class Survey:
    """Looks at agents one by one; what many of them share is looked at once."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._reasons: dict[SecretReference, str | None] = {}
        self._found: dict[tuple[str | None, str, Span, SecretReference], Checked] = {}
        self._seen: dict[tuple[str | None, int, KeyPath, str], object] = {}

    @property
    def checked(self) -> list[Checked]:
        return sorted(self._found.values(), key=lambda one: (one.environment or "", one.file, one.span))

    def look(self, agent: Resolved, resolver: Resolver) -> None:
        """At every reference in an agent's connections."""
        for path, text, holder in _references(agent.config, ()):
            seen = (agent.environment, id(holder), path, text)
            if seen in self._seen:
                continue
            self._seen[seen] = holder  # kept alive, so that no other object gets its number
            reference = _parsed(text)
            if reference is not None:
                file, span = place_of(resolver, agent, path)
                reason = self._reason(reference)
                one = Checked(agent.environment, reference, render(path), file, span or START, reason)
                self._found.setdefault((agent.environment, file, one.span, reference), one)

    def _reason(self, reference: SecretReference) -> str | None:
        if reference not in self._reasons:
            self._reasons[reference] = _why_not(reference, self._ground)
        return self._reasons[reference]


def _why_not(reference: SecretReference, ground: Ground) -> str | None:
    try:
        reveal(reference, ground)
    except SecretUnavailable as error:
        return error.reason
    return None


def _parsed(text: str) -> SecretReference | None:
    try:
        return parse_reference(text)
    except NotAReference:
        return None


def _references(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str, dict[str, Any]]]:
    """Every text in a place where references are read: its path, itself, and the mapping that holds it."""
    if isinstance(value, dict):
        is_free = path[-1:] in {("extra_headers",), ("params",)}
        for key, item in value.items():
            if isinstance(item, str) and (is_free or key == "api_key"):
                yield (*path, key), item, value
            elif key != "metadata" or path:
                yield from _references(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references(item, (*path, index))
