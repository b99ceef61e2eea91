"""One budget and many processes: a smaller crowd than that of tests/proof/test_limits.py."""

from __future__ import annotations

from pathlib import Path

from agentconf.runtime.limits.store import PER_DOLLAR
from tests.runtime.limits.contention import Crowd, spend
from tests.runtime.limits.support import TREE, guard_at


def billionths(folder: Path) -> tuple[int, int]:
    """What is spent and what is reserved, as the counters have it afterwards."""
    guard = guard_at(folder)
    found = guard.spent(TREE, None)["a"]
    guard.close()
    return round(found.day_usd * PER_DOLLAR), round(found.reserved_usd * PER_DOLLAR)


def test_who_takes_less_than_is_reserved_never_overspends(tmp_path: Path) -> None:
    crowd = Crowd(processes=3, threads=8, calls=20, usd=100, cents=(10, 100))
    total = spend(tmp_path / "limits.sqlite3", crowd)
    assert billionths(tmp_path) == (total.took, 0)
    assert 99 * PER_DOLLAR < total.took <= 100 * PER_DOLLAR
    assert total.refused
    assert total.calls + total.refused == 3 * 8 * 20


def test_who_takes_more_overspends_by_no_more_than_the_errors(tmp_path: Path) -> None:
    crowd = Crowd(processes=3, threads=8, calls=20, usd=100, cents=(50, 180))
    total = spend(tmp_path / "limits.sqlite3", crowd)
    assert billionths(tmp_path) == (total.took, 0)
    assert total.took - 100 * PER_DOLLAR <= min(total.beyond, crowd.bound)
    assert total.refused
