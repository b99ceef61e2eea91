from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentconf.runtime.limits.periods import PERS, Per, at, end_of, periods_at

MOMENTS = st.floats(1e9, 7e9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
LAST_OF_DECEMBER = datetime(2026, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
LEAP_DAY = datetime(2028, 2, 29, 12, tzinfo=UTC)
NO_LEAP_DAY = datetime(2100, 2, 28, 23, 59, 59, tzinfo=UTC)


@given(MOMENTS)
@example(LAST_OF_DECEMBER)
@example(LAST_OF_DECEMBER + timedelta(milliseconds=1))
@example(LEAP_DAY)
@example(NO_LEAP_DAY)
def test_periods_begin_where_the_calendar_says(moment: datetime) -> None:
    periods = periods_at(moment.timestamp())
    hour = moment.replace(minute=0, second=0, microsecond=0)
    assert at(periods.hour) == hour
    assert at(periods.day) == hour.replace(hour=0)
    assert at(periods.month) == hour.replace(hour=0, day=1)


@given(MOMENTS, st.sampled_from(PERS))
@example(LAST_OF_DECEMBER, "month")
@example(LEAP_DAY, "month")
@example(NO_LEAP_DAY, "day")
def test_a_period_ends_where_the_next_begins(moment: datetime, per: Per) -> None:
    start = periods_at(moment.timestamp()).start(per)
    end = end_of(per, start)
    assert start <= moment.timestamp() < end
    assert periods_at(end).start(per) == end
    assert periods_at(end - 0.001).start(per) == start


@given(MOMENTS)
@example(LEAP_DAY)
def test_a_month_has_its_own_length(moment: datetime) -> None:
    start = periods_at(moment.timestamp()).month
    days = calendar.monthrange(moment.year, moment.month)[1]
    assert end_of("month", start) - start == days * 86400


@pytest.mark.parametrize(
    ("per", "moment", "following"),
    [
        ("hour", "2026-12-31T23:59:59", "2027-01-01T00:00:00"),
        ("day", "2028-02-28T10:00:00", "2028-02-29T00:00:00"),
        ("day", "2027-02-28T10:00:00", "2027-03-01T00:00:00"),
        ("month", "2026-12-01T00:00:00", "2027-01-01T00:00:00"),
        ("month", "2028-02-29T23:59:59", "2028-03-01T00:00:00"),
    ],
)
def test_the_next_period(per: Per, moment: str, following: str) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
    assert at(end_of(per, periods_at(now).start(per))) == datetime.fromisoformat(following).replace(tzinfo=UTC)
