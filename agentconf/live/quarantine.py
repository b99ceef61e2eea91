"""Agents whose newest configuration is refused: what still reaches them, and the bytes that they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from agentconf.config.tree import ConfigTree
from agentconf.document.document import Document
from agentconf.live.kept import Bytes
from agentconf.pipeline import Draft
from agentconf.source.tree import Unread


def is_switched_off(now: ConfigTree, then: ConfigTree, name: str, environment: str | None) -> bool:
    """Whether `enabled: false` stands highest, read from what can be read: of other layers the last good counts."""
    agent = now.agents[name]
    last = {document.path: document for document in _documents_of(then, name, environment)}
    overrides: list[Any] = []
    blocks: list[Any] = []
    for document in now.documents_of(agent, environment):
        value = (document if document.is_readable else last.get(document.path, document)).value
        if document is agent.document:
            environments = value.get("environments")
            overrides.append(environments.get(environment) if isinstance(environments, dict) else None)
            blocks.append(value)
        elif environment is not None and document is now.environments.get(environment):
            overrides.append(value.get("overrides"))
            blocks.append(value.get("defaults"))
        else:
            blocks.append(value)
    said = [block["enabled"] for block in (*blocks, *overrides) if isinstance(block, dict) and "enabled" in block]
    return next((value for value in reversed(said) if value is None or isinstance(value, bool)), True) is False


def _documents_of(config: ConfigTree, name: str, environment: str | None) -> Iterator[Document]:
    if name in config.agents:
        yield from config.documents_of(config.agents[name], environment)


def narrowed(draft: Draft, names: Iterable[str]) -> Draft:
    """The part of a draft that some agents need: their own files, every shared layer, the settings, their prompts.

    What is held for long must not keep a whole tree in memory, nor on disk.
    """
    config = replace(draft.config, agents={name: draft.config.agents[name] for name in names})
    shared = (config.settings.document, config.models, *config.shared_documents())
    own = (agent.document for agent in config.agents.values())
    inspected = {
        document.path: draft.inspected[document.path]
        for document in (*shared, *own)
        if document is not None and document.path in draft.inspected
    }
    files = {path: draft.tree.files[path] for path in inspected if path in draft.tree.files}
    named = {prompt for seen in inspected.values() for prompt in seen.prompt_paths}
    prompts = {prompt: draft.tree.open_prompt(prompt) for prompt in named}
    missing = Unread("there is no such file")
    tree = replace(draft.tree, files=files, open_prompt=lambda path: prompts.get(path, missing))
    return Draft(tree, config, draft.findings, inspected, draft.lexicon)


def bytes_of(draft: Draft) -> Bytes:
    """The bytes of a narrowed draft."""
    prompts = {path: draft.tree.open_prompt(path) for seen in draft.inspected.values() for path in seen.prompt_paths}
    return Bytes(draft.tree.files, {path: data for path, data in prompts.items() if isinstance(data, bytes)})


def delegates_of(draft: Draft) -> frozenset[str]:
    """Every agent that a file of a draft delegates to."""
    lists = (seen.document.value.get("delegates") for seen in draft.inspected.values())
    return frozenset(name for names in lists if isinstance(names, list) for name in names if isinstance(name, str))
