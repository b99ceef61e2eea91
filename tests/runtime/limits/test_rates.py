from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentconf.errors import LimitExceeded
from agentconf.runtime.limits.guard import Guard
from tests.runtime.limits.support import NOON, Clock, agent_with, ask, guard_at, metric_of, took


def refusal(guard: Guard, limits: dict[str, int], tokens: int = 1) -> LimitExceeded:
    with pytest.raises(LimitExceeded) as refused:
        guard.enter(ask(agent_with(limits), tokens))
    return refused.value


def test_calls_a_minute(guard: Guard, clock: Clock) -> None:
    limits = {"requests_per_minute": 3}
    for _ in range(3):
        guard.enter(ask(agent_with(limits))).leave(took(1))
        clock.now += 10
    refused = refusal(guard, limits)
    assert str(refused) == "the agent 'a' may make 3 calls a minute, and has made 3; try again in 31 s"
    assert (refused.limit, refused.retry_after_s) == ("requests_per_minute", 31)
    clock.now += 31
    guard.enter(ask(agent_with(limits))).leave(took(1))
    assert refusal(guard, limits).retry_after_s == 10
    assert metric_of(guard, "limit_refusals_total") == {("a", "requests_per_minute"): 2}


def test_one_is_one(guard: Guard) -> None:
    limits = {"requests_per_minute": 1}
    guard.enter(ask(agent_with(limits))).leave(took(1))
    assert "may make 1 call a minute, and has made 1" in str(refusal(guard, limits))
    passage = guard.enter(ask(agent_with({"max_parallel": 1})))
    assert str(refusal(guard, {"max_parallel": 1})).endswith("may have 1 call at the same time, and 1 is under way")
    passage.leave(took(1))


def test_what_is_refused_is_not_counted(guard: Guard, clock: Clock) -> None:
    limits = {"requests_per_minute": 1}
    guard.enter(ask(agent_with(limits))).leave(took(1))
    for _ in range(5):
        refusal(guard, limits)
        clock.now += 10
    clock.now = NOON + 61
    guard.enter(ask(agent_with(limits))).leave(took(1))


def test_tokens_a_minute_are_reserved_and_settled(guard: Guard, clock: Clock) -> None:
    limits = {"tokens_per_minute": 1000}
    passage = guard.enter(ask(agent_with(limits), 900))
    assert str(refusal(guard, limits, 200)) == (
        "the agent 'a' may use 1,000 tokens a minute, of which 900 are used or reserved; this call may need 200; "
        "try again in 61 s"
    )
    passage.leave(took(300))
    clock.now += 5
    guard.enter(ask(agent_with(limits), 700)).leave(took(700))
    assert refusal(guard, limits, 300).retry_after_s == 56
    assert refusal(guard, limits, 301).retry_after_s == 61


def test_a_call_that_needs_more_than_a_minute_gives_is_told_so(guard: Guard) -> None:
    refused = refusal(guard, {"tokens_per_minute": 1000}, 1001)
    assert refused.retry_after_s is None
    assert str(refused).endswith("may need 1,001: lower its max_tokens, or raise tokens_per_minute")


def test_the_next_entry_brings_its_own_tokens_and_is_no_further_call(guard: Guard, clock: Clock) -> None:
    limits = {"tokens_per_minute": 1000, "requests_per_minute": 2}
    agent = agent_with(limits)
    passage = guard.enter(ask(agent, 900))
    clock.now += 2
    passage.retake(ask(agent, 500), took(100))
    assert str(refusal(guard, limits, 401)).startswith("the agent 'a' may use 1,000 tokens a minute, of which 600 are")
    passage.leave(took(800))
    guard.enter(ask(agent, 100)).leave(took(100))
    assert refusal(guard, limits, 1).limit == "requests_per_minute"


def test_a_long_call_is_settled_after_its_minute(guard: Guard, clock: Clock) -> None:
    agent = agent_with({"tokens_per_minute": 1000})
    passage = guard.enter(ask(agent, 900))
    clock.now += 300
    guard.enter(ask(agent, 1000)).leave(took(1000))
    passage.leave(took(5000))
    clock.now += 61
    guard.enter(ask(agent, 1000)).leave(took(0))


def test_calls_at_the_same_time(guard: Guard) -> None:
    limits = {"max_parallel": 2}
    first, _ = (guard.enter(ask(agent_with(limits))) for _ in range(2))
    refused = refusal(guard, limits)
    assert str(refused) == "the agent 'a' may have 2 calls at the same time, and 2 are under way"
    assert (refused.limit, refused.retry_after_s) == ("max_parallel", None)
    first.leave(took(1))
    guard.enter(ask(agent_with(limits)))
    assert refusal(guard, limits).limit == "max_parallel"


def test_a_clock_that_was_ahead_does_not_block_for_long(guard: Guard, clock: Clock) -> None:
    agent = agent_with({"requests_per_minute": 1})
    clock.now = NOON + 86400
    guard.enter(ask(agent)).leave(took(1))
    clock.now = NOON
    guard._store._tidied_at = 0  # type: ignore[attr-defined]  # it tidies up every half minute
    guard.enter(ask(agent)).leave(took(1))


@settings(max_examples=40)
@given(st.lists(st.floats(0, 20), max_size=60), st.integers(1, 5))
def test_no_minute_has_more_calls_than_the_limit(gaps: list[float], most: int) -> None:
    clock = Clock(NOON)
    let_in: list[float] = []
    waits: list[float] = []
    agent = agent_with({"requests_per_minute": most})
    with TemporaryDirectory() as folder:
        guard = guard_at(Path(folder), clock)
        for gap in gaps:
            clock.now += gap
            try:
                guard.enter(ask(agent)).leave(took(1))
            except LimitExceeded as refused:
                waits.append(refused.retry_after_s or 0)
                assert sum(moment > clock.now - 61 for moment in let_in) >= most
            else:
                let_in.append(clock.now)
        guard.close()
    assert all(0 < wait <= 61 for wait in waits)
    for moment in let_in:
        assert sum(moment - 60 < other <= moment for other in let_in) <= most
