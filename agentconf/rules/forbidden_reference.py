"""A reference names what the settings do not allow.

What: `secrets` in `_settings.yaml` narrows what references may name, and a connection names something else.
Why: Whoever may edit an agent could otherwise send any variable of the service to an address of his choice.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:DATABASE_PASSWORD}"}  # AC411
    # in _settings.yaml
    secrets: {env: ["*_API_KEY"]}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:OPENAI_API_KEY}"}
    # in _settings.yaml
    secrets: {env: ["*_API_KEY"]}

Fix: Name a variable or file that is allowed, or widen `secrets` in a change that its owners review.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

from agentconf import codes
from agentconf.config.secrets import NotAReference, parse_reference
from agentconf.diagnostic import Diagnostic
from agentconf.keypath import KeyPath
from agentconf.rules.view import AgentView

RULE: Final = codes.FORBIDDEN_REFERENCE


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Of every connection that the agent may use."""
    allowed = view.knowledge.settings.get("secrets")
    if not isinstance(allowed, dict):
        return
    for path, text in _references(view):
        try:
            reference = parse_reference(text)
        except NotAReference:
            continue
        patterns = allowed.get(_LISTS.get(reference.source, ""))
        if isinstance(patterns, list) and not any(fnmatchcase(reference.name, str(one)) for one in patterns):
            message = f"{reference} is not among what references may name"
            yield view.finding(RULE, path, message, f"it must match one of {', '.join(map(str, patterns)) or 'none'}")


_LISTS: Final = {"env": "env", "file": "files"}


def _references(view: AgentView) -> Iterator[tuple[KeyPath, str]]:
    for name in {entry.provider: None for entry in view.entries}:
        connection = (view.config.get("providers") or {}).get(name)
        yield from _of_connection(("providers", name), connection or {})
    for entry in view.entries:
        yield from _of_connection(entry.path, entry.config)


def _of_connection(path: KeyPath, connection: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(connection.get("api_key"), str):
        yield (*path, "api_key"), connection["api_key"]
    for group in ("extra_headers", "params"):
        for key, value in (connection.get(group) or {}).items():
            if isinstance(value, str):
                yield (*path, group, key), value
