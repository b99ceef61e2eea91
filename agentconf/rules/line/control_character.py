"""A character that YAML does not allow.

What: A control character, such as NUL, the bell or the one that begins a terminal's colours, stands in the file.
Why: Editors and reviews do not show it, and a terminal or a log acts on it. It comes along when text is copied from a
terminal, a PDF or a chat.

Bad: A bell, the byte 07, between two letters of `name: Assistant`.

Good: The same without it.

Fix: Delete it. Where it is meant, write it as an escape in double quotes, as the hint shows.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.CONTROL_CHARACTER
