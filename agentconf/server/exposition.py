"""Metrics in Prometheus's text format, version 0.0.4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from agentconf.live.metrics import Metric

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def exposition(metrics: Iterable[Metric], labels: Mapping[str, str] = MappingProxyType({})) -> str:
    """Each metric with its help and its kind. Those of one name, as parts of the server give them, become one.

    `labels` are those that every sample gets.
    """
    by_name: dict[str, list[Metric]] = {}
    for metric in metrics:
        by_name.setdefault(metric.name, []).append(metric)
    return "".join(line + "\n" for same in by_name.values() for line in _lines(same, labels))


def _lines(same: list[Metric], labels: Mapping[str, str]) -> Iterator[str]:
    first = same[0]
    yield f"# HELP {first.name} {_escaped(first.help)}"
    yield f"# TYPE {first.name} {first.kind}"
    for metric in same:
        for sample in metric.samples:
            yield f"{first.name}{sample.suffix}{_labels({**labels, **sample.labels})} {_number(sample.value)}"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_quoted(value)}"' for name, value in labels.items()) + "}"


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
