"""What keeps a file of counters from being used, in words: the reason, and the way out."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

from agentconf.runtime.limits.schema import Foreign

HELD: Final = "which another process has held for too long; see which one hangs"

_NOT_WRITABLE: Final = "which this user may not write; give it to this user, or set AGENTCONF_LIMITS_FILE"
_FULL: Final = "and the disk is full; make room"
_REASONS: Final = {
    sqlite3.SQLITE_BUSY: HELD,
    sqlite3.SQLITE_LOCKED: HELD,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _NOT_WRITABLE,
    sqlite3.SQLITE_PERM: _NOT_WRITABLE,
    sqlite3.SQLITE_CANTOPEN: "which cannot be opened or made; see to its folder, or set AGENTCONF_LIMITS_FILE",
    sqlite3.SQLITE_CORRUPT: "which is damaged; move it away, and the counters begin anew",
    sqlite3.SQLITE_NOTADB: "which is damaged, or no file of counters; move it away, and the counters begin anew",
    sqlite3.SQLITE_IOERR: "which the disk fails to read or write; see to the disk, and to the room on it",
}
_REASONS_OF_SYSTEM: Final = {
    errno.EACCES: _NOT_WRITABLE,
    errno.EPERM: _NOT_WRITABLE,
    errno.EROFS: _NOT_WRITABLE,
    errno.ENOSPC: _FULL,
}


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else holds the file at this moment."""
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def reason_of(error: Exception) -> str:
    """Why, as the end of a sentence that names the file."""
    if isinstance(error, Foreign):
        return str(error)
    if isinstance(error, OSError):
        said = f"which cannot be used: {error.strerror or type(error).__name__}"
        return _REASONS_OF_SYSTEM.get(error.errno or 0, said)
    assert isinstance(error, sqlite3.Error)
    return _REASONS.get(_code(error), f"which cannot be used: {error}")


def _code(error: sqlite3.Error) -> int:
    """SQLite's main code: its finer ones have it in their lowest byte."""
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
