"""The loop: rung or not, it looks at the disk, waits until the disk holds still, and swaps in what is good.

Events are a bell, the disk is the truth. All of it runs in one thread; what others may read is replaced, never changed.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Final

from agentconf.diagnostic import Diagnostic
from agentconf.errors import InvalidConfig, SourceUnavailable
from agentconf.live.accepted import Accepted
from agentconf.live.bell import FolderBell
from agentconf.live.confirmation import Confirmation
from agentconf.live.content import Content, looks_torn, only_bytes, unread_of
from agentconf.live.disk import Disk, Moved
from agentconf.live.doorbell import Doorbell, Rung
from agentconf.live.gently import let_go
from agentconf.live.journal import Journal
from agentconf.live.last_good import LastGood
from agentconf.live.listener import Listener, MakeBell
from agentconf.live.lookout import Lookout, trouble_of
from agentconf.live.metrics import Metric, exposed
from agentconf.live.patience import RETRIES_S, Patience, Sifted, Sighting
from agentconf.live.reload import Outcome, Reloader
from agentconf.live.status import Status
from agentconf.live.store import Store
from agentconf.live.timing import DEFAULT, Timing
from agentconf.snapshot.snapshot import Snapshot
from agentconf.source.tree import Origin

_BACKOFF_S: Final = 0.1

_log = logging.getLogger("agentconf.live")


class Follower:
    """Follows one folder. `begin` serves the first snapshot; then `run` goes on until `stop`."""

    def __init__(
        self,
        root: str,
        reloader: Reloader,
        last_good: LastGood | None,
        timing: Timing = DEFAULT,
        make_bell: MakeBell = FolderBell,
    ) -> None:
        self.root = root
        self.last_good = last_good
        self.journal = Journal(timing)
        self.store: Store
        self._timing = timing
        self._reloader = reloader
        self._disk = Disk(root)
        self._door = Doorbell()
        self._lookout = Lookout(self._disk, self._door, timing)
        self._listener = Listener(self._disk, self._door.ring, timing, make_bell)
        self._patience = Patience(looks_torn)
        self._closing = threading.Event()
        self._accepted = Accepted(Origin("folder", root), self._disk, self._patience, last_good)
        self._confirmation = Confirmation(last_good)
        self._again_at: float | None = None
        self._has_sifted = False
        self._faults: tuple[Diagnostic, ...] = ()

    # -- the beginning

    def begin(self) -> None:
        """Arm, look, serve. Raises SourceUnavailable, InvalidConfig and UnknownEnvironment where nothing can be."""
        started = time.monotonic()
        restored = self._restored()
        self._listener.start()
        try:
            outcome, snapshot = self._first(restored)
        except BaseException:
            self._listener.bell.stop()
            raise
        self.store = Store(snapshot)
        self._listener.swept(time.monotonic(), thoroughly=True)
        self.journal.began(outcome, snapshot, time.monotonic() - started)
        self._keep(outcome)

    def _restored(self) -> Snapshot | None:
        """What was served before this process began, from the bytes that were kept."""
        kept = self.last_good.read() if self.last_good else None
        if kept is None:
            return None
        for agents, held in kept.held:
            self._reloader.hold(agents, self._accepted.tree(only_bytes(dict(held.files)), dict(held.prompts)))
        self._reloader.resume(kept.generation, kept.digest)
        files, prompts = dict(kept.tree.files), dict[str, Content](kept.tree.prompts)
        tree = self._accepted.tree(only_bytes(files), prompts, self._disk.faults(unread_of(files, files)))
        outcome = self._reloader.apply(tree, ())
        if outcome.snapshot is not None:
            self._patience.files, self._patience.prompts = files, dict(kept.tree.prompts)
            self._disk.expect_prompts(kept.tree.prompts)
        return outcome.snapshot

    def _first(self, restored: Snapshot | None) -> tuple[Outcome, Snapshot]:
        """The first snapshot. Where nothing can be served, a file may be half written: that takes a second."""
        for wait in (*RETRIES_S, None):
            try:
                return self._served_first(restored)
            except InvalidConfig:
                if wait is None:
                    raise
                self._closing.wait(wait)
        raise AssertionError("the last try returns or raises")

    def _served_first(self, restored: Snapshot | None) -> tuple[Outcome, Snapshot]:
        """What lies there, with what was kept for what is bad there; of a folder that is not there, what was kept."""
        try:
            self._lookout.find_git()
            self._lookout.settle(None)
        except (OSError, Moved) as error:
            if restored is None:
                raise SourceUnavailable(trouble_of(self.root, error)) from error
            self._miss_root()
            self.journal.fail(trouble_of(self.root, error))
            return Outcome(restored), restored
        self.journal.looked(is_whole=True)
        sifted = self._sift(at_once=True)
        outcome = self._apply(sifted, self._disk.faults(sifted.unread))
        snapshot = outcome.snapshot if outcome.snapshot is not None else restored
        if snapshot is None and outcome.error is not None:
            raise outcome.error
        if snapshot is None or (not snapshot.digests and any(one.is_error for one in outcome.findings)):
            raise InvalidConfig(outcome.findings)
        return outcome, snapshot

    # -- the loop

    def run(self) -> None:
        """Until `stop`. Whatever happens in a turn, the next one comes."""
        failures = 0
        while True:
            rung = self._door.wait(self._timing.beat)
            if self._closing.is_set():
                return
            failures = 0 if self._turn_safely(rung) else failures + 1
            if failures:
                self._closing.wait(min(_BACKOFF_S * 2 ** min(failures, 10), self._timing.blind_sweep))

    def stop(self) -> None:
        """Ends the loop and the listening."""
        self._closing.set()
        self._door.close()
        self._confirmation.close()
        self._listener.bell.stop()

    def accept_deletes(self, timeout: float) -> tuple[str, ...]:
        """Confirms that the agents that disappeared all at once are meant to be gone. Their ids."""
        missing = self.journal.report.missing
        if not missing:
            return ()
        self._confirmation.ask(missing)
        self._door.ring(None)
        return self._confirmation.wait(timeout)

    def _turn_safely(self, rung: Rung | None) -> bool:
        try:
            self._turn(rung)
        except (OSError, Moved) as error:
            self.journal.fail(trouble_of(self.root, error))
            return False
        except Exception as error:  # noqa: BLE001  # the task never ends
            trouble = f"a reload failed ({type(error).__name__})"
            if self.journal.report.trouble != trouble:
                _log.exception("a reload failed; what was served last is served on; please report this")
            self._reloader.draft = None  # whatever state it was left in: the next reload begins from nothing
            self.journal.fail(trouble)
            return False
        return True

    def _turn(self, rung: Rung | None) -> None:
        """One beat: find out whether to look, and at what."""
        now, listener = time.monotonic(), self._listener
        listener.notice_drift(rung is not None, now)
        listener.ring_for_schema()
        has_moved = listener.follow_root()
        if has_moved:
            self._lookout.find_git()
        self._confirmation.look_elsewhere(self.journal.report.missing)
        is_sweep = listener.is_sweep_due(now)
        is_due = self._again_at is not None and now >= self._again_at
        in_trouble = self.journal.report.trouble is not None
        if is_sweep or has_moved or in_trouble or is_due or self._confirmation.agents:
            self._sweep(now, rung, is_planned=is_sweep and not (rung or has_moved or in_trouble or is_due))
        elif rung is not None:
            scope = self._lookout.scope_of(rung)
            if scope is None or scope:
                self._reload(scope, rung)

    def _sweep(self, now: float, rung: Rung | None, *, is_planned: bool) -> None:
        """Look at everything. What a planned sweep finds is suspect: an event should have told."""
        thoroughly = self._listener.is_hash_due(now)
        has_changed = self._reload(None, rung, thoroughly)
        if is_planned and has_changed and not self._lookout.has_heard:
            self._listener.suspect_drift(time.monotonic())
        self._listener.swept(time.monotonic(), thoroughly=thoroughly)

    def _reload(self, scope: set[str] | None, rung: Rung | None, thoroughly: bool = False) -> bool:
        """Look, and serve what is new. Whether anything differed on the disk."""
        started = time.monotonic()
        confirmed = self._confirmation.look()
        try:
            is_whole = self._lookout.settle(scope, thoroughly)
        except (OSError, Moved):
            self._miss_root()
            raise
        has_changed = bool(self._lookout.changed)
        if has_changed or is_whole or self._again_at is not None:
            sifted = self._sift(confirmed=confirmed, is_whole=is_whole)
            faults = self._disk.faults(sifted.unread)
            if sifted.changed or faults != self._faults or not self._accepted.has_its_schema(self._reloader.draft):
                self._serve(self._apply(sifted, faults), started, rung)
        if confirmed and is_whole:
            self._confirmation.carry_out(confirmed, self._patience.agents())
        self.journal.looked(is_whole)
        return has_changed

    def _sift(self, *, at_once: bool = False, confirmed: tuple[str, ...] = (), is_whole: bool = True) -> Sifted:
        """What counts of what was seen; the first time, everything is seen anew."""
        disk, changed = self._disk, self._lookout.take_changed()
        if not self._has_sifted:
            changed |= disk.files.keys() | self._patience.files.keys() | disk.prompts.keys()
        seen = Sighting(
            files=disk.files,
            prompts=disk.prompts,
            changed=changed,
            now=self._lookout.looked_at,
            hidden=disk.listing.unlisted,
            confirmed=confirmed,
            at_once=at_once,
            is_whole=is_whole,
        )
        sifted = self._patience.sift(seen)
        self._has_sifted, self._again_at = True, sifted.again_at
        if not sifted.missing:
            self._confirmation.found_all()
        self.journal.miss(sifted.missing)
        self.journal.hide(disk.listing.unlisted)
        return sifted

    def _miss_root(self) -> None:
        """Where the root is not there, or may not be read, all its agents are missing: until that is confirmed."""
        agents = self._patience.agents()
        if not agents or not self._disk.is_gone():
            return
        self.journal.miss(agents)
        confirmed = self._confirmation.agents
        if set(confirmed).issuperset(agents):
            started, self._has_sifted = time.monotonic(), False  # of a root that comes back, all is new
            sifted = self._patience.sift(self._patience.without_agents(started))
            self._serve(self._apply(sifted, self._disk.faults(sifted.unread)), started, None)
            self.journal.miss(sifted.missing)
            self._confirmation.carry_out(confirmed, self._patience.agents())

    def _apply(self, sifted: Sifted, faults: tuple[Diagnostic, ...]) -> Outcome:
        tree = self._accepted.tree(sifted.readable, dict(sifted.prompts), faults)
        outcome = self._reloader.apply(tree, sifted.changed)
        self._faults = faults
        if self._reloader.draft is not None:
            self._disk.keep_prompts(self._reloader.draft.config.prompt_paths)
        self._patience.learn(self._disk.prompts)
        return outcome

    def _serve(self, outcome: Outcome, started: float, rung: Rung | None) -> None:
        change = self.store.swap(outcome.snapshot) if outcome.snapshot is not None else None
        if change is not None:
            self.journal.served_after(rung)
        self.journal.reloaded(outcome, self.store.snapshot, change, time.monotonic() - started)
        self._keep(outcome)
        del change  # it holds on to the snapshot before
        let_go(self._reloader.leftovers)

    def _keep(self, outcome: Outcome) -> None:
        if outcome.snapshot is not None:
            self._accepted.keep(outcome.snapshot, self._reloader)

    # -- what others read

    def status(self, snapshot: Snapshot) -> Status:
        """How it is going; from any thread."""
        return self.journal.status(snapshot, self._listener.drift)

    def metrics(self, snapshot: Snapshot) -> tuple[Metric, ...]:
        """What is counted; from any thread."""
        counters, bell = self.journal.counters, self._listener.bell
        counters.rebuilds, counters.drift = bell.rebuilds, self._listener.drift
        return exposed(counters, self.status(snapshot), agents=len(snapshot), is_armed=bell.is_armed)
