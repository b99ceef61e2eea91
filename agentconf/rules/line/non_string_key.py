"""A key that is not text.

What: A key is read as a number, as true or false, as null, or as a mapping.
Why: JSON knows keys of text alone, and parsers do not agree on what `true:` or `1:` is. `{{ name }}` without quotes is
a mapping as a key: the sign of a template that nobody filled in.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    name: {{ agent_name }}  # AC012

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    name: Assistant

Fix: Write the key in quotes; of a template, what it was to give.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.NON_STRING_KEY
