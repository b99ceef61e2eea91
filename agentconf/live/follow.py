"""The loop: rung or not, it looks at the disk, waits until the disk holds still, and swaps in what is good.

Events are a bell, the disk is the truth. All of it runs in one thread; what others may read is replaced, never changed.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, Literal

from agentconf.diagnostic import Diagnostic
from agentconf.document.build import Lexicon
from agentconf.document.parse import parse
from agentconf.errors import InvalidConfig, SourceUnavailable, UnknownEnvironment
from agentconf.live.bell import Bell, FolderBell, Ring, SilentBell, folders_named
from agentconf.live.change import Change
from agentconf.live.disk import Content, Disk, Moved
from agentconf.live.doorbell import Doorbell, Rung
from agentconf.live.feed import Feed
from agentconf.live.git_lock import is_locked, lock_path
from agentconf.live.last_good import Bytes, Kept, LastGood
from agentconf.live.metrics import Counters, Metric, exposed
from agentconf.live.patience import RETRIES_S, Patience, Sifted, Sighting
from agentconf.live.reload import Outcome, Reloader
from agentconf.live.status import State, Status
from agentconf.live.store import Store
from agentconf.snapshot.snapshot import Snapshot
from agentconf.source.folder import unavailable
from agentconf.source.mounts import holds_mounts, is_watchable, read_mounts
from agentconf.source.tree import Origin, Tree, Unread

MakeBell = Callable[[Ring], Bell]

DEFAULT_SETTLE_S: Final = 0.01
_DRIFT_WINDOW_S: Final = 0.5
_SHOWN_FINDINGS: Final = 5
_STALE_SWEEPS: Final = 3

_log = logging.getLogger("agentconf.live")


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things may take, in seconds."""

    settle: float = DEFAULT_SETTLE_S
    """The quiet time after which the disk is looked at again: what it says twice is published."""
    settle_limit: float = 1.0
    """When something is published at the latest, however much goes on."""
    lock_limit: float = 10.0
    """How long git's lock on its index may hold up a reload."""
    beat: float = 0.1
    """How often the root is compared with the folder that is listened to."""
    sweep: float = 30.0
    hash_sweep: float = 600.0
    blind_sweep: float = 1.5
    """How often the folder is swept where no event tells of changes."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a watch: `ready`, `applied` or `refused`, and with which findings."""

    kind: Literal["ready", "applied", "refused"]
    snapshot: Snapshot
    change: Change | None
    quarantined: dict[str, tuple[Diagnostic, ...]]
    diagnostics: tuple[Diagnostic, ...]
    took_s: float

    def as_json(self) -> dict[str, Any]:
        """The object that `watch --format json` prints."""
        nothing: dict[str, Any] = {"created": [], "changed": {}, "deleted": []}
        return {
            "event": self.kind,
            "generation": self.snapshot.generation,
            "digest": self.snapshot.digest,
            **(self.change.as_json() if self.change else nothing),
            "quarantined": sorted(self.quarantined),
            "diagnostics": [finding.as_json() for finding in self.diagnostics],
            "took_ms": round(self.took_s * 1000, 1),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What the loop last found, as one value that readers take whole."""

    outcome: Outcome | None = None
    missing: tuple[str, ...] = ()
    trouble: str | None = None
    """Why the folder cannot be followed, if it cannot."""
    looked_at: float = 0.0
    """When the whole folder was last looked at and understood, on the monotonic clock."""


@dataclass(slots=True)
class Follower:
    """Follows one folder. `begin` serves the first snapshot; then `run` goes on until `stop`."""

    root: str
    reloader: Reloader
    last_good: LastGood | None
    timing: Timing = field(default_factory=Timing)
    make_bell: MakeBell = FolderBell
    counters: Counters = field(default_factory=Counters)
    events: list[Feed[Event]] = field(default_factory=list)
    report: Report = field(default_factory=Report)

    store: Store = field(init=False)
    _disk: Disk = field(init=False)
    _bell: Bell = field(init=False)
    _door: Doorbell = field(default_factory=Doorbell)
    _patience: Patience = field(init=False)
    _closing: threading.Event = field(default_factory=threading.Event)
    _turned: threading.Condition = field(default_factory=threading.Condition)
    _accepting: bool = False
    _accepted: tuple[str, ...] = ()
    _armed_to: tuple[int, int] | None = None
    _lock: str | None = None
    _is_blind: bool = False
    _again_at: float | None = None
    _sweep_at: float = 0.0
    _hash_at: float = 0.0
    _drift_since: float | None = None
    _missing_since: float = 0.0
    _missing_agents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._disk = Disk(self.root)
        self._patience = Patience(_looks_torn)

    # -- the beginning

    def begin(self) -> None:
        """Arm, look, serve. Raises SourceUnavailable, InvalidConfig and UnknownEnvironment where nothing can be."""
        started = time.monotonic()
        restored = self._restored()
        self._listen()
        for wait in (*RETRIES_S, None):
            try:
                snapshot = self._first(restored)
                break
            except (InvalidConfig, SourceUnavailable):  # perhaps a file is half written, or a mount not there yet
                if wait is None:
                    self._bell.stop()
                    raise
                self._closing.wait(wait)
                self.reloader.draft = None
            except BaseException:
                self._bell.stop()
                raise
        self.store = Store(snapshot)
        self._plan_sweeps(time.monotonic())
        if self.report.outcome is not None:
            self._keep()
        outcome = self.report.outcome or Outcome(None)
        self._tell("ready", None, outcome, time.monotonic() - started)

    def _restored(self) -> Snapshot | None:
        """What was served before this process began, from the bytes that were kept."""
        kept = self.last_good.read() if self.last_good else None
        if kept is None:
            return None
        for agents, held in kept.held:
            self.reloader.hold(agents, self._tree(dict(held.files), dict(held.prompts), ()))
        self.reloader.resume(kept.generation, kept.digest)
        outcome = self.reloader.apply(self._tree(dict(kept.tree.files), dict(kept.tree.prompts), ()), ())
        if outcome.snapshot is not None:
            self._patience.files, self._patience.prompts = dict(kept.tree.files), dict(kept.tree.prompts)
        return outcome.snapshot

    def _first(self, restored: Snapshot | None) -> Snapshot:
        """The first snapshot: of what lies there, with what was kept for what is bad there."""
        try:
            self._settle(None, thoroughly=False)
        except (OSError, Moved) as error:
            if restored is None:
                raise SourceUnavailable(self._trouble_of(error)) from error
            self.report = Report(None, (), self._trouble_of(error))
            return restored
        outcome = self._apply(self._sift(at_once=True))
        self._note(outcome, time.monotonic(), is_whole=True)
        if outcome.snapshot is None:
            if restored is not None:
                return restored
            if outcome.reason and not outcome.findings:
                raise UnknownEnvironment(outcome.reason)
            raise (
                InvalidConfig(outcome.findings)
                if self.reloader.mode == "transactional"
                else UnknownEnvironment(outcome.reason or "")
            )
        if not outcome.snapshot and any(one.is_error for one in outcome.findings):
            raise InvalidConfig(outcome.findings)
        return outcome.snapshot

    # -- the loop

    def run(self) -> None:
        """Until `stop`. Whatever happens in a turn, the next one comes."""
        failures = 0
        while not self._closing.is_set():
            rung = self._door.wait(self.timing.beat)
            if self._closing.is_set():
                return
            try:
                self._turn(rung)
                failures = 0
            except (OSError, Moved) as error:
                self._fail(self._trouble_of(error), failures)
                failures += 1
            except Exception as error:
                _log.exception("a reload failed; the last good configuration is served; please report this")
                self.reloader.draft = None  # whatever state it was left in: the next one begins from nothing
                self._fail(f"a reload failed ({type(error).__name__})", failures)
                failures += 1
            with self._turned:
                self._turned.notify_all()
            if failures:
                self._closing.wait(min(0.1 * 2**failures, self.timing.blind_sweep))

    def stop(self) -> None:
        """Ends the loop and the listening."""
        self._closing.set()
        self._door.wake()
        self._bell.stop()

    def look_now(self) -> None:
        """Ring the bell by hand."""
        self._door.ring(None)

    def accept_deletes(self, timeout: float) -> tuple[str, ...]:
        """Confirms that the agents that disappeared all at once are meant to be gone. Their ids."""
        with self._turned:
            if not self.report.missing:
                return ()
            self._accepting, self._accepted = True, ()
            self._door.ring(None)
            self._turned.wait_for(lambda: not self._accepting or self._closing.is_set(), timeout)
            return self._accepted

    def _turn(self, rung: Rung | None) -> None:
        now = time.monotonic()
        self._notice_drift(rung, now)
        identity = self._disk.identify()
        has_moved = identity != self._armed_to
        if has_moved:
            self._rearm(identity)
        self._notice_confirmation()
        is_sweep = now >= self._sweep_at
        is_due = self._again_at is not None and now >= self._again_at
        if not (rung or has_moved or is_sweep or is_due or self._accepting):
            return
        is_whole = has_moved or is_sweep or self.report.trouble is not None or self._accepting
        scope = None if is_whole or rung is None or rung.is_for_all else self._scope(rung)
        if rung is not None and scope is not None and not scope and not is_due:
            return  # about files that do not count
        thoroughly = now >= self._hash_at
        self._reload(scope if rung or not is_due else None, thoroughly, rung)
        if is_sweep:
            if self._found_by_sweep and not rung and not has_moved and self._bell.is_armed:
                self._drift_since = now
            self._plan_sweeps(now, thoroughly)

    def _scope(self, rung: Rung) -> set[str] | None:
        """The folders to look at; None for all."""
        return folders_named(rung.paths, self._disk.real_root, self._disk.listing.folders)

    _found_by_sweep: bool = False

    def _reload(self, scope: set[str] | None, thoroughly: bool, rung: Rung | None) -> None:
        started = time.monotonic()
        changed, is_whole = self._settle(scope, thoroughly)
        self._found_by_sweep = changed
        now = time.monotonic()
        if is_whole:
            self.counters.last_scan_at = time.time()
        waits = self._again_at is not None or self.report.missing or self._accepting
        if not changed and not waits and self.report.trouble is None:
            if is_whole:
                self._note(self.report.outcome, now, is_whole=True)
            return
        outcome = self._apply(self._sift())
        if outcome is None:
            self._note(self.report.outcome, now, is_whole)
            return
        self._note(outcome, now, is_whole)
        self._serve(outcome, started, rung)

    def _settle(self, scope: set[str] | None, thoroughly: bool) -> tuple[bool, bool]:
        """Look until two looks agree. Whether anything differs from before, and whether the whole tree was looked at."""
        started = time.monotonic()
        has_changed = False
        look = self._disk.look(scope, thoroughly)
        while look.changed or not look.is_steady or (has_changed and is_locked(self._lock)):
            has_changed = has_changed or bool(look.changed)
            taken = time.monotonic() - started
            limit = self.timing.lock_limit if is_locked(self._lock) else self.timing.settle_limit
            if taken > limit and (look.is_steady or taken > 2 * limit):
                break
            more = self._door.collect(self.timing.settle)
            if more is not None and scope is not None:
                named = None if more.is_for_all else self._scope(more)
                scope = None if named is None else scope | named
            look = self._disk.look(scope)
        return has_changed, scope is None

    def _sift(self, at_once: bool = False) -> Sifted:
        now = time.monotonic()
        disk = self._disk
        seen = Sighting(disk.files, disk.prompts, now, disk.listing.unlisted, self._accepting, at_once)
        sifted = self._patience.sift(seen)
        self._again_at = sifted.again_at
        return sifted

    def _apply(self, sifted: Sifted) -> Any:
        """The outcome for what counts now; None where nothing of it is new."""
        missing_before = self.report.missing
        changed = self._patience.accept(sifted)
        if sifted.missing and not self._missing_agents:
            self._missing_since = time.time()
            _log.error(
                "%d agents disappeared at once; they are served on until they are back or it is confirmed",
                len(sifted.missing),
            )
        self._missing_agents = sifted.missing
        if self._accepting:
            self._accepted, self._accepting = missing_before, False
        first = self.reloader.draft is None
        if not changed and not first:
            return None
        outcome = self.reloader.apply(self._tree(sifted.files, dict(sifted.prompts), self._disk.faults()), changed)
        self._learn_prompts()
        return outcome

    def _learn_prompts(self) -> None:
        draft = self.reloader.draft
        if draft is not None:
            self._disk.keep_prompts(draft.config.prompt_paths)
        self._patience.learn(self._disk.prompts)

    def _tree(self, files: dict[str, Content], prompts: dict[str, Content], faults: tuple[Diagnostic, ...]) -> Tree:
        """A tree of accepted bytes. Prompts that are opened for the first time are read from the disk, and kept."""

        def open_prompt(path: str) -> Content:
            if path not in prompts:
                prompts[path] = self._disk.open_prompt(path)
            return prompts[path]

        good = {path: data for path, data in files.items() if isinstance(data, bytes)}
        return Tree(Origin("folder", self.root), self._disk.shown_as, good, faults, open_prompt)

    # -- serving and telling

    def _serve(self, outcome: Outcome, started: float, rung: Rung | None) -> None:
        before = self.report_before
        change = self.store.swap(outcome.snapshot) if outcome.snapshot is not None else None
        now = time.monotonic()
        self.counters.duration.observe(now - started)
        if change is not None and rung is not None:
            self.counters.event_to_serve.observe(now - rung.first_at)
        is_news = bool(outcome.quarantined.keys() - before) or outcome.snapshot is None
        if change is not None:
            self.counters.applied += 1
            self._tell("applied", change, outcome, now - started)
        elif is_news:
            self.counters.refused += 1
            self._tell("refused", None, outcome, now - started)
        else:
            self.counters.unchanged += 1
        if outcome.snapshot is not None:
            self._keep()

    report_before: frozenset[str] = frozenset()

    def _note(self, outcome: Outcome | None, now: float, is_whole: bool) -> None:
        looked_at = now if is_whole else self.report.looked_at
        old = self.report.outcome
        self.report_before = frozenset(old.quarantined) if old else frozenset()
        self.report = Report(outcome, self._missing_agents, None, looked_at)
        is_good = outcome is None or (outcome.snapshot is not None and not outcome.quarantined)
        self.counters.last_was_successful = is_good
        if is_good:
            self.counters.last_success_at = time.time()

    def _fail(self, trouble: str, failures: int) -> None:
        if self.report.trouble != trouble:
            _log.error("the configuration is stale: %s; the last good is served", trouble)
        self.report = Report(self.report.outcome, self.report.missing, trouble, self.report.looked_at)
        self.counters.last_was_successful = False

    def _trouble_of(self, error: Exception) -> str:
        if isinstance(error, SourceUnavailable):
            return str(error)
        return unavailable(self.root, error) if isinstance(error, OSError) else f"'{self.root}' was exchanged meanwhile"

    def _tell(
        self, kind: Literal["ready", "applied", "refused"], change: Change | None, outcome: Outcome, took_s: float
    ) -> None:
        snapshot = self.store.snapshot
        findings = tuple(one for one in outcome.findings if one.is_error)
        event = Event(kind, snapshot, change, outcome.quarantined, findings, took_s)
        said = {"event": kind, "generation": snapshot.generation, "digest": snapshot.digest, "took_ms": took_s * 1000}
        what = f": {change!r}" if change else ""
        _log.info(
            "%s generation %d (%s)%s", kind, snapshot.generation, snapshot.digest, what, extra={"agentconf": said}
        )
        for finding in findings[:_SHOWN_FINDINGS]:
            _log.warning("refused: %s", finding, extra={"agentconf": finding.as_json()})
        for feed in tuple(self.events):
            feed.put(event)

    def _keep(self) -> None:
        """Keep the accepted bytes; put together in the thread that writes them."""
        if self.last_good is None:
            return
        snapshot, held = self.store.snapshot, tuple(self.reloader.held())
        files, prompts = self._patience.files, self._patience.prompts

        def kept() -> Kept:
            return Kept(snapshot.digest, snapshot.generation, Bytes(_only_bytes(files), _only_bytes(prompts)), held)

        self.last_good.keep(kept)

    # -- listening

    def _listen(self) -> None:
        self._armed_to = self._disk.identify()
        self._lock = lock_path(self.root)
        real, mounts = os.path.realpath(self.root), read_mounts()
        is_watchable_ = is_watchable(real, mounts)
        self._is_blind = not is_watchable_ or holds_mounts(real, mounts)
        self._bell = self.make_bell(self._door.ring) if is_watchable_ else SilentBell()
        self._bell.start(real)

    def _rearm(self, identity: tuple[int, int] | None) -> None:
        """The root is another folder, or gone: listen to what is there now, before it is looked at."""
        self._armed_to = identity
        if identity is not None:
            self._lock = lock_path(self.root)
            self._bell.rearm(os.path.realpath(self.root))

    def _plan_sweeps(self, now: float, thoroughly: bool = True) -> None:
        timing = self.timing
        is_blind = self._is_blind or not self._bell.is_armed or self._disk.has_links_outside
        pause = timing.blind_sweep if is_blind else timing.sweep * (0.9 + 0.2 * _RANDOM.random())
        self._sweep_at = now + pause
        if thoroughly:
            self._hash_at = now + timing.hash_sweep

    def _notice_drift(self, rung: Rung | None, now: float) -> None:
        """A sweep found what no event told of: that is what shows that events get lost."""
        if self._drift_since is None:
            return
        if rung is not None:
            self._drift_since = None
        elif now - self._drift_since > _DRIFT_WINDOW_S:
            self._drift_since = None
            self.counters.drift += 1
            _log.warning("a sweep found a change that no event told of: events get lost on this machine")

    def _notice_confirmation(self) -> None:
        """Another process that shares the last good may have confirmed the deletes."""
        if self._missing_agents and self.last_good is not None and not self._accepting:
            confirmed = self.last_good.confirmed_since(self._missing_since)
            self._accepting = bool(confirmed) and confirmed.issuperset(self._missing_agents)

    # -- what others read

    def status(self) -> Status:
        """How it is going; from any thread."""
        report, snapshot = self.report, self.store.snapshot
        outcome = report.outcome
        age = time.monotonic() - report.looked_at if report.looked_at else float("inf")
        state: State = "fresh"
        reason = report.trouble
        quarantined = dict(outcome.quarantined) if outcome else {}
        if reason is None and report.missing:
            reason = f"{len(report.missing)} agents disappeared at once; accept_deletes() confirms it"
        if reason is None and age > _STALE_SWEEPS * self.timing.sweep + 2 * self.timing.lock_limit:
            reason = "the folder was not looked at for long: a reload hangs, or this process was stopped"
        if reason is not None:
            state = "stale"
        elif outcome is not None and (outcome.snapshot is None or quarantined):
            state, reason = "failing", outcome.reason
        return Status(
            state=state,
            reason=reason,
            generation=snapshot.generation,
            applied=snapshot.digest,
            attempted=(outcome.attempted or snapshot.digest) if outcome else None,
            age_s=age,
            quarantined=quarantined,
            missing=report.missing,
            drift_found=self.counters.drift,
        )

    def metrics(self) -> tuple[Metric, ...]:
        """What is counted; from any thread."""
        status, counters = self.status(), self.counters
        counters.rebuilds = self._bell.rebuilds
        return exposed(counters, status, agents=len(self.store.snapshot), is_armed=self._bell.is_armed)


_RANDOM: Final = Random()


def _only_bytes(contents: dict[str, Content]) -> dict[str, bytes]:
    return {path: data for path, data in contents.items() if isinstance(data, bytes)}


def _looks_torn(path: str, data: Content) -> bool:
    """Whether bytes look as if somebody were still writing them: nothing there, or nothing that can be read."""
    if isinstance(data, Unread) or not data:
        return True
    if not path.endswith((".yaml", ".yml")):
        return not _is_text(data)
    document = parse(path, path, data, Lexicon())
    return not document.is_readable


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
