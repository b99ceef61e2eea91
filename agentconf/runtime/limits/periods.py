"""The periods of budgets: hours, days and months of UTC, whatever the machine's own time."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias

Per: TypeAlias = Literal["hour", "day", "month"]
PERS: Final[tuple[Per, ...]] = ("hour", "day", "month")

_HOUR_S: Final = 3600
_DAY_S: Final = 24 * _HOUR_S


class Periods(NamedTuple):
    """When the current hour, day and month began, in Unix seconds."""

    hour: int
    day: int
    month: int

    def start(self, per: Per) -> int:
        return self[PERS.index(per)]


def periods_at(now: float) -> Periods:
    """The periods that a moment (Unix seconds) lies in. A border belongs to the period that it begins."""
    return _of_hour(int(now // _HOUR_S))


def end_of(per: Per, start: int) -> int:
    """When the period that began then ends, and the next begins; in Unix seconds."""
    if per == "hour":
        return start + _HOUR_S
    if per == "day":
        return start + _DAY_S
    began = datetime.fromtimestamp(start, UTC)
    is_december = began.month == 12
    following = began.replace(year=began.year + is_december, month=1 if is_december else began.month + 1)
    return int(following.timestamp())


def at(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


@lru_cache(maxsize=16)
def _of_hour(number: int) -> Periods:
    """Days and hours of UTC are of one length each: Unix time has no leap seconds."""
    hour = number * _HOUR_S
    month = datetime.fromtimestamp(hour, UTC).replace(day=1, hour=0)
    return Periods(hour, hour // _DAY_S * _DAY_S, int(month.timestamp()))
