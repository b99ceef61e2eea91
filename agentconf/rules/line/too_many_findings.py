"""More findings in one file than anybody reads.

What: A file has more than a hundred findings. The first are shown, the rest is not.
Why: Such a file is an accident: another program's file, or a merge that went wrong. A thousand lines about it would
bury what is wrong elsewhere.

Bad: A log file that was saved as `assistant.yaml`.

Good: The same tree without it.

Fix: Mend those that are shown first, or remove the file.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.TOO_MANY_FINDINGS
