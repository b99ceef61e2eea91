"""The text is not YAML.

What: Somewhere the text stops being YAML: a quote or a bracket that is never closed, a second colon, a line that is
indented too far, a character that YAML keeps for itself. What stands behind that place was not read.
Why: Of the rest of the file nothing can be said. Elsewhere, people got an error of the parser's own inside, far from
the file and the line that caused it.

Bad:

    owner: support@example.com
    description: Answers: quickly  # AC001
    llm: {model: openai/gpt-4.1-mini}

Good:

    owner: support@example.com
    description: "Answers: quickly"
    llm: {model: openai/gpt-4.1-mini}

Fix: Do as the hint says: mostly a quote, a bracket or the indentation is to be mended.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.SYNTAX_ERROR
