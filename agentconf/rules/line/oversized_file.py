"""The file is too large.

What: The file has more than 1 MiB, and was not read; or it holds more keys and values than any agent has.
Why: It is mostly an accident: a log, an export, a document in a prompt. Every process that follows the tree would pay
for it at each change, and a ConfigMap of Kubernetes takes no more than 1 MiB in all.

Bad: A file with a handbook of two megabytes under `instructions: |`.

Good: The same with a prompt file of at most 256 KiB, named by `instructions_file`.

Fix: Move a long prompt into a file of its own, and what is no prompt to where agents look it up.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.OVERSIZED_FILE
