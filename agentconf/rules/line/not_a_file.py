"""No file where a config file should be.

What: A folder, a FIFO, a device or a link in a circle has the name of a config file, or folders nest too deep. It was
not opened.
Why: Opening a FIFO waits for ever, and a circle of links has no end. A folder with a file's name is what Docker makes
where a file that is to be mounted does not exist.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in researcher.yaml/notes.txt
    This lies in a folder that is named like an agent.

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in research/notes.txt
    This lies in a folder that is named like a folder.

Fix: Remove it, or rename it.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.NOT_A_FILE
