"""Roots that vanish, come back, are replaced or cannot be read, and folders in them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agentconf.live.disk import Disk
from agentconf.live.journal import Journal
from agentconf.live.timing import Timing
from tests.live.conftest import Follow
from tests.live.support import (
    AS_NOBODY,
    IS_ROOT,
    NOBODY,
    Program,
    Reader,
    many,
    metric_of,
    out_of_descriptors,
    owned,
    put,
    stays,
    wait_for,
    wait_owner,
    wait_state,
)


def _removed(root: Path) -> None:
    shutil.rmtree(root)


def _renamed_away(root: Path) -> None:
    root.rename(root.with_name("away"))


@pytest.mark.parametrize("leave", [_removed, _renamed_away])
def test_a_root_that_is_gone_is_stale_and_one_that_is_back_is_followed(
    root: Path, follow: Follow, leave: Callable[[Path], None]
) -> None:
    conf = follow()
    with Reader(lambda: sorted(conf)) as reader:
        leave(root)
        wait_state(conf, "stale")
        assert "there is no folder" in (conf.status.reason or "")
        stays(lambda: len(conf) == 2, "what was served", 1.2)
        put(root, {"a.yaml": owned("second"), "b.yaml": owned("second")})
        wait_owner(conf, "second")
        wait_state(conf, "fresh")
        put(root, {"a.yaml": owned("third")})
        wait_owner(conf, "third", seconds=2)  # by an event of the new root: nothing is swept here
    assert reader.seen == [["a", "b"]]
    assert conf.status.drift_found == 0


def test_a_root_that_is_replaced_in_one_step_is_followed(root: Path, follow: Follow) -> None:
    conf = follow()
    for number in range(5):
        put(root.with_name("next"), {"a.yaml": owned(number), "b.yaml": owned(number)})
        root.rename(root.with_name(f"old-{number}"))
        root.with_name("next").rename(root)
        wait_owner(conf, number)
        put(root, {"a.yaml": owned(f"edit {number}")})
        put(root.with_name(f"old-{number}"), {"a.yaml": owned("of the old root")})
        wait_owner(conf, f"edit {number}", seconds=2)


def test_a_root_that_is_removed_and_made_again_at_once_is_followed(root: Path, follow: Follow) -> None:
    conf = follow()
    for number in range(8):  # the new folder often has the number of the old one
        shutil.rmtree(root)
        put(root, {"a.yaml": owned(number), "b.yaml": owned(number)})
        wait_owner(conf, number)
        put(root, {"a.yaml": owned(f"edit {number}")})
        wait_owner(conf, f"edit {number}", seconds=2)


def test_a_root_that_is_back_empty_is_a_failure_of_the_source(root: Path, follow: Follow) -> None:
    put(root, many(4))
    conf = follow()
    shutil.rmtree(root)
    root.mkdir()
    wait_for(lambda: len(conf.status.missing) == 6, "the alarm")
    stays(lambda: len(conf) == 6, "all are served", 1.2)
    assert conf.status.state == "stale"
    put(root, {**many(4, "back"), "a.yaml": owned("back"), "b.yaml": owned("back")})
    wait_owner(conf, "back")
    wait_state(conf, "fresh")


def test_a_root_that_is_back_unchanged_is_a_success_again(root: Path, follow: Follow) -> None:
    conf = follow()
    away = root.rename(root.with_name("away"))
    wait_state(conf, "stale")
    assert metric_of(conf, "last_reload_successful") == 0
    away.rename(root)
    wait_state(conf, "fresh")
    wait_for(lambda: metric_of(conf, "last_reload_successful") == 1, "the metric", 1)


def test_a_root_that_is_missing_for_long_ends_nothing(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures, real = 0, Journal.fail

    def fail(journal: Journal, trouble: str) -> None:
        nonlocal failures
        failures += 1
        real(journal, trouble)

    monkeypatch.setattr(Journal, "fail", fail)
    conf = follow(timing=Timing(beat=0.0002, blind_sweep=0.0002))
    away = root.rename(root.with_name("away"))
    thread = conf._thread
    assert thread is not None
    wait_for(lambda: failures > 1100 or not thread.is_alive(), "a thousand looks in vain", 20)
    away.rename(root)
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second", seconds=2)


# -- folders that cannot be listed


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
@pytest.mark.parametrize("folder", [".", "team"])
def test_a_folder_that_cannot_be_listed_takes_nobody_away(open_root: Path, folder: str) -> None:
    put(open_root, {"team/c.yaml": owned("first")})
    for path in (open_root, *open_root.rglob("*")):
        shutil.chown(path, NOBODY if IS_ROOT else os.getuid())
    with Program(AS_NOBODY, open_root) as program:
        assert program.ask("sorted(conf)") == ["a", "b", "c"]
        (open_root / folder).chmod(0)
        if folder == ".":
            wait_for(lambda: program.ask("conf.status.state") == "stale", "the alarm")
            assert "permission denied" in program.ask("conf.status.reason")
        stays(lambda: program.ask("sorted(conf)") == ["a", "b", "c"], "all are served", 1.3)
        (open_root / folder).chmod(0o755)
        put(open_root, {f"{folder}/d.yaml": owned("new")})
        wait_for(lambda: program.ask("'d' in conf"), "the new agent")
        wait_for(lambda: program.ask("conf.status.state") == "fresh", "the recovery")


def test_a_tree_that_has_the_number_of_one_that_is_gone_is_another(tmp_path: Path, follow: Follow) -> None:
    """File systems give numbers out again: here the very folder lies elsewhere, behind the same link."""
    one, other = tmp_path / "one", tmp_path / "other"
    put(one / "agents.d", {"a.yaml": owned("first", "instructions_file: p.md\n"), "p.md": "first"})
    link = tmp_path / "current"
    link.symlink_to(one.name)
    conf = follow(link / "agents.d")
    one.rename(other)
    (tmp_path / "next").symlink_to(other.name)
    (tmp_path / "next").rename(link)
    put(other / "agents.d", {"p.md": "second"})
    wait_for(lambda: conf["a"].instructions == "second", "the prompt in the other place", 3)
    wait_state(conf, "fresh")
    put(other / "agents.d", {"a.yaml": owned("third", "instructions_file: p.md\n")})
    wait_owner(conf, "third", seconds=2)
    assert metric_of(conf, "watch_armed") == 1


# -- a root that is gone, and folders that cannot be listed


def test_a_root_that_is_gone_for_good_is_confirmed(root: Path, kept: Path, follow: Follow) -> None:
    put(root, {"_defaults.yaml": "description: shared\n"})
    conf = follow(last_good=kept)
    root.rename(root.with_name("away"))
    wait_for(lambda: conf.status.missing == ("a", "b"), "the alarm")
    stays(lambda: sorted(conf) == ["a", "b"], "both are served", 0.3)
    assert conf.accept_deletes() == ("a", "b")
    assert sorted(conf) == []
    assert (conf.status.state, conf.status.missing) == ("stale", ())
    assert conf.accept_deletes() == ()
    root.with_name("away").rename(root)
    wait_owner(conf, "first")
    assert {agent.description for agent in conf.values()} == {"shared"}
    wait_state(conf, "fresh")
    root.rename(root.with_name("away"))
    wait_for(lambda: conf.status.missing, "the alarm again: what was confirmed before counts for nothing")
    stays(lambda: sorted(conf) == ["a", "b"], "both are served", 0.3)


def test_a_root_that_is_gone_is_confirmed_behind_a_restart(root: Path, kept: Path, follow: Follow) -> None:
    follow(last_good=kept).close()
    root.rename(root.with_name("away"))
    conf = follow(last_good=kept)
    assert conf.status.missing == ("a", "b")
    assert conf.accept_deletes() == ("a", "b")
    conf.close()
    assert sorted(follow(last_good=kept)) == []


def test_a_machine_in_trouble_is_no_root_that_is_gone(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = follow()
    monkeypatch.setattr(Disk, "look", out_of_descriptors)
    put(root, {"a.yaml": owned("second")})
    wait_state(conf, "stale")
    assert conf.accept_deletes() == ()
    assert sorted(conf) == ["a", "b"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_what_lies_in_a_folder_that_cannot_be_listed_is_not_missing(open_root: Path) -> None:
    put(open_root, {**many(6), **{f"team/{name}": said for name, said in many(9).items() if name > "agent-005.yaml"}})
    with Program(AS_NOBODY, open_root) as service:
        (open_root / "team").chmod(0o000)
        for name in sorted(many(5)):
            (open_root / name).unlink()
        wait_for(lambda: len(service.ask("conf.status.missing")) == 5, "the alarm")
        assert len(service.ask("conf.accept_deletes()")) == 5
        assert service.ask("sorted(conf)") == ["a", "agent-005", "agent-006", "agent-007", "agent-008", "b"]
        assert service.ask("conf.accept_deletes()") == []
        (open_root / "team").chmod(0o755)
        wait_for(lambda: service.ask("conf.status.state") == "fresh", "the folder")
        assert len(service.ask("sorted(conf)")) == 6
