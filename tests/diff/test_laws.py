"""What holds of any two trees."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from agentconf import pipeline
from agentconf.config.shown import shown_value
from agentconf.diff.change import Change
from agentconf.diff.leaves import differences, is_same
from agentconf.diff.review import Review
from agentconf.diff.work import Order, review
from agentconf.keypath import ABSENT, KeyPath, parse
from agentconf.pipeline import Judge
from agentconf.source.tree import Tree
from tests import generated
from tests.diff.cases import OUTLOOK
from tests.support import texts, values

ENVIRONMENTS = ("dev", "prod")
MOVABLE = ("llm", "owner", "tags", "description", "metadata", "limits", "requires", "name", "instructions")
SEEDS = st.integers(0, 10**9)

Files = dict[str, Any]


def reviewed(before: Tree, after: Tree) -> Review:
    return review(before, after, ("a", "b"), Order(OUTLOOK))


def resolved(tree: Tree) -> dict[tuple[str, str], Any]:
    """Every agent's values in each environment, as they may be shown."""
    draft = pipeline.draft(tree)
    found = {}
    for environment in ENVIRONMENTS:
        judge = Judge(draft, environment)
        for agent in draft.config.agents.values():
            one = judge.resolved(agent)
            assert one is not None
            found[agent.id, environment] = shown_value((), one.config)
    return found


def edited(files: Files, random: Random) -> Files:
    """Another tree that has some files of this one."""
    other = generated.tree(random)
    chosen = {name: copy.deepcopy(random.choice((value, other[name]))) for name, value in files.items()}
    if random.random() < 0.2:
        chosen["c"] = chosen.pop("a")
    return chosen


def rewritten(files: Files, random: Random) -> Tree:
    """The same values in another order, form and with comments."""
    said = {}
    for name, value in files.items():
        plain = json.loads(json.dumps(value))
        keys = random.sample(sorted(plain), len(plain)) if isinstance(plain, dict) else []
        shuffled = {key: plain[key] for key in keys}
        text = yaml.safe_dump(
            shuffled, sort_keys=random.random() < 0.5, default_flow_style=random.random() < 0.5, allow_unicode=True
        )
        said[f"{name}.yaml"] = f"# {random.random()}\n{text}# the end\n"
    return texts(said)


def moved(files: Files, random: Random) -> Files:
    """Some values of the only agent of a folder, in that folder's defaults."""
    made = copy.deepcopy(files)
    keys = [key for key in MOVABLE if key in made["team/b"]]
    chosen = random.sample(keys, random.randint(0, len(keys)))
    made["team/_defaults"] = {key: made["team/b"].pop(key) for key in chosen}
    return made


@given(SEEDS)
def test_a_tree_does_not_differ_from_itself(seed: int) -> None:
    files = generated.tree(Random(seed))
    assert reviewed(values(files), values(files)).changes == []


@given(SEEDS)
def test_another_writing_of_the_same_is_no_change(seed: int) -> None:
    random = Random(seed)
    files = generated.tree(random)
    assert reviewed(values(files), rewritten(files, random)).changes == []


@given(SEEDS)
def test_there_are_changes_where_and_only_where_resolved_values_differ(seed: int) -> None:
    random = Random(seed)
    files = generated.tree(random)
    before, after = values(files), values(random.choice((moved, edited))(files, random))
    assert bool(reviewed(before, after).changes) == (not is_same(resolved(before), resolved(after)))


@given(SEEDS)
def test_the_changes_lead_from_one_side_to_the_other(seed: int) -> None:
    random = Random(seed)
    files = generated.tree(random)
    before, after = values(files), values(edited(files, random))
    found = reviewed(before, after).changes
    old, new = resolved(before), resolved(after)
    ids = {(change.agent, change.environment): str(change.old) for change in found if change.kind == "renamed"}
    created = {(change.agent, change.environment) for change in found if change.kind == "created"}
    assert created == new.keys() - old.keys() - ids.keys()
    for at, wanted in new.items():
        if at not in created:
            name = ids.get(at, at[0])
            changes = [change for change in found if (change.agent, change.environment) == at]
            assert is_same(_pruned(_applied(old[name, at[1]], changes)), _pruned(wanted))


@given(SEEDS)
def test_the_way_back_is_the_same_way(seed: int) -> None:
    random = Random(seed)
    files = generated.tree(random)
    before, after = values(files), values(edited(files, random))
    there, back = reviewed(before, after).changes, reviewed(after, before).changes
    ids = {str(change.agent): str(change.old) for change in there if change.kind == "renamed"}
    assert {_identity(_mirrored(one, ids)) for one in there if _is_of_value(one)} == {
        _identity(one) for one in back if _is_of_value(one)
    }


@given(SEEDS)
def test_differences_of_two_values_lead_from_one_to_the_other(seed: int) -> None:
    random = Random(seed)
    old, new = generated.agent(random), generated.agent(random)
    made = copy.deepcopy(old)
    for path, before, after in differences(old, new):
        assert not is_same(before, after)
        _put(made, path, after)
    assert is_same(_pruned(made), _pruned(new))


def _is_of_value(change: Change) -> bool:
    """Not what only a finding or a model's facts have changed."""
    return change.kind != "changed" or change.old is not None or change.new is not None


def _identity(change: Change) -> tuple[Any, ...]:
    said = [json.dumps(side, sort_keys=True) for side in (change.old, change.new)]
    return (change.agent, change.environment, change.kind, change.key, *said)


def _mirrored(change: Change, ids: dict[str, str]) -> Change:
    kinds: dict[str, Any] = {"created": "deleted", "deleted": "created"}
    agent = ids.get(str(change.agent), change.agent)
    kind = kinds.get(change.kind, change.kind)
    return Change(agent, change.environment, kind, change.key, change.new, change.old, change.cause)


def _applied(config: Any, changes: list[Change]) -> Any:
    made = copy.deepcopy(config)
    for change in changes:
        if change.kind == "changed" and change.key is not None and _is_of_value(change):
            _put(made, parse(change.key), ABSENT if change.new is None else change.new)
    return made


def _put(config: Any, path: KeyPath, value: Any) -> None:
    for step in path[:-1]:
        config = config.setdefault(step, {}) if isinstance(config, dict) else config[step]
    if value is ABSENT:
        config.pop(path[-1], None)
    else:
        config[path[-1]] = value


def _pruned(value: Any) -> Any:
    """Without empty mappings: a mapping that goes is told by what was in it."""
    if isinstance(value, dict):
        made = {key: _pruned(item) for key, item in value.items()}
        return {key: item for key, item in made.items() if item != {}}
    return [_pruned(item) for item in value] if isinstance(value, list) else value
