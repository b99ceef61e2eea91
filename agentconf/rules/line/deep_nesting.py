"""Values are nested too deep.

What: Mappings and lists stand in each other more than 64 levels deep.
Why: No agent needs it. A file of 40 KB with nothing but brackets keeps common parsers busy for seconds, or ends them.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    metadata:
      path: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
        [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[  # AC010
        ]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
        ]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    metadata:
      path: [[]]

Fix: Flatten it.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.DEEP_NESTING
