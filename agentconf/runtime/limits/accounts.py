"""What an agent has taken in its periods: one row for each, rolled on when a period begins."""

from __future__ import annotations

import sqlite3
from typing import Any, Final, NamedTuple

from agentconf.runtime.limits.periods import PERS, Per, Periods
from agentconf.runtime.limits.store import PER_DOLLAR, Bounds, Claim, Hold, Key, Spending

_READ: Final = """SELECT id, hour, day, month, hour_taken, day_taken, month_taken, alerted, overran,
    (SELECT COUNT(*) FROM passages WHERE passages.agent = agents.id)
    FROM agents WHERE tree = ? AND environment = ? AND agent = ?"""
_AGAIN: Final = """SELECT id, hour, day, month, hour_taken, day_taken, month_taken, alerted, overran, 0
    FROM agents WHERE id = ?"""
_NEW: Final = """INSERT INTO agents (tree, environment, agent, hour, day, month, hour_taken, day_taken, month_taken)
    VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0)"""
_WRITE: Final = """UPDATE agents SET hour = ?, day = ?, month = ?, hour_taken = ?, day_taken = ?, month_taken = ?,
    alerted = ?, overran = ? WHERE id = ?"""
_SETTLE: Final = """UPDATE agents SET
    hour_taken = hour_taken + (hour <= ?) * ?, day_taken = day_taken + (day <= ?) * ?,
    month_taken = month_taken + (month <= ?) * ? WHERE id = ?"""
_RESERVED: Final = "SELECT COALESCE(SUM(cost), 0) FROM passages WHERE agent = ? AND {} = ?"
_REPORT: Final = """SELECT agent, hour, day, month, hour_taken, day_taken, month_taken,
    (SELECT COALESCE(SUM(cost), 0) FROM passages WHERE passages.agent = agents.id AND passages.hour = agents.hour),
    (SELECT COALESCE(SUM(cost), 0) FROM passages WHERE passages.agent = agents.id AND passages.day = agents.day),
    (SELECT COALESCE(SUM(cost), 0) FROM passages WHERE passages.agent = agents.id AND passages.month = agents.month),
    (SELECT COALESCE(SUM(cost), 0) FROM passages WHERE passages.agent = agents.id)
    FROM agents WHERE tree = ? AND environment = ? ORDER BY agent"""


class Account(NamedTuple):
    """`taken` is what is spent or reserved in each of the periods. The marks name the period of the last notice."""

    id: int
    periods: Periods
    taken: tuple[int, int, int]
    alerted: int | None
    overran: int | None
    under_way: int
    is_changed: bool = False

    def taken_of(self, per: Per) -> int:
        return self.taken[PERS.index(per)]

    def mark(self, per: Per) -> int:
        """A number of its own for the current period."""
        return self.periods.start(per) * len(PERS) + PERS.index(per)

    def plus(self, cost: int) -> Account:
        if not cost:
            return self
        hour, day, month = self.taken
        return self._replace(taken=(hour + cost, day + cost, month + cost), is_changed=True)


def read(connection: sqlite3.Connection, claim: Claim) -> Account:
    """The account of a claim in the claim's periods; a new one where there is none."""
    row = connection.execute(_READ, claim.key).fetchone()
    if row is None:
        number = connection.execute(_NEW, (*claim.key, *claim.periods)).lastrowid
        return Account(number or 0, claim.periods, (0, 0, 0), None, None, 0)
    account = _of_row(row)
    if account.periods == claim.periods:
        return account
    hour, day, month = _rolled(account.periods, account.taken, claim.periods)
    return account._replace(periods=claim.periods, taken=(hour, day, month), is_changed=True)


def write(connection: sqlite3.Connection, account: Account) -> None:
    if account.is_changed:
        row = (*account.periods, *account.taken, account.alerted, account.overran, account.id)
        connection.execute(_WRITE, row)


def settle(connection: sqlite3.Connection, hold: Hold, cost: int) -> None:
    """What was reserved becomes what it cost, in the periods in which the call began; later ones are not touched."""
    more, (hour, day, month) = cost - hold.cost, hold.periods
    if more:
        connection.execute(_SETTLE, (hour, more, day, more, month, more, hold.agent))


def read_again(connection: sqlite3.Connection, hold: Hold) -> Account | None:
    """The account of a hold, as it stands; None where it is forgotten. How many calls are under way is not counted."""
    row = connection.execute(_AGAIN, (hold.agent,)).fetchone()
    return None if row is None else _of_row(row)


def first_alert(connection: sqlite3.Connection, account: Account, bounds: Bounds) -> int | None:
    """What is spent, where that is so much that an alert is due, and none was raised in this period."""
    if bounds.usd is None or account.taken_of(bounds.per) < bounds.alert or account.alerted == account.mark(bounds.per):
        return None
    of_period = (account.id, account.periods.start(bounds.per))
    (reserved,) = connection.execute(_RESERVED.format(bounds.per), of_period).fetchone()
    spent: int = account.taken_of(bounds.per) - reserved
    return spent if spent >= max(bounds.alert, 1) else None


def report(connection: sqlite3.Connection, tree: str, environment: str, periods: Periods) -> dict[str, Spending]:
    """What each agent of a tree has spent in the current periods."""
    found = {}
    for agent, *row in connection.execute(_REPORT, Key(tree, environment, "")[:2]):
        spent = (row[3] - row[6], row[4] - row[7], row[5] - row[8])
        rolled = _rolled(Periods(*row[:3]), spent, periods)
        found[str(agent)] = Spending(*(amount / PER_DOLLAR for amount in (*rolled, row[9])))
    return found


def forget(connection: sqlite3.Connection, before: float) -> None:
    """The agents whose month began before a moment, and that nobody has called since."""
    connection.execute(
        "DELETE FROM agents WHERE month < ? AND NOT EXISTS (SELECT 1 FROM passages WHERE agent = agents.id)", (before,)
    )


def _rolled(of: Periods, taken: tuple[int, int, int], now: Periods) -> tuple[int, ...]:
    """A period that is over leaves nothing. A clock that was set back makes nobody richer: what was taken stays."""
    return tuple(amount if began >= begins else 0 for began, amount, begins in zip(of, taken, now, strict=True))


def _of_row(row: tuple[Any, ...]) -> Account:
    return Account(row[0], Periods(*row[1:4]), (row[4], row[5], row[6]), row[7], row[8], row[9])
