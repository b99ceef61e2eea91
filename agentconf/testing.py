"""For the tests of services that read agentconf: a snapshot without a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agentconf import pipeline
from agentconf.live.load import seal
from agentconf.snapshot.snapshot import Snapshot
from agentconf.source.tree import tree_of


def snapshot_of(files: Mapping[str, Mapping[str, Any]], *, environment: str | None = None) -> Snapshot:
    """The snapshot of a tree given as mappings, by the same pipeline that reads files.

    The keys are the files' names without `.yaml`: an agent's id, `trading/strategist`, `_defaults`,
    `_environments/prod`. Raises InvalidConfig and UnknownEnvironment, as `load` does.

        >>> snapshot = snapshot_of({"code-assistant": {"llm": {"model": "openai/gpt-4.1"}}})
        >>> snapshot["code-assistant"].llm.model
        'openai/gpt-4.1'
    """
    written = {f"{name}.yaml": json.dumps(value, ensure_ascii=False).encode() for name, value in files.items()}
    return seal(pipeline.draft(tree_of(written)), environment).require_valid()
