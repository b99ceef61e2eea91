"""One file of a work tree changed together with its branch and git's index, whatever becomes of the writer on the way.

Nothing does that in one step. So what is to be done is written down first. Then the branch is moved, which is the step
that counts: before it nothing has happened, and after it the rest is made up for by whoever comes next. Git's own lock
on the index is held meanwhile, so that no other git commits, merges or checks out in between, and a watch waits.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

from agentconf.errors import EditRefused, GitBusy
from agentconf.source.git.branches import commit_at, move, standing
from agentconf.source.git.journal import Intent, Journal, bytes_at, remove_unfinished, stamp
from agentconf.source.git.making import put_in_index, writing
from agentconf.source.git.objects import Node
from agentconf.source.git.refusals import shown
from agentconf.source.git.repository import Repository
from agentconf.source.publish import create_file, publish_file
from agentconf.source.whole import sync_folder

Step: TypeAlias = Callable[[str], None]

OWN_FOLDER: Final = "agentconf"
"""In git's folder: what writers share."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One file at a path in the repository, as it is and as it is to be: bytes on the disk, node in git; None is none.

    The branch goes from the commit `before` to `commit`.
    """

    branch: str
    before: str
    commit: str
    path: str
    old: tuple[bytes, Node] | None
    new: tuple[bytes, Node] | None


class WorkTree:
    """For one writer at a time. `at` is told each step by its name when it is done."""

    def __init__(self, repository: Repository, git_folder: str, at: Step = lambda step: None) -> None:
        self._repository = repository
        self._index = os.path.join(git_folder, "index")
        self._lock = os.path.join(git_folder, "index.lock")
        self._at = at
        self.journal = Journal(os.path.join(git_folder, OWN_FOLDER))

    def exchange(self, change: Exchange) -> None:
        """Change the file, the branch and the index.

        Raises GitBusy where another git is at work, EditRefused where the file or the index is not what it is in the
        commit, GitUnavailable and OSError. Then nothing has changed.
        """
        index_before = bytes_at(self._index) or b""
        index = self._next_index(change, index_before)
        intent = _intent(change, index)
        self.journal.write(intent)
        self._at("journal")
        try:
            create_file(self._lock, index)
        except FileExistsError:
            self.journal.clear()
            raise GitBusy("another git is at work in this clone (index.lock)") from None
        self._at("lock")
        self._move(change, index_before)
        self._at("branch")
        self._publish(change)
        self._at("file")
        self._release(is_done=True)
        self._at("index")
        self.journal.clear()

    def take_up(self) -> None:
        """Finish, or forget, what a writer had begun that died. Raises GitBusy, GitUnavailable and OSError."""
        intent = self.journal.read()
        self.journal.sweep()
        if intent is None:
            return
        is_moved = commit_at(self._repository, intent.branch) == intent.commit
        is_own_lock = stamp(bytes_at(self._lock)) == intent.index
        if is_moved:
            self._finish(intent, is_own_lock)
        elif is_own_lock:
            os.unlink(self._lock)
        self.journal.clear()

    def _next_index(self, change: Exchange, before: bytes) -> bytes:
        """The index as it is to be. Raises EditRefused where something of the file is staged already."""
        os.makedirs(self.journal.folder, exist_ok=True)
        copy = self.journal.scratch()
        git = writing(self._repository.git).given({"GIT_INDEX_FILE": copy})
        try:
            publish_file(copy, before)
            if _staged(git.run("ls-files", "--stage", "-z", "--", change.path)) != (change.old and change.old[1]):
                raise EditRefused(f"something of {shown(change.path)} is staged; commit it, or take it back")
            put_in_index(git, change.path, change.new[1] if change.new else None)
            return bytes_at(copy) or b""
        finally:
            with suppress(OSError):
                os.unlink(copy)

    def _move(self, change: Exchange, index_before: bytes) -> None:
        """The step that counts. Where it cannot be done, all is as it was."""
        try:
            now = standing(self._repository)
            if (now.branch, now.commit) != (change.branch, change.before):
                raise GitBusy("HEAD has moved meanwhile")
            if bytes_at(self._index) != index_before:
                raise GitBusy("another git has changed the index meanwhile")
            if bytes_at(self._path(change.path)) != (change.old and change.old[0]):
                raise EditRefused(f"{shown(change.path)} has changed meanwhile, and that is not committed")
            move(self._repository, change.branch, change.commit, change.before)
        except BaseException:
            self._release(is_done=False)
            self.journal.clear()
            raise

    def _publish(self, change: Exchange) -> None:
        """The file. Where it cannot be written, the branch goes back."""
        try:
            self._write(change.path, change.new[0] if change.new else None)
        except OSError:
            move(self._repository, change.branch, change.before, change.commit)
            self._release(is_done=False)
            self.journal.clear()
            raise

    def _release(self, *, is_done: bool) -> None:
        if is_done:
            os.replace(self._lock, self._index)
            sync_folder(os.path.dirname(self._index))
        else:
            os.unlink(self._lock)

    def _finish(self, intent: Intent, is_own_lock: bool) -> None:
        found = bytes_at(self._path(intent.path))
        new = self._repository.git.run("cat-file", "blob", intent.new) if intent.new else None
        if stamp(found) == intent.old:  # or else it was written before, or somebody has edited it since
            self._write(intent.path, new)
        if new is not None:
            remove_unfinished(os.path.dirname(self._path(intent.path)), new)
        if is_own_lock:
            self._release(is_done=True)
        elif os.path.lexists(self._lock):
            raise GitBusy("another git is at work in this clone (index.lock)")
        else:  # somebody has removed the lock by hand
            node = Node(intent.mode.encode(), intent.new) if intent.new else None
            put_in_index(writing(self._repository.git), intent.path, node)

    def _write(self, path: str, data: bytes | None) -> None:
        at = self._path(path)
        if data is None:
            os.unlink(at)
            sync_folder(os.path.dirname(at))
        else:
            publish_file(at, data)

    def _path(self, path: str) -> str:
        return os.path.join(self._repository.top, path)


def _intent(change: Exchange, index: bytes) -> Intent:
    node = change.new[1] if change.new else Node(b"", "")
    old = stamp(change.old[0] if change.old else None)
    return Intent(
        change.branch, change.before, change.commit, change.path, old, node.oid, node.mode.decode(), stamp(index)
    )


def _staged(said: bytes) -> Node | None:
    """What the index has of a file; of one that is being merged, nothing that a commit has."""
    entries = said.split(b"\0")[:-1]
    if not entries:
        return None
    mode, oid, stage = entries[0].split(b"\t")[0].split(b" ")
    return Node(mode, oid.decode()) if stage == b"0" else Node(b"", "")
