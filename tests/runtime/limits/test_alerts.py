from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agentconf.errors import BudgetExceeded
from agentconf.runtime.limits.alert import Alert
from agentconf.runtime.limits.guard import Guard
from tests.runtime.limits.support import TREE, Clock, agent_with, ask, budget, guard_at, metric_of, took


def test_an_alert_at_the_share_once_a_period(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    alerts: list[Alert] = []
    clock = Clock()
    guard = guard_at(tmp_path, clock, alerts.append)
    agent = agent_with(budget(10, alert_at=0.5))
    for _ in range(4):
        guard.enter(ask(agent)).leave(took(1))
    assert alerts == []
    for _ in range(3):
        guard.enter(ask(agent)).leave(took(1))
    assert alerts == [Alert("a", None, TREE, 5.0, 10.0, "day", datetime(2027, 5, 15, tzinfo=UTC))]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("agentconf.runtime", logging.WARNING)
    assert record.message == (
        "the agent 'a' has spent $5.00 of its budget of $10.00 a day, which begins anew at 2027-05-15 00:00 UTC"
    )
    clock.now += 86400
    for _ in range(6):
        guard.enter(ask(agent)).leave(took(1))
    assert metric_of(guard, "budget_alerts_total") == {("a",): 2}
    guard.close()


def test_once_among_all_who_share_the_counters(tmp_path: Path) -> None:
    alerts: list[Alert] = []
    guards = [guard_at(tmp_path, Clock(), alerts.append) for _ in range(3)]
    agent = agent_with(budget(10, alert_at=0.5))
    for guard in (*guards, *guards):
        guard.enter(ask(agent)).leave(took(1))
    assert len(alerts) == 1
    for guard in guards:
        guard.close()


def test_a_reservation_raises_no_alert_and_a_lowered_budget_does(tmp_path: Path) -> None:
    alerts: list[Alert] = []
    guard = guard_at(tmp_path, Clock(), alerts.append)
    passage = guard.enter(ask(agent_with(budget(10, alert_at=0.5)), 9))
    passage.leave(took(4))
    assert alerts == []
    with pytest.raises(BudgetExceeded):
        guard.enter(ask(agent_with(budget(4, alert_at=0.5))))
    assert [(alert.spent_usd, alert.budget_usd) for alert in alerts] == [(4.0, 4.0)]
    guard.close()


def test_the_next_entry_may_raise_it(tmp_path: Path) -> None:
    alerts: list[Alert] = []
    guard = guard_at(tmp_path, Clock(), alerts.append)
    agent = agent_with(budget(10, alert_at=0.5))
    passage = guard.enter(ask(agent, 1))
    passage.retake(ask(agent, 1), took(6))
    passage.leave(took(0))
    assert [alert.spent_usd for alert in alerts] == [6.0]
    guard.close()


def test_a_callback_that_fails_disturbs_no_call(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def fail(alert: Alert) -> None:
        raise RuntimeError("the pager is down")

    guard = guard_at(tmp_path, Clock(), fail)
    guard.enter(ask(agent_with(budget(1)))).leave(took(1))
    assert "the callback for alerts failed, for the agent 'a'" in caplog.text
    guard.close()


def test_amounts_read_as_people_write_them(guard: Guard) -> None:
    agent = agent_with(budget(0.0025))
    guard.enter(ask(agent, 0)).leave(took(0))
    with pytest.raises(BudgetExceeded, match=r"spend \$0\.0025 a day, of which \$0\.00 is .* cost \$1,234\.00"):
        guard.enter(ask(agent, 1234))
