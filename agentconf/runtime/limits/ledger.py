"""The steps of a call in the file of counters: each inside a transaction that somebody else has begun."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

from agentconf.runtime.limits import accounts, rates
from agentconf.runtime.limits.accounts import Account
from agentconf.runtime.limits.periods import end_of
from agentconf.runtime.limits.store import Bounds, Claim, Hold, Refusal, Used, Verdict

_HOLD: Final = "INSERT INTO passages (agent, holder, cost, hour, day, month) VALUES (?, ?, ?, ?, ?, ?)"
_FREE: Final = "DELETE FROM passages WHERE id = ?"
_CHANGE: Final = "UPDATE passages SET cost = ?, hour = ?, day = ?, month = ? WHERE id = ?"
_COUNT: Final = "SELECT COUNT(*) FROM passages WHERE agent = ?"


class Ledger:
    """`holder` is this process among those that use the file; `bury` frees what dead ones held, and says whether any.

    `name` is of file and process: a file that was made anew does not know what the old one held, nor a child what its
    parent holds.
    """

    def __init__(
        self, connection: sqlite3.Connection, identity: str, holder: int, bury: Callable[[sqlite3.Connection], bool]
    ) -> None:
        self.name = f"{identity}/{holder}"
        self._connection = connection
        self._holder = holder
        self._bury = bury

    def enter(self, claim: Claim) -> Verdict:
        account = accounts.read(self._connection, claim)
        refusal = self._full(account, claim) or self._too_fast(account, claim) or _too_dear(account, claim)
        if refusal is not None:
            return self._judged(account, claim, refusal)
        where = (account.id, self._holder, claim.cost, *claim.periods)
        number = self._connection.execute(_HOLD, where).lastrowid or 0
        if rates.is_kept(claim.bounds):
            rates.add(self._connection, account.id, int(claim.now), requests=1, tokens=claim.tokens)
        return self._judged(account, claim)._replace(hold=self._hold(number, account, claim))

    def exchange(self, hold: Hold, used: Used, claim: Claim) -> Verdict:
        """Only the budget may refuse: the call itself was let in, with its slot and its place in the minute."""
        if hold.file != self.name:
            return self.enter(claim)
        self._settle(hold, used, claim.bounds)
        account = accounts.read(self._connection, claim)
        refusal = _too_dear(account, claim)
        if refusal is not None:
            claim = claim._replace(cost=0, tokens=0)
        self._connection.execute(_CHANGE, (claim.cost, *claim.periods, hold.number))
        if claim.tokens and rates.is_kept(claim.bounds):
            rates.add(self._connection, account.id, int(claim.now), requests=0, tokens=claim.tokens)
        return self._judged(account, claim, refusal)._replace(hold=self._hold(hold.number, account, claim))

    def leave(self, hold: Hold, used: Used, bounds: Bounds) -> Verdict:
        if hold.file != self.name:
            return Verdict()
        self._settle(hold, used, bounds)
        self._connection.execute(_FREE, (hold.number,))
        account = accounts.read_again(self._connection, hold) if bounds.usd is not None else None
        alert = accounts.first_alert(self._connection, account, bounds) if account else None
        if account and alert is not None:
            accounts.write(self._connection, account._replace(alerted=account.mark(bounds.per), is_changed=True))
        return Verdict(alert=alert)

    def _settle(self, hold: Hold, used: Used, bounds: Bounds) -> None:
        if rates.is_kept(bounds):
            rates.correct(self._connection, hold.agent, hold.second, used.tokens - hold.tokens)
        accounts.settle(self._connection, hold, used.cost)

    def _judged(self, account: Account, claim: Claim, refusal: Refusal | None = None) -> Verdict:
        """Write the account, with what is reserved where nothing refuses; and what is to be said once a period."""
        per, overrun = claim.bounds.per, None
        if refusal is None:
            if _is_beyond(account, claim) and account.overran != account.mark(per):
                overrun = account.taken_of(per)
                account = account._replace(overran=account.mark(per), is_changed=True)
            account = account.plus(claim.cost)
        alert = accounts.first_alert(self._connection, account, claim.bounds)
        if alert is not None:
            account = account._replace(alerted=account.mark(per), is_changed=True)
        accounts.write(self._connection, account)
        return Verdict(None, refusal, alert, overrun)

    def _hold(self, number: int, account: Account, claim: Claim) -> Hold:
        return Hold(self.name, number, account.id, claim.periods, int(claim.now), claim.cost, claim.tokens)

    def _full(self, account: Account, claim: Claim) -> Refusal | None:
        most = claim.bounds.parallel
        if most is None or account.under_way < most:
            return None
        under_way = account.under_way
        if self._bury(self._connection):
            (under_way,) = self._connection.execute(_COUNT, (account.id,)).fetchone()
        return Refusal("max_parallel", under_way) if under_way >= most else None

    def _too_fast(self, account: Account, claim: Claim) -> Refusal | None:
        return rates.refused(self._connection, account.id, claim) if rates.is_kept(claim.bounds) else None


def _too_dear(account: Account, claim: Claim) -> Refusal | None:
    per = claim.bounds.per
    if not claim.is_capped or not _is_beyond(account, claim):
        return None
    return Refusal("budget", account.taken_of(per), end_of(per, account.periods.start(per)) - claim.now)


def _is_beyond(account: Account, claim: Claim) -> bool:
    usd = claim.bounds.usd
    return usd is not None and account.taken_of(claim.bounds.per) + claim.cost > usd
