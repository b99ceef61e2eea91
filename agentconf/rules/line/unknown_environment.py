"""An environment that does not exist.

What: An agent has a block for an environment that the tree does not have.
Why: The block would never take effect. `production` beside a tree's `prod` looks right in every review.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    environments:
      production:  # AC202
        llm: {temperature: 0}
    # in _environments/prod.yaml
    {}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    environments:
      prod:
        llm: {temperature: 0}
    # in _environments/prod.yaml
    {}

Fix: Mend the name, add `_environments/NAME.yaml`, or list it under `environments` in `_settings.yaml`.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.UNKNOWN_ENVIRONMENT
