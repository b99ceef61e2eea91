"""The patterns of names and addresses, for the published schemas and for the machine's variables alike."""

from __future__ import annotations

from typing import Final

MODEL_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]*/[^ \t\r\n]+$"
MODEL_LENGTH: Final = 512
ADDRESS_PATTERN: Final = r"^https?://[^ \t\r\n]+$"
ADDRESS_LENGTH: Final = 2048
