"""Looking at the disk until it holds still."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from agentconf.live.bell import folders_named
from agentconf.live.disk import Disk, Look, Moved
from agentconf.live.doorbell import Doorbell, Rung
from agentconf.live.git_lock import is_locked, lock_path
from agentconf.live.timing import Timing


@dataclass(slots=True)
class Lookout:
    """Looks at one folder. `changed` adds up what differed until somebody takes it: a look that fails loses nothing."""

    disk: Disk
    door: Doorbell
    timing: Timing
    changed: set[str] = field(default_factory=set)
    _lock: str | None = None

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

        Raises OSError and Moved, as a look does.
        """
        started = time.monotonic()
        look = self._look(scope, thoroughly)
        if thoroughly:  # that opened every file, and the events of it may have taken the place of others
            look = self._look(None)
        while self._is_moving(look, time.monotonic() - started):
            more = self.door.collect(self.timing.settle)
            if more is None and self._holds_still(look):
                break
            if more is not None and scope is not None:
                named = self.scope_of(more)
                scope = None if named is None else scope | named
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
            try:
                return self.disk.look(scope, thoroughly)
            except Moved:
                if time.monotonic() > end:
                    raise

    def _is_moving(self, look: Look, taken: float) -> bool:
        """Whether to look again. There is always a limit: a storm must not keep a change from being served."""
        timing = self.timing
        if self.changed and is_locked(self._lock):
            return taken < timing.lock_limit
        if not look.is_steady:
            return taken < 2 * timing.settle_limit
        return bool(look.changed) and taken < timing.settle_limit

    def _holds_still(self, look: Look) -> bool:
        """Whether a second look would find what the first one did. Links are always looked at whole."""
        if not look.is_steady or self.disk.listing.has_links or is_locked(self._lock):
            return False
        return self.disk.holds_still(look.changed)
