"""Deletes are deliberate: editors, moves and failures of the source take files away, and no agent blinks."""

from __future__ import annotations

import os
import threading
import time
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from agentconf.live.disk import Disk
from agentconf.live.last_good import LastGood, folder_for
from agentconf.live.reload import Reloader
from agentconf.live.timing import Timing
from agentconf.live.watch import Watch
from tests.live.conftest import Follow
from tests.live.support import (
    SWEPT,
    TORN,
    Program,
    Reader,
    looked_since,
    many,
    out_of_descriptors,
    owned,
    owner_of,
    put,
    stays,
    wait_file,
    wait_for,
    wait_gone,
    wait_owner,
    wait_state,
)


def test_a_deleted_agent_goes_after_a_second_and_not_before(root: Path, follow: Follow) -> None:
    conf = follow()
    (root / "a.yaml").unlink()
    stays(lambda: "a" in conf, "a is served in its grace", 0.8)
    wait_gone(conf, "a", seconds=1.5)
    wait_state(conf, "fresh")
    put(root, {"a.yaml": owned("back")})
    wait_owner(conf, "back")


@pytest.mark.parametrize("gap_ms", [0, 50, 200, 500])
def test_a_rename_style_save_does_not_blink(root: Path, follow: Follow, gap_ms: int) -> None:
    conf = follow()
    is_over = threading.Event()
    with Reader(lambda: owner_of(conf)) as reader:
        os.rename(root / "a.yaml", root / "a.yaml~")
        is_over.wait(gap_ms / 1000)
        (root / "a.yaml").write_text(owned("second"))
        wait_owner(conf, "second")
        (root / "a.yaml~").unlink()
        stays(lambda: owner_of(conf) == "second", "the new version", 0.1)
    assert reader.seen == ["first", "second"]


def test_delete_and_recreate_does_not_blink(root: Path, follow: Follow) -> None:
    conf = follow()
    with Reader(lambda: owner_of(conf)) as reader:
        for number in range(10):
            (root / "a.yaml").unlink()
            put(root, {"a.yaml": owned(number)})
        wait_owner(conf, 9)
    assert None not in reader.seen


def test_a_move_between_folders_leaves_no_gap(root: Path, follow: Follow) -> None:
    put(root, {"x/_defaults.yaml": "description: x\n", "y/_defaults.yaml": "description: y\n"})
    conf = follow()
    places = [root / "a.yaml", root / "x/a.yaml", root / "y/a.yaml", root / "y/a.yml"]
    with Reader(lambda: (owner_of(conf), conf.status.state)) as reader:
        for before, after in pairwise(places):
            os.rename(before, after)
            wait_file(conf, str(after.relative_to(root)))
        wait_for(lambda: conf["a"].description == "y", "the layers of the new folder", 1)
    assert reader.seen == [("first", "fresh")]


def test_a_second_claim_to_an_id_that_moves_half_written_lets_nothing_go(root: Path, follow: Follow) -> None:
    put(root, {"x/c.yaml": owned("c"), "y/d.yaml": owned("d")})
    conf = follow()
    put(root, {"x/a.yaml": "owner: [\n"})
    wait_for(lambda: "a" in conf.status.quarantined, "two files of one agent")
    put(root, {"a.yaml": owned("second"), "b.yaml": owned("second")})
    wait_owner(conf, "second", "b")
    with Reader(lambda: owner_of(conf)) as reader:
        os.rename(root / "x/a.yaml", root / "y/a.yaml")
        wait_for(lambda: any(one.file.endswith("y/a.yaml") for one in conf.snapshot.diagnostics), "the move")
    assert reader.seen == ["first"]


def test_a_bad_file_that_is_found_in_its_new_folder_later_keeps_its_last_good(root: Path, follow: Follow) -> None:
    conf = follow(timing=SWEPT)
    with Reader(lambda: owner_of(conf)) as reader:
        put(root, {"a.yaml": TORN})
        wait_for(lambda: "a" in conf.status.quarantined, "the refusal")
        (root / "a.yaml").unlink()
        _wait_for_look(conf)
        put(root, {"x/a.yaml": TORN})
        wait_for(lambda: _said_of(conf, "x/a.yaml"), "the new place")
    assert reader.seen == ["first"]


def test_what_is_no_file_and_is_found_in_its_new_folder_later_keeps_its_last_good(root: Path, follow: Follow) -> None:
    conf = follow(timing=SWEPT)
    (root / "x").mkdir()
    with Reader(lambda: owner_of(conf)) as reader:
        (root / "a.yaml").unlink()
        (root / "a.yaml").mkdir()
        wait_for(lambda: "a" in conf.status.quarantined, "the refusal")
        (root / "a.yaml").rmdir()
        _wait_for_look(conf)
        assert "a" in conf.status.quarantined
        (root / "x/a.yaml").mkdir()
        wait_for(lambda: _said_of(conf, "x/a.yaml"), "the new place")
    assert reader.seen == ["first"]
    (root / "x/a.yaml").rmdir()
    wait_gone(conf, "a")


def test_one_of_two_files_of_an_agent_that_is_saved_again_changes_nothing(root: Path, follow: Follow) -> None:
    conf = follow(timing=SWEPT)
    put(root, {"x/a.yaml": owned("another")})
    wait_for(lambda: "a" in conf.status.quarantined, "two files of one agent")
    with Reader(lambda: (owner_of(conf), "a" in conf.status.quarantined)) as reader:
        (root / "a.yaml").unlink()
        _wait_for_look(conf)
        put(root, {"a.yaml": owned("second")})
        _wait_for_look(conf)
        assert set(reader.seen) == {("first", True)}
        (root / "x/a.yaml").unlink()
        wait_owner(conf, "second")


def _wait_for_look(conf: Watch) -> None:
    """Wait for a look at the whole folder that begins from now on: for the second that ends."""
    for _ in range(2):
        now = time.time()
        wait_for(partial(looked_since, conf, now), "a look")


def _said_of(conf: Watch, end: str) -> bool:
    return any(one.file.endswith(end) for one in conf.status.quarantined.get("a", ()))


def test_a_renamed_agent_is_another(root: Path, follow: Follow) -> None:
    conf = follow()
    os.rename(root / "a.yaml", root / "c.yaml")
    wait_owner(conf, "first", "c")
    assert "a" in conf
    wait_gone(conf, "a")


def test_a_shared_layer_and_a_prompt_that_vanish_have_the_same_grace(root: Path, follow: Follow) -> None:
    put(root, {"_defaults.yaml": "description: old\n", "p.md": "old", "c.yaml": owned(1, "instructions_file: p.md\n")})
    conf = follow()
    with Reader(lambda: (conf["c"].description, conf["c"].instructions, conf.status.state)) as reader:
        (root / "_defaults.yaml").unlink()
        (root / "p.md").unlink()
        stays(lambda: conf["c"].description == "old", "the layer", 0.7)
        put(root, {"_defaults.yaml": "description: new\n", "p.md": "new"})
        wait_for(lambda: (conf["c"].description, conf["c"].instructions) == ("new", "new"), "both again")
    assert {state for _, _, state in reader.seen} == {"fresh"}
    assert {said[:2] for said in reader.seen} <= {("old", "old"), ("new", "old"), ("old", "new"), ("new", "new")}
    (root / "p.md").unlink()
    (root / "_defaults.yaml").unlink()
    wait_for(lambda: "c" in conf.status.quarantined, "the prompt that is gone for good")
    wait_for(lambda: conf["a"].description is None, "the layer that is gone for good")
    assert conf["c"].instructions == "new"


# -- all at once


def _unlink(root: Path, count: int) -> None:
    for name in sorted(many(count)):
        (root / name).unlink()


@pytest.mark.parametrize(("agents", "gone", "is_mass"), [(9, 5, True), (9, 4, False), (12, 6, False), (5, 5, True)])
def test_five_and_more_than_half_are_a_failure_of_the_source(
    tmp_path: Path, follow: Follow, agents: int, gone: int, is_mass: bool
) -> None:
    put(tmp_path / "agents.d", many(agents))
    conf = follow(tmp_path / "agents.d")
    _unlink(tmp_path / "agents.d", gone)
    if not is_mass:
        wait_for(lambda: len(conf) == agents - gone, "the deletes", 3)
        return
    wait_state(conf, "stale")
    assert conf.status.missing == tuple(f"agent-{number:03}" for number in range(gone))
    assert f"{gone} agents disappeared at once" in (conf.status.reason or "")
    stays(lambda: len(conf) == agents, "all are served", 1.3)
    put(tmp_path / "agents.d", many(gone))
    wait_state(conf, "fresh")
    assert conf.snapshot.generation == 1


def test_accept_deletes_confirms(root: Path, follow: Follow) -> None:
    put(root, many(8))
    conf = follow()
    assert conf.accept_deletes() == ()
    _unlink(root, 8)
    wait_for(lambda: conf.status.missing, "the alarm")
    changes = conf.changes()
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second")  # the others move on
    assert len(conf) == 10
    assert conf.accept_deletes() == tuple(f"agent-{number:03}" for number in range(8))
    wait_for(lambda: sorted(conf) == ["a", "b"], "the deletes")
    wait_state(conf, "fresh")
    assert conf.status.missing == ()
    assert [change.deleted for change in (changes.next(1), changes.next(1)) if change is not None][-1] != ()


def test_agents_that_others_name_as_their_prompts_are_confirmed_like_all(root: Path, follow: Follow) -> None:
    put(root, many(7) | {"agent-007.yaml": owned("first", "instructions_file: agent-007.yaml\n")})
    conf = follow()
    _unlink(root, 8)
    wait_for(lambda: len(conf.status.missing) == 8, "the alarm")
    assert conf.accept_deletes() == tuple(f"agent-{number:03}" for number in range(8))
    assert sorted(conf) == ["a", "b"]
    wait_state(conf, "fresh")


def test_accept_deletes_returns_when_the_agents_are_gone(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, many(8))
    conf = follow()
    _unlink(root, 8)
    wait_for(lambda: conf.status.missing, "the alarm")
    apply = Reloader.apply

    def slowly(reloader: Reloader, *arguments: Any) -> Any:
        threading.Event().wait(0.2)
        return apply(reloader, *arguments)

    monkeypatch.setattr(Reloader, "apply", slowly)
    assert len(conf.accept_deletes()) == 8
    assert sorted(conf) == ["a", "b"]


def test_another_process_may_confirm_through_the_shared_folder(root: Path, kept: Path, follow: Follow) -> None:
    put(root, many(8))
    conf = follow(last_good=kept)
    lines = "conf = watch(sys.argv[1], last_good=sys.argv[2])"
    with Program(lines, root, kept) as other:
        _unlink(root, 8)
        wait_for(lambda: conf.status.missing, "the alarm")
        wait_for(lambda: other.ask("len(conf.status.missing)") == 8, "the other's alarm")
        assert len(other.ask("conf.accept_deletes()")) == 8
    wait_for(lambda: sorted(conf) == ["a", "b"], "the deletes")
    wait_state(conf, "fresh")


def test_a_confirmation_of_fewer_or_of_before_counts_for_nothing(root: Path, kept: Path, follow: Follow) -> None:
    put(root, many(8))
    conf = follow(last_good=kept)
    shared = LastGood(folder_for(kept, str(root), None, "per-agent"))
    names = [f"agent-{number:03}" for number in range(8)]
    shared.confirm_deletes(names)
    wait_for(lambda: shared.confirmed_since(0), "the file")
    os.utime(shared.folder / "deletes-accepted", (0, 0))
    _unlink(root, 8)
    wait_for(lambda: conf.status.missing, "the alarm")
    shared.confirm_deletes(names[:7])
    stays(lambda: len(conf) == 10, "all are served", 0.2)
    shared.confirm_deletes([*names, "another"])
    wait_for(lambda: len(conf) == 2, "the deletes")


def test_a_confirmation_that_ran_out_of_time_confirms_nothing_later(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, many(8))
    conf = follow()
    _unlink(root, 8)
    wait_for(lambda: conf.status.missing, "the alarm")
    with monkeypatch.context() as patch:
        patch.setattr(Disk, "look", out_of_descriptors)
        assert conf.accept_deletes(timeout=0.1) == ()
        wait_for(lambda: "too many" in (conf.status.reason or ""), "the failure")
    wait_for(lambda: "disappeared" in (conf.status.reason or ""), "a look")
    stays(lambda: len(conf) == 10, "all are served", 0.3)


def test_a_confirmation_by_another_process_counts_for_who_notices_late(root: Path, kept: Path, follow: Follow) -> None:
    put(root, many(8))
    conf = follow(last_good=kept, timing=Timing(beat=0.02, settle=0.3))  # it looks twice, and so notices late
    shared = LastGood(folder_for(kept, str(root), None, "per-agent"))
    _unlink(root, 8)
    shared.confirm_deletes([name.removesuffix(".yaml") for name in many(8)])
    assert conf.status.missing == ()
    wait_for(lambda: sorted(conf) == ["a", "b"], "the deletes", 3)
