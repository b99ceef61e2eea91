from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import date
from math import erfc, sqrt
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentconf.config.agent import Agent
from agentconf.config.variant import _arms_known, chosen_variant, with_variant
from agentconf.frozen import FrozenDict
from agentconf.testing import snapshot_of
from tests.support import REPOSITORY

TODAY: Final = date(2027, 5, 14)
VECTORS: Final = json.loads((REPOSITORY / "docs" / "experiments" / "vectors.json").read_text("utf-8"))
KEYS: Final = [f"user-{number}" for number in range(2000)]


def agent_of(weights: Mapping[str, float], agent_id: str = "a", control: str | None = None, **more: Any) -> Agent:
    variants = {name: {"weight": weight} for name, weight in weights.items()}
    experiment = {"control": control or next(iter(weights)), "owner": "team", **more}
    said = {"llm": {"model": "openai/gpt-4.1"}, "variants": variants, "experiment": experiment}
    return snapshot_of({agent_id: said})[agent_id]


def choices(agent: Agent) -> dict[str, str | None]:
    return {key: chosen_variant(agent, key, TODAY) for key in KEYS}


def p_of_chi_square(counts: Mapping[str | None, int], weights: Mapping[str, float]) -> float:
    """How probable such counts are, or worse, where the weights are kept to; for two or three variants."""
    total, whole = sum(counts.values()), sum(weights.values())
    expected = {name: total * weight / whole for name, weight in weights.items() if weight}
    chi = sum((counts.get(name, 0) - count) ** 2 / count for name, count in expected.items())
    return erfc(sqrt(chi / 2)) if len(expected) == 2 else 2.718281828459045 ** (-chi / 2)


@pytest.mark.parametrize("vector", VECTORS["choices"], ids=lambda vector: f"{vector['agent']}-{vector['key'][:9]!a}")
def test_the_published_vectors(vector: dict[str, Any]) -> None:
    agent = agent_of(vector["weights"], vector["agent"], vector["control"])
    assert chosen_variant(agent, vector["key"], TODAY) == vector["variant"]


def test_without_an_experiment_there_is_nothing_to_choose() -> None:
    agent = snapshot_of({"a": {"llm": {"model": "openai/gpt-4.1"}}})["a"]
    assert chosen_variant(agent, "user-1", TODAY) is None
    assert with_variant(agent, None) is agent


def test_without_a_key_it_is_the_control() -> None:
    agent = agent_of({"b": 1, "a": 1000})
    assert chosen_variant(agent, None, TODAY) == "b"
    assert chosen_variant(agent, "user-1", TODAY) == "a"


@pytest.mark.parametrize(("today", "is_over"), [("2027-05-13", False), ("2027-05-14", False), ("2027-05-15", True)])
def test_the_last_day_still_counts_and_then_everyone_gets_the_control(today: str, is_over: bool) -> None:
    agent = agent_of({"control": 1, "other": 1}, ends="2027-05-14")
    found = {chosen_variant(agent, key, date.fromisoformat(today)) for key in KEYS}
    assert found == ({"control"} if is_over else {"control", "other"})


def test_a_weight_of_nothing_gets_nobody_and_nothing_but_such_is_the_control() -> None:
    assert set(choices(agent_of({"a": 1, "b": 0, "c": 1})).values()) == {"a", "c"}
    assert set(choices(agent_of({"a": 0, "b": 0}, control="b")).values()) == {"b"}


def test_the_order_in_the_file_does_not_matter() -> None:
    weights = {"a": 1.0, "b": 2.0, "c": 3.0}
    assert choices(agent_of(weights, control="a")) == choices(agent_of(dict(reversed(weights.items())), control="a"))


def test_weights_are_relative() -> None:
    assert choices(agent_of({"a": 1, "b": 3})) == choices(agent_of({"a": 25, "b": 75}))


def test_agents_and_experiments_draw_anew() -> None:
    first = choices(agent_of({"a": 1, "b": 1}))
    for other in (agent_of({"a": 1, "b": 1}, "other"), agent_of({"a": 1, "b": 1}, control="b")):
        same = sum(first[key] == variant for key, variant in choices(other).items())
        assert 0.45 < same / len(KEYS) < 0.55


def test_every_process_chooses_alike() -> None:
    program = "from tests.config.test_variant import *; print(json.dumps(choices(agent_of({'a': 1, 'b': 2}))))"
    for seed in ("1", "2"):
        command = [sys.executable, "-c", program]
        variables = {**os.environ, "PYTHONHASHSEED": seed}
        said = subprocess.run(command, cwd=REPOSITORY, env=variables, capture_output=True, text=True, check=True)
        assert json.loads(said.stdout) == choices(agent_of({"a": 1, "b": 2}))


@pytest.mark.parametrize(
    "weights", [{"a": 50, "b": 50}, {"a": 90, "b": 10}, {"a": 1, "b": 2, "c": 3}, {"a": 98, "b": 1, "c": 1}]
)
def test_fixed_keys_fit_the_weights(weights: dict[str, float]) -> None:
    agent = agent_of(weights)
    counts = Counter(chosen_variant(agent, f"user-{number}", TODAY) for number in range(30_000))
    assert p_of_chi_square(counts, weights) > 0.001


WEIGHT = st.just(0.0) | st.floats(1e-6, 100)
WEIGHTS = st.dictionaries(st.sampled_from("abcd"), WEIGHT, min_size=2)


@settings(max_examples=40)
@given(WEIGHTS, st.data())
def test_a_change_of_one_weight_moves_keys_only_from_or_to_its_variant(
    weights: dict[str, float], data: st.DataObject
) -> None:
    """Who gains weight takes from the others and gives nothing; a variant that is new takes and moves nobody else."""
    control = min(weights)
    changed = data.draw(st.sampled_from("abcd"))
    after = {**weights, changed: data.draw(WEIGHT)}
    gains = after[changed] >= weights.get(changed, 0)
    old, new = choices(agent_of(weights, control=control)), choices(agent_of(after, control=control))
    for key, before in old.items():
        if before != new[key] and any(weights.values()) and any(after.values()):
            assert changed == (new[key] if gains else before)


@settings(max_examples=40)
@given(st.floats(1, 99), st.floats(1, 99))
def test_a_change_of_weights_moves_the_share_it_must(before: float, after: float) -> None:
    old = choices(agent_of({"a": before, "b": 100 - before}))
    new = choices(agent_of({"a": after, "b": 100 - after}))
    moved = sum(old[key] != new[key] for key in KEYS) / len(KEYS)
    assert abs(moved - abs(before - after) / 100) < 0.06  # five standard deviations of 2,000 keys


@given(st.text(st.characters(), max_size=30))
def test_any_text_is_a_key(key: str) -> None:
    assert chosen_variant(agent_of({"a": 1, "b": 1}), key, TODAY) in {"a", "b"}


def test_what_is_remembered_of_agents_is_bounded() -> None:
    agent = agent_of({"a": 1, "b": 1})
    for _ in range(600):
        alike = agent.model_copy(update={"variants": FrozenDict(agent.variants)})
        assert chosen_variant(alike, "user-1", TODAY) == chosen_variant(agent, "user-1", TODAY)
    assert len(_arms_known) <= 256


# -- the agent as the callers of a variant get it


def test_a_variant_has_its_own_model_and_instructions() -> None:
    agent = snapshot_of({
        "a": {
            "instructions": "Be brief.",
            "llm": {"model": "openai/gpt-4.1", "temperature": 0.1},
            "limits": {"max_parallel": 2},
            "variants": {
                "plain": {"weight": 1},
                "warm": {"weight": 1, "llm": {"temperature": 0.9}, "instructions": "Be kind."},
                "mute": {"weight": 1, "instructions": None},
            },
            "experiment": {"control": "plain"},
        }
    })["a"]  # fmt: skip
    plain, warm, mute = (with_variant(agent, name) for name in ("plain", "warm", "mute"))
    assert (plain.llm, plain.instructions) == (agent.llm, "Be brief.")
    assert (warm.llm.model, warm.llm.temperature, warm.instructions) == ("openai/gpt-4.1", 0.9, "Be kind.")
    assert mute.instructions is None
    assert (warm.id, warm.limits, warm.experiment) == (agent.id, agent.limits, agent.experiment)
    assert agent.llm.temperature == 0.1


def test_an_unknown_variant_is_named() -> None:
    with pytest.raises(ValueError, match="the agent 'a' has no variant 'plian'; did you mean 'plain'"):
        with_variant(agent_of({"plain": 1, "warm": 1}), "plian")
