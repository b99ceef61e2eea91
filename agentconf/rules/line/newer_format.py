"""The tree has a newer format than this program reads.

What: `format` in `_settings.yaml` is higher than what this version of agentconf knows.
Why: An older program would pass over what it does not know, and run agents on half of their configuration.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _settings.yaml
    format: 2  # AC111

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _settings.yaml
    format: 1

Fix: Use a newer agentconf: where a service says this, update the service before the tree.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.NEWER_FORMAT
