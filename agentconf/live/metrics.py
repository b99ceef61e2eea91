"""What a watch counts and measures, under the names that a monitoring system sees."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from agentconf.live.status import Status

Kind: TypeAlias = Literal["gauge", "counter", "histogram"]

BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Sample:
    """One value. `suffix` is that of Prometheus: "", or `_bucket`, `_sum`, `_count` of a histogram."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric with its samples; times in seconds."""

    name: str
    kind: Kind
    help: str
    samples: tuple[Sample, ...]


@dataclass(slots=True)
class Histogram:
    """Counts of durations, in seconds, by the bucket that they fall in."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    total: float = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(BUCKETS_S, seconds)] += 1
        self.total += seconds

    def samples(self) -> tuple[Sample, ...]:
        found, below = [], 0
        for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), self.counts, strict=True):
            below += count
            found.append(Sample(below, {"le": bound}, "_bucket"))
        return (*found, Sample(self.total, suffix="_sum"), Sample(below, suffix="_count"))


@dataclass(slots=True)
class Counters:
    """What a watch counts while it runs. Written by its own thread alone."""

    applied: int = 0
    refused: int = 0
    unchanged: int = 0
    rebuilds: int = 0
    drift: int = 0
    duration: Histogram = field(default_factory=Histogram)
    event_to_serve: Histogram = field(default_factory=Histogram)
    last_was_successful: bool = True
    last_success_at: float = 0.0
    last_scan_at: float = 0.0


def exposed(counters: Counters, status: Status, *, agents: int, is_armed: bool) -> tuple[Metric, ...]:
    """All metrics of a watch; points in time are Unix seconds."""
    reloads = {"applied": counters.applied, "refused": counters.refused, "unchanged": counters.unchanged}
    by_result = tuple(Sample(count, {"result": result}) for result, count in reloads.items())
    revision = (Sample(1, {"attempted": status.attempted or "", "applied": status.applied}),)
    return (
        _gauge("last_reload_successful", "whether the last reload was applied whole", counters.last_was_successful),
        _gauge("last_reload_success_timestamp_seconds", "when a reload last succeeded", counters.last_success_at),
        Metric("agentconf_reload_total", "counter", "reloads by their result", by_result),
        Metric(
            "agentconf_reload_duration_seconds",
            "histogram",
            "from the first look at a change to its being served",
            counters.duration.samples(),
        ),
        Metric(
            "agentconf_event_to_serve_seconds",
            "histogram",
            "from the first event to the change being served",
            counters.event_to_serve.samples(),
        ),
        _gauge("agents", "agents served", agents),
        _gauge("agents_quarantined", "agents whose newest configuration is refused", len(status.quarantined)),
        _gauge("generation", "the generation served", status.generation),
        Metric("agentconf_revision_info", "gauge", "the digests attempted and applied", revision),
        _gauge("watch_armed", "whether events are listened to; without, the folder is swept", is_armed),
        _counter("watch_rebuilds_total", "how often the watcher had to be set up anew", counters.rebuilds),
        _counter("sweep_found_drift_total", "changes that a sweep found and no event told of", counters.drift),
        _gauge("last_full_scan_timestamp_seconds", "when the whole folder was last looked at", counters.last_scan_at),
    )


def _gauge(name: str, text: str, value: float) -> Metric:
    return Metric(f"agentconf_{name}", "gauge", text, (Sample(float(value)),))


def _counter(name: str, text: str, value: float) -> Metric:
    return Metric(f"agentconf_{name}", "counter", text, (Sample(float(value)),))
