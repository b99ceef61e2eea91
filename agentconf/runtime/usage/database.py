"""The engine of the record: made for this process, its tables made or looked at, and what goes wrong as a sentence."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from agentconf.errors import AgentconfError
from agentconf.runtime import forking
from agentconf.runtime.usage.place import URL_VARIABLE, Place
from agentconf.runtime.usage.tables import METADATA, SHAPE, VERSION
from agentconf.runtime.usage.unavailable import UsageUnavailable
from agentconf.runtime.usage.uses import Uses
from agentconf.suggest import did_you_mean

T = TypeVar("T")

_BUSY_S: Final = 10.0
_KINDS: Final = ("mariadb", "mssql", "mysql", "oracle", "postgresql", "sqlite")
_inherited: Final[list[Engine]] = []
"""Connections of the process that forked this one. Closing them here would undo its locks."""


class RecordsRefused(AgentconfError):
    """The database is there, and does not take these rows; others it may."""


class Database:
    """One database, for all threads of a process and, each with its own connections, for those it forks."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._engine = _engine(place)
        self._ready_for: object = None
        self._uses = Uses()
        if place.file is not None:
            forking.look_after(self)

    def write(self, work: Callable[[Connection], T]) -> T:
        """What the work gives, done as one transaction. Raises UsageUnavailable and RecordsRefused."""

        def transaction() -> T:
            with self._prepared().begin() as connection:
                return work(connection)

        return self._told(transaction)

    def read(self, work: Callable[[Connection], T]) -> T | None:
        """What the work gives; None where nothing was recorded yet. Makes nothing. Raises UsageUnavailable."""
        if self.place.file is not None and not self.place.file.exists():
            missing = _missing_folder(self.place)
            if missing is not None:  # no call could begin a record there
                raise UsageUnavailable(f"the record of calls in {self.place.shown} cannot be used: {missing}")
            return None

        def look() -> T | None:
            with self._own().connect() as connection:
                if self.place.file is not None:
                    connection.exec_driver_sql("BEGIN")  # all that is read is of one moment
                return work(connection) if _is_known(connection, self.place) else None

        return self._told(look)

    def close(self) -> None:
        """Let the connections go. The next use makes others."""
        self._ready_for = None
        self._own().dispose()

    def before_fork(self) -> None:
        """No transaction is under way, and no connection is handed down."""
        if self._uses.end():
            self._engine.dispose()

    def after_fork(self) -> None:
        self._uses.begin_again()

    def born(self) -> None:
        """This is the child."""
        self._uses = Uses()
        self._own()

    def _own(self) -> Engine:
        if self._pid != os.getpid():
            _inherited.append(self._engine)
            self._lock = threading.Lock()
            self._engine, self._ready_for, self._pid = _engine(self.place), None, os.getpid()
        return self._engine

    def _prepared(self) -> Engine:
        """The engine, once its tables are there; again where the file is another one now."""
        engine = self._own()
        if not self._is_ready():
            with self._lock:
                if not self._is_ready():  # another thread may have been quicker
                    engine.dispose()
                    _prepare(engine, self.place)
                    self._ready_for = self._identity()
        return engine

    def _is_ready(self) -> bool:
        return self._ready_for is not None and self._ready_for == self._identity()

    def _identity(self) -> object:
        """What SQLite would not notice: a file that was deleted is written on, and nobody ever sees it."""
        if self.place.file is None:
            return True
        try:
            status = os.stat(self.place.file)
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _told(self, work: Callable[[], T]) -> T:
        """What the work gives. What the database says is told so that no password, row or URL is repeated."""
        try:
            with self._uses.one():
                return work()
        except (DataError, IntegrityError, OverflowError, UnicodeError) as error:
            failure: AgentconfError = RecordsRefused(f"{self.place.shown} refuses the rows ({type(error).__name__})")
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            self._ready_for = None
            why = _why(error, self.place)
            failure = UsageUnavailable(f"the record of calls in {self.place.shown} cannot be used: {why}")
        raise failure  # out here, so that no chain leads back to what the driver said


def _engine(place: Place) -> Engine:
    try:
        options: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": place.file is None}
        if place.file is not None:
            options["connect_args"] = {"timeout": _BUSY_S}
        engine = create_engine(place.url, **options)
    except ImportError as error:
        driver = f"the Python module {error.name or 'for it'}"
        why = f"needs its driver, {driver}: install it, or name another by {URL_VARIABLE}"
    except (SQLAlchemyError, TypeError, ValueError):
        meant = did_you_mean(place.url.get_backend_name(), _KINDS)
        hint = f" ({meant})" if meant else ""
        why = f"is a kind of database that SQLAlchemy does not know{hint}; name another by {URL_VARIABLE}"
    else:
        if place.file is not None:
            event.listen(engine, "connect", _tune)
        return engine
    raise UsageUnavailable(f"the record of calls in {place.shown} {why}")


def _tune(connection: sqlite3.Connection, _record: object) -> None:
    """A transaction survives the death of the process as soon as it is written, and needs no disk's answer for it."""
    connection.execute("PRAGMA synchronous=NORMAL")


def _prepare(engine: Engine, place: Place) -> None:
    """Makes what is missing; of processes that do so at once, one wins, and the others find it there."""
    if place.file is not None:
        with suppress(FileExistsError):  # it may hold prompts: for this user alone, unless they made it otherwise
            os.close(os.open(place.file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _write_ahead(engine)
    try:
        _make(engine, place)
    except SQLAlchemyError:
        _make(engine, place)


def _write_ahead(engine: Engine) -> None:
    """Readers and the writer then do not wait for each other. Where that cannot be had it works all the same."""
    connection = engine.raw_connection()
    try:
        with suppress(sqlite3.Error):  # one that matters comes again, in a moment
            connection.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _make(engine: Engine, place: Place) -> None:
    with engine.begin() as connection:
        if place.file is not None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # else each CREATE would be a transaction of its own
        if not _is_known(connection, place):
            METADATA.create_all(connection)
            connection.execute(insert(SHAPE).values(version=VERSION))


def _is_known(connection: Connection, place: Place) -> bool:
    """Whether the record has begun here. Raises UsageUnavailable where a newer program wrote it."""
    if not inspect(connection).has_table(SHAPE.name):
        return False
    version = connection.execute(select(SHAPE.c.version)).scalar()
    if version is not None and version > VERSION:
        raise UsageUnavailable(
            f"the record of calls in {place.shown} was written by a newer agentconf (its form is {version}, and this"
            f" one knows {VERSION}); update agentconf here, or name another place by {URL_VARIABLE}"
        )
    return version is not None


def _missing_folder(place: Place) -> str | None:
    """A folder is not made: it may be a slip of the pen, such as one slash too few."""
    if place.file is None or place.file.parent.exists():
        return None
    slash = "" if place.file.is_absolute() else "; a path from the root has four slashes, as in sqlite:////var/lib"
    return f"there is no folder '{os.path.dirname(place.shown)}'{slash}"


def _why(error: Exception, place: Place) -> str:
    """SQLite's own words, which name no more than the file. What other drivers say may hold anything."""
    missing = _missing_folder(place)
    if missing is not None:
        return missing
    said = getattr(error, "orig", error)
    if isinstance(said, sqlite3.Error) and place.file is not None:
        text = str(said).rstrip(".")
        if "not a database" in text or "malformed" in text:
            text += "; move it away, and a new one is begun, or name another place"
        elif "readonly" in text:  # readers too: the log of changes lies beside the file
            text += "; who reads it writes beside it, too: allow that, or copy it to a folder of their own"
        return text
    if isinstance(error, OSError):
        return (error.strerror or "it cannot be read").lower()
    return f"the database does not answer as it should ({type(said).__name__})"
