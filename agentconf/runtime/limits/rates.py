"""Calls and tokens of the last minute: one row for each second in which there were any."""

from __future__ import annotations

import sqlite3
from typing import Final

from agentconf.runtime.limits.store import Bounds, Claim, Refusal

_WINDOW_S: Final = 60
_SUM: Final = "SELECT COALESCE(SUM(requests), 0), COALESCE(SUM(tokens), 0) FROM rates WHERE agent = ? AND second >= ?"
_EACH: Final = "SELECT second, requests, tokens FROM rates WHERE agent = ? AND second >= ? ORDER BY second"
_ADD: Final = """INSERT INTO rates (agent, second, requests, tokens) VALUES (?, ?, ?, ?)
    ON CONFLICT (agent, second)
    DO UPDATE SET requests = requests + excluded.requests, tokens = tokens + excluded.tokens"""
_CORRECT: Final = "UPDATE rates SET tokens = MAX(0, tokens + ?) WHERE agent = ? AND second = ?"


def refused(connection: sqlite3.Connection, agent: int, claim: Claim) -> Refusal | None:
    """The rate that a claim would go beyond. The second that a minute ago has begun counts whole: never too little."""
    bounds = claim.bounds
    requests, tokens = connection.execute(_SUM, (agent, int(claim.now) - _WINDOW_S)).fetchone()
    if bounds.requests is not None and requests + 1 > bounds.requests:
        wait_s = _free_in(connection, agent, claim, (1, requests + 1 - bounds.requests))
        return Refusal("requests_per_minute", requests, wait_s)
    if bounds.tokens is not None and tokens + claim.tokens > bounds.tokens:
        wait_s = _free_in(connection, agent, claim, (2, tokens + claim.tokens - bounds.tokens))
        return Refusal("tokens_per_minute", tokens, wait_s)
    return None


def add(connection: sqlite3.Connection, agent: int, second: int, *, requests: int, tokens: int) -> None:
    connection.execute(_ADD, (agent, second, requests, tokens))


def correct(connection: sqlite3.Connection, agent: int, second: int, tokens: int) -> None:
    """The tokens of a call that began in a second turned out to be more, or fewer."""
    if tokens:
        connection.execute(_CORRECT, (tokens, agent, second))


def forget(connection: sqlite3.Connection, now: float) -> None:
    """What no window reaches any more; and what a clock that was set back has left in the future."""
    old, ahead = int(now) - _WINDOW_S - 1, int(now) + 2 * _WINDOW_S
    connection.execute("DELETE FROM rates WHERE second < ? OR second > ?", (old, ahead))


def is_kept(bounds: Bounds) -> bool:
    return bounds.requests is not None or bounds.tokens is not None


def _free_in(connection: sqlite3.Connection, agent: int, claim: Claim, missing: tuple[int, int]) -> float | None:
    """Seconds until enough has left the window; None where all of it were not enough."""
    column, excess = missing
    for row in connection.execute(_EACH, (agent, int(claim.now) - _WINDOW_S)):
        excess -= row[column]
        if excess <= 0:
            return max(0.0, float(row[0]) + _WINDOW_S + 1 - claim.now)
    return None
