"""The file is not UTF-8.

What: Some bytes are not UTF-8: the file was saved as Latin-1, Windows-1252 or UTF-16. A byte order mark at the
beginning is accepted.
Why: Every program guesses in its own way what such bytes mean, so that one sends a prompt with `Café` and another one
with `CafÃ©`.

Bad: A file with `name: Café` that was saved as Latin-1, where the last letter is the single byte E9.

Good: The same file, saved as UTF-8.

Fix: Save the file as UTF-8. Most editors show the encoding at the bottom of the window, and change it there.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.NOT_UTF8
