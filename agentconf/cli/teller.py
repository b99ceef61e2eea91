"""Tells what happens to a watch: events to standard output, how the watch is doing to standard error."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from agentconf.cli import console
from agentconf.cli.events import change_text, count, some, told
from agentconf.diagnostic import Diagnostic, in_order
from agentconf.live.change import Change
from agentconf.live.feed import Feed
from agentconf.live.journal import Event
from agentconf.live.status import Status
from agentconf.live.watch import Watch
from agentconf.redact import printable
from agentconf.snapshot.snapshot import Snapshot
from agentconf.source.private import NotPrivate

_BEAT_S: Final = 0.25
_SHOWN_FINDINGS: Final = 10
_SHOWN_CONFIRMED: Final = 20

Say: TypeAlias = Callable[[Event, str], None]
"""Prints an event; handed with it is its text, for people."""


@dataclass(slots=True)
class Teller:
    """Tells of one watch. `confirming` is the command line that confirms deletes; None where none could."""

    conf: Watch
    path: str
    say: Say
    confirming: str | None
    _events: Feed[Event] = field(init=False)
    _last: Snapshot = field(init=False)
    _state: tuple[str, str | None] = ("fresh", None)

    def begin(self, took_s: float) -> None:
        """Tell what is served from the beginning. What changes meanwhile is not missed: the events are open before."""
        self._events = self.conf.events()
        self._last = self.conf.snapshot
        status = self.conf.status
        held = (finding for findings in status.quarantined.values() for finding in findings)
        errors = (finding for finding in (*self._last.diagnostics, *held) if finding.is_error)
        refused, reason = tuple(sorted(status.quarantined)), status.reason if status.state == "failing" else None
        ready = Event("ready", self._last, None, refused, in_order(errors), took_s, reason)
        self._tell(ready, status)

    def beat(self) -> bool:
        """Tell the next event, if there is one soon, and how it is going. False once there will be no more."""
        event = self._events.next(_BEAT_S)
        status = self.conf.status
        if event is not None and not self._is_known(event):
            self._tell(self._caught_up(event), status)
        self._tell_state(status)
        return not self._events.has_ended

    def accept_deletes(self) -> None:
        """Confirm what is missing, and say what that was."""
        status = self.conf.status
        try:
            gone = self.conf.accept_deletes()
        except (OSError, NotPrivate) as error:
            _note(f"confirmed here, but other services of this machine cannot be told: {error}")
            return
        if gone:
            _note(f"confirmed: {count(len(gone), 'agent')} deleted: {some(gone, _SHOWN_CONFIRMED)}")
        elif status.missing:
            _note("the folder could not be looked at in time, and nothing was confirmed; try again")
        elif status.state == "stale":
            _note(f"nothing was confirmed: {status.reason}")
        else:
            _note("nothing is missing, and there is nothing to confirm")

    def _is_known(self, event: Event) -> bool:
        """Whether the beginning has told it already."""
        return event.change is not None and event.snapshot.generation <= self._last.generation

    def _caught_up(self, event: Event) -> Event:
        """The event, from what was told last on: a slow reader's events may have been dropped in between."""
        if event.change is None or event.change.before.generation == self._last.generation:
            return event
        return replace(event, change=Change(self._last, event.snapshot))

    def _tell(self, event: Event, status: Status) -> None:
        line = told(event, _now(), self._about(event, status))
        self._last = event.snapshot
        self.say(event, "\n".join([line, *_finding_lines(event.diagnostics)]))

    def _about(self, event: Event, status: Status) -> str:
        refused = some(event.quarantined)
        if event.kind == "refused":
            return refused or printable(status.reason or "the tree has errors")
        if event.change is not None:
            what = change_text(event.change)
        else:
            where = f" in {event.snapshot.environment}" if event.snapshot.environment else ""
            what = f"{printable(self.path)} has {count(len(event.snapshot), 'agent')}{where}"
        return f"{what}; refused: {refused}" if refused else what

    def _tell_state(self, status: Status) -> None:
        """Say that the watch got stale, why, and what came after. A refusal in a fresh watch is an event already."""
        before, now = self._state, (status.state, status.reason if status.state == "stale" else None)
        if now == before:
            return
        self._state = now
        if status.state == "stale":
            _note(f"stale: {self._why_stale(status)}; what was served last is served on")
        elif status.state == "fresh":
            _note("fresh: what is served is what the folder says")
        elif before[0] == "stale":
            _note(f"failing: {status.reason}")

    def _why_stale(self, status: Status) -> str:
        reason = status.reason or "the folder cannot be followed"
        if not status.missing or "accept_deletes()" not in reason:  # a folder that is gone is told as that
            return reason
        how = f"run '{self.confirming}'" if self.confirming else "start anew"
        gone = f"{count(len(status.missing), 'agent')} disappeared at once ({some(status.missing)})"
        return f"{gone}; if that is meant, {how}"


def _finding_lines(findings: tuple[Diagnostic, ...]) -> list[str]:
    lines = [f"  {finding}" for finding in findings[:_SHOWN_FINDINGS]]
    more = len(findings) - _SHOWN_FINDINGS
    return [*lines, f"  and {more:,} more; see 'agentconf validate'"] if more > 0 else lines


def _now() -> str:
    return time.strftime("%H:%M:%S")


def _note(text: str) -> None:
    console.note(f"{_now()} {text}")
