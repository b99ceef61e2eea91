"""The organisation's schema refuses the metadata.

What: `schema/metadata.schema.json` lies in the folder that holds the tree, and `metadata` of the resolved agent does
not meet it. An agent without metadata is checked as `{}`.
Why: Metadata is free, so that a misspelt key in it is found by nobody else.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    metadata:
      cost_centre: support
      data_class: secret  # AC113
    # in ../schema/metadata.schema.json
    {"type": "object", "required": ["cost_centre"],
     "properties": {"cost_centre": {"type": "string"}, "data_class": {"enum": ["public", "internal"]}}}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    metadata:
      cost_centre: support
      data_class: internal
    # in ../schema/metadata.schema.json
    {"type": "object", "required": ["cost_centre"],
     "properties": {"cost_centre": {"type": "string"}, "data_class": {"enum": ["public", "internal"]}}}

Fix: Write what the schema asks for, in the agent or in a layer that it shares.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.METADATA_SCHEMA


def check(view: AgentView) -> Iterable[Diagnostic]:
    """Nothing where there is no schema."""
    metadata = view.knowledge.metadata
    if metadata is None:
        return ()
    from agentconf.rules.metadata import metadata_findings

    return metadata_findings(metadata, view.resolver, view.agent)
