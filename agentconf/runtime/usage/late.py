"""A store that need not be there yet: a service makes its calls where it cannot be opened, too."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from agentconf.errors import NotInstalled
from agentconf.runtime.usage.record import CallRecord
from agentconf.runtime.usage.unavailable import UsageUnavailable

if TYPE_CHECKING:
    from agentconf.runtime.usage.store import UsageStore


class LateStore:
    """`UsageStore(url)`, opened now, or else with each use until that succeeds. Every reason is a UsageUnavailable."""

    def __init__(self, url: str | None = None) -> None:
        self._url = url
        self._store: UsageStore | None = None
        with suppress(UsageUnavailable):  # whoever uses it is told
            self._opened()

    def write(self, records: Sequence[CallRecord], batch: str | None = None) -> None:
        self._opened().write(records, batch)

    def has(self, batch: str, since: float) -> bool:
        return self._opened().has(batch, since)

    def forget(self, before: float, tree: str | None = None) -> bool:
        return self._opened().forget(before, tree)

    def _opened(self) -> UsageStore:
        if self._store is None:
            self._store = _store(self._url)
        return self._store


def _store(url: str | None) -> UsageStore:
    try:
        from agentconf.runtime.usage.store import UsageStore

        return UsageStore(url)
    except (NotInstalled, ValueError) as error:
        raise UsageUnavailable(str(error)) from None
