"""What is counted up, compared with what was written."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentconf.runtime.tokens import Tokens
from agentconf.runtime.usage.question import Key, Question
from agentconf.runtime.usage.report import Report, Usage
from agentconf.runtime.usage.store import UsageStore
from tests.runtime.usage.support import DAY_S, NOON, call, url_of


def report(store: UsageStore, *by: Key, **asked: object) -> Report:
    found = store.report(Question(by or ("agent",), **asked))  # type: ignore[arg-type]
    assert found is not None
    return found


def by_key(found: Report, name: Key) -> dict[str | None, Usage]:
    return {usage.key[name]: usage for usage in found.rows}


def test_sums_by_agent_the_dearest_first(store: UsageStore) -> None:
    store.write([call("a"), call("a", cost_usd=0.25), call("b", cost_usd=3.0, tokens=Tokens(7, 8, 3, 2))])
    found = report(store)
    assert [usage.key["agent"] for usage in found.rows] == ["b", "a"]
    assert found.rows[0].tokens == Tokens(7, 8, 3, 2)
    assert (found.rows[1].calls, found.rows[1].cost_usd, found.rows[1].tokens) == (2, 0.75, Tokens(200, 20))
    assert (found.total.calls, found.total.cost_usd, found.total.tokens.input) == (3, 3.75, 207)


def test_an_unknown_cost_is_never_nothing(store: UsageStore) -> None:
    store.write([call("free", cost_usd=0.0), call("unknown", cost_usd=None)])
    store.write([call("mixed", cost_usd=None), call("mixed")])
    found = by_key(report(store), "agent")
    assert {name: (usage.cost_usd, usage.unpriced) for name, usage in found.items()} == {
        "free": (0.0, 0), "unknown": (None, 1), "mixed": (0.5, 1),
    }  # fmt: skip


def test_a_call_that_failed_before_a_token_costs_nothing_that_is_unknown(store: UsageStore) -> None:
    store.write([call(model=None, error="Timeout", cost_usd=None, tokens=Tokens())])
    store.write([call(error="APIConnectionError", cost_usd=None, tokens=Tokens(5, 3))])  # a stream that broke
    assert (report(store).total.unpriced, report(store).total.failed) == (1, 2)


def test_a_fallback_is_another_model_than_was_asked_first(store: UsageStore) -> None:
    store.write([call(), call(model="openai/large"), call(model=None, error="Timeout"), call()])
    assert (report(store).total.fallback_share, report(store).total.error_rate) == (0.25, 0.25)


def test_what_failed_counts_with_the_model_it_was_meant_for(store: UsageStore) -> None:
    store.write([call(), call(model=None, error="Timeout"), call(model=None, model_asked="", error="NoModel")])
    found = by_key(report(store, "model"), "model")
    assert {name: usage.calls for name, usage in found.items()} == {"openai/small": 2, "none": 1}


def test_days_are_utc_and_in_their_order(store: UsageStore) -> None:
    midnight = NOON + DAY_S / 2
    store.write([call(at=midnight), call(at=midnight - 0.001, cost_usd=9.0), call(at=midnight + 5)])
    assert [(usage.key["day"], usage.calls) for usage in report(store, "day").rows] == [
        ("2026-11-20", 1), ("2026-11-21", 2),
    ]  # fmt: skip


def test_variants_and_environments_keep_those_who_have_none(store: UsageStore) -> None:
    store.write([call(variant="x"), call(environment=None), call()])
    assert by_key(report(store, "variant"), "variant").keys() == {"x", None}
    assert by_key(report(store, "environment"), "environment").keys() == {"prod", None}


def test_only_what_was_asked_for(store: UsageStore) -> None:
    store.write([call(agent, environment=env, tree=tree, at=at) for agent in "ab" for env in ("dev", "prod")
                 for tree in ("here", "there") for at in (NOON, NOON + 60)])  # fmt: skip
    assert report(store, agents=("a",)).total.calls == 8
    assert report(store, agents=("a", "b"), environments=("prod",), trees=("here",)).total.calls == 4
    assert report(store, since=NOON + 60).total.calls == 8
    assert report(store, until=NOON + 60).total.calls == 8
    found = report(store, since=NOON, until=NOON + 61)
    assert (found.total.calls, found.first, found.last) == (16, NOON, NOON + 60)
    assert report(store, agents=("c",)).rows == []
    assert report(store, agents=("c",)).total.calls == 0


def test_what_callers_users_paid_is_apart(store: UsageStore) -> None:
    store.write([call(), call(is_own=True, cost_usd=40.0)])
    assert (report(store).total.cost_usd, report(store).own_calls) == (0.5, 1)
    assert (report(store, is_own=True).total.cost_usd, report(store, is_own=True).own_calls) == (40.0, 1)


def test_an_estimate_among_the_tokens_is_told(store: UsageStore) -> None:
    store.write([call("a"), call("b"), call("b", tokens=Tokens(1, 1, is_estimated=True))])
    found = by_key(report(store), "agent")
    assert not found["a"].tokens.is_estimated
    assert found["b"].tokens.is_estimated


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 400_000)), min_size=1, max_size=60))
def test_percentiles_are_latencies_that_calls_had(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, int]]
) -> None:
    store = UsageStore(url_of(tmp_path_factory.mktemp("db") / "usage.sqlite3"))
    store.write([call(agent, latency_s=(ms + 0.5) / 1000) for agent, ms in said])
    store.write([call(agent, latency_s=9_999.0, error="Timeout") for agent, _ in said])
    for usage in report(store).rows:
        ordered = sorted(ms for agent, ms in said if agent == usage.key["agent"])
        for share, seconds in ((0.5, usage.p50_s), (0.95, usage.p95_s)):
            assert seconds == ordered[math.ceil(share * len(ordered)) - 1] / 1000
    store.close()


def test_without_an_answer_there_is_no_latency(store: UsageStore) -> None:
    store.write([call(model=None, error="Timeout")])
    assert (report(store).total.p50_s, report(store).total.p95_s) == (None, None)


def test_a_report_is_of_one_moment(store: UsageStore, file: Path) -> None:
    store.write([call() for _ in range(10)])
    found = report(store, "agent", "day")
    assert sum(usage.calls for usage in found.rows) == found.total.calls == 10
