"""The tables of a file of counters, and its version."""

from __future__ import annotations

import sqlite3
from typing import Final

VERSION: Final = 1
_APPLICATION: Final = 0x61676C6D
"""Tells the file from those of other programs."""
_LOG_PAGES: Final = 4000
"""The log may grow to 16 MB before a call has to wait for the disk: once in some 700 calls."""

_TABLES: Final = (
    "CREATE TABLE about (identity TEXT NOT NULL)",
    "INSERT INTO about VALUES (lower(hex(randomblob(8))))",
    """CREATE TABLE agents (
        id INTEGER PRIMARY KEY, tree TEXT NOT NULL, environment TEXT NOT NULL, agent TEXT NOT NULL,
        hour INTEGER NOT NULL, hour_taken INTEGER NOT NULL,
        day INTEGER NOT NULL, day_taken INTEGER NOT NULL,
        month INTEGER NOT NULL, month_taken INTEGER NOT NULL,
        alerted INTEGER, overran INTEGER,
        UNIQUE (tree, environment, agent))""",
    """CREATE TABLE passages (
        id INTEGER PRIMARY KEY, agent INTEGER NOT NULL, holder INTEGER NOT NULL, cost INTEGER NOT NULL,
        hour INTEGER NOT NULL, day INTEGER NOT NULL, month INTEGER NOT NULL)""",
    "CREATE INDEX passages_of_agent ON passages (agent)",
    """CREATE TABLE rates (
        agent INTEGER NOT NULL, second INTEGER NOT NULL, requests INTEGER NOT NULL, tokens INTEGER NOT NULL,
        PRIMARY KEY (agent, second)) WITHOUT ROWID""",
    "CREATE TABLE holders (id INTEGER PRIMARY KEY AUTOINCREMENT)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)


class Foreign(Exception):
    """The file is a database of another program, or of another version of this one. The message ends a sentence."""


def prepared(connection: sqlite3.Connection) -> str:
    """The identity of the file, whose tables are made where it is new. Raises Foreign and sqlite3.Error."""
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
    if not _was_made(connection):
        # Each commit goes to a log beside the file, without waiting for the disk; only a power cut may lose the last.
        connection.execute("PRAGMA journal_mode = WAL")
        _create(connection)
    return str(connection.execute("SELECT identity FROM about").fetchone()[0])


def _was_made(connection: sqlite3.Connection) -> bool:
    """As `_is_ours`, with all answers of one moment: another process may be making the tables between two of them."""
    connection.execute("BEGIN")
    try:
        return _is_ours(connection)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not _is_ours(connection):  # nobody else was quicker
            for statement in _TABLES:
                connection.execute(statement)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Whether the tables are there; False where the file is empty. Raises Foreign."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if application == _APPLICATION and version == VERSION:
        return True
    if application == _APPLICATION and version > VERSION:
        raise Foreign("which a newer agentconf made; update this one, or set AGENTCONF_LIMITS_FILE")
    if tables or application or version:
        raise Foreign("which belongs to another program; set AGENTCONF_LIMITS_FILE to another file")
    return False
