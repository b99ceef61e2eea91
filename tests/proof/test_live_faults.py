"""Faults of the live loader that take long to make: overflowing queues, storms of minutes, a folder of ten thousand."""

from __future__ import annotations

import os
import signal
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.live.conftest import Follow, follow, machine_without_a_say, root
from tests.live.support import Program, Reader, many, owned, owner_of, put, run, wait_for, wait_owner

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

__all__ = ["follow", "machine_without_a_say", "root"]  # fixtures, which pytest finds here by their names

SWEEP_S = 5

_WATCHING = f"""
conf = Watch(Follower(sys.argv[1], Reloader(None), None, Timing(sweep={SWEEP_S}))).start()
def drift():
    return conf.status.drift_found
"""


def _stopped(program: Program) -> int:
    """Stop the process that watches; its number, to be continued."""
    number = program.process.pid
    os.kill(number, signal.SIGSTOP)
    wait_for(lambda: ") T " in Path(f"/proc/{number}/stat").read_text(), "its standstill")
    return number


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="a stopped process is seen in /proc")
def test_a_queue_that_overflows_with_writes_converges(root: Path) -> None:
    with Program(_WATCHING, root, seconds=120) as program:
        number = _stopped(program)
        for count in range(20_000):
            (root / f"n{count}.yaml").write_text("owner: new\n")
        os.kill(number, signal.SIGCONT)
        put(root, {"a.yaml": owned("second")})
        started = time.monotonic()
        wait_for(lambda: program.ask("conf['a'].owner") == "second", "the edit", 60)
        wait_for(lambda: program.ask("len(conf)") == 20_002, "all that was created", 60)
        assert time.monotonic() - started < 6 * SWEEP_S
        assert program.ask("conf.status.state") == "fresh"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="a stopped process is seen in /proc")
def test_a_queue_that_overflows_with_reads_converges_by_the_sweep_at_the_latest(root: Path) -> None:
    put(root, {"c.yaml": owned("first")})
    with Program(_WATCHING, root) as program:
        number = _stopped(program)
        for count in range(18_000):  # of two files in turn: the kernel joins an event with an equal one before it
            (root / ("b.yaml", "c.yaml")[count % 2]).read_bytes()
        put(root, {"a.yaml": owned("second")})
        os.kill(number, signal.SIGCONT)
        wait_for(lambda: program.ask("conf['a'].owner") == "second", "the edit, by a sweep", 2 * SWEEP_S)
        wait_for(lambda: program.ask("drift()") == 1, "the count of what no event told", 5)
        put(root, {"a.yaml": owned("third")})
        wait_for(lambda: program.ask("conf['a'].owner") == "third", "the next, by its event", 2)
        assert program.ask("drift()") == 1


def test_checkouts_of_ten_thousand_files_are_few_generations(tmp_path: Path, follow: Follow) -> None:
    root = tmp_path / "agents.d"
    root.mkdir()
    author = ("-c", "user.name=t", "-c", "user.email=t@example.net")
    run("git", "init", "-q", "-b", "one", ".", folder=tmp_path)
    for branch in ("one", "two"):
        if branch == "two":
            run("git", "checkout", "-q", "-b", "two", folder=tmp_path)
        for name, text in many(10_000, branch).items():
            (root / name).write_text(text)
        run("git", "add", "--all", folder=tmp_path)
        run("git", *author, "commit", "-q", "-m", branch, folder=tmp_path)
    conf = follow(root)
    generations = [conf.snapshot.generation]
    for branch in ("one", "two", "one"):
        run("git", "checkout", "-q", branch, folder=tmp_path)
        wait_for(lambda: len({agent.owner for agent in conf.snapshot.values()}) == 1, f"all of {branch}", 60)
        wait_owner(conf, branch, "agent-9999", seconds=60)
        wait_owner(conf, branch, "agent-000", seconds=60)
        generations.append(conf.snapshot.generation)
    assert max(after - before for before, after in pairwise(generations)) <= 3
    assert len(conf) == 10_000


def test_a_new_file_every_20_ms_for_a_minute_starves_nobody(root: Path, follow: Follow) -> None:
    conf = follow()
    end, number, slowest = time.monotonic() + 60, 0, 0.0
    while time.monotonic() < end:
        number += 1
        put(root, {f"storm{number}.yaml": owned(number)})
        time.sleep(0.02)  # the pace of the storm
        if number % 100 == 0:
            started = time.monotonic()
            wait_owner(conf, number, f"storm{number}", seconds=5)
            slowest = max(slowest, time.monotonic() - started)
    wait_for(lambda: len(conf) == number + 2, "all of them")
    assert slowest < 2


def test_branches_that_change_places_twenty_times_a_second(root: Path, follow: Follow) -> None:
    author = ("-c", "user.name=t", "-c", "user.email=t@example.net")
    run("git", "init", "-q", "-b", "one", ".", folder=root.parent)
    for branch in ("one", "two"):
        if branch == "two":
            run("git", "checkout", "-q", "-b", "two", folder=root.parent)
        put(root, many(200, branch))
        run("git", "add", "--all", folder=root.parent)
        run("git", *author, "commit", "-q", "-m", branch, folder=root.parent)
    conf = follow()
    with Reader(lambda: len(conf.snapshot)) as reader:
        for number in range(300):
            run("git", "checkout", "-q", ("one", "two")[number % 2], folder=root.parent)
        wait_for(lambda: {owner_of(conf, name.removesuffix(".yaml")) for name in many(200)} == {"two"}, "the last")
    assert reader.seen == [202]
    assert conf.status.state == "fresh"
