"""How many requests were answered, and how."""

from __future__ import annotations

from agentconf.live.metrics import Metric, Sample


class Tally:
    """Answers by their status."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def count(self, status: int) -> None:
        if status:
            self._counts[status] = self._counts.get(status, 0) + 1

    def metrics(self) -> tuple[Metric, ...]:
        samples = tuple(Sample(count, {"code": str(code)}) for code, count in sorted(self._counts.items()))
        return (Metric("agentconf_http_requests_total", "counter", "requests answered by their status", samples),)
