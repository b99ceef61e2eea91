"""Who changed each agent last, where the tree lies in git: found in a thread, so that no request waits for git."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from agentconf.errors import GitUnavailable
from agentconf.live.watch import Watch
from agentconf.redact import printable
from agentconf.snapshot.snapshot import Snapshot
from agentconf.source.git.commit_tree import CommitTrees
from agentconf.source.git.last_changes import LastChange, last_changes
from agentconf.source.git.objects import Objects
from agentconf.source.git.repository import Located, locate

_LOOK_S: Final = 5.0
"""How long a commit that changes no byte of the tree may go unseen."""
_NOT_COMMITTED: Final = {"commit": None, "author": None, "at": None}

_log = logging.getLogger("agentconf.server")

Changed: TypeAlias = Mapping[str, dict[str, Any]]
"""By agent id: `commit`, `author` and `at`, all None where what is served is not committed."""


@dataclass(frozen=True, slots=True)
class _Head:
    """A commit: the files that it has, and which commit touched each last."""

    commit: str
    located: Located
    files: Mapping[str, bytes]
    changes: Mapping[str, LastChange]


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told last, of the same commit."""

    snapshot: Snapshot
    changed: Changed


class LastChanges:
    """Looks whenever the tree or the branch changes, and hands what it finds to `tell`, with the snapshot it is of."""

    def __init__(self, watch: Watch, path: str, tell: Callable[[Snapshot, Changed], object]) -> None:
        self._watch = watch
        self._path = path
        self._tell = tell
        self._bell = threading.Event()
        self._is_open = True
        self._head: _Head | None = None
        self._told: _Told | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._follow, name="agentconf-last-changes", daemon=True)

    def start(self) -> None:
        self._unsubscribe = self._watch.subscribe(lambda change: self._bell.set())
        self._thread.start()

    def look(self) -> None:
        """Look now: somebody has committed."""
        self._bell.set()

    def close(self) -> None:
        self._is_open = False
        self._unsubscribe()
        self._bell.set()
        self._thread.join(timeout=10)

    def _follow(self) -> None:
        while self._is_open:
            self._bell.clear()
            try:
                self._look(self._watch.snapshot)
            except GitUnavailable as error:
                _log.debug("who changed an agent last is unknown: %s", printable(str(error)))
            except Exception as error:  # noqa: BLE001  # what is missing is an ornament; serving goes on
                _log.warning("who changed an agent last cannot be told (%s)", type(error).__name__)
            self._bell.wait(_LOOK_S)

    def _look(self, snapshot: Snapshot) -> None:
        located = self._head.located if self._head else locate(self._path, os.environ)
        commit = located.repository.commit_of("HEAD")
        if self._head is None or self._head.commit != commit:
            self._head, self._told = _head(located, commit), None
        if self._told is not None and self._told.snapshot is snapshot:
            return
        changed = _changed(snapshot, self._head, self._path, self._told)
        self._tell(snapshot, changed)
        self._told = _Told(snapshot, changed)


def _head(located: Located, commit: str) -> _Head:
    with Objects(located.repository) as objects:
        files = CommitTrees(objects, located).at(commit).tree.files
    return _Head(commit, located, files, last_changes(located, commit, files))


def _changed(snapshot: Snapshot, head: _Head, folder: str, told: _Told | None) -> Changed:
    """Of agents that are as they were, what was told of them still holds."""
    shown_as = head.located.shown_as
    found = {}
    for agent_id, agent in snapshot.items():
        if told is not None and told.snapshot.get(agent_id) is agent:
            found[agent_id] = told.changed[agent_id]
            continue
        path = agent.file.removeprefix(f"{shown_as}/") if shown_as not in {"", "."} else agent.file
        found[agent_id] = _of_file(head, folder, path)
    return found


def _of_file(head: _Head, folder: str, path: str) -> dict[str, Any]:
    change = head.changes.get(path)
    if change is None or not _is_as_committed(os.path.join(folder, path), head.files[path]):
        return _NOT_COMMITTED
    return {"commit": change.commit, "author": change.author, "at": change.at or None}


def _is_as_committed(file: str, committed: bytes) -> bool:
    """Line breaks do not count: git may have turned them into those of this machine."""
    try:
        with open(file, "rb") as there:
            data = there.read(len(committed) * 2 + 1)
    except OSError:
        return False
    return data == committed or data.replace(b"\r\n", b"\n") == committed.replace(b"\r\n", b"\n")
