"""Marks that say which tree a value is of: a mixture shows, whichever layers it is made of."""

from __future__ import annotations

import json
import re
from typing import Any

from agentconf.config.agent import Agent
from tests.live.model.trees import MODELS, PROMPTS, SETTINGS, Files, value_of

_PROMPT = re.compile(r"\(tree (\d+)\)")


def stamped(files: Files, revision: int) -> Files:
    """The same tree, in which every file says its number. What cannot be read stays as it is."""
    return {path: _stamped(path, content, revision) for path, content in files.items()}


def _stamped(path: str, content: Any, revision: int) -> Any:
    if path in PROMPTS and isinstance(content, bytes) and content.startswith(b"Prompt"):
        return content.partition(b" (")[0] + f" (tree {revision})".encode()
    value = value_of(content)
    if value is None or path in {SETTINGS, MODELS} or path in PROMPTS:
        return content
    block: Any = value.setdefault("overrides", {}) if path.startswith("_environments/") else value
    metadata = block.setdefault("metadata", {}) if isinstance(block, dict) else None
    if isinstance(metadata, dict):
        block["metadata"] = {key: said for key, said in metadata.items() if not key.startswith("tree-")}
        block["metadata"][f"tree-{path}"] = revision
    return json.dumps(value).encode()


def unstamped(files: Files) -> Files:
    """The same tree as it was before any mark."""
    return {path: _unstamped(path, content) for path, content in files.items()}


def _unstamped(path: str, content: Any) -> Any:
    if path in PROMPTS and isinstance(content, bytes):
        return content.partition(b" (tree ")[0]
    value = value_of(content)
    if value is None or path in {SETTINGS, MODELS} or path in PROMPTS:
        return content
    for block in (value, value.get("overrides")):
        if isinstance(block, dict) and isinstance(block.get("metadata"), dict):
            block["metadata"] = {key: said for key, said in block["metadata"].items() if not key.startswith("tree-")}
    return json.dumps(value).encode()


def stamps_of(agent: Agent) -> set[int]:
    """The numbers of the trees that an agent is made of."""
    return set(said_by(agent).values())


def said_by(agent: Agent) -> dict[str, int]:
    """The number of the tree that each file said which an agent is made of."""
    said = {key.removeprefix("tree-"): int(value) for key, value in (agent.metadata or {}).items() if "tree-" in key}
    prompt = _PROMPT.search(agent.instructions or "")
    return said | ({"its prompt": int(prompt[1])} if prompt else {})
