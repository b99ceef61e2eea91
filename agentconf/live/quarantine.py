"""Agents whose newest configuration is refused: what still reaches them, and the bytes that they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from agentconf.config.tree import ConfigTree
from agentconf.document.document import Document
from agentconf.live.last_good import Bytes
from agentconf.pipeline import Draft


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
    said = [block.get("enabled") for block in (*blocks, *overrides) if isinstance(block, dict)]
    return next((value for value in reversed(said) if isinstance(value, bool)), True) is False


def _documents_of(config: ConfigTree, name: str, environment: str | None) -> Iterator[Document]:
    if name in config.agents:
        yield from config.documents_of(config.agents[name], environment)


def bytes_of(draft: Draft, names: Iterable[str], environment: str | None) -> Bytes:
    """The bytes that some agents are made of: their own files, all their layers, the settings, and their prompts."""
    config, files, prompts = draft.config, {}, {}
    settings = (config.settings.document, config.models)
    documents = {document.path: document for document in settings if document is not None}
    for name in names:
        for document in config.documents_of(config.agents[name], environment):
            documents[document.path] = document
    for path, document in documents.items():
        files[path] = document.data
        seen = draft.inspected.get(path)
        for prompt in seen.prompt_paths if seen else ():
            data = draft.tree.open_prompt(prompt)
            if isinstance(data, bytes):
                prompts[prompt] = data
    return Bytes(files, prompts)
