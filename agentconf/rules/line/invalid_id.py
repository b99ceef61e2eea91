"""The name of the file is not an id.

What: The name has capital letters, blanks or other characters that an id may not have, is longer than 64 characters, or
is `default`.
Why: An id stands in addresses, metrics and other people's code. Two that differ in case alone are one file on most
laptops and two on the server.

Bad:

    # in Code_Assistant.yaml
    llm: {model: openai/gpt-4.1-mini}  # AC107

Good:

    # in code-assistant.yaml
    llm: {model: openai/gpt-4.1-mini}

Fix: Rename the file: lower-case letters, digits, `.`, `_` and `-`, with a letter or a digit at both ends.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.INVALID_ID
