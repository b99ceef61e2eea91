"""What was accepted, kept on disk: a restart in front of a broken tree serves what was served before.

One file: a line of JSON that says what is in it, then the bytes themselves as they were read, never written anew from
values. It is replaced whole, so that a crash at any step leaves the old or the new one. What cannot be read is a
warning, and as if it were not there.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agentconf.cache.outcomes import user_folder
from agentconf.live.content import UNREAD, Content
from agentconf.live.gently import pause
from agentconf.source.private import NotPrivate, private_folder, read_private
from agentconf.source.whole import sync_folder, written_aside

FORMAT: Final = 1
_MAGIC: Final = b"agentconf last good "
_LIMIT_BYTES: Final = 2 << 30
_NAME: Final = "accepted"
_CONFIRMED: Final = "deletes-accepted"
_LEFTOVER_S: Final = 3600
_SHARE_OF_TIME: Final = 10
"""After a write nothing is written for ten times as long as it took: a storm of changes must not keep the disk busy."""

_log = logging.getLogger("agentconf.live")


@dataclass(frozen=True, slots=True)
class Bytes:
    """The files and prompts of a tree, by their paths below its root; files that could not be read stand there too."""

    files: Mapping[str, Content] = field(default_factory=dict)
    prompts: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept: the accepted tree, and of each agent that is quarantined the bytes of all its layers."""

    digest: str
    generation: int
    tree: Bytes
    held: tuple[tuple[tuple[str, ...], Bytes], ...] = ()


class Unusable(Exception):
    """What is kept cannot be used; the message says why."""


def folder_for(base: str | os.PathLike[str] | None, path: str, environment: str | None, mode: str) -> Path:
    """The folder of one watch: by the path as given, the environment and the mode, below `base` or the user's cache."""
    said = json.dumps([os.path.abspath(path), environment, mode])
    name = hashlib.sha256(said.encode()).hexdigest()[:24]
    return (Path(base) if base is not None else user_folder() / "last-good") / name


def encoded(kept: Kept) -> bytes:
    """The content of the file."""
    bodies: list[bytes] = []

    def listed(group: Mapping[str, Content]) -> list[list[Any]]:
        bodies.extend(data for data in group.values() if isinstance(data, bytes))
        return [[path, len(data) if isinstance(data, bytes) else None] for path, data in group.items()]

    said = {
        "digest": kept.digest,
        "generation": kept.generation,
        "files": listed(kept.tree.files),
        "prompts": listed(kept.tree.prompts),
        "held": [
            {"agents": list(agents), "files": listed(bytes_.files), "prompts": listed(bytes_.prompts)}
            for agents, bytes_ in kept.held
        ],
    }
    pause()
    header = json.dumps(said).encode()
    pause()
    body = b"".join((header, b"\n", *bodies))
    pause()
    return b"%s%d %s\n" % (_MAGIC, FORMAT, hashlib.sha256(body).hexdigest().encode()) + body


def decoded(data: bytes) -> Kept:
    """What a file holds. Raises Unusable."""
    first, _, body = data.partition(b"\n")
    if not first.startswith(_MAGIC):
        raise Unusable("it is not a file of last good configuration")
    number, _, digest = first[len(_MAGIC) :].partition(b" ")
    if number != str(FORMAT).encode():
        raise Unusable("another version of agentconf wrote it")
    if digest != hashlib.sha256(body).hexdigest().encode():
        raise Unusable("it is damaged")
    header, _, rest = body.partition(b"\n")
    try:
        return _decoded(json.loads(header), memoryview(rest))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Unusable(f"it is malformed ({type(error).__name__})") from error


def _decoded(said: Any, rest: memoryview) -> Kept:
    def taken(listed: Any) -> dict[str, Any]:
        nonlocal rest
        group: dict[str, Content] = {}
        for path, size in listed:
            if size is None and isinstance(path, str):
                group[path] = UNREAD
                continue
            if not isinstance(path, str) or not isinstance(size, int) or not 0 <= size <= len(rest):
                raise ValueError
            group[path], rest = bytes(rest[:size]), rest[size:]
        return group

    tree = Bytes(taken(said["files"]), taken(said["prompts"]))
    held = tuple(
        (tuple(str(name) for name in one["agents"]), Bytes(taken(one["files"]), taken(one["prompts"])))
        for one in said["held"]
    )
    return Kept(str(said["digest"]), int(said["generation"]), tree, held)


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
            _log.warning("the last good configuration in %s is not used: %s", self.folder, error)
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
                _log.warning("cannot keep the last good configuration in %s: %s", self.folder, error)
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
