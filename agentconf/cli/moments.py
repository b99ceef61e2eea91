"""Moments as people write them: a day, a time of day, or how long ago. All in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click

_AGO: Final = re.compile(r"(\d{1,6})([mhdw])")
_SECONDS: Final = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class Moment(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click alone
    """Unix seconds. `is_end`: a day stands for its end, so that `--until` takes all of it in."""

    name = "moment"

    def __init__(self, *, is_end: bool = False) -> None:
        self._is_end = is_end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, int | float):
            return float(value)
        try:
            return self._moment(str(value).strip()).timestamp()
        except (ValueError, OverflowError):
            said = "must be a day (2026-11-21), a time (2026-11-21T14:30, UTC) or how long ago (7d, 24h)"
            self.fail(said, param, ctx)

    def _moment(self, text: str) -> datetime:
        ago = _AGO.fullmatch(text)
        if ago:
            return datetime.now(UTC) - timedelta(seconds=int(ago[1]) * _SECONDS[ago[2]])
        said = datetime.fromisoformat(text)
        moment = said if said.tzinfo is not None else said.replace(tzinfo=UTC)
        return moment + timedelta(days=1) if self._is_end and _DAY.fullmatch(text) else moment


def shown(moment: float) -> str:
    """A moment to the minute."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M")
