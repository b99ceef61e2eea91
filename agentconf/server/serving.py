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
from agentconf.snapshot.snapshot import Snapshot

Meter: TypeAlias = Callable[[], Iterable[Metric]]
Report: TypeAlias = Callable[[], Any]


class Serving:
    """One watch and what is answered of it.

    `meters` give further metrics, and `reports` further members of the status: each part of the server adds its own.
    `stopping` is set when the server has been asked to end: streams end then, and no new one begins.
    """

    def __init__(self, watch: Watch, path: str) -> None:
        self.watch = watch
        self.path = path
        self.meters: list[Meter] = []
        self.reports: dict[str, Report] = {}
        self.stopping = asyncio.Event()
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
        snapshot, answers = self.watch.snapshot, self._answers
        if answers is None or answers.snapshot is not snapshot:
            answers = self._answers = Answers(snapshot, answers)
        return answers

    def metrics(self) -> list[Metric]:
        """Those of the watch, and those of every part of the server."""
        return [*self.watch.metrics, *(metric for meter in self.meters for metric in meter())]


def serving_of(connection: HTTPConnection) -> Serving:
    """What the server of a request or a WebSocket serves."""
    serving: Serving = connection.app.state.serving
    return serving
