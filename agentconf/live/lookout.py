"""Looking at the disk until it holds still."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from agentconf import pipeline
from agentconf.errors import SourceUnavailable
from agentconf.live.bell import folders_named
from agentconf.live.disk import Disk, Look, Moved
from agentconf.live.doorbell import Doorbell, Rung
from agentconf.live.git_lock import index_stamp, is_locked, lock_path
from agentconf.live.timing import Timing
from agentconf.source.folder import unavailable


@dataclass(slots=True)
class Lookout:
    """Looks at one folder. `changed` adds up what differed until somebody takes it: a look that fails loses nothing."""

    disk: Disk
    door: Doorbell
    timing: Timing
    changed: set[str] = field(default_factory=set)
    has_heard: bool = False
    """Whether the bell rang while the last look settled."""
    looked_at: float = 0.0
    """When the last look began, by the monotonic clock: what changed since then it may not have seen."""
    _lock: str | None = None
    _index: tuple[int, int] | None = None

    def find_git(self) -> None:
        """Find out which lock git would hold while it writes here."""
        self._lock = lock_path(self.disk.root)

    def scope_of(self, rung: Rung) -> set[str] | None:
        """The folders that were rung for; None for all, and for what only a whole look can tell."""
        if rung.is_for_all:
            return None
        return folders_named(rung.paths, self.disk.real_root, self.disk.listing.folders)

    def settle(self, scope: set[str] | None, thoroughly: bool = False) -> bool:
        """Look until two looks agree, or it takes too long. Whether the whole tree was looked at in the end.

        Where git wrote meanwhile, neither the events of a few folders are relied upon, nor a look that took so long
        that there was no second one. Raises OSError and Moved.
        """
        self.has_heard = False
        is_whole = self._settle(scope, thoroughly)
        if self.changed and self._has_git_moved():
            is_whole = self._settle(None)
        return is_whole

    def _has_git_moved(self) -> bool:
        """Whether git wrote its index since this was last asked: at the end of a checkout it always does."""
        before, self._index = self._index, index_stamp(self._lock)
        return before != self._index

    def _settle(self, scope: set[str] | None, thoroughly: bool = False) -> bool:
        started = time.monotonic()
        if scope is None:
            self._has_git_moved()
        look = self._look(scope, thoroughly)
        if thoroughly:  # that opened every file, and the events of it may have taken the place of others
            look = self._look(None)
        was_locked = False
        while not self.door.is_closed:
            is_locked_now = bool(self.changed) and is_locked(self._lock)
            if not self._is_moving(look, time.monotonic() - started, is_locked_now, was_locked):
                break
            was_locked = is_locked_now
            more = self.door.collect(self.timing.settle)
            self.has_heard = self.has_heard or more is not None
            if more is None and scope is not None and not was_locked and self._holds_still(look):
                break
            if more is not None and scope is not None:
                named = self.scope_of(more)
                scope = None if named is None else scope | named
            if not is_locked(self._lock):  # else it is too early to look
                look = self._look(scope)
        return scope is None

    def take_changed(self) -> set[str]:
        """What differed since this was last asked."""
        changed, self.changed = self.changed, set()
        return changed

    def _look(self, scope: set[str] | None, thoroughly: bool = False) -> Look:
        look = self._look_steadily(scope, thoroughly)
        self.changed |= look.changed
        return look

    def _look_steadily(self, scope: set[str] | None, thoroughly: bool) -> Look:
        """A look at one folder, however often it is exchanged meanwhile; Moved is raised only where that goes on."""
        end = time.monotonic() + self.timing.settle_limit
        while True:
            self.looked_at = time.monotonic()
            try:
                with pipeline.bulk():
                    return self.disk.look(scope, thoroughly)
            except Moved:
                if time.monotonic() > end:
                    raise

    def _is_moving(self, look: Look, taken: float, is_locked_now: bool, was_locked: bool) -> bool:
        """Whether to look again. There is always a limit: a storm must not keep a change from being served."""
        timing = self.timing
        if is_locked_now:
            return taken < timing.lock_limit
        if was_locked:  # what git wrote last, it wrote before it gave the lock back
            return True
        if not look.is_steady:
            return taken < 2 * timing.settle_limit
        return bool(look.changed) and taken < timing.settle_limit

    def _holds_still(self, look: Look) -> bool:
        """Whether a second look would find what the first one did. Links are always looked at whole."""
        return look.is_steady and not self.disk.listing.has_links and self.disk.holds_still(look.changed)


def trouble_of(root: str, error: Exception) -> str:
    """Why a look failed, as a sentence."""
    if isinstance(error, OSError) and not isinstance(error, SourceUnavailable):
        return unavailable(root, error)
    return str(error) or f"'{root}' was exchanged while it was read"
