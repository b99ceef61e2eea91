"""No policy hangs, crashes or takes the process down: what an expression can cost is known before it runs."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentconf.rules.policies import engine
from agentconf.rules.policies.activation import measured
from agentconf.rules.policies.bounds import COST_LIMIT
from agentconf.rules.policies.expression import Unread, read
from agentconf.rules.policies.survey import FUNCTIONS, METHODS, Misnamed, survey
from agentconf.rules.policies.vocabulary import Shape, vocabulary
from tests.rules import policies
from tests.rules.policies import judged

ONES = f"[{','.join('1' * 200)}]"
HOSTILE = {
    "brackets": "(" * 60 + "true" + ")" * 60,
    "many brackets": "(" * 1900 + "true" + ")" * 1900,
    "lists": "[" * 60 + "]" * 60,
    "choices": "true ? " * 50 + "true" + " : true" * 50,
    "nested loops": "agent.models.all(a, agent.models.all(b, agent.models.all(c, agent.models.all(d, a == d))))",
    "loops over a literal": f"{ONES}.all(a, {ONES}.all(b, agent.models.all(c, a == b)))",
    "doubling": "[agent.tags + agent.tags]" + ".map(x, x + x)" * 25 + ".size() > 0",
    "doubling text": "[agent.id + agent.id]" + ".map(x, x + x)" * 40 + ".size() > 0",
    "doubling lists": "[agent.models]" + ".map(x, [x, x, x, x])" * 20 + ".size() > 0",
    "copies": "agent.models.map(a, agent.models.map(b, agent.models.map(c, agent))).size() > 0",
    "a large pattern": "agent.id.matches('\\\\w{900}')",
    "patterns within patterns": "agent.id.matches('((a{60}){60}){60}')",
    "a pattern for each": "agent.models.all(m, m.model.matches('\\\\w{60}'))",
    "too long": "agent.id == 'x' || " * 300 + "true",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_may_not_end_is_an_error_of_the_settings(name: str) -> None:
    started = time.monotonic()
    found = policies.refused(HOSTILE[name])
    assert found.code == "AC702"
    assert time.monotonic() - started < 5


def test_patterns_run_on_a_linear_engine() -> None:
    assert not policies.holds("agent.name.matches('^(a+)+$')", {"name": "a" * 100 + "!", "llm": {"model": "openai/x"}})


def test_an_agent_that_is_too_large_for_a_policy_is_not_judged_by_it() -> None:
    policy = {"policies": [{"id": "p", "require": "agent.tags.all(a, agent.tags.all(b, agent.tags.all(c, a != 'z')))"}]}
    tree: dict[str, Any] = {"_settings.yaml": policy, "a.yaml": {"tags": [f"t{index}" for index in range(2000)]}}
    started = time.monotonic()
    (found,) = judged(tree)
    assert found.message == (
        "policy 'p': it does not hold what is required ('require' has no answer: the agent is too large)"
    )
    assert time.monotonic() - started < 10
    assert judged({**tree, "a.yaml": {"tags": ["x"] * 60, "llm": {"model": "x/y"}}}) == []


@pytest.mark.parametrize("name", sorted(FUNCTIONS - {"has"}))
def test_each_function_that_is_let_through_exists(name: str) -> None:
    values = ["1", "'1'", "[1]", "duration('1s')", "timestamp('2026-01-01T00:00:00Z')", "b'1'"]
    assert not all(_fails(f"{name}({value})") for value in [*values, "'1s'", "'2026-01-01T00:00:00Z'"])


@pytest.mark.parametrize("name", sorted(METHODS))
def test_each_method_that_is_let_through_exists(name: str) -> None:
    values = ["'1'", "[1]", "duration('1s')", "timestamp('2026-01-01T00:00:00Z')"]
    assert not all(_fails(f"{value}.{name}({argument})") for value in values for argument in ("", "'1'"))


def _fails(text: str) -> bool:
    return isinstance(engine.run(engine.compiled(text), engine.context({})), engine.Failure)


_LEAVES = [
    "agent", "agent.tags", "agent.models", "agent.providers", "agent.owner", "agent.instructions", "agent.metadata",
    "agent.llm.fallbacks", "agent.llm.temperature", "agent.metadata.k1", "agent.variants", "agent.limits.budget.usd",
    "agent.models[0].price", "environment", "x", "y", "1", "2.5", "'text'", "true", "null", "[1, 2]", "{'a': 1}",
]  # fmt: skip


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.sampled_from(["==", "!=", "&&", "||", "+", "in", "<", ">="])
    macro = st.sampled_from(["all", "exists", "exists_one", "map", "filter"])
    return st.one_of(
        st.tuples(inner, binary, inner).map(" ".join),
        st.tuples(inner, inner, inner).map(lambda said: "({} ? {} : {})".format(*said)),
        st.tuples(inner, macro, st.sampled_from("xy"), inner).map(lambda said: "({}).{}({}, {})".format(*said)),
        st.tuples(inner, inner).map(lambda said: "[{}, {}]".format(*said)),
        st.tuples(inner, inner).map(lambda said: "({})[{}]".format(*said)),
        inner.map(lambda said: f"!({said})"),
        inner.map(lambda said: f"size({said})"),
        inner.map(lambda said: f"({said}).matches('[a-z]{{1,9}}')"),
    )


EXPRESSIONS = st.recursive(st.sampled_from(_LEAVES), _grown, max_leaves=12)


def _large(shape: Shape, depth: int = 0) -> Any:
    """A value of a shape, larger than any agent is."""
    if shape.fields is not None:
        return {name: _large(below, depth + 1) for name, below in shape.fields.items()}
    if shape.item is not None:
        items = [_large(shape.item, depth + 1) for _ in range(40 if shape.item.is_single else 6)]
        return {f"k{index}": item for index, item in enumerate(items[:4])} if shape.keyed else items
    return {f"k{index}": [1, "x"] for index in range(20)} if shape.is_open else shape.sample


VALUES = {name: _large(shape) for name, shape in vocabulary().variables.items()}
SIZES = measured(VALUES)


@given(EXPRESSIONS)
@settings(max_examples=300, deadline=None)
def test_what_the_engine_takes_is_followed_and_ends_within_its_bound(text: str) -> None:
    program = engine.compiled(text)
    try:
        found = survey(text, read(text), vocabulary(), SIZES)
    except (Misnamed, Unread):
        return
    if found.cost > COST_LIMIT // 4:
        return
    started = time.process_time()
    engine.run(program, engine.context(VALUES))
    # a step is a quarter of a microsecond; handing values over, in and out, is not the expression's
    assert time.process_time() - started < 1 + found.cost * 0.25e-6 * 4


@given(st.text(alphabet="agent.tsmodl()[]{}'\"\\|&=!?:,x1 +-/\n", max_size=40))
@settings(max_examples=300, deadline=None)
def test_whatever_is_written_is_a_policy_or_a_finding(text: str) -> None:
    found = policies.read(text)
    assert len(found.policies) + len(found.findings) == 1
