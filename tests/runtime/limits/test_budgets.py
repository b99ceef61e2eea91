from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentconf.errors import BudgetExceeded, LimitExceeded, PriceUnknown
from agentconf.runtime.limits.ask import NOTHING, Spent
from agentconf.runtime.limits.guard import FREE, Guard
from agentconf.runtime.limits.periods import PERS, Per, end_of, periods_at
from agentconf.runtime.prices import Price
from agentconf.runtime.tokens import Tokens
from tests.runtime.limits.support import (
    MODEL,
    NOON,
    TREE,
    Clock,
    agent_with,
    ask,
    budget,
    guard_at,
    metric_of,
    took,
)


def spent_of(guard: Guard, agent_id: str = "a") -> float:
    found = guard.spent(TREE, None)[agent_id]
    return found.day_usd


def test_an_agent_without_limits_opens_nothing(guard: Guard, tmp_path: Path) -> None:
    for agent in (agent_with(None), agent_with({})):
        passage = guard.enter(ask(agent, price=None))
        assert passage is FREE
        passage.retake(ask(agent, price=None), None)
        passage.leave(took(5))
    assert list(tmp_path.iterdir()) == []


def test_a_call_that_no_budget_will_ever_hold_is_told_so(guard: Guard) -> None:
    with pytest.raises(BudgetExceeded, match="does not hold this call then either: lower its max_tokens, or raise"):
        guard.enter(ask(agent_with(budget(0.5))))


def test_a_budget_lets_in_what_it_holds(guard: Guard) -> None:
    agent = agent_with(budget(3))
    for _ in range(3):
        guard.enter(ask(agent)).leave(took(1))
    with pytest.raises(BudgetExceeded) as refused:
        guard.enter(ask(agent))
    assert str(refused.value) == (
        "the agent 'a' may spend $3.00 a day, of which $3.00 is spent or reserved; a call of 'openai/gpt-4.1' may "
        "cost $1.00; the budget begins anew at 2027-05-15 00:00 UTC"
    )
    assert refused.value.resets_at == datetime(2027, 5, 15, tzinfo=UTC)
    assert refused.value.retry_after_s == 11.5 * 3600
    assert not refused.value.may_fall_back
    assert metric_of(guard, "limit_refusals_total") == {("a", "budget"): 1}


def test_what_is_reserved_is_taken_until_it_is_settled(guard: Guard) -> None:
    agent = agent_with(budget(10))
    first = guard.enter(ask(agent, 8))
    with pytest.raises(BudgetExceeded):
        guard.enter(ask(agent, 3))
    assert guard.spent(TREE, None)["a"].reserved_usd == 8
    assert spent_of(guard) == 0
    first.leave(took(2))
    guard.enter(ask(agent, 8)).leave(took(8))
    assert spent_of(guard) == 10
    assert guard.spent(TREE, None)["a"].reserved_usd == 0


def test_a_passage_is_left_once(guard: Guard) -> None:
    passage = guard.enter(ask(agent_with(budget(10))))
    passage.leave(took(2))
    passage.leave(took(2))
    passage.retake(ask(agent_with(budget(10))), None)
    assert spent_of(guard) == 2


def test_the_cost_that_is_told_wins_over_the_price(guard: Guard) -> None:
    agent = agent_with(budget(10))
    guard.enter(ask(agent)).leave(Spent(Tokens(5), 0.25))
    assert spent_of(guard) == 0.25
    guard.enter(ask(agent)).leave(Spent(Tokens(5), float("nan")))
    assert spent_of(guard) == 0.25


def test_a_budget_of_nothing_lets_free_calls_through(guard: Guard) -> None:
    agent = agent_with(budget(0))
    guard.enter(ask(agent, price=Price(0, 0))).leave(took(100))
    with pytest.raises(BudgetExceeded):
        guard.enter(ask(agent))


@pytest.mark.parametrize("on_exceeded", ["block", "warn", "fallback"])
def test_an_unknown_price_under_a_budget_refuses(guard: Guard, on_exceeded: str) -> None:
    agent = agent_with(budget(10, on_exceeded=on_exceeded))
    with pytest.raises(PriceUnknown, match=r"nobody knows what 'openai/gpt-4.1' costs: write its cost beside"):
        guard.enter(ask(agent, price=None, is_beyond_budget=True))
    assert metric_of(guard, "limit_refusals_total") == {("a", "budget"): 1}


def test_without_a_budget_an_unknown_price_is_nobodys_business(guard: Guard) -> None:
    guard.enter(ask(agent_with({"max_parallel": 1}), price=None)).leave(took(1))
    assert spent_of(guard) == 0


def test_a_budget_that_is_added_knows_what_was_spent_before(guard: Guard) -> None:
    guard.enter(ask(agent_with({"max_parallel": 1}))).leave(took(9))
    with pytest.raises(BudgetExceeded):
        guard.enter(ask(agent_with(budget(10)), 2))


@pytest.mark.parametrize("per", PERS)
def test_a_budget_begins_anew_at_the_border_and_not_before(guard: Guard, clock: Clock, per: Per) -> None:
    agent = agent_with(budget(1, per))
    guard.enter(ask(agent)).leave(took(1))
    clock.now = end_of(per, periods_at(NOON).start(per)) - 0.001
    with pytest.raises(BudgetExceeded) as refused:
        guard.enter(ask(agent))
    assert refused.value.retry_after_s == pytest.approx(0.001, abs=1e-5)
    clock.now = refused.value.resets_at.timestamp()
    guard.enter(ask(agent)).leave(took(1))


def test_a_change_of_period_by_reload_forgets_nothing(guard: Guard, clock: Clock) -> None:
    guard.enter(ask(agent_with(budget(10, "hour")), 10)).leave(took(10))
    clock.now += 3600
    with pytest.raises(BudgetExceeded):
        guard.enter(ask(agent_with(budget(10, "day"))))
    guard.enter(ask(agent_with(budget(10, "hour")))).leave(took(1))


def test_a_call_over_the_border_counts_where_it_began(guard: Guard, clock: Clock) -> None:
    agent = agent_with(budget(10))
    late = guard.enter(ask(agent, 4))
    clock.now += 86400
    early = guard.enter(ask(agent, 10))
    late.leave(took(7))
    early.leave(took(3))
    found = guard.spent(TREE, None)["a"]
    assert (found.day_usd, found.month_usd, found.reserved_usd) == (3, 10, 0)


def test_a_clock_that_is_set_back_gives_no_new_budget(guard: Guard, clock: Clock) -> None:
    agent = agent_with(budget(10, "hour"))
    guard.enter(ask(agent, 10)).leave(took(10))
    for back in (3600, 86400, 40 * 86400):
        clock.now = NOON - back
        with pytest.raises(BudgetExceeded):
            guard.enter(ask(agent))
    clock.now += 3600
    guard.enter(ask(agent)).leave(took(1))


def test_trees_environments_and_agents_have_budgets_of_their_own(guard: Guard) -> None:
    one = ask(agent_with(budget(1)))
    other_tree = type(one)(one.agent, "/srv/other", MODEL, one.price, one.tokens)
    in_prod = type(one)(one.agent.model_copy(update={"environment": "prod"}), TREE, MODEL, one.price, one.tokens)
    for each in (one, other_tree, in_prod, ask(agent_with(budget(1), "b"))):
        guard.enter(each).leave(took(1))
        with pytest.raises(BudgetExceeded):
            guard.enter(each)
    assert set(guard.spent(TREE, None)) == {"a", "b"}
    assert set(guard.spent(TREE, "prod")) == {"a"}
    assert guard.spent(TREE, "dev") == {}


def test_a_budget_outlives_its_process_and_a_tightened_one_holds_at_once(tmp_path: Path) -> None:
    first = guard_at(tmp_path)
    first.enter(ask(agent_with(budget(10)), 5)).leave(took(5))
    first.close()
    second = guard_at(tmp_path)
    with pytest.raises(BudgetExceeded):
        second.enter(ask(agent_with(budget(5))))
    second.close()


# -- beyond the budget


def test_warn_says_so_once_a_period_and_lets_pass(
    guard: Guard, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    agent = agent_with(budget(1, on_exceeded="warn", alert_at=1))
    for _ in range(3):
        guard.enter(ask(agent)).leave(took(1))
    assert [record.message for record in caplog.records if "no room" in record.message] == [
        "the agent 'a' has no room left in its budget of $1.00 a day: its calls go on, until 2027-05-15 00:00 UTC"
    ]
    clock.now += 86400
    for _ in range(3):
        guard.enter(ask(agent)).leave(took(1))
    assert metric_of(guard, "budget_overruns_total") == {("a",): 2}


def test_fallback_asks_for_a_cheaper_entry_which_is_counted_and_let_in(guard: Guard) -> None:
    agent = agent_with(budget(10, on_exceeded="fallback"))
    guard.enter(ask(agent, 10)).leave(took(10))
    with pytest.raises(BudgetExceeded) as refused:
        guard.enter(ask(agent, 5))
    assert refused.value.may_fall_back
    guard.enter(ask(agent, 2, is_beyond_budget=True)).leave(took(2))
    assert spent_of(guard) == 12


def test_the_next_entry_exchanges_the_reservation_for_its_own(guard: Guard) -> None:
    agent = agent_with({**budget(10), "max_parallel": 1})
    passage = guard.enter(ask(agent, 8))
    passage.retake(ask(agent, 4), took(3))
    found = guard.spent(TREE, None)["a"]
    assert (found.day_usd, found.reserved_usd) == (3, 4)
    with pytest.raises(LimitExceeded):
        guard.enter(ask(agent))
    passage.leave(took(5))
    assert spent_of(guard) == 8


@pytest.mark.parametrize("price", [Price(1e6, 1e6), None])
def test_an_entry_that_may_not_be_called_settles_the_one_before(guard: Guard, price: Price | None) -> None:
    agent = agent_with(budget(10))
    passage = guard.enter(ask(agent, 8))
    with pytest.raises(LimitExceeded) as refused:
        passage.retake(ask(agent, 9, price=price), took(2))
    assert isinstance(refused.value, BudgetExceeded if price else PriceUnknown)
    assert guard.spent(TREE, None)["a"].reserved_usd == 0
    assert spent_of(guard) == 2
    passage.retake(ask(agent, 8), None)
    passage.leave(NOTHING)
    assert spent_of(guard) == 2


# -- laws

COSTS = st.integers(0, 5)
CALLS = st.lists(st.tuples(st.floats(0, 30 * 3600), COSTS, COSTS, st.integers(0, 3)), max_size=30)


@settings(max_examples=40)
@given(CALLS, st.sampled_from(PERS), st.integers(1, 12))
def test_beside_a_simple_model(calls: list[tuple[float, int, int, int]], per: Per, usd: int) -> None:
    """Each call: seconds after the last, what is reserved, what it takes, and how many begin before it ends."""
    agent, clock = agent_with(budget(usd, per)), Clock(NOON)
    taken: dict[int, int] = {}
    open_calls = []
    with TemporaryDirectory() as folder:
        guard = guard_at(Path(folder), clock)
        for number, (later, reserved, actual, overlap) in enumerate(calls):
            clock.now += later
            period = periods_at(clock.now).start(per)
            fits = taken.get(period, 0) + reserved <= usd
            try:
                passage = guard.enter(ask(agent, reserved))
            except BudgetExceeded:
                assert not fits
            else:
                assert fits
                taken[period] = taken.get(period, 0) + reserved
                open_calls.append((number + overlap, passage, period, reserved, actual))
            for call in [one for one in open_calls if one[0] <= number]:
                open_calls.remove(call)
                call[1].leave(took(call[4]))
                taken[call[2]] += call[4] - call[3]
        for _, passage, period, reserved, actual in open_calls:
            passage.leave(took(actual))
            taken[period] += actual - reserved
        found = guard.spent(TREE, None).get("a")
        assert (found.usd(per) if found else 0) == taken.get(periods_at(clock.now).start(per), 0)
        guard.close()


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1e-3), max_size=40))
def test_sums_are_exact_to_a_billionth(costs: list[float]) -> None:
    agent = agent_with(budget(1e6))
    with TemporaryDirectory() as folder:
        guard = guard_at(Path(folder))
        for cost in costs:
            guard.enter(ask(agent)).leave(Spent(Tokens(1), cost))
        found = guard.spent(TREE, None)
        guard.close()
    billionths = sum(round(cost * 1e9) for cost in costs)
    assert (found["a"].day_usd if found else 0) == billionths / 1e9


def test_the_periods_of_a_year_hold_what_was_spent_in_them(guard: Guard, clock: Clock) -> None:
    agent = agent_with(budget(1, "month"))
    clock.now = datetime(2027, 12, 15, tzinfo=UTC).timestamp()
    resets = []
    for _ in range(15):
        guard.enter(ask(agent)).leave(took(1))
        with pytest.raises(BudgetExceeded) as refused:
            guard.enter(ask(agent))
        resets.append(refused.value.resets_at)
        clock.now = refused.value.resets_at.timestamp()
    assert resets[0] == datetime(2028, 1, 1, tzinfo=UTC)
    assert resets[2] == datetime(2028, 3, 1, tzinfo=UTC)
    days = [(later - earlier).days for earlier, later in pairwise(resets)]
    assert days[:12] == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
