"""A file or folder cannot be read.

What: The system refuses to open it, most often for lack of permission.
Why: What cannot be read cannot be checked. Passing over it would make agents disappear without a word, and on the one
machine only where the permission is missing.

Bad: A file that belongs to another user and has the mode 600.

Good: The same with the mode 644.

Fix: Give the reader permission to it.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.UNREADABLE_FILE
