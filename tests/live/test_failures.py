"""Parts that raise or hang, a machine out of descriptors, and the metrics that tell of it."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

import pytest

from agentconf.live.reload import Reloader
from agentconf.live.timing import Timing
from tests.live.conftest import Follow
from tests.live.support import (
    SWEPT,
    Program,
    metric_of,
    owned,
    owner_of,
    put,
    wait_for,
    wait_owner,
    wait_state,
)

# -- a line that breaks


def test_a_pipeline_that_raises_is_stale_and_recovers(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    conf = follow(timing=SWEPT)
    real = Reloader.apply

    def fail(*arguments: object) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Reloader, "apply", fail)
    put(root, {"a.yaml": owned("second")})
    wait_state(conf, "stale")
    assert "a reload failed (RuntimeError)" in (conf.status.reason or "")
    assert metric_of(conf, "last_reload_successful") == 0
    assert owner_of(conf) == "first"
    monkeypatch.setattr(Reloader, "apply", real)
    wait_owner(conf, "second", seconds=3)
    wait_state(conf, "fresh")
    assert metric_of(conf, "last_reload_successful") == 1
    assert any(record.levelno == logging.ERROR and "please report" in record.message for record in caplog.records)


def test_a_pipeline_that_hangs_is_stale_and_recovers(
    root: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = follow(timing=Timing(beat=0.02, sweep=0.05, lock_limit=0.05))
    real, goes_on = Reloader.apply, threading.Event()

    def hang(*arguments: Any) -> Any:
        goes_on.wait(20)
        return real(*arguments)

    monkeypatch.setattr(Reloader, "apply", hang)
    put(root, {"a.yaml": owned("second")})
    wait_state(conf, "stale")
    assert "was not looked at for long" in (conf.status.reason or "")
    assert owner_of(conf) == "first"
    assert conf.status.age_s > 0.2
    goes_on.set()
    wait_owner(conf, "second", seconds=3)
    wait_state(conf, "fresh")


OUT_OF_DESCRIPTORS = """
import resource
conf = Watch(Follower(sys.argv[1], Reloader(None), None, Timing(beat=0.02, sweep=0.1, blind_sweep=0.1))).start()
held = []
def exhaust():
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 4096))
    try:
        while True:
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        return len(held)
def release():
    while held:
        os.close(held.pop())
"""


def test_out_of_descriptors_is_stale_and_recovers(root: Path) -> None:
    with Program(OUT_OF_DESCRIPTORS, root) as program:
        assert program.ask("exhaust()") > 0
        put(root, {"a.yaml": owned("second")})
        wait_for(lambda: program.ask("conf.status.state") == "stale", "the alarm")
        assert "too many open files" in program.ask("conf.status.reason")
        assert program.ask("sorted(conf)") == ["a", "b"]
        program.ask("release()")
        wait_for(lambda: program.ask("conf['a'].owner") == "second", "the edit")
        wait_for(lambda: program.ask("conf.status.state") == "fresh", "the recovery")


def test_a_start_without_descriptors_for_the_bell_is_swept(root: Path) -> None:
    lines = """
import agentconf.live.bell as bell
class None_:
    def __init__(self, *arguments):
        raise OSError(24, "Too many open files")
real, bell.RustNotify = bell.RustNotify, None_
conf = Watch(Follower(sys.argv[1], Reloader(None), None, Timing(beat=0.02, blind_sweep=0.1))).start()
"""
    with Program(lines, root) as program:
        put(root, {"a.yaml": owned("second")})
        wait_for(lambda: program.ask("conf['a'].owner") == "second", "the edit", 2)


# -- metrics

NAMES = """
last_reload_successful last_reload_success_timestamp_seconds reload_total reload_duration_seconds event_to_serve_seconds
agents agents_quarantined generation revision_info watch_armed watch_rebuilds_total sweep_found_drift_total
last_full_scan_timestamp_seconds
""".split()


def test_every_metric_is_there_and_moves(root: Path, follow: Follow) -> None:
    conf = follow()
    assert {metric.name for metric in conf.metrics} == {f"agentconf_{name}" for name in NAMES}
    scanned = metric_of(conf, "last_full_scan_timestamp_seconds")
    assert metric_of(conf, "last_reload_success_timestamp_seconds") >= scanned - 5
    put(root, {"a.yaml": owned("second"), "c.yaml": "owner: x\ntemprature: 1\n"})
    wait_owner(conf, "second")
    wait_for(lambda: conf.status.quarantined, "the refusal")
    said = {name: metric_of(conf, name) for name in ("agents", "agents_quarantined", "generation", "watch_armed")}
    assert said == {"agents": 2, "agents_quarantined": 1, "generation": 2, "watch_armed": 1}
    assert metric_of(conf, "last_reload_successful") == 0
    assert metric_of(conf, "reload_total", result="applied") == 1
    status = conf.status
    assert metric_of(conf, "revision_info", attempted=str(status.attempted), applied=status.applied) == 1
    served = next(metric for metric in conf.metrics if metric.name == "agentconf_event_to_serve_seconds")
    counts = {sample.suffix: sample.value for sample in served.samples if sample.suffix != "_bucket"}
    assert counts["_count"] == 1
    assert 0 < counts["_sum"] < 1
