"""How long a tree wants its calls remembered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def retention_days(settings: Mapping[str, Any]) -> int | None:
    """`usage.retention_days` of `_settings.yaml`; None keeps everything, as by default."""
    usage = settings.get("usage")
    days = usage.get("retention_days") if isinstance(usage, Mapping) else None
    if isinstance(days, bool) or not isinstance(days, int | float) or days < 1:
        return None
    return int(days)
