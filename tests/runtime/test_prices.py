from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.config.agent import Cost
from agentconf.runtime.prices import Price, Prices
from agentconf.runtime.tokens import Tokens
from agentconf.snapshot.snapshot import Snapshot
from agentconf.testing import snapshot_of

MODELS = {
    "models": {
        "local/mine": {"mode": "chat", "max_input_tokens": 8000, "input_per_million": 1, "output_per_million": 2},
        "local/cached": {"input_per_million": 1, "output_per_million": 2, "cached_input_per_million": 0.5},
        "local/half": {"mode": "chat", "input_per_million": 1},
        "local/free": {"input_per_million": 0, "output_per_million": 0},
        "azure/by-type": {"input_per_million": 3, "output_per_million": 4, "max_output_tokens": 100},
        "openai/gpt-4.1": {"input_per_million": 7},
    }
}


def tree(llm: dict[str, Any], **more: Any) -> Snapshot:
    return snapshot_of({"a": {"llm": llm, **more}, "_models": MODELS})


def price_of(llm: dict[str, Any], **more: Any) -> Price | None:
    snapshot = tree(llm, **more)
    return Prices(snapshot).of(snapshot["a"], snapshot["a"].llm)


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("local/mine", Price(1, 2)),
        ("local/cached", Price(1, 2, 0.5)),
        ("local/half", None),
        ("local/free", Price(0, 0)),
        ("local/nobody-knows", None),
    ],
)
def test_what_the_tree_says_of_models(model: str, price: Price | None) -> None:
    assert price_of({"model": model}) == price


def test_the_price_of_litellms_file_is_the_last_to_be_asked() -> None:
    found = price_of({"model": "openai/gpt-4.1-mini"})
    assert found is not None
    assert found.input_per_million > 0
    corrected = price_of({"model": "openai/gpt-4.1"})
    assert corrected is not None
    assert corrected.input_per_million == 7
    assert corrected.output_per_million not in {0, 7}


def test_a_cost_of_its_own_wins_key_by_key() -> None:
    assert price_of({"model": "local/cached", "cost": {"output_per_million": 9}}) == Price(1, 9, 0.5)
    assert price_of({"model": "local/half", "cost": {"output_per_million": 0}}) == Price(1, 0)
    assert price_of({"model": "local/nobody-knows", "cost": {"input_per_million": 1}}) is None


def test_a_provider_with_a_name_of_its_own_is_looked_up_by_its_type() -> None:
    providers = {"azure-eu": {"type": "azure", "api_base": "https://eu.example.net"}}
    snapshot = snapshot_of({
        "a": {"llm": {"model": "azure-eu/by-type"}}, "_defaults": {"providers": providers}, "_models": MODELS,
    })  # fmt: skip
    prices, agent = Prices(snapshot), snapshot["a"]
    assert prices.of(agent, agent.llm) == Price(3, 4)
    facts = prices.facts(agent, agent.llm)
    assert facts is not None
    assert facts.max_output_tokens == 100


def test_fallbacks_have_prices_and_facts_of_their_own() -> None:
    snapshot = tree({"model": "local/mine", "fallbacks": [{"model": "local/free"}, {"model": "local/unheard"}]})
    prices, agent = Prices(snapshot), snapshot["a"]
    assert [prices.of(agent, entry) for entry in agent.llm.fallbacks] == [Price(0, 0), None]
    assert prices.facts(agent, agent.llm.fallbacks[1]) is None
    primary = prices.facts(agent, agent.llm)
    assert primary is not None
    assert primary.max_input_tokens == 8000


def test_an_entry_without_a_model_has_neither() -> None:
    snapshot = snapshot_of({"a": {}})
    prices, agent = Prices(snapshot), snapshot["a"]
    nameless = agent.llm.model_copy(update={"model": None})
    assert prices.of(agent, nameless) is None
    assert prices.facts(agent, nameless) is None


def test_what_is_kept_is_bounded() -> None:
    snapshot = tree({"model": "local/mine"})
    prices, agent = Prices(snapshot), snapshot["a"]
    for number in range(10_050):
        cost = Cost(input_per_million=float(number), output_per_million=1.0)
        assert prices.of(agent, agent.llm.model_copy(update={"cost": cost})) == Price(number, 1)
    assert len(prices._known) <= 10_000


def test_the_cost_of_tokens() -> None:
    price = Price(2, 8, 0.5)
    assert price.cost(Tokens(1_000_000, 500_000)) == 6
    assert price.cost(Tokens(1_000_000, 0, cached=400_000)) == pytest.approx(1.4)
    assert Price(2, 8).cost(Tokens(1_000_000, 0, cached=400_000)) == 2
    assert price.cost(Tokens(10, 0, cached=20)) == pytest.approx(10 * 0.5 / 1e6)
    assert Price(0, 0).cost(Tokens(10**9, 10**9)) == 0


def test_reasoning_is_among_what_came_out() -> None:
    assert Price(0, 1_000_000).cost(Tokens(0, 5, reasoning=4)) == 5


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7), st.floats(0, 100), st.floats(0, 100))
def test_cached_tokens_never_cost_more_than_their_price_says(
    into: int, out: int, cached: int, price_in: float, price_out: float
) -> None:
    tokens = Tokens(into, out, cached)
    plain = Price(price_in, price_out).cost(tokens)
    assert 0 <= Price(price_in, price_out, price_in / 2).cost(tokens) <= plain * (1 + 1e-12)
    assert plain == pytest.approx((into * price_in + out * price_out) / 1e6)


def test_which_of_two_is_cheaper() -> None:
    assert Price(1, 2).is_below(Price(2, 2))
    assert not Price(2, 2).is_below(Price(2, 2))
