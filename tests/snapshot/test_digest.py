"""The digest covers what a tree says in an environment, and nothing else."""

from __future__ import annotations

import copy
import hashlib
import json
from decimal import Decimal
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from agentconf import pipeline
from agentconf.snapshot.digest import agent_digest, tree_digest
from agentconf.source.tree import Tree, tree_of
from tests import generated
from tests.support import judged, texts, values

SEEDS = st.integers(0, 2**32).map(Random)
"""Not shrunk, but an agent of every feature comes out of each."""


def digest_of(tree: Tree, environment: str | None = "prod") -> str:
    verdict, _, _ = judged(pipeline.draft(tree), environment)
    assert not [str(finding) for finding in verdict.findings if finding.is_error]
    return verdict.digest


# -- what does not count


@given(SEEDS)
def test_order_of_keys_and_files_comments_and_layout_do_not_count(random: Random) -> None:
    tree = generated.tree(random)
    said = digest_of(values(tree))
    files = list(tree.items())
    random.shuffle(files)
    written = {f"{path}.yaml": in_another_way(shuffled(value, random), random) for path, value in files}
    assert digest_of(tree_of({path: text.encode() for path, text in written.items()})) == said


def shuffled(value: Any, random: Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        random.shuffle(keys)
        return {key: shuffled(value[key], random) for key in keys}
    return [shuffled(item, random) for item in value] if isinstance(value, list) else value


def in_another_way(value: Any, random: Random) -> str:
    """The same values as YAML in block or flow style or as JSON, with comments and line breaks of several kinds."""
    style = random.choice(("block", "flow", "json"))
    if style == "json":
        text = json.dumps(value, ensure_ascii=False, indent=random.choice((None, 2)))
    else:
        text = yaml.safe_dump(value, sort_keys=False, default_flow_style=style == "flow", width=10_000)
    text = f"# {style}\n\n{text}\n# the end\n"
    return text.replace("\n", "\r\n") if style == "flow" else text


@given(SEEDS)
def test_whole_numbers_count_the_same_with_and_without_a_point(random: Random) -> None:
    tree = generated.tree(random)
    assert digest_of(values(with_points(tree))) == digest_of(values(tree))


def with_points(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: with_points(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_points(item) for item in value]
    is_exact = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    return float(value) if is_exact else value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("llm: {model: a/b, timeout: 30s}", "llm: {model: a/b, timeout: 30}"),
        ("llm: {model: a/b}\nowner: null", "llm: {model: a/b}"),
        ("llm: {model: a/b}\nx-llm: {model: c/d}", "llm: {model: a/b}"),
        ("llm: {model: a/b}\ninstructions: |\n  Be kind.\n", 'llm: {model: a/b}\ninstructions: "Be kind.\\n"'),
        ("llm: {model: a/b}\ntags: &t [x]\nmetadata: {t: *t}", "llm: {model: a/b}\ntags: [x]\nmetadata: {t: [x]}"),
        ("{llm: {model: a/b, api_key: null}}", "llm: {model: a/b}"),
    ],
)
def test_what_resolves_to_the_same_has_the_same_digest(one: str, other: str) -> None:
    assert digest_of(texts({"a.yaml": one}), None) == digest_of(texts({"a.yaml": other}), None)


def test_a_prompt_counts_by_its_text_and_not_by_its_place() -> None:
    inline = texts({"a.yaml": "llm: {model: a/b}\ninstructions: Be kind."})
    in_file = texts({"a.yaml": "llm: {model: a/b}\ninstructions_file: a.md", "a.md": "Be kind."})
    changed = texts({"a.yaml": "llm: {model: a/b}\ninstructions_file: a.md", "a.md": "Be brief."})
    assert digest_of(in_file, None) == digest_of(inline, None)
    assert digest_of(changed, None) != digest_of(inline, None)


def test_the_layer_a_value_comes_from_does_not_count() -> None:
    own = {"a": {"llm": {"model": "a/b"}}}
    inherited = {"_defaults": {"llm": {"model": "a/b"}}, "a": {}}
    from_profile = {"_profiles/p": {"llm": {"model": "a/b"}}, "team/a": {"extends": "p"}}
    assert digest_of(values(own), None) == digest_of(values(inherited), None) == digest_of(values(from_profile), None)


@given(SEEDS)
def test_an_edit_of_dev_alone_leaves_the_digest_of_prod_alone(random: Random) -> None:
    tree = generated.tree(random)
    edited = copy.deepcopy(tree)
    edited["_environments/dev"] = {"defaults": {"llm": {"seed": 99}}, "overrides": {"owner": "somebody else"}}
    edited["a"]["environments"] = {**(edited["a"].get("environments") or {}), "dev": {"name": "Another name"}}
    assert digest_of(values(edited), "prod") == digest_of(values(tree), "prod")
    assume((tree["a"].get("enabled") is not False) or (tree["team/b"].get("enabled") is not False))
    assert digest_of(values(edited), "dev") != digest_of(values(tree), "dev")


def test_of_a_disabled_agent_only_its_being_there_counts() -> None:
    off = digest_of(values({"a": {"enabled": False, "llm": {"model": "a/b"}}}), None)
    assert digest_of(values({"a": {"enabled": False, "llm": {"model": "c/d"}, "name": "A"}}), None) == off
    assert digest_of(values({"a": {"llm": {"model": "a/b"}}}), None) != off
    assert digest_of(values({}), None) != off


# -- what counts


@given(SEEDS)
def test_every_change_of_a_resolved_value_counts(random: Random) -> None:
    tree = generated.tree(random)
    before = judged(pipeline.draft(values(tree)), "prod")
    changed = copy.deepcopy(tree)
    changed["a"] = generated.changed(tree["a"], random)
    after = judged(pipeline.draft(values(changed)), "prod")
    assume(not any(finding.is_error for finding in after[0].findings))
    same = all(served(before[1][name]) == served(after[1][name]) for name in ("a", "b"))
    assert (before[0].digest == after[0].digest) == same


def served(agent: Any) -> Any:
    """What counts of an agent, by a way of comparing that is not the digest's."""
    return canonical({"enabled": False} if agent.config.get("enabled") is False else agent.config)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        ("1", 1),
        (None, "null"),
        ([], {}),
        ("", None),
        ([1, 2], [2, 1]),
        ("a", "a "),
        ("é", "e\u0301"),
        (0.1, 0.1000001),
    ],
)
def test_values_that_differ_count_as_different(one: object, other: object) -> None:
    assert agent_digest({"metadata": {"a": one}}) != agent_digest({"metadata": {"a": other}})


def test_ids_and_the_default_agent_count() -> None:
    llm = {"llm": {"model": "a/b"}}
    plain = digest_of(values({"a": llm}), None)
    assert digest_of(values({"b": llm}), None) != plain
    assert digest_of(values({"a": llm, "_settings": {"default_agent": "a"}}), None) != plain
    assert digest_of(values({"a": llm, "b": llm}), None) != plain


# -- the same by another hand


def canonical(value: Any) -> str:
    """Canonical JSON in pure Python: keys by code points, no blanks, no exponents, whole numbers without a point."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{text_of(key)}:{canonical(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    return text_of(value) if isinstance(value, str) else json.dumps(value)


def text_of(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=5))
def test_an_agents_digest_is_the_sha256_of_its_canonical_json(config: dict[str, Any]) -> None:
    assert agent_digest({"metadata": config}) == hashlib.sha256(canonical({"metadata": config}).encode()).hexdigest()


def digest_by_hand(agents: dict[str, Any], default: str) -> str:
    lines = [
        f"{name} {hashlib.sha256(canonical(config).encode()).hexdigest()}\n" for name, config in sorted(agents.items())
    ]
    return "sha256:" + hashlib.sha256(f"agentconf 1\n{default}\n{''.join(lines)}".encode()).hexdigest()


VECTOR = {
    "_settings.yaml": "default_agent: b-1",
    "_defaults.yaml": "llm: {model: openai/gpt-4.1, temperature: 0.5}",
    "_environments/prod.yaml": "overrides: {llm: {timeout: 1m}}",
    "a.yaml": "name: Ünï 🦜\nllm: {temperature: 1e-7, max_tokens: 100.0}",
    "team/b-1.yaml": "instructions: |\n  one\n  two\nllm: {temperature: null, stop: [a, '']}\ntags: []",
    "c.yaml": "enabled: false",
}
RESOLVED = {
    "a": {"name": "Ünï 🦜", "llm": {"model": "openai/gpt-4.1", "temperature": 1e-7, "timeout": 60, "max_tokens": 100}},
    "b-1": {
        "instructions": "one\ntwo\n",
        "llm": {"model": "openai/gpt-4.1", "timeout": 60, "stop": ["a", ""]},
        "tags": [],
    },
    "c": {"enabled": False},
}


def test_vector() -> None:
    """The digest is a promise to whoever compares it: if this one changes, CHANGELOG says so."""
    digest = "sha256:5cd002567d2c765bf1581e5c4eb762772d07b5bff369c0d00003eec212623ab9"
    assert digest_by_hand(RESOLVED, "b-1") == digest
    assert digest_of(texts(VECTOR)) == digest


def test_the_order_of_agents_does_not_count_for_the_trees_digest() -> None:
    assert tree_digest({"b": "2", "a": "1"}, None) == tree_digest({"a": "1", "b": "2"}, None)
