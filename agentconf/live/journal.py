"""What a watch says of itself: its status, its metrics, its log, and the events for those who listen."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from agentconf.diagnostic import Diagnostic
from agentconf.live.change import Change
from agentconf.live.doorbell import Rung
from agentconf.live.feed import Feed
from agentconf.live.metrics import Counters
from agentconf.live.reload import Outcome
from agentconf.live.status import State, Status
from agentconf.live.timing import Timing
from agentconf.snapshot.snapshot import Snapshot
from agentconf.source.system import printable_path

_SHOWN_FINDINGS: Final = 5
_STALE_SWEEPS: Final = 3

_log = logging.getLogger("agentconf.live")


Kind: TypeAlias = Literal["ready", "applied", "refused"]


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a watch. `quarantined` are all agents that keep their last good, `diagnostics` what is new.

    `reason` says why something is refused, None where nothing is.
    """

    kind: Kind
    snapshot: Snapshot
    change: Change | None
    quarantined: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    took_s: float
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The object that `watch --format json` prints."""
        nothing: dict[str, Any] = {"created": [], "changed": {}, "deleted": []}
        return {
            "event": self.kind,
            "generation": self.snapshot.generation,
            "digest": self.snapshot.digest,
            **(self.change.as_json() if self.change else nothing),
            "quarantined": list(self.quarantined),
            "diagnostics": [finding.as_json() for finding in self.diagnostics],
            "took_ms": round(self.took_s * 1000, 1),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What the loop found last, as one value that readers take whole. `looked_at` is of the monotonic clock."""

    outcome: Outcome | None = None
    missing: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    trouble: str | None = None
    looked_at: float | None = None


@dataclass(slots=True)
class Journal:
    """Written by the loop, read by any thread."""

    timing: Timing
    counters: Counters = field(default_factory=Counters)
    report: Report = field(default_factory=Report)
    feeds: list[Feed[Event]] = field(default_factory=list)

    def looked(self, is_whole: bool) -> None:
        """The folder was looked at, and understood."""
        if not is_whole:
            return
        self.counters.last_scan_at = time.time()
        if self.report.trouble is not None and self.report.outcome is not None:
            self._note_success(self.report.outcome)
        self.report = replace(self.report, trouble=None, looked_at=time.monotonic())

    def fail(self, trouble: str) -> None:
        """The folder cannot be followed."""
        if self.report.trouble != trouble:
            _log.error("the configuration is stale: %s; what was served last is served on", trouble)
        self.report = replace(self.report, trouble=trouble)
        self.counters.last_was_successful = False

    def hide(self, folders: tuple[str, ...]) -> None:
        """Folders are there, and cannot be listed."""
        if folders and not self.report.hidden:
            _log.error("the folder '%s' cannot be listed; what it held is served on", printable_path(folders[0]))
        self.report = replace(self.report, hidden=tuple(map(printable_path, folders)))

    def miss(self, agents: tuple[str, ...]) -> None:
        """Agents disappeared all at once; none: they are back, or it was confirmed."""
        if agents and not self.report.missing:
            _log.error("%d agents disappeared at once; they are served until that is confirmed", len(agents))
        self.report = replace(self.report, missing=agents)

    def began(self, outcome: Outcome, snapshot: Snapshot, took_s: float) -> None:
        """The first snapshot is served."""
        self._note(outcome, took_s)
        self._tell(_event("ready", snapshot, None, (outcome, None), took_s))

    def reloaded(self, outcome: Outcome, snapshot: Snapshot, change: Change | None, took_s: float) -> None:
        """A reload ended: with a new generation, with something refused that was not before, or with nothing new."""
        before = self.report.outcome
        self._note(outcome, took_s)
        if change is not None:
            self.counters.applied += 1
            self._tell(_event("applied", snapshot, change, (outcome, before), took_s))
        elif _is_news(outcome, before):
            self.counters.refused += 1
            self._tell(_event("refused", snapshot, None, (outcome, before), took_s))
        else:
            self.counters.unchanged += 1

    def served_after(self, rung: Rung | None) -> None:
        """How long it took from the first event on, where events told of the change."""
        if rung is not None:
            self.counters.event_to_serve.observe(time.monotonic() - rung.first_at)

    def _note(self, outcome: Outcome, took_s: float) -> None:
        self.report = replace(self.report, outcome=outcome)
        self.counters.duration.observe(took_s)
        self._note_success(outcome)

    def _note_success(self, outcome: Outcome) -> None:
        counters = self.counters
        counters.last_was_successful = outcome.is_good
        if counters.last_was_successful:
            counters.last_success_at = time.time()

    def _tell(self, event: Event) -> None:
        """One line in the log, one more for each of the first findings, and the event for those who listen."""
        snapshot, change = event.snapshot, event.change
        said = {"event": event.kind, "generation": snapshot.generation, "digest": snapshot.digest}
        what = f": {change.summary}" if change else ""
        level = logging.WARNING if event.kind == "refused" else logging.INFO
        _log.log(level, "%s generation %d%s", event.kind, snapshot.generation, what, extra={"agentconf": said})
        for finding in event.diagnostics[:_SHOWN_FINDINGS]:
            _log.warning("refused: %s", finding, extra={"agentconf": finding.as_json()})
        self.feeds = [feed for feed in self.feeds if feed.is_open]
        for feed in self.feeds:
            feed.put(event)

    def status(self, snapshot: Snapshot, drift: int) -> Status:
        """How it is going."""
        report, outcome = self.report, self.report.outcome
        age = time.monotonic() - report.looked_at if report.looked_at is not None else float("inf")
        state, reason = self._state(report, age)
        return Status(
            state=state,
            reason=reason,
            generation=snapshot.generation,
            applied=snapshot.digest,
            attempted=(outcome.attempted or snapshot.digest) if outcome else None,
            age_s=age,
            quarantined=outcome.quarantined if outcome else {},
            missing=report.missing,
            drift_found=drift,
            advise=lambda: snapshot.advice,
        )

    def _state(self, report: Report, age: float) -> tuple[State, str | None]:
        if report.trouble is not None:
            return "stale", report.trouble
        if report.hidden:
            return "stale", f"the folder '{report.hidden[0]}' cannot be listed; what it held is served on"
        if report.missing:
            return "stale", f"{len(report.missing)} agents disappeared at once; accept_deletes() confirms that"
        if age > _STALE_SWEEPS * self.timing.sweep + 2 * self.timing.lock_limit:
            return "stale", "the folder was not looked at for long: a reload hangs, or the process was stopped"
        outcome = report.outcome
        if outcome is not None and not outcome.is_good:
            return "failing", outcome.reason
        return "fresh", None


def _is_news(outcome: Outcome, before: Outcome | None) -> bool:
    """Whether something is refused that was not before, or for another reason."""
    if before is None or outcome.snapshot is None:
        return True
    found = {one for one in outcome.findings if one.is_error}
    return not (found.issubset(before.findings) and outcome.quarantined.keys() <= before.quarantined.keys())


def _event(
    kind: Kind, snapshot: Snapshot, change: Change | None, outcomes: tuple[Outcome, Outcome | None], took_s: float
) -> Event:
    """The event of the first of two outcomes: of its findings those that the one before did not have."""
    outcome, before = outcomes
    known = set(before.findings) if before is not None else set()
    errors = tuple(finding for finding in outcome.findings if finding.is_error and finding not in known)
    return Event(kind, snapshot, change, tuple(sorted(outcome.quarantined)), errors, took_s, outcome.reason)
