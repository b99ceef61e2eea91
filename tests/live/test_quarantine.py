"""Agents whose newest configuration is refused: what they keep, what still reaches them, when they are let go."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.conftest import Follow
from tests.live.support import (
    BAD,
    SWEPT,
    owned,
    owner_of,
    put,
    stays,
    wait_for,
    wait_gone,
    wait_owner,
    wait_state,
)


def test_a_bad_file_keeps_its_agents_last_good_and_the_others_move_on(root: Path, follow: Follow) -> None:
    conf = follow()
    put(root, {"a.yaml": BAD, "b.yaml": owned("second"), "c.yaml": owned("third")})
    wait_owner(conf, "second", "b")
    wait_owner(conf, "third", "c")
    wait_for(lambda: conf.status.quarantined, "the quarantine")
    assert conf["a"].owner == "first"
    wait_state(conf, "failing")
    assert "1 agent is refused" in (conf.status.reason or "")


def test_the_status_says_why_and_mending_lets_go(root: Path, follow: Follow) -> None:
    conf = follow()
    put(root, {"a.yaml": BAD})
    wait_for(lambda: conf.status.quarantined, "the quarantine")
    [finding] = conf.status.quarantined["a"]
    assert (finding.code, finding.agent, finding.line) == ("AC102", "a", 2)
    assert finding.file.endswith("a.yaml")
    assert conf.status.as_json()["quarantined"]["a"][0]["code"] == "AC102"
    put(root, {"a.yaml": owned("mended")})
    wait_owner(conf, "mended")
    wait_state(conf, "fresh")
    assert (conf.status.reason, dict(conf.status.quarantined)) == (None, {})


def test_going_back_to_the_last_good_lets_go_too(root: Path, follow: Follow) -> None:
    conf = follow()
    put(root, {"a.yaml": BAD})
    wait_for(lambda: conf.status.quarantined, "the quarantine")
    put(root, {"a.yaml": owned("first")})
    wait_state(conf, "fresh")
    assert (conf["a"].owner, conf.snapshot.generation) == ("first", 1)


def test_a_new_agent_that_is_bad_is_not_served_until_it_is_mended(root: Path, follow: Follow) -> None:
    conf = follow()
    put(root, {"c.yaml": BAD})
    wait_for(lambda: "c" in conf.status.quarantined, "the quarantine")
    assert "c" not in conf
    with pytest.raises(KeyError, match="not served, since it has errors"):
        conf["c"]
    put(root, {"c.yaml": owned("mended")})
    wait_owner(conf, "mended", "c")


def test_the_digest_attempted_differs_from_the_one_applied(root: Path, follow: Follow) -> None:
    conf = follow()
    before = conf.snapshot.digest
    put(root, {"a.yaml": BAD})
    wait_for(lambda: conf.status.quarantined, "the quarantine")
    assert conf.status.applied == before
    assert conf.status.attempted not in {None, before}


# -- shared layers

LAYERS = {
    "_defaults.yaml": "description: old\n",
    "_profiles/p.yaml": "owner: profile\n",
    "p1.yaml": "extends: p\n",
    "p2.yaml": "extends: p\n",
}


def test_a_bad_shared_layer_quarantines_its_dependants_together(root: Path, follow: Follow) -> None:
    put(root, LAYERS)
    conf = follow()
    put(root, {"_profiles/p.yaml": BAD, "a.yaml": owned("second")})
    wait_owner(conf, "second")
    wait_for(lambda: conf.status.quarantined, "the quarantine")
    assert sorted(conf.status.quarantined) == ["p1", "p2"]
    assert conf.status.quarantined["p1"][0].file.endswith("_profiles/p.yaml")
    assert (owner_of(conf, "p1"), owner_of(conf, "p2")) == ("profile", "profile")
    put(root, {"_profiles/p.yaml": "owner: mended\n"})
    wait_owner(conf, "mended", "p1")
    wait_owner(conf, "mended", "p2")
    wait_state(conf, "fresh")


def test_a_bad_root_default_holds_everything_and_mending_moves_everything(root: Path, follow: Follow) -> None:
    put(root, LAYERS)
    conf = follow()
    put(root, {"_defaults.yaml": BAD})
    wait_for(lambda: len(conf.status.quarantined) == 4, "the quarantine of all")
    put(root, {"a.yaml": owned("second")})
    stays(lambda: owner_of(conf) == "first", "a waits for its layer", 0.2)
    put(root, {"_defaults.yaml": "description: new\n"})
    wait_owner(conf, "second")
    wait_for(lambda: {agent.description for agent in conf.values()} == {"new"}, "the new default")


def test_later_changes_of_layers_do_not_reach_a_quarantined_agent(root: Path, follow: Follow) -> None:
    put(root, LAYERS)
    conf = follow()
    put(root, {"a.yaml": BAD})
    wait_for(lambda: conf.status.quarantined, "the quarantine")
    put(root, {"_defaults.yaml": "description: new\n"})
    wait_for(lambda: conf["b"].description == "new", "the change for the others")
    assert conf["a"].description == "old"
    assert conf.explain("a", "description").layers[-1].value == "old"
    put(root, {"a.yaml": owned("mended")})
    wait_owner(conf, "mended")
    assert conf["a"].description == "new"


def test_a_later_change_of_a_prompt_does_not_reach_it_either(root: Path, follow: Follow) -> None:
    put(root, {"p.md": "old", "a.yaml": owned("first", "instructions_file: p.md\n")})
    conf = follow()
    put(root, {"a.yaml": "owner: bad\ninstructions_file: p.md\ntemprature: 1\n"})
    wait_for(lambda: conf.status.quarantined, "the quarantine")
    put(root, {"p.md": "new", "b.yaml": owned("second")})
    wait_owner(conf, "second", "b")
    stays(lambda: conf["a"].instructions == "old", "the old prompt", 0.2)
    put(root, {"a.yaml": owned("mended", "instructions_file: p.md\n")})
    wait_owner(conf, "mended")
    assert conf["a"].instructions == "new"


# -- enabled: false

OFF = {
    "its own file": {"a.yaml": BAD + "enabled: false\n"},
    "its own block of the environment": {"a.yaml": BAD + "environments: {prod: {enabled: false}}\n"},
    "the environment's overrides": {"_environments/prod.yaml": "overrides: {enabled: false}\n"},
    "the environment's defaults": {"_environments/prod.yaml": "defaults: {enabled: false}\n"},
    "the root's defaults": {"_defaults.yaml": "enabled: false\n"},
}


@pytest.mark.parametrize("where", OFF)
def test_enabled_false_reaches_a_quarantined_agent(root: Path, follow: Follow, where: str) -> None:
    put(root, {"_environments/prod.yaml": "{}\n", "b.yaml": owned("first", "enabled: true\n")})
    conf = follow(environment="prod")
    put(root, {"a.yaml": BAD})
    wait_for(lambda: conf.status.quarantined, "the quarantine")
    put(root, OFF[where])
    wait_gone(conf, "a")
    with pytest.raises(KeyError, match="disabled"):
        conf["a"]
    put(root, {"a.yaml": BAD + "enabled: true\n", "_environments/prod.yaml": "{}\n", "_defaults.yaml": "{}\n"})
    wait_owner(conf, "first")


def test_a_profile_that_switches_off_holds_while_the_agents_own_file_cannot_be_read(
    root: Path, follow: Follow
) -> None:
    put(root, {"_profiles/p.yaml": "{}\n", "a.yaml": owned("first", "extends: p\n")})
    conf = follow()
    put(root, {"_profiles/p.yaml": BAD + "enabled: false\n"})
    wait_gone(conf, "a")
    put(root, {"a.yaml": "owner: [\n", "b.yaml": owned("second")})
    wait_owner(conf, "second", "b")
    wait_for(lambda: any(one.file.endswith("/a.yaml") for one in conf.snapshot.diagnostics), "the file", 3)
    stays(lambda: "a" not in conf, "a is off", 0.2)
    put(root, {"_profiles/p.yaml": BAD})
    wait_owner(conf, "first")


def test_a_delegate_that_goes_is_told_of_an_agent_that_is_off(root: Path, follow: Follow) -> None:
    put(root, {"c.yaml": owned("first", "enabled: false\ndelegates: [b]\n")})
    conf = follow()
    (root / "b.yaml").unlink()
    wait_for(lambda: list(conf.status.quarantined) == ["c"], "the delegate that is not there")
    put(root, {"b.yaml": owned("back")})
    wait_state(conf, "fresh")


def test_an_override_says_the_last_word(root: Path, follow: Follow) -> None:
    put(root, {"_environments/prod.yaml": "{}\n"})
    conf = follow(environment="prod")
    put(root, {"a.yaml": BAD + "enabled: false\nenvironments: {prod: {enabled: true}}\n"})
    wait_for(lambda: conf.status.quarantined, "the quarantine")
    assert owner_of(conf) == "first"


# -- what is bad elsewhere


@pytest.mark.parametrize("files", [
    {"_environments/dev.yaml": BAD},
    {"a.yaml": owned("first", "environments: {dev: {llm: {top_p: 9}}}\n")},
])  # fmt: skip
def test_what_is_bad_in_another_environment_is_not_bad_here(
    root: Path, follow: Follow, files: dict[str, str]
) -> None:
    put(root, {"_environments/prod.yaml": "{}\n", "_environments/dev.yaml": "{}\n"})
    here, there = follow(environment="prod"), follow(environment="dev")
    put(root, {**files, "b.yaml": owned("second")})
    wait_owner(here, "second", "b")
    wait_for(lambda: "a" in there.status.quarantined, "the refusal there")
    wait_state(here, "fresh")
    assert dict(here.status.quarantined) == {}


# -- faults without bytes


def test_a_fault_that_is_taken_away_lets_go(root: Path, follow: Follow) -> None:
    put(root, {"team/c.yaml": owned("first")})
    (root / "team/_defaults.yaml").symlink_to("nowhere")
    conf = follow(timing=SWEPT)
    assert "c" not in conf
    (root / "team/_defaults.yaml").unlink()
    wait_owner(conf, "first", "c", seconds=2)


def test_a_fault_that_comes_is_said(root: Path, follow: Follow) -> None:
    conf = follow(timing=SWEPT)
    (root / "c.yaml").mkdir()
    wait_for(lambda: any(one.is_error for one in conf.snapshot.diagnostics), "the finding", 1)


def test_settings_that_cannot_be_read_still_say_what_references_may_name(root: Path, follow: Follow) -> None:
    put(root, {"_settings.yaml": "secrets: {env: ['HOUSE_*']}\n"})
    conf = follow()
    put(root, {"_settings.yaml": "secrets: [", "a.yaml": owned("second")})
    wait_state(conf, "failing")
    wait_owner(conf, "second")
    assert conf.snapshot.settings == {"secrets": {"env": ["HOUSE_*"]}}
    put(root, {"_settings.yaml": "secrets: {env: ['OTHER_*']}\n"})
    wait_state(conf, "fresh")
    assert conf.snapshot.settings == {"secrets": {"env": ["OTHER_*"]}}
