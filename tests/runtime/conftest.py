from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from examples.loopback_provider import LoopbackProvider
from tests.runtime.ways import KEY, WAYS

os.environ |= {"INITIAL_RETRY_DELAY": "0.01", "JITTER": "0.01"}  # LiteLLM reads them once; it would wait for a second


@pytest.fixture
def provider() -> Iterator[LoopbackProvider]:
    """An OpenAI-compatible provider on loopback that does what it is told."""
    with LoopbackProvider() as provider:
        yield provider


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One that has the key of the trees' provider, and a state folder for this test alone."""
    monkeypatch.setenv("THE_KEY", KEY)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("AGENTCONF_USAGE_URL", raising=False)


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@dataclass(frozen=True)
class Exported:
    """What the service's own OpenTelemetry was handed. A process has one: metrics are told apart by what they say."""

    memory: InMemorySpanExporter
    reader: InMemoryMetricReader

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """Those that ended in this test."""
        return self.memory.get_finished_spans()

    def points(self, metric: str, **said: Any) -> list[Any]:
        """The points of a metric whose attributes say this; `_` stands for a dot."""
        wanted = {name.replace("__", "."): value for name, value in said.items()}
        data = self.reader.get_metrics_data()
        found = [one for part in data.resource_metrics for scope in part.scope_metrics for one in scope.metrics
                 if one.name == metric] if data else []  # fmt: skip
        points = [point for one in found for point in one.data.data_points]
        return [point for point in points if wanted.items() <= dict(point.attributes or {}).items()]


@cache
def _set_up() -> Exported:
    """Once for this process: OpenTelemetry takes no second one."""
    exported = Exported(InMemorySpanExporter(), InMemoryMetricReader())
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exported.memory))
    trace.set_tracer_provider(tracers)
    metrics.set_meter_provider(MeterProvider([exported.reader]))
    return exported


@pytest.fixture
def exported() -> Exported:
    """A service that has set up OpenTelemetry, with exporters in memory."""
    made = _set_up()
    made.memory.clear()
    return made
