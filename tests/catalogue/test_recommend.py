from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.catalogue.compare import blended, compared, saving
from agentconf.catalogue.facts import Facts
from agentconf.catalogue.recommend import Candidate, Wish, fits, recommend
from agentconf.frozen import FrozenDict

TODAY = date(2026, 11, 21)


def facts_of(name: str = "p/m", **said: Any) -> Facts:
    can: FrozenDict[bool] = FrozenDict(said.pop("can", {}))
    return Facts(name, "litellm", capabilities=can, **{"mode": "chat", **said})


def priced(name: str, price_in: float | None, price_out: float | None, context: int | None = None) -> Facts:
    return facts_of(name, input_per_million=price_in, output_per_million=price_out, max_input_tokens=context)


@pytest.mark.parametrize(
    ("facts", "wish", "answer"),
    [
        (facts_of(), Wish(TODAY), True),
        (facts_of(mode="embedding"), Wish(TODAY), False),
        (facts_of(mode=None), Wish(TODAY), None),
        (facts_of(mode="embedding"), Wish(TODAY, mode=None), True),
        (facts_of(can={"vision": True}), Wish(TODAY, capabilities=frozenset(["vision"])), True),
        (facts_of(can={"vision": False}), Wish(TODAY, capabilities=frozenset(["vision"])), False),
        (facts_of(), Wish(TODAY, capabilities=frozenset(["vision"])), None),
        (facts_of(can={"tools": True}), Wish(TODAY, capabilities=frozenset(["function_calling"])), True),
        (facts_of(can={"vision": False}), Wish(TODAY, capabilities=frozenset(["vision", "tools"])), False),
        (facts_of(max_input_tokens=100), Wish(TODAY, min_context_tokens=100), True),
        (facts_of(max_input_tokens=99), Wish(TODAY, min_context_tokens=100), False),
        (facts_of(), Wish(TODAY, min_context_tokens=1), None),
        (facts_of(max_output_tokens=5), Wish(TODAY, min_output_tokens=6), False),
        (facts_of(), Wish(TODAY, max_input_price=1000), None),
        (facts_of(input_per_million=0), Wish(TODAY, max_input_price=0), True),
        (facts_of(output_per_million=2), Wish(TODAY, max_output_price=1), False),
        (priced("a", 1, None), Wish(TODAY, max_price=1000), None),
        (priced("a", 1, 5), Wish(TODAY, max_price=2), True),
        (priced("a", 1, 5), Wish(TODAY, max_price=1.9), False),
        (priced("a", 1, 5), Wish(TODAY, min_price=2.1), False),
        (facts_of(retires=TODAY), Wish(TODAY), False),
        (facts_of(retires=date(2026, 11, 22)), Wish(TODAY), True),
        (facts_of(regions=frozenset(["europe-west4"])), Wish(TODAY, region="eu"), True),
        (facts_of(regions=frozenset(["eu"])), Wish(TODAY, region="eu"), True),
        (facts_of(regions=frozenset(["us-east-1"])), Wish(TODAY, region="eu"), False),
        (facts_of(regions=frozenset(["global"])), Wish(TODAY, region="eu"), False),
        (facts_of(), Wish(TODAY, region="eu"), None),
    ],
)
def test_what_fits_what_does_not_and_what_nobody_knows(facts: Facts, wish: Wish, answer: bool | None) -> None:
    assert fits(Candidate("p/m", facts), wish) is answer


@pytest.mark.parametrize(
    ("connection", "served", "is_reached"),
    [
        ("eu-central-1", "us", False),
        ("eu-central-1", "eu", True),
        ("eu-central-1", "global", True),
        ("eu-central-1", "us-east-1", False),
        ("eu", "europe-west4", True),
        ("ap-northeast-1", "jp", True),
        ("ap-northeast-1", "apac", True),
    ],
)
def test_a_connection_reaches_the_models_of_its_region(connection: str, served: str, is_reached: bool) -> None:
    candidate = Candidate("p/m", facts_of(regions=frozenset([served])), connection)
    assert candidate.is_reached is is_reached
    assert fits(candidate, Wish(TODAY)) is is_reached


def test_the_region_of_a_connection_holds_where_the_catalogue_is_silent() -> None:
    assert fits(Candidate("p/m", facts_of(), "eu-central-1"), Wish(TODAY, region="eu")) is True


def test_an_unknown_price_is_never_cheaper() -> None:
    reference = priced("now", 1, 4, 100)
    several = [priced("unknown", None, None, 100), priced("free", 0, 0, 100), priced("half", 1, None, 200)]
    found = recommend([Candidate(one.name, one) for one in several], Wish(TODAY), reference)
    assert [(one.candidate.model, one.is_cheaper, one.is_larger) for one in found.models] == [
        ("free", True, False), ("half", False, True),
    ]  # fmt: skip


def test_nothing_is_cheaper_than_what_has_no_known_price() -> None:
    found = recommend([Candidate("free", priced("free", 0, 0, 5))], Wish(TODAY), priced("now", None, 3, 5))
    assert found.models == ()


def test_the_cheapest_comes_first_and_what_is_unknown_is_counted() -> None:
    several = [priced("b", 2, 2), priced("a", 1, 1), priced("?", None, 1), facts_of("mystery", mode=None)]
    found = recommend([Candidate(one.name, one) for one in several], Wish(TODAY))
    assert [one.candidate.model for one in found.models] == ["a", "b", "?"]
    assert found.unknown == 1


def test_a_saving_in_percent_and_dollars() -> None:
    assert blended(priced("a", 2, 8)) == 3.5
    found = saving(priced("a", 2, 8), priced("b", 0.4, 1.6))
    assert found is not None
    assert (found.percent, found.per_million) == (80.0, 2.8)
    dearer = saving(priced("a", 1, 1), priced("b", 2, 2))
    assert dearer is not None
    assert (dearer.percent, dearer.per_million) == (-100.0, -1)
    from_nothing = saving(priced("a", 0, 0), priced("b", 2, 2))
    assert from_nothing is not None
    assert (from_nothing.percent, from_nothing.per_million) == (None, -2)


def test_models_side_by_side() -> None:
    one, other = facts_of("a", input_per_million=2, can={"vision": True}), facts_of("b", input_per_million=1)
    rows = {row.key: row for row in compared([one, other])}
    assert rows["input_per_million"].change_percent == -50
    assert rows["capabilities.vision"].values == (True, None)
    assert rows["capabilities.vision"].differs
    assert not rows["mode"].differs
    assert "retires" not in rows, "nobody knows it of either"


PRICES = st.none() | st.floats(0, 1e6)
FACTS = st.builds(priced, st.just("x"), PRICES, PRICES, st.none() | st.integers(1, 10**7))


@given(reference=FACTS, several=st.lists(FACTS, max_size=8))
def test_whatever_is_recommended_is_known_to_be_better(reference: Facts, several: list[Facts]) -> None:
    found = recommend([Candidate(f"p/{n}", one) for n, one in enumerate(several)], Wish(TODAY), reference)
    for one in found.models:
        mine, theirs = blended(reference), blended(one.candidate.facts)
        is_cheaper = mine is not None and theirs is not None and theirs < mine
        ours, its = reference.max_input_tokens, one.candidate.facts.max_input_tokens
        assert is_cheaper or (ours is not None and its is not None and its > ours)
