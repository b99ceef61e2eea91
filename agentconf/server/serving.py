"""What is served: one watch, and the answers about its newest snapshot, each made once and kept as bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from starlette.requests import HTTPConnection

from agentconf.live.metrics import Metric
from agentconf.live.status import Status
from agentconf.live.watch import Watch
from agentconf.server.answers import Answers
from agentconf.server.last_changes import Changed, LastChanges
from agentconf.snapshot.snapshot import Snapshot

Meter: TypeAlias = Callable[[], Iterable[Metric]]
Report: TypeAlias = Callable[[], Any]


class Serving:
    """One watch and what is answered of it.

    `meters` give further metrics, and `reports` further members of the status: each part of the server adds its own.
    `stopping` is set when the server has been asked to end: streams end then, and no new one begins.
    `last_changes` is started with the application, and asks git who changed each agent last.
    """

    def __init__(self, watch: Watch, path: str) -> None:
        self.watch = watch
        self.path = path
        self.meters: list[Meter] = []
        self.reports: dict[str, Report] = {}
        self.stopping = asyncio.Event()
        self.last_changes = LastChanges(watch, path, self._learn)
        self._changed: tuple[Snapshot | None, Changed] = (None, {})
        self._answered: tuple[Snapshot | None, Changed] = self._changed
        self._answers: Answers | None = None

    @property
    def snapshot(self) -> Snapshot:
        return self.watch.snapshot

    @property
    def status(self) -> Status:
        return self.watch.status

    @property
    def answers(self) -> Answers:
        """What is answered of the newest snapshot. Hold on to it to answer of one moment."""
        snapshot, answers, changed = self.watch.snapshot, self._answers, self._changed
        if answers is None or answers.snapshot is not snapshot or self._answered is not changed:
            self._answered = changed
            answers = self._answers = Answers(snapshot, _still_changed(snapshot, *changed), answers)
        return answers

    def metrics(self) -> list[Metric]:
        """Those of the watch, and those of every part of the server."""
        return [*self.watch.metrics, *(metric for meter in self.meters for metric in meter())]

    def _learn(self, snapshot: Snapshot, changed: Changed) -> None:
        """Called by another thread: whoever answers next makes the answers anew."""
        self._changed = (snapshot, changed)


def _still_changed(snapshot: Snapshot, asked: Snapshot | None, changed: Changed) -> Changed:
    """Who changed what last, of the agents that are as they were when git was asked."""
    if asked is None or asked is snapshot:
        return changed
    return {name: said for name, said in changed.items() if snapshot.get(name) is asked.get(name)}


def serving_of(connection: HTTPConnection) -> Serving:
    """What the server of a request or a WebSocket serves."""
    serving: Serving = connection.app.state.serving
    return serving
