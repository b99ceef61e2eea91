"""Listening to the right folder, sweeping beside, and noticing when events get lost."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Final

from agentconf.live.bell import Bell, FolderBell, Ring, SilentBell
from agentconf.live.disk import Disk, Identity
from agentconf.live.timing import Timing
from agentconf.source.mounts import holds_mounts, is_watchable, read_mounts
from agentconf.source.system import Stamp

MakeBell = Callable[[Ring], Bell]

_DRIFT_WINDOW_S: Final = 0.5
"""An event that comes this late behind the change that a sweep found is not lost, only slow."""

_log = logging.getLogger("agentconf.live")
_random = SystemRandom()


@dataclass(slots=True)
class Listener:
    """The bell of one folder, and the plan of its sweeps. Times are those of the monotonic clock, in seconds."""

    disk: Disk
    ring: Ring
    timing: Timing
    make_bell: MakeBell = FolderBell
    bell: Bell = field(default_factory=SilentBell)
    drift: int = 0
    _identity: Identity | None = None
    _is_blind: bool = False
    _swept_at: float = 0.0
    _jitter: float = 1.0
    _hash_at: float = 0.0
    _drift_since: float | None = None
    _schema: Stamp | None = None

    def start(self) -> None:
        """Listen. Changes from now on ring, if they can at all."""
        self._identity, self._schema = self.disk.identify(), self.disk.schema_stamp()
        real, mounts = os.path.realpath(self.disk.root), read_mounts()
        self._is_blind = not is_watchable(real, mounts) or holds_mounts(real, mounts)
        if is_watchable(real, mounts):
            self.bell = self.make_bell(self.ring)
        self.bell.start(real)

    def follow_root(self) -> bool:
        """Listen to the folder that has the root's name now, before it is looked at. Whether it is another one."""
        identity = self.disk.identify()
        if identity == self._identity:
            return False
        self._identity = identity
        if identity is not None:
            self.bell.rearm(os.path.realpath(self.disk.root))
        return True

    def ring_for_schema(self) -> None:
        """Ring where the schema beside the root is not what it was: no bell listens there."""
        before, self._schema = self._schema, self.disk.schema_stamp()
        if before != self._schema:
            self.ring(None)

    def is_sweep_due(self, now: float) -> bool:
        pause = self.timing.blind_sweep if self._is_deaf() else self.timing.sweep
        return now - self._swept_at >= pause * self._jitter

    def is_hash_due(self, now: float) -> bool:
        return now >= self._hash_at

    def swept(self, now: float, *, thoroughly: bool) -> None:
        """A sweep is done. The next is jittered: a fleet on one network mount must not sweep at one moment."""
        self._swept_at, self._jitter = now, _random.uniform(0.9, 1.1)
        if thoroughly:
            self._hash_at = now + self.timing.hash_sweep

    def _is_deaf(self) -> bool:
        """Whether there may be changes of which no event tells."""
        return self._is_blind or not self.bell.is_armed or self.disk.has_links_outside

    def suspect_drift(self, now: float) -> None:
        """A sweep found a change: unless the bell rings soon, its event was lost."""
        if self.bell.is_armed and not self._is_blind:
            self._drift_since = now

    def notice_drift(self, has_rung: bool, now: float) -> None:
        """Count what a sweep found and no event told of: that is what shows that events get lost."""
        if self._drift_since is None:
            return
        if has_rung:
            self._drift_since = None
        elif now - self._drift_since > _DRIFT_WINDOW_S:
            self._drift_since = None
            self.drift += 1
            _log.warning("a sweep found a change that no event told of: events get lost on this machine")
