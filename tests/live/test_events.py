"""Events that are lost, bells that break, parts that raise or hang: it converges, and says so."""

from __future__ import annotations

import os
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from watchfiles._rust_notify import RustNotify

from agentconf.codes import METADATA_SCHEMA
from agentconf.live import bell
from agentconf.live.bell import folders_named
from agentconf.live.listener import Listener
from agentconf.live.timing import Timing
from agentconf.live.watch import Watch
from agentconf.source import system
from tests.live.conftest import Follow
from tests.live.support import (
    SWEPT,
    DeafBell,
    metric_of,
    owned,
    put,
    stays,
    wait_for,
    wait_gone,
    wait_owner,
    wait_state,
)

# -- lost events


def _has_drifted(conf: Watch, count: int) -> bool:
    return conf.status.drift_found >= count


def test_a_sweep_finds_what_no_event_told_and_counts_it(root: Path, follow: Follow) -> None:
    conf = follow(timing=SWEPT, make_bell=DeafBell)
    for number in range(1, 3):
        put(root, {"a.yaml": owned(number), f"c{number}.yaml": owned(number)})
        wait_owner(conf, number, seconds=1)
        wait_owner(conf, number, f"c{number}", seconds=1)
        wait_for(partial(_has_drifted, conf, number), "the count", 2)
    assert metric_of(conf, "sweep_found_drift_total") == conf.status.drift_found
    (root / "c1.yaml").unlink()
    wait_gone(conf, "c1", seconds=3)


def test_the_schema_beside_the_tree_is_looked_at_without_any_event(root: Path, follow: Follow) -> None:
    conf = follow()
    assert _refused_by_schema(conf) == []
    put(root.parent, {"schema/metadata.schema.json": '{"required": ["team"]}'})
    wait_for(lambda: _refused_by_schema(conf) == ["a", "b"], "what the schema says")
    put(root.parent, {"schema/metadata.schema.json": '{"required": []}'})
    wait_for(lambda: _refused_by_schema(conf) == [], "what the next one says")
    put(root.parent, {"schema/metadata.schema.json": '{"required": ["team"]}'})
    wait_for(lambda: _refused_by_schema(conf) == ["a", "b"], "the first one again")
    (root.parent / "schema/metadata.schema.json").unlink()
    wait_for(lambda: _refused_by_schema(conf) == [], "the end of it")
    assert (conf.status.state, conf.status.generation, conf.status.drift_found) == ("fresh", 1, 0)


def _refused_by_schema(conf: Watch) -> list[str | None]:
    return [one.agent for one in conf.status.warnings if one.rule.code == METADATA_SCHEMA.code]


def test_what_an_event_told_is_no_drift(root: Path, follow: Follow) -> None:
    conf = follow(timing=SWEPT)
    for number in range(20):
        put(root, {"a.yaml": owned(number)})
        wait_owner(conf, number)
    stays(lambda: conf.status.drift_found == 0, "no drift", 0.7)


@pytest.mark.parametrize("name", ["_secrets.yaml", "Bad Id.yaml", "folder.yaml/none"])
def test_what_is_said_against_a_name_is_told_by_an_event(root: Path, follow: Follow, name: str) -> None:
    """Such a file is never opened: only the finding about it differs. Nothing is swept here."""
    conf = follow()
    put(root, {name: "{}"})
    wait_state(conf, "failing")
    assert [one.file.endswith(name.partition("/")[0]) for one in conf.snapshot.diagnostics] == [True]
    (root / name).unlink()
    if "/" in name:
        (root / name).parent.rmdir()
    wait_state(conf, "fresh")


def test_a_bell_that_ended_is_not_waited_for(root: Path, follow: Follow) -> None:
    bell_of = follow()._follower._listener.bell
    bell_of.stop()
    started = time.monotonic()
    bell_of.rearm(str(root))
    assert time.monotonic() - started < 2


class LateBell(DeafBell):
    """Rings when the test says so."""

    made: list[LateBell] = []  # noqa: RUF012  # one at a time

    def __init__(self, ring: bell.Ring) -> None:
        super().__init__(ring)
        self.made[:] = [self]


def test_an_event_that_comes_while_a_sweep_looks_twice_is_not_lost(root: Path, follow: Follow) -> None:
    conf = follow(timing=Timing(settle=0.2, sweep=0.05, beat=0.02), make_bell=LateBell)
    put(root, {"a.yaml": owned("second")})
    wait_for(lambda: conf._follower._lookout.changed, "the sweep that finds it")
    LateBell.made[0].ring(frozenset({str(root / "a.yaml")}))
    wait_owner(conf, "second")
    stays(lambda: conf.status.drift_found == 0, "no drift", 1)


def test_a_hash_sweep_opens_every_file(root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a stamp lies, as it does on some mounts, only the bytes tell."""
    real = system.stamp_of

    def lie(status: os.stat_result) -> system.Stamp:
        return real(status)._replace(modified_ns=0, changed_ns=0)

    for module in ("agentconf.source.walk", "agentconf.source.folder", "agentconf.live.disk"):
        monkeypatch.setattr(f"{module}.stamp_of", lie)
    conf = follow(timing=Timing(beat=0.02, sweep=0.1, hash_sweep=0.3), make_bell=DeafBell)
    with open(root / "a.yaml", "r+b") as file:
        file.write(owned("FIRST").encode())
    wait_owner(conf, "FIRST", seconds=2)


def test_spurious_and_repeated_events_cost_nothing(root: Path, follow: Follow) -> None:
    conf = follow(make_bell=LateBell)
    changes = conf.changes()
    for _ in range(20):
        LateBell.made[0].ring(None)
        LateBell.made[0].ring(frozenset({str(root / "a.yaml"), "/nowhere/x", str(root)}))
    put(root, {"a.yaml": owned("second")})
    LateBell.made[0].ring(frozenset({str(root / "b.yaml")}))  # the wrong name in the right folder
    wait_owner(conf, "second", seconds=1)
    assert conf.snapshot.generation == 2
    assert changes.next(timeout=0.1) is not None
    assert changes.next(timeout=0.1) is None


@pytest.mark.parametrize(("paths", "folders"), [
    ({"/r/a.yaml"}, {""}), ({"/r/t/a.yaml", "/r"}, {"", "t/"}), ({"/r/t"}, {"", "t/"}),
    ({"/r/new/x.yaml"}, None), ({"/elsewhere"}, None), (set(), set()),
])  # fmt: skip
def test_the_folders_that_events_name(paths: set[str], folders: set[str] | None) -> None:
    assert folders_named(paths, "/r", ["", "t/"]) == folders


# -- bells that break


class _Failing:
    """watchfiles, as it is where the kernel has no watches left, for as long as the test says so."""

    def __init__(self) -> None:
        self.is_broken = True

    def __call__(self, *arguments: Any) -> Any:
        if self.is_broken:
            raise OSError(28, "No space left on device: inotify watch limit reached")
        return RustNotify(*arguments)


def test_without_watches_it_is_swept_and_says_so(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    notify = _Failing()
    monkeypatch.setattr(bell, "RustNotify", notify)
    monkeypatch.setattr(bell, "_BACKOFF_S", (0.05,))
    conf = follow(timing=SWEPT)
    assert metric_of(conf, "watch_armed") == 0
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second", seconds=1)
    assert [record.message for record in caplog.records if "cannot listen" in record.message] != []
    notify.is_broken = False
    wait_for(lambda: metric_of(conf, "watch_armed") == 1, "listening again")
    put(root, {"a.yaml": owned("third")})
    wait_owner(conf, "third", seconds=1)
    assert metric_of(conf, "watch_rebuilds_total") >= 1
    assert len([record for record in caplog.records if "cannot listen" in record.message]) == 1


def test_a_bell_that_dies_again_and_again_is_made_again(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "_BACKOFF_S", (0.01,))
    conf = follow()
    for number in range(5):
        (Path(os.fsdecode(os.fsencode(root) + b"/\xff%d" % number))).touch()
        put(root, {"a.yaml": owned(number)})
        wait_owner(conf, number, seconds=2)
    assert metric_of(conf, "watch_rebuilds_total") >= 1
    wait_state(conf, "fresh")


def test_what_changes_while_the_bell_is_made_again_is_seen(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = follow()
    is_made = threading.Event()

    def slow(*arguments: Any) -> Any:
        scan = metric_of(conf, "last_full_scan_timestamp_seconds")
        wait_for(lambda: metric_of(conf, "last_full_scan_timestamp_seconds") > scan or is_made.wait(0.3), "a look")
        put(root, {"b.yaml": owned("between")})
        is_made.set()
        return RustNotify(*arguments)

    monkeypatch.setattr(bell, "RustNotify", slow)
    Path(os.fsdecode(os.fsencode(root) + b"/\xff")).touch()
    assert is_made.wait(5)
    wait_owner(conf, "between", "b", seconds=2)


@pytest.mark.parametrize("kind", [OSError, RuntimeError, FileNotFoundError])
def test_a_listener_that_raises_does_not_end_the_loop(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    conf = follow(timing=SWEPT)
    real = Listener.follow_root
    is_broken = True

    def follow_root(listener: Listener) -> bool:
        if is_broken:
            raise kind("out of order")
        return real(listener)

    monkeypatch.setattr(Listener, "follow_root", follow_root)
    wait_state(conf, "stale")
    is_broken = False
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second", seconds=3)
    wait_state(conf, "fresh")
