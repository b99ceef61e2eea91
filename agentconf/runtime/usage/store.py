"""Records of calls in a database: written in batches, counted up for reports, forgotten after their time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from agentconf.errors import NotInstalled
from agentconf.runtime.usage import NEEDS

try:
    from sqlalchemy import ColumnElement, Connection, delete, insert, select
except ImportError:
    raise NotInstalled(NEEDS) from None

from agentconf.runtime.usage.count import count_up
from agentconf.runtime.usage.database import Database
from agentconf.runtime.usage.place import chosen_place
from agentconf.runtime.usage.question import Question
from agentconf.runtime.usage.record import CallRecord
from agentconf.runtime.usage.report import Report
from agentconf.runtime.usage.rows import row_of
from agentconf.runtime.usage.tables import CALLS

_AT_ONCE: Final = 5_000
"""How many rows are deleted in one transaction (more, where several began at one moment): others write in between."""


class UsageStore:
    """The record of calls. `url` is SQLAlchemy's; default: AGENTCONF_USAGE_URL, else a file in the user's state folder.

    Nothing is opened before it is used. It may be shared among threads, and processes that are forked make their own
    connections. Raises ValueError where the URL is none, and UsageUnavailable where its driver is missing.
    """

    def __init__(self, url: str | None = None) -> None:
        self._database = Database(chosen_place(url))

    def __repr__(self) -> str:
        return f"<UsageStore {self.place}>"

    @property
    def place(self) -> str:
        """The file, or the database without user, password and options: what may be shown."""
        return self._database.place.shown

    def write(self, records: Sequence[CallRecord], batch: str | None = None) -> None:
        """Adds all of them, or none. A name for the batch makes it safe to try again: it is added once.

        Raises UsageUnavailable; RecordsRefused where the database is there and does not take these rows.
        """
        if not records:
            return
        name = batch or os.urandom(8).hex()
        rows = [{**row_of(record), "batch": name} for record in records]
        self._database.write(lambda connection: connection.execute(insert(CALLS), rows))

    def has(self, batch: str, since: float) -> bool:
        """Whether a batch is there whose first call began at `since`: an answer that got lost may have been a yes."""
        asked = select(CALLS.c.id).where(CALLS.c.at >= since, CALLS.c.batch == batch).limit(1)
        return self._database.read(lambda connection: connection.execute(asked).first()) is not None

    def report(self, question: Question) -> Report | None:
        """What was used; None where nothing was recorded yet. Raises UsageUnavailable."""
        return self._database.read(lambda connection: count_up(connection, question))

    def forget(self, before: float, tree: str | None = None) -> bool:
        """Deletes calls that began before that moment, in Unix seconds: of a tree, else of all.

        Some thousands at a time, the oldest first, so that nobody waits long for the database; whether there are more.
        Raises UsageUnavailable.
        """
        which = [CALLS.c.at < before, *([] if tree is None else [CALLS.c.tree == tree])]
        return self._database.write(lambda connection: _delete(connection, which))

    def close(self) -> None:
        """Lets the connections go; the next use makes others."""
        self._database.close()


def _delete(connection: Connection, which: list[ColumnElement[bool]]) -> bool:
    oldest = select(CALLS.c.at).where(*which).order_by(CALLS.c.at).offset(_AT_ONCE - 1).limit(1)
    edge = connection.execute(oldest).scalar()
    connection.execute(delete(CALLS).where(*which, *([] if edge is None else [CALLS.c.at <= edge])))
    return edge is not None
