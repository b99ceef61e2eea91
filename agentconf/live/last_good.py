"""What was accepted, kept on disk: a restart in front of a broken tree serves what was served before.

One file, replaced whole, so that a crash at any step leaves the old or the new one. What cannot be read is a warning,
and as if it were not there.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from agentconf.cache.outcomes import user_folder
from agentconf.live.kept import Kept, Unusable, decoded, encoded
from agentconf.source.private import NotPrivate, private_folder, read_private
from agentconf.source.system import reason_of
from agentconf.source.whole import sync_folder, written_aside

_LIMIT_BYTES: Final = 2 << 30
_NAME: Final = "accepted"
_CONFIRMED: Final = "deletes-accepted"
_LEFTOVER_S: Final = 3600
_SHARE_OF_TIME: Final = 10
"""After a write nothing is written for ten times as long as it took: a storm of changes must not keep the disk busy."""

_log = logging.getLogger("agentconf.live")


def folder_for(base: str | os.PathLike[str] | None, path: str, environment: str | None, mode: str) -> Path:
    """The folder of one watch: by the path as given, the environment and the mode, below `base` or the user's cache."""
    said = json.dumps([os.path.abspath(path), environment, mode])
    name = hashlib.sha256(said.encode()).hexdigest()[:24]
    return (Path(base) if base is not None else user_folder() / "last-good") / name


class LastGood:
    """Keeps what was accepted in a folder, written by a thread of its own: the swap never waits for the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._next: Callable[[], Kept] | None = None
        self._news = threading.Condition()
        self._is_closing = False
        self._thread: threading.Thread | None = None
        self._has_failed = False

    def read(self) -> Kept | None:
        """What was kept; None where nothing was, or nothing that can be used. Never raises for what lies there."""
        try:
            self._sweep_leftovers()
            return decoded(read_private(self.folder / _NAME, _LIMIT_BYTES))
        except FileNotFoundError:
            return None
        except (OSError, NotPrivate, Unusable) as error:
            _log.warning("the last good configuration in %s is not used: %s", self.folder.parent, _why(error))
            return None

    def keep(self, kept: Callable[[], Kept]) -> None:
        """Write this soon; what waits to be written is replaced by it."""
        with self._news:
            self._next = kept
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="agentconf-keep", daemon=True)
                self._thread.start()
            self._news.notify()

    def close(self) -> None:
        """Write what waits, and end."""
        with self._news:
            self._is_closing = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def confirm_deletes(self, agents: Iterable[str]) -> None:
        """Let every watch that shares this folder know that these agents are meant to be gone. Raises OSError."""
        private_folder(self.folder)
        path = os.fspath(self.folder / _CONFIRMED)
        with written_aside(path, json.dumps(sorted(agents)).encode(), mode=0o600) as temporary:
            os.replace(temporary, path)

    def confirmed_since(self, moment: float) -> frozenset[str]:
        """The agents that were confirmed to be gone since a moment (Unix seconds)."""
        path = self.folder / _CONFIRMED
        try:
            if path.stat().st_mtime < moment:
                return frozenset()
            names = json.loads(read_private(path, 1 << 24))
            return (
                frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()
            )
        except (OSError, NotPrivate, ValueError, RecursionError):
            return frozenset()

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._next or self._is_closing)
                kept, self._next = self._next, None
                if kept is None:
                    return
            started = time.monotonic()
            self._write(kept)
            with self._news:
                pause = (time.monotonic() - started) * _SHARE_OF_TIME
                self._news.wait_for(lambda: self._is_closing, pause)

    def _write(self, kept: Callable[[], Kept]) -> None:
        try:
            private_folder(self.folder)
            path = os.fspath(self.folder / _NAME)
            with written_aside(path, encoded(kept()), mode=0o600) as temporary:
                os.replace(temporary, path)
            sync_folder(os.fspath(self.folder))
            self._has_failed = False
        except (OSError, NotPrivate) as error:  # a full disk; serving goes on, and the next change tries again
            if not self._has_failed:
                _log.warning("cannot keep the last good configuration in %s: %s", self.folder.parent, _why(error))
            self._has_failed = True
        except Exception:  # noqa: BLE001  # a bug here must not end the keeping
            _log.exception("cannot keep the last good configuration; please report this")

    def _sweep_leftovers(self) -> None:
        """What a writer that was killed left behind."""
        with suppress(OSError):
            for entry in os.scandir(self.folder):
                if entry.name.startswith(".agentconf-") and time.time() - entry.stat().st_mtime > _LEFTOVER_S:
                    with suppress(OSError):
                        os.unlink(entry.path)


def _why(error: Exception) -> str:
    return reason_of(error) if isinstance(error, OSError) else str(error)
