"""A value carries a tag.

What: A tag, such as `!!float`, `!env` or `!!python/object`, stands in front of a value or a key.
Why: Tags tell a parser how to read a value. Some obey up to running code that the file names, others pass over them in
silence, so that one file has several meanings.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      temperature: !!float 0.2  # AC005

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      temperature: 0.2

Fix: Delete it. Quotes make a text, and a secret is written `${env:NAME}`.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.TAG
