"""The organisation's schema for metadata cannot be applied.

What: `schema/metadata.schema.json` is no JSON Schema, refers to what is not in the file, has a pattern that no linear
engine runs, or multiplies references beyond measure.
Why: Nothing is fetched, and nothing is run that may not end: the result must be the same on every machine.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in ../schema/metadata.schema.json
    {"$ref": "https://example.com/metadata.json"}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in ../schema/metadata.schema.json
    {"type": "object"}

Fix: Put what it refers to into the file, under `$defs`, and mend what the finding names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.seen import Whole

RULE: Final = codes.INVALID_METADATA_SCHEMA


def check_tree(whole: Whole) -> Iterable[Diagnostic]:
    """What is wrong with the schema itself; metadata is not checked then."""
    metadata = whole.knowledge.metadata
    return metadata.findings if metadata is not None else ()
