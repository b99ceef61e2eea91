"""Agents whose newest configuration is refused: what still reaches them, and the bytes that they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from agentconf.config.tree import ConfigTree
from agentconf.document.document import Document
from agentconf.live.kept import Bytes
from agentconf.pipeline import Draft
from agentconf.source.tree import Unread


def as_it_stands(now: ConfigTree, then: ConfigTree) -> ConfigTree:
    """A tree whose shared layers say what they said when all was well, where they cannot be read."""
    last = {document.path: document for document in then.shared_documents()}

    def readable(group: Mapping[str, Document]) -> dict[str, Document]:
        return {
            name: document if document.is_readable else last.get(document.path, document)
            for name, document in group.items()
        }

    return replace(
        now,
        defaults=readable(now.defaults),
        profiles=readable(now.profiles),
        environments=readable(now.environments),
    )


def is_switched_off(stands: ConfigTree, then: ConfigTree, name: str, environment: str | None) -> bool:
    """Whether `enabled: false` stands highest, in a tree as it stands; of a file that cannot be read, the last good."""
    agent, last = stands.agents[name], then.agents.get(name)
    if not agent.document.is_readable and last is not None and last.document.path == agent.document.path:
        agent = last
    overrides: list[Any] = []
    blocks: list[Any] = []
    for document in stands.documents_of(agent, environment):
        value = document.value
        if document is agent.document:
            environments = value.get("environments")
            overrides.append(environments.get(environment) if isinstance(environments, dict) else None)
            blocks.append(value)
        elif environment is not None and document is stands.environments.get(environment):
            overrides.append(value.get("overrides"))
            blocks.append(value.get("defaults"))
        else:
            blocks.append(value)
    said = [block["enabled"] for block in (*blocks, *overrides) if isinstance(block, dict) and "enabled" in block]
    return next((value for value in reversed(said) if value is None or isinstance(value, bool)), True) is False


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
