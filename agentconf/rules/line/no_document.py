"""The file holds nothing.

What: The file is empty, or every line is a comment.
Why: It may be meant as the agent that inherits everything, or as one that is gone. Only its author knows, and a service
should neither lose an agent nor make one up.

Bad:

    # AC014
    # llm: {model: openai/gpt-4.1-mini}

Good:

    {}
    # in _defaults.yaml
    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}

Fix: Write `{}` for an agent that inherits everything, or delete the file; `enabled: false` keeps it and serves nobody.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.NO_DOCUMENT
