"""What was used, counted up: sums, shares and latencies. What is unknown is None, and never 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentconf.runtime.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Usage:
    """The calls of one group. `key` has its values by the names asked for; None where a call has none.

    `cost_usd` sums up the calls whose cost is known, None where that is none of them; `unpriced` is how many have an
    unknown one. `failed` counts calls that ended in an error, `fallbacks` those that another model answered than the
    first tried. Latencies are of the calls without an error, in seconds, to the millisecond; None where there is none.
    """

    key: Mapping[str, str | None]
    calls: int = 0
    failed: int = 0
    fallbacks: int = 0
    unpriced: int = 0
    cost_usd: float | None = None
    tokens: Tokens = field(default_factory=Tokens)
    p50_s: float | None = None
    p95_s: float | None = None

    @property
    def error_rate(self) -> float:
        return self.failed / self.calls if self.calls else 0.0

    @property
    def fallback_share(self) -> float:
        return self.fallbacks / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """The groups, the dearest first (days in their order), and all of them together.

    `first` and `last` are when the first and the last of these calls began, in Unix seconds; None without calls.
    `own_calls` are those that callers' users paid and that are not among these, or the other way round.
    """

    rows: Sequence[Usage]
    total: Usage
    first: float | None = None
    last: float | None = None
    own_calls: int = 0
