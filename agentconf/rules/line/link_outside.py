"""A link leads out of the folder that holds the tree.

What: A symbolic link leads to a file or folder elsewhere on the machine. It was not followed.
Why: What it leads to differs from machine to machine, and no review has seen it. By such a link a change could also
bring any file of the machine into a prompt.

Bad: `agents.d/assistant.yaml` is a link to `/etc/agents/assistant.yaml`.

Good: `agents.d/assistant.yaml` is a file, or a link to one in the folder that holds `agents.d`.

Fix: Put the file itself there.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.LINK_OUTSIDE
