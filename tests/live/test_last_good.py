"""What outlives a restart: the last good in front of a broken tree, a damaged cache, and a cache that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentconf.errors import InvalidConfig
from tests.live.conftest import Follow
from tests.live.support import (
    BAD,
    many,
    owned,
    owner_of,
    put,
    wait_for,
    wait_gone,
    wait_owner,
    wait_state,
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be served, a start tries for a moment only."""
    monkeypatch.setattr("agentconf.live.follow.RETRIES_S", (0.01,))


def _served(follow: Follow, kept: Path) -> int:
    """Serve a tree and end. The generation."""
    conf = follow(last_good=kept)
    conf.close()
    return conf.snapshot.generation


# -- a restart in front of something broken


def test_a_restart_in_front_of_a_broken_file_serves_its_last_good(root: Path, kept: Path, follow: Follow) -> None:
    _served(follow, kept)
    put(root, {"a.yaml": BAD, "b.yaml": owned("second")})
    conf = follow(last_good=kept)
    assert (owner_of(conf), owner_of(conf, "b")) == ("first", "second")
    assert list(conf.status.quarantined) == ["a"]
    put(root, {"a.yaml": owned("mended")})
    wait_owner(conf, "mended")
    wait_state(conf, "fresh")


def test_a_restart_in_front_of_a_broken_layer_serves_its_dependants(root: Path, kept: Path, follow: Follow) -> None:
    put(root, {"_defaults.yaml": "description: old\n"})
    _served(follow, kept)
    put(root, {"_defaults.yaml": BAD})
    conf = follow(last_good=kept)
    assert {agent.description for agent in conf.values()} == {"old"}
    assert sorted(conf.status.quarantined) == ["a", "b"]
    put(root, {"_defaults.yaml": "description: new\n"})
    wait_for(lambda: {agent.description for agent in conf.values()} == {"new"}, "the mended layer")


def test_a_restart_in_front_of_broken_settings_keeps_what_references_may_name(
    root: Path, kept: Path, follow: Follow
) -> None:
    put(root, {"_settings.yaml": "secrets: {env: ['HOUSE_*']}\n"})
    _served(follow, kept)
    put(root, {"_settings.yaml": BAD})
    assert follow(last_good=kept).snapshot.settings == {"secrets": {"env": ["HOUSE_*"]}}


def test_a_restart_without_a_root_serves_what_was_and_follows_what_comes(
    root: Path, kept: Path, follow: Follow
) -> None:
    _served(follow, kept)
    away = root.rename(root.with_name("away"))
    conf = follow(last_good=kept)
    assert (sorted(conf), conf.status.state) == (["a", "b"], "stale")
    assert "there is no folder" in (conf.status.reason or "")
    put(away, {"a.yaml": owned("second")})
    away.rename(root)
    wait_owner(conf, "second", seconds=3)
    wait_state(conf, "fresh")


def test_a_restart_of_everything_broken_serves_everything_as_it_was(root: Path, kept: Path, follow: Follow) -> None:
    _served(follow, kept)
    put(root, {"a.yaml": BAD, "b.yaml": "owner: [\n"})
    conf = follow(last_good=kept)
    assert (owner_of(conf), owner_of(conf, "b")) == ("first", "first")
    wait_state(conf, "failing")


def test_a_transactional_restart_serves_the_whole_last_good(root: Path, kept: Path, follow: Follow) -> None:
    follow(last_good=kept, mode="transactional").close()
    put(root, {"a.yaml": BAD, "b.yaml": owned("second")})
    conf = follow(last_good=kept, mode="transactional")
    assert (owner_of(conf), owner_of(conf, "b"), conf.status.state) == ("first", "first", "failing")
    put(root, {"a.yaml": owned("mended")})
    wait_owner(conf, "mended")
    assert owner_of(conf, "b") == "second"


def test_a_held_agent_survives_two_restarts_with_its_own_layers(root: Path, kept: Path, follow: Follow) -> None:
    put(root, {"_defaults.yaml": "description: old\n", "p.md": "old", "a.yaml": owned(1, "instructions_file: p.md\n")})
    conf = follow(last_good=kept)
    put(root, {"a.yaml": BAD})
    wait_for(lambda: conf.status.quarantined, "the quarantine")
    put(root, {"_defaults.yaml": "description: new\n", "p.md": "new"})
    wait_for(lambda: conf["b"].description == "new", "the new layer")
    generation = conf.snapshot.generation
    conf.close()
    for _ in range(2):
        conf = follow(last_good=kept)
        assert (conf["a"].description, conf["a"].instructions, conf["b"].description) == ("old", "old", "new")
        assert conf.explain("a", "description").layers[-1].value == "old"
        assert conf.snapshot.generation == generation
        conf.close()


def test_what_is_switched_off_while_it_was_down_stays_off(root: Path, kept: Path, follow: Follow) -> None:
    _served(follow, kept)
    put(root, {"a.yaml": BAD + "enabled: false\n"})
    assert "a" not in follow(last_good=kept)


def test_nothing_valid_and_no_last_good_is_an_error(root: Path, kept: Path, follow: Follow) -> None:
    put(root, {"a.yaml": BAD, "b.yaml": BAD})
    with pytest.raises(InvalidConfig):
        follow(last_good=kept)
    put(root, {"b.yaml": owned("first")})
    assert sorted(follow(last_good=kept)) == ["b"]


# -- deletes and generations over restarts


def test_generations_go_on_rising_over_restarts(root: Path, kept: Path, follow: Follow) -> None:
    assert _served(follow, kept) == 1
    assert _served(follow, kept) == 1
    for number in range(2, 5):
        put(root, {"a.yaml": owned(number)})
        assert _served(follow, kept) == number


def test_what_was_deleted_while_it_was_down_is_gone(root: Path, kept: Path, follow: Follow) -> None:
    _served(follow, kept)
    (root / "b.yaml").unlink()
    assert sorted(follow(last_good=kept)) == ["a"]


def test_a_small_tree_that_was_emptied_while_it_was_down_is_empty(root: Path, kept: Path, follow: Follow) -> None:
    _served(follow, kept)
    (root / "a.yaml").unlink()
    (root / "b.yaml").unlink()
    assert sorted(follow(last_good=kept)) == []


def test_a_large_tree_that_was_emptied_while_it_was_down_is_a_failure(root: Path, kept: Path, follow: Follow) -> None:
    put(root, many(8))
    _served(follow, kept)
    for name in many(8):
        (root / name).unlink()
    conf = follow(last_good=kept)
    assert (len(conf), conf.status.state, len(conf.status.missing)) == (10, "stale", 8)
    conf.close()
    conf = follow(last_good=kept)
    assert len(conf) == 10
    assert len(conf.accept_deletes()) == 8
    wait_for(lambda: sorted(conf) == ["a", "b"], "the deletes")
    conf.close()
    assert sorted(follow(last_good=kept)) == ["a", "b"]


def test_what_is_missing_when_the_root_comes_back_goes(root: Path, kept: Path, follow: Follow) -> None:
    _served(follow, kept)
    away = root.rename(root.with_name("away"))
    conf = follow(last_good=kept)
    (away / "b.yaml").unlink()
    away.rename(root)
    wait_gone(conf, "b", seconds=2)


def test_a_prompt_that_was_edited_while_it_was_down_is_read(root: Path, kept: Path, follow: Follow) -> None:
    put(root, {"p.md": "old", "a.yaml": owned(1, "instructions_file: p.md\n")})
    _served(follow, kept)
    put(root, {"p.md": "new"})
    conf = follow(last_good=kept)
    assert conf["a"].instructions == "new"


def test_a_prompt_that_is_edited_after_a_restart_is_read(root: Path, kept: Path, follow: Follow) -> None:
    put(root, {"p.md": "old", "a.yaml": owned(1, "instructions_file: p.md\n")})
    _served(follow, kept)
    conf = follow(last_good=kept)
    put(root, {"p.md": "new"})
    wait_for(lambda: conf["a"].instructions == "new", "the edit", 1)
