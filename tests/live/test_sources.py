"""Trees as deployments lay them out: Kubernetes, git-sync, git itself, links, mounts, editors."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import agentconf
from agentconf.live.watch import Watch, watch
from agentconf.source.walk import Contents, Walker
from tests.live.conftest import Follow
from tests.live.support import (
    QUICK,
    Reader,
    as_root,
    many,
    owned,
    owner_of,
    put,
    run,
    stays,
    wait_for,
    wait_gone,
    wait_owner,
    wait_state,
)

# -- Kubernetes


class ConfigMap:
    """A volume as the kubelet writes it: a dated folder, the link `..data` to it, a link for each key into that."""

    def __init__(self, root: Path, owner: object, keys: int = 3) -> None:
        self.root, self.names = root, sorted(many(keys))
        self.count = 0
        root.mkdir(parents=True)
        self.swap(owner)
        for name in self.names:
            (root / name).symlink_to(f"..data/{name}")

    def swap(self, owner: object) -> None:
        """All keys at once, by renaming a link; then the folder before is removed."""
        self.count += 1
        fresh = self.root / f"..2026_11_21_{self.count:06}"
        fresh.mkdir()
        for name in self.names:
            (fresh / name).write_text(owned(owner))
        before = os.readlink(self.root / "..data") if self.count > 1 else None
        (self.root / "..data_tmp").symlink_to(fresh.name)
        (self.root / "..data_tmp").rename(self.root / "..data")
        if before is not None:
            shutil.rmtree(self.root / before)


def _owners(conf: Watch) -> tuple[int, frozenset[str | None], int]:
    snapshot = conf.snapshot
    return snapshot.generation, frozenset(agent.owner for agent in snapshot.values()), len(snapshot)


def test_a_config_maps_swap_is_one_generation(tmp_path: Path, follow: Follow) -> None:
    volume = ConfigMap(tmp_path / "volume", 0)
    conf = follow(volume.root)
    for number in range(1, 6):
        volume.swap(number)
        wait_owner(conf, number, "agent-000", seconds=2)
        wait_state(conf, "fresh")
        assert conf.snapshot.generation == number + 1


def test_a_thousand_swaps_and_no_snapshot_of_two_of_them(tmp_path: Path, follow: Follow) -> None:
    volume = ConfigMap(tmp_path / "volume", 0)
    conf = follow(volume.root)
    with Reader(lambda: _owners(conf)) as reader:
        for number in range(1, 1001):
            volume.swap(number)
        wait_owner(conf, 1000, "agent-000")
    assert [seen for seen in reader.seen if len(seen[1]) != 1 or seen[2] != 3] == []
    generations = [generation for generation, _, _ in reader.seen]
    assert generations == sorted(set(generations))
    wait_state(conf, "fresh")


def test_swaps_in_the_middle_of_every_look_are_never_served_mixed(
    tmp_path: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume = ConfigMap(tmp_path / "volume", 0)
    for number in (1, 2):
        put(volume.root / f"..{number}", many(3, number))
    conf = follow(volume.root, timing=replace(QUICK, settle_limit=0.2))
    real, swaps = Walker._seen, 0

    def flip(number: int) -> None:
        (volume.root / "..next").symlink_to(f"..{number}")
        (volume.root / "..next").rename(volume.root / "..data")

    def flip_on_the_way(walker: Walker, contents: Contents, shown: str, *rest: Any) -> None:
        nonlocal swaps
        real(walker, contents, shown, *rest)
        if len(contents.files) == 2 and swaps < 200:
            flip(1 + (swaps + 1) % 2)
            swaps += 1  # when it is done: the test goes on behind the last

    with Reader(lambda: _owners(conf)) as reader:
        monkeypatch.setattr(Walker, "_seen", flip_on_the_way)
        flip(1)
        wait_for(lambda: swaps == 200, "the swaps")
        put(volume.root / "..2", many(3, "last"))
        flip(2)
        wait_owner(conf, "last", "agent-000", seconds=3)
    assert [seen for seen in reader.seen if len(seen[1]) != 1] == []


def test_a_link_in_the_tree_and_a_storm_elsewhere_starve_nobody(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, {"shared.txt": owned("linked")})
    (root / "linked.yaml").symlink_to("shared.txt")
    conf = follow()
    real, writes = Walker._seen, 0

    def write_on_the_way(walker: Walker, contents: Contents, shown: str, *rest: Any) -> None:
        nonlocal writes
        real(walker, contents, shown, *rest)
        if len(contents.files) == 3:
            writes += 1
            put(root, {"b.yaml": owned(writes)})

    monkeypatch.setattr(Walker, "_seen", write_on_the_way)
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second", seconds=3)


# -- links and git-sync


def test_git_syncs_link_is_followed_with_the_old_worktree_kept_and_removed(tmp_path: Path, follow: Follow) -> None:
    def worktree(number: int) -> Path:
        made = tmp_path / "worktrees" / f"hash-{number}"
        put(made / "agents.d", {"a.yaml": owned(number), "b.yaml": owned(number)})
        (tmp_path / "next").symlink_to(made)
        (tmp_path / "next").rename(tmp_path / "current")
        return made

    before = worktree(0)
    conf = follow(tmp_path / "current" / "agents.d")
    with Reader(lambda: len({agent.owner for agent in conf.snapshot.values()})) as reader:
        for number in range(1, 7):
            after = worktree(number)
            if number % 2:
                shutil.rmtree(before)
            wait_owner(conf, number, seconds=2)
            put(after / "agents.d", {"a.yaml": owned(f"{number}b"), "b.yaml": owned(f"{number}b")})
            wait_owner(conf, f"{number}b", seconds=2)
            wait_owner(conf, f"{number}b", "b", seconds=2)
            before = after
    wait_state(conf, "fresh")
    assert conf.status.drift_found == 0
    assert max(reader.seen) <= 2


def test_a_root_given_through_a_link_is_followed_where_it_leads(root: Path, follow: Follow) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    conf = follow(link)
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second", seconds=2)
    put(root.parent / "other", {"a.yaml": owned("third"), "b.yaml": owned("third")})
    (root.parent / "next").symlink_to(root.parent / "other")
    (root.parent / "next").rename(link)
    wait_owner(conf, "third", seconds=2)


def test_a_published_tree_is_one_generation_each_time(tmp_path: Path, follow: Follow) -> None:
    link = tmp_path / "agents.d"
    agentconf.publish_tree(link, many(20, 0))
    conf = follow(link)
    with Reader(lambda: _owners(conf)) as reader:
        for number in range(1, 6):
            agentconf.publish_tree(link, many(20, number))
            wait_owner(conf, number, "agent-000", seconds=2)
    assert [seen[1:] for seen in reader.seen] == [(frozenset({str(number)}), 20) for number in range(6)]


def test_a_published_file_is_served_whole(root: Path, follow: Follow) -> None:
    conf = follow()
    with Reader(lambda: (owner_of(conf), conf.status.state)) as reader:
        for number in range(10):
            agentconf.publish_file(root / "a.yaml", owned(number))
            wait_owner(conf, number, seconds=2)
    assert {state for _, state in reader.seen} == {"fresh"}


def test_a_path_below_a_git_folder_is_no_exception(tmp_path: Path, follow: Follow) -> None:
    root = tmp_path / ".git" / "checkout" / "agents.d"
    put(root, {"a.yaml": owned("first")})
    conf = follow(root)
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second", seconds=2)


def test_a_relative_root_stays_where_it_was(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)
    with watch("agents.d", last_good=None) as conf:
        monkeypatch.chdir(tmp_path)
        put(root, {"a.yaml": owned("second")})
        wait_owner(conf, "second", seconds=2)
        assert conf["a"].file == "agents.d/a.yaml"


def test_files_in_new_folders_are_seen_at_once(root: Path, follow: Follow) -> None:
    conf = follow()
    for number in range(15):
        put(root, {f"t{number}/u/v/n{number}.yaml": owned(number)})
        wait_owner(conf, number, f"n{number}", seconds=1)
    assert conf.status.drift_found == 0


# -- mounts


@pytest.fixture
def mounted_file(root: Path) -> Iterator[Path]:
    """The source of a file that is mounted onto a.yaml."""
    source = root.parent / "source.yaml"
    source.write_text(owned("mounted"))
    run("mount", "--bind", source, root / "a.yaml", folder=root)
    yield source
    subprocess.run(["umount", "--lazy", str(root / "a.yaml")], check=False)


@as_root
def test_a_mounted_file_is_swept(root: Path, mounted_file: Path, follow: Follow) -> None:
    conf = follow(timing=replace(QUICK, blind_sweep=0.1))
    mounted_file.write_text(owned("edited"))  # of which no event of the folder tells
    wait_owner(conf, "edited", seconds=2)
    put(mounted_file.parent, {"source.yaml": owned("replaced")})
    stays(lambda: owner_of(conf) == "edited", "what is mounted", 0.3)
    put(root, {"b.yaml": owned("second")})
    wait_owner(conf, "second", "b", seconds=2)
    subprocess.run(["umount", str(root / "a.yaml")], check=True)
    wait_owner(conf, "first", seconds=2)
    assert conf.status.drift_found == 0


@as_root
def test_a_mount_that_comes_and_goes_and_is_read_only(root: Path, follow: Follow) -> None:
    conf = follow()
    other = root.parent / "other"
    put(other, {"a.yaml": owned("mounted"), "b.yaml": owned("mounted")})
    run("mount", "--bind", other, root, folder=other)
    try:
        wait_owner(conf, "mounted", seconds=2)
        put(other, {"a.yaml": owned("edited")})
        wait_owner(conf, "edited", seconds=2)
        run("mount", "-o", "remount,bind,ro", root, folder=other)
        put(other, {"a.yaml": owned("read-only")})
        wait_owner(conf, "read-only", seconds=2)
    finally:
        run("umount", "--lazy", root, folder=other)
    wait_owner(conf, "first", seconds=2)


@as_root
def test_an_overlay_is_followed(tmp_path: Path, root: Path, follow: Follow) -> None:
    upper, work, merged = (tmp_path / name for name in ("upper", "work", "merged"))
    for folder in (upper, work, merged):
        folder.mkdir()
    options = f"lowerdir={root},upperdir={upper},workdir={work}"
    done = subprocess.run(["mount", "-t", "overlay", "-o", options, "none", str(merged)], check=False)
    if done.returncode:
        pytest.skip("overlays cannot be mounted here")
    try:
        conf = follow(merged)
        (merged / "a.yaml").write_text(owned("copied up"))
        wait_owner(conf, "copied up", seconds=2)
        (merged / "b.yaml").unlink()
        wait_gone(conf, "b", seconds=3)
        conf.close()
    finally:
        subprocess.run(["umount", "--lazy", str(merged)], check=False)
