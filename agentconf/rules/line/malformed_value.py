"""A value that is not written as one of its kind.

What: A model without its provider, an id with a blank, a date that does not exist, a duration or an address that is
none.
Why: Whoever reads such a value has to guess. Elsewhere, calls went to the default provider although the file named
another model.

Bad:

    owner: support@example.com
    llm:
      model: gpt-4.1-mini  # AC106

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini

Fix: Write it as the message shows.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.MALFORMED_VALUE
