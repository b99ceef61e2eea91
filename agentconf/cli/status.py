"""Exit statuses."""

from __future__ import annotations

from typing import Final

GOOD: Final = 0
FOUND: Final = 1
FAILED: Final = 2
INTERRUPTED: Final = 130
