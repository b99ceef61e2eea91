"""A second document in one file.

What: A line `---` begins another document behind the first one.
Why: A file is one agent. Some parsers read the first document and drop the others without a word, so that an agent
that somebody wrote does not exist.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    ---  # AC006
    owner: search@example.com
    llm: {model: openai/gpt-4.1}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in researcher.yaml
    owner: search@example.com
    llm: {model: openai/gpt-4.1}

Fix: Give the second document a file of its own.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.SEVERAL_DOCUMENTS
