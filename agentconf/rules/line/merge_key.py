"""A merge key, `<<`.

What: A mapping takes over another one by `<<`.
Why: YAML 1.2 has no merge keys: half of the parsers merge, and to the other half `<<` is a key like any other. Here
layers inherit, and `agentconf explain` says from which line.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    x-shared: &shared {team: search}
    metadata:
      <<: *shared  # AC007

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    metadata:
      team: search

Fix: Write the keys out. What several agents share belongs into `_defaults.yaml` or a profile.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.MERGE_KEY
