"""What limits say of themselves: alerts, log lines and counts."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from agentconf.config.agent import Agent
from agentconf.live.metrics import Metric, Sample
from agentconf.runtime.limits.periods import Per, at, end_of
from agentconf.runtime.limits.store import PER_DOLLAR, Claim
from agentconf.runtime.limits.wording import dollars, moment

_log = logging.getLogger("agentconf.runtime")

ALERTS: Final = "agentconf_budget_alerts_total"
OVERRUNS: Final = "agentconf_budget_overruns_total"
REFUSALS: Final = "agentconf_limit_refusals_total"
UNSETTLED: Final = "agentconf_limits_unsettled_total"
_HELP: Final = {
    ALERTS: "Budgets whose spend reached alert_at, once a period.",
    OVERRUNS: "Budgets that calls went beyond as on_exceeded allows, once a period.",
    REFUSALS: "Calls that a limit refused.",
    UNSETTLED: "Calls whose settlement had to wait, since the counters could not be written.",
}


@dataclass(frozen=True, slots=True)
class Alert:
    """An agent has spent the share `alert_at` of its budget. Once a period, among all processes of the machine."""

    agent: str
    environment: str | None
    tree: str
    spent_usd: float
    budget_usd: float
    per: Per
    resets_at: datetime


@dataclass(slots=True)
class Herald:
    """Says what is to be said, and counts it. `on_alert` is called where the call is; what it raises is logged."""

    on_alert: Callable[[Alert], None] | None = None
    _counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def alert(self, agent: Agent, claim: Claim, spent: int) -> None:
        per, usd = claim.bounds.per, claim.bounds.usd or 0
        resets_at = at(end_of(per, claim.periods.start(per)))
        spent_usd, budget_usd = spent / PER_DOLLAR, usd / PER_DOLLAR
        said = Alert(agent.id, agent.environment, claim.key.tree, spent_usd, budget_usd, per, resets_at)
        self.count(ALERTS, agent)
        _log.warning(
            "the agent '%s' has spent %s of its budget of %s a %s, which begins anew at %s",
            agent.id, dollars(spent), dollars(usd), per, moment(resets_at),
            extra={"agentconf": {"event": "budget-alert", "agent": agent.id, "environment": agent.environment}},
        )  # fmt: skip
        if self.on_alert is not None:
            try:
                self.on_alert(said)
            except Exception:  # noqa: BLE001  # whatever a service does with it, the call goes on
                _log.exception("the callback for alerts failed, for the agent '%s'", agent.id)

    def overrun(self, agent: Agent, claim: Claim, *, goes_on: str) -> None:
        per, usd = claim.bounds.per, claim.bounds.usd or 0
        self.count(OVERRUNS, agent)
        _log.warning(
            "the agent '%s' has no room left in its budget of %s a %s: %s, until %s",
            agent.id, dollars(usd), per, goes_on, moment(at(end_of(per, claim.periods.start(per)))),
            extra={"agentconf": {"event": "budget-overrun", "agent": agent.id, "environment": agent.environment}},
        )  # fmt: skip

    def count(self, name: str, agent: Agent, limit: str = "") -> None:
        with self._lock:
            self._counts[name, agent.id, limit] += 1

    def metrics(self) -> tuple[Metric, ...]:
        with self._lock:
            counted = sorted(self._counts.items())
        return tuple(
            Metric(name, "counter", text, tuple(_sample(key, count) for key, count in counted if key[0] == name))
            for name, text in _HELP.items()
        )


def _sample(key: tuple[str, str, str], count: int) -> Sample:
    _, agent, limit = key
    return Sample(count, {"agent": agent, "limit": limit} if limit else {"agent": agent})
