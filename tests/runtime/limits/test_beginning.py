"""Counters that two processes begin at the same moment."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import pytest

from agentconf.runtime.limits.schema import prepared

STATEMENTS = 30
"""More than it takes to look at a file and to make its tables."""


def opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, timeout=0, isolation_level=None)


@pytest.mark.parametrize("moment", range(STATEMENTS))
def test_another_process_makes_the_file_between_two_statements_of_ours(tmp_path: Path, moment: int) -> None:
    file = tmp_path / "limits.sqlite3"
    with closing(opened(file)) as mine, closing(opened(file)) as other:
        statements = count()

        def interrupt(_: str) -> None:
            if next(statements) == moment:
                with suppress(sqlite3.OperationalError):  # it has to wait, and does
                    prepared(other)

        mine.set_trace_callback(interrupt)
        identity = prepared(mine)
        mine.set_trace_callback(None)
        assert next(statements) < STATEMENTS
        if other.in_transaction:
            other.execute("ROLLBACK")
        assert prepared(other) == identity
