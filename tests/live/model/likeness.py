"""What a watch serves and says, beside what it ought to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from agentconf.config.agent import Agent
from agentconf.live.patience import Patience
from agentconf.live.watch import Watch
from agentconf.source import layout
from agentconf.source.layout import Place
from tests.live.model.oracle import Cold, Oracle
from tests.live.model.trees import Files

Pair: TypeAlias = tuple[str, Any, Any]


def differences(watch: Watch, oracle: Oracle, tree: Cold) -> list[str]:
    """What is not as the oracle says, once it was told of a tree; nothing where all is well."""
    pairs = (*_of_agents(watch, oracle), *_of_files(watch, tree.files), *_of_status(watch, tree))
    return [said for pair in pairs for said in _said(pair)]


def _of_agents(watch: Watch, oracle: Oracle) -> Iterator[Pair]:
    snapshot = watch.snapshot
    yield "the digest", snapshot.digest, oracle.digest
    for name in sorted({*snapshot, *oracle.agents}):
        yield name, snapshot.get(name), oracle.agents.get(name)


def _of_files(watch: Watch, files: Files) -> Iterator[Pair]:
    """Of what is bad already, nothing else shows that worse was seen; then it may not be waited for, nor built upon."""
    accepted: Patience = watch._follower._patience
    yield "the files that count", _config(accepted.files), _config(files)
    for path, content in accepted.prompts.items():
        yield f"the prompt {path}", _bytes(content), _bytes(files.get(path))


def _of_status(watch: Watch, tree: Cold) -> Iterator[Pair]:
    status, snapshot = watch.status, watch.snapshot
    if tree.snapshot is None:
        yield "the state", status.state, "failing"
        return
    yield "the state", status.state, "failing" if any(one.rule.refuses for one in tree.errors) else "fresh"
    yield "what is refused", set(status.quarantined), set(tree.refused)
    yield "what is missing", status.missing, ()
    errors = {one for one in snapshot.diagnostics if one.is_error}
    # of what keeps its last good, what was found in that is told as well
    yield "the errors", {one for one in errors if one in tree.errors or one.agent not in tree.refused}, tree.errors


def _config(files: Files) -> dict[str, bytes]:
    """The config files that can be read."""
    return {
        path: content
        for path, content in files.items()
        if isinstance(content, bytes) and isinstance(layout.place(path), Place)
    }


def _bytes(content: Any) -> bytes | None:
    return content if isinstance(content, bytes) else None


def _said(pair: Pair) -> Iterator[str]:
    """How a pair differs; of two agents or mappings only the keys in which they do."""
    what, found, expected = pair
    if found == expected:
        return
    if isinstance(found, Agent) and isinstance(expected, Agent):
        found, expected = found.model_dump(), expected.model_dump()
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in sorted({*found, *expected}):
            if found.get(key) != expected.get(key):
                yield f"{what}: {key}: found {found.get(key)!r}, expected {expected.get(key)!r}"
    else:
        yield f"{what}: found {found!r}, expected {expected!r}"
