"""What a client knows, kept on disk: a restart while the server is away serves what was served before.

One file of this user's own, replaced whole. Its time is when the server last confirmed it. It holds references, never a
secret. What cannot be read, or does not hold against its digests, is a warning, and as if it were not there.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from agentconf.cache.outcomes import user_folder
from agentconf.remote.faults import Unacceptable
from agentconf.remote.reading import said_by
from agentconf.remote.received import Known, as_said, known
from agentconf.source.private import NotPrivate, private_folder, read_private
from agentconf.source.system import reason_of
from agentconf.source.whole import sync_folder, written_aside

_NAME: Final = "snapshot"
_MAGIC: Final = b"agentconf remote 1\n"
_END_BYTES: Final = 65
_LIMIT_BYTES: Final = 1 << 30

_log = logging.getLogger("agentconf.remote")


def folder_for(base: str | os.PathLike[str] | None, url: str, environment: str | None) -> Path:
    """The folder of one connection: by the address and the environment, below `base` or the user's cache.

    Raises RuntimeError where the user has no home.
    """
    name = hashlib.sha256(json.dumps([url, environment]).encode()).hexdigest()[:24]
    return (Path(base) if base is not None else user_folder() / "remote") / name


class Cache:
    """The file of one connection."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / _NAME
        self._has_failed = False

    def read(self) -> tuple[Known, float] | None:
        """What was kept, and its age in seconds; None where there is nothing that can be used. Never raises."""
        try:
            data = read_private(self._path, _LIMIT_BYTES)
            age = max(0.0, time.time() - self._path.stat().st_mtime)
            return known(said_by(_content(data)), None), age
        except FileNotFoundError:
            return None
        except (OSError, NotPrivate, Unacceptable) as error:
            self._say("is not used", error)
            return None

    def keep(self, what: Known) -> None:
        """Replace what is kept. A disk that is full is a warning."""
        try:
            private_folder(self._folder)
            body = json.dumps(as_said(what), ensure_ascii=False).encode()
            end = f"{hashlib.sha256(body).hexdigest()}\n".encode()
            with written_aside(os.fspath(self._path), [_MAGIC, body, end], mode=0o600) as temporary:
                os.replace(temporary, self._path)
            sync_folder(os.fspath(self._folder))
            self._has_failed = False
        except (OSError, NotPrivate) as error:
            if not self._has_failed:
                self._say("cannot be written", error)
            self._has_failed = True

    def confirm(self, age: float) -> None:
        """The server confirmed what is kept, so many seconds ago."""
        moment = time.time() - age
        with suppress(OSError):
            os.utime(self._path, (moment, moment))

    def _say(self, what: str, error: Exception) -> None:
        why = reason_of(error) if isinstance(error, OSError) else str(error)
        _log.warning("the cache in %s %s: %s", self._folder.parent, what, why)


class Keeping:
    """When the file is written: soon after something new, and now and then to say that it is still so."""

    def __init__(self, cache: Cache | None, save_after: float, confirm: float) -> None:
        self.cache = cache
        self._save_after = save_after
        self._confirm = confirm
        self._changed_at: float | None = None
        self._touched_at = time.monotonic()

    def read(self) -> tuple[Known, float] | None:
        return self.cache.read() if self.cache is not None else None

    def changed(self) -> None:
        """There is something new to keep. A storm of changes is written as often as its first."""
        if self._changed_at is None:
            self._changed_at = time.monotonic()

    @property
    def due(self) -> float | None:
        """When `save` has something to do, on the monotonic clock; None for never."""
        if self.cache is None:
            return None
        if self._changed_at is not None:
            return self._changed_at + self._save_after
        return self._touched_at + self._confirm

    def save(self, what: Known, age: float, *, by_all_means: bool = False) -> None:
        """Write what is due. `age` is how many seconds ago the server confirmed it."""
        due = self.due
        if self.cache is None or due is None or not (by_all_means or time.monotonic() >= due):
            return
        self._touched_at = time.monotonic()
        if self._changed_at is not None:
            self._changed_at = None
            self.cache.keep(what)
        self.cache.confirm(age)


def _content(data: bytes) -> bytes:
    body, end = data[len(_MAGIC) : -_END_BYTES], data[-_END_BYTES:]
    if not data.startswith(_MAGIC) or end != f"{hashlib.sha256(body).hexdigest()}\n".encode():
        raise Unacceptable("it is damaged, or of another version of agentconf")
    return body
