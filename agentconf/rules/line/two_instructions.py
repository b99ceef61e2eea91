"""Two system prompts in one layer.

What: `instructions` and `instructions_file` stand side by side.
Why: Only one can be sent. Whoever edits the other one sees no effect.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    instructions: Answer in one sentence.
    instructions_file: assistant.md  # AC110
    # in assistant.md
    Answer in two sentences.

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    instructions_file: assistant.md
    # in assistant.md
    Answer in two sentences.

Fix: Keep one of the two.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.TWO_INSTRUCTIONS
