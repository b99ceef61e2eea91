"""A reference where none is read.

What: A reference stands somewhere else than as the whole value of `api_key`, of a value in `extra_headers` or of a
credential in `params`.
Why: It would be sent as it stands, as part of a prompt or a tag. Were it read, whoever may edit a prompt could have the
secrets of the service told to a model.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    instructions: ${file:/run/secrets/prompt}  # AC403

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    instructions_file: assistant.md
    # in assistant.md
    Answer in one sentence.

Fix: Move it to where a secret belongs. A prompt comes from `instructions_file`, and environments say what differs.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.MISPLACED_REFERENCE
