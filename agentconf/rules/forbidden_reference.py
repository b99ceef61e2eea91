"""A reference names what the settings do not allow.

What: `secrets` in `_settings.yaml` narrows what references may name, and a connection names something else. It is a
warning where the settings say nothing and what is named is never read all the same: a file that lies neither below
`/run/secrets` nor below `/var/run/secrets`, or what decrypts the other secrets.
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

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from posixpath import normpath
from typing import Any, Final

from agentconf import codes
from agentconf.config.secrets import DEFAULT_FILES, OF_AGENTCONF, NotAReference, SecretReference, parse_reference
from agentconf.diagnostic import Diagnostic
from agentconf.document.document import Document
from agentconf.keypath import KeyPath
from agentconf.rules.view import AgentView

RULE: Final = codes.FORBIDDEN_REFERENCE


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Of every connection that the agent may use."""
    said = view.knowledge.settings.get("secrets")
    allowed = said if isinstance(said, dict) else {}
    if not allowed and not _may_name_the_unread(view):
        return
    for path, text in _references(view):
        try:
            reference = parse_reference(text)
        except NotAReference:
            continue
        patterns = allowed.get(_LISTS.get(reference.source, ""))
        if isinstance(patterns, list) and not _matches(reference.name, patterns):
            message = f"{reference} is not among what references may name"
            yield view.finding(RULE, path, message, f"it must match one of {', '.join(map(str, patterns)) or 'none'}")
        elif (said_of_it := _unread(reference, patterns)) is not None:
            yield view.finding(codes.UNREAD_REFERENCE, path, *said_of_it)


_LISTS: Final = {"env": "env", "file": "files"}
_MARKS: Final = (b"{file:", b"AGENTCONF_", b"\\")
"""One of these stands in every file that names what is never read; behind a backslash any letter may hide."""


def _may_name_the_unread(view: AgentView) -> bool:
    """Whether the agent's file, or any that agents share, has such letters: nearly none does, which is soon found out.

    Other agents' files say nothing about this one.
    """
    memo = view.knowledge.memo
    if (RULE.name,) not in memo:
        memo[RULE.name,] = any(map(_is_marked, view.knowledge.config.shared_documents()))
    return bool(memo[RULE.name,]) or _is_marked(view.agent.agent_file.document)


def _is_marked(document: Document) -> bool:
    return any(mark in document.data for mark in _MARKS)


def _unread(reference: SecretReference, patterns: object) -> tuple[str, str] | None:
    """Message and hint for what is refused when it is read, whatever the settings say."""
    name = reference.name
    if reference.source == "env" and name.startswith(OF_AGENTCONF):
        return f"{reference} is never read: agentconf's own keys are not handed on", "name a variable of the provider's"
    if reference.source != "file":
        return None
    if normpath(name) != name or name.startswith("//"):
        return f"{reference} is never read: the path holds '..', '.' or a doubled slash", "write the path without them"
    if not isinstance(patterns, list) and not _matches(name, DEFAULT_FILES):
        message = f"{reference} is never read: it lies neither below /run/secrets nor below /var/run/secrets"
        return message, "mount it there, or allow its place by secrets.files in _settings.yaml"
    return None


def _matches(name: str, patterns: Iterable[object]) -> bool:
    return any(fnmatchcase(name, str(pattern)) for pattern in patterns)


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
