"""Moments as git writes them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone


def moment(seconds: str, zone: str) -> str:
    """ISO 8601 with the zone, of `1700000000` and `+0130`; "" where a commit holds something else, as anyone may."""
    try:
        offset = timedelta(hours=int(zone[:-2]), minutes=int(zone[0] + zone[-2:]))
        return datetime.fromtimestamp(int(seconds), timezone(offset)).isoformat()
    except (ValueError, IndexError, OverflowError, OSError):
        return ""
