"""Mistakes in policies: found when the tree is read, at their very place, with what to write instead."""

from __future__ import annotations

import pytest

from agentconf.rules.policies.policies import policies_of
from agentconf.rules.policies.vocabulary import sample_of, vocabulary
from tests.rules.policies import read, refused
from tests.support import document_of


@pytest.mark.parametrize(
    ("condition", "message", "hint"),
    [
        ("agent.tgas == []", "agent has no 'tgas'", "did you mean 'tags'?"),
        ("agnet.id == 'x'", "there is no 'agnet'", "did you mean 'agent'?"),
        ("agent['tgas'] == []", "agent has no 'tgas'", "did you mean 'tags'?"),
        ("false && agent.llm.modle == 'x'", "llm has no 'modle'", "did you mean 'model'?"),
        ("true || agent.models.all(m, m.prize == null)", "models has no 'prize'", "did you mean 'price'?"),
        ("true ? true : agent.models[0].regoin == ''", "models has no 'regoin'", "did you mean 'region'?"),
        ("agent.llm.fallbacks.exists(f, f.modle == '')", "llm.fallbacks has no 'modle'", "did you mean 'model'?"),
        ("agent.variants.all(k, agent.variants[k].wieght > 0.0)", "variants has no 'wieght'", "did you mean 'weight'?"),
        ("enviroment == 'prod'", "there is no 'enviroment'", "did you mean 'environment'?"),
        ("agent.tags.all(t, tt == '')", "there is no 'tt'", "did you mean 't'?"),
        ("agent.id.startWith('x')", "there is no function 'startWith'", "did you mean 'startsWith'?"),
        ("matches(agent.id, 'x')", "there is no function 'matches'", "write it behind the value: value.matches(...)"),
        ("agent.models.region == 'eu'", "a list has no 'region'", "write .exists(x, x.region == ...), or .all(...)"),
    ],
)
def test_a_name_that_does_not_exist_is_found_in_branches_not_taken_too(condition: str, message: str, hint: str) -> None:
    found = refused(condition)
    assert (found.code, found.message, found.hint) == ("AC702", message, hint)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("1 +", "require is not CEL: the expression ends where more was expected"),
        ("agent.tags.all(t t == 'x')", "require is not CEL: did not expect 't'"),
        ("agent.id == 'x", "require is not CEL: cannot read ''x'"),
        ("agent.tags", "a condition is true or false, and this is neither"),
        ("agent.owner > 3", "an operation meets a value of a type that it does not take, such as null"),
        ("size(agent.llm.temperature) > 1", "'size' does not take a value of this type, which may be null"),
        ("agent.id.matches('[')", "'matches' fails: unclosed character class."),
        ("agent.id.matches(agent.owner)", "a pattern of matches must not be computed"),
        ("", "require is not CEL: the expression ends where more was expected"),
    ],
)
def test_what_cannot_be_run_is_said(condition: str, message: str) -> None:
    assert refused(condition).message == message


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("policies:\n  - id: p\n    require: agent.tgas == []\n", 3, 20),
        ("policies:\n  - id: p\n    require: 'agent.tgas == [''x'']'\n", 3, 21),
        ("policies:\n  - id: p\n    require: 'agent.id == ''x'' || agent.tgas == []'\n", 3, 42),
        ('policies:\n  - id: p\n    require: "agent.id == \\"x\\" || agent.tgas == []"\n', 3, 42),
        ("policies:\n  - id: p\n    require: |\n      agent.id == 'x'\n        || agent.tgas == []\n", 5, 18),
        ("policies:\n  - id: p\n    require: >-\n      agent.id == 'x' ||\n      agent.tgas == []\n", 5, 13),
        ("policies:\n  - id: p\n    require: agent.id == 'x' ||\n      agent.tgas == []\n", 4, 13),
        ("policies: [{id: p, require: agent.id == 'é' || agent.tgas == null}]\n", 1, 54),
    ],
)
def test_the_place_is_the_names_own_however_the_text_is_written(text: str, line: int, column: int) -> None:
    (found,) = policies_of(document_of(text, "_settings.yaml")).findings
    assert (found.line, found.column) == (line, column)
    assert found.span.end_column == column + len("tgas")


def test_the_place_of_a_syntax_error_in_a_block_is_its_own() -> None:
    text = "policies:\n  - id: p\n    require: |\n      agent.tags.all(t,\n        t = 'x')\n"
    (found,) = policies_of(document_of(text, "_settings.yaml")).findings
    assert (found.line, found.column) == (5, 11)


def test_two_policies_with_one_id_are_a_mistake_and_the_others_are_run() -> None:
    text = "policies:\n  - {id: p, require: 'true'}\n  - {id: p, require: 'true'}\n  - {id: q, require: agent.x}\n"
    policies = policies_of(document_of(text, "_settings.yaml"))
    assert [(one.line, one.message) for one in policies.findings] == [
        (3, "two policies have the id 'p'"),
        (4, "agent has no 'x'"),
    ]
    assert [policy.id for policy in policies.policies] == ["p", "p"]


@pytest.mark.parametrize("text", ["3", "[3]", "[{id: 3, require: x}]", "[{}]", "[]", "x"])
def test_what_has_the_wrong_shape_is_left_to_the_schema(text: str) -> None:
    assert policies_of(document_of(f"policies: {text}", "_settings.yaml")).findings == ()


def test_every_key_of_the_format_may_be_asked_for() -> None:
    """By its whole way, and against what the made-up agent holds there."""
    ways = list(_ways("agent", sample_of(vocabulary().variables["agent"])))
    assert len(ways) > 100
    assert read(*(f"{way} == null || true" for way in ways)).findings == ()


def _ways(way: str, value: object) -> list[str]:
    if isinstance(value, dict):
        return [inner for key, below in value.items() for inner in _ways(f"{way}.{key}", below)]
    return _ways(f"{way}[0]", value[0]) if isinstance(value, list) else [way]
