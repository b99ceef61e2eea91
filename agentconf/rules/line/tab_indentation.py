"""A tab where spaces must stand.

What: A line is indented with a tab.
Why: YAML does not allow it, since a tab is as wide as an editor likes: the file looks right to one person and wrong
to another, and the usual message of a parser does not speak of tabs.

Bad:

    owner: support@example.com
    llm:
    \tmodel: openai/gpt-4.1-mini  # AC008

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini

Fix: Indent with spaces, and have the editor insert spaces for the tab key.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.TAB_INDENTATION
