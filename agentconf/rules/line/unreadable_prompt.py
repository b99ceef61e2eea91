"""The prompt file cannot be read.

What: `instructions_file` names a file that is missing, lies outside of the tree, is larger than 256 KiB, is not text,
or is a pointer of Git LFS whose text was not fetched.
Why: An agent without its prompt answers all the same, only not as it was told to. A path out of the tree could bring
any file of the machine into a prompt.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    instructions_file: asistant.md  # AC206
    # in assistant.md
    Answer in one sentence.

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    instructions_file: assistant.md
    # in assistant.md
    Answer in one sentence.

Fix: Mend the path, which counts from the file that says it, or the file.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.UNREADABLE_PROMPT
