"""Processes that die, fork, and share: budgets are not reset, and slots come free."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from agentconf.errors import BudgetExceeded, LimitExceeded
from agentconf.runtime.limits.guard import Guard
from agentconf.runtime.limits.sqlite import SQLiteLimits
from tests.live.support import Program
from tests.runtime.limits.support import TREE, Clock, agent_with, ask, budget, guard_at, took

LIMITS = {**budget(10), "max_parallel": 3}

HOLDING = """
from tests.runtime.limits.support import *
guard = guard_at(Path(sys.argv[1]))
agent = agent_with({**budget(10), "max_parallel": 3})
passages = []
def enter():
    passages.append(guard.enter(ask(agent, 2)))
    return len(passages)
def leave(dollars):
    return passages.pop().leave(took(dollars))
def spent():
    return guard.spent(TREE, None)["a"]
def at_the_same_time():
    try:
        return enter()
    except Exception as error:
        return str(error)
def forked(act):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, json.dumps(act()).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with open(reading, "rb") as pipe:
        return json.loads(pipe.read())
"""


def test_a_process_that_is_killed_frees_its_slots_and_what_it_reserved_is_spent(tmp_path: Path, guard: Guard) -> None:
    agent = agent_with(LIMITS)
    with Program(HOLDING, tmp_path) as other:
        other.ask("enter(), leave(1)")
        for _ in range(3):
            other.ask("enter()")
        with pytest.raises(LimitExceeded, match="3 are under way"):
            guard.enter(ask(agent))
        assert guard.spent(TREE, None)["a"].reserved_usd == 6
    passage = guard.enter(ask(agent))
    found = guard.spent(TREE, None)["a"]
    assert (found.day_usd, found.reserved_usd) == (7, 1)
    with pytest.raises(BudgetExceeded, match=r"of which \$8\.00 is spent or reserved"):
        guard.enter(ask(agent, 3))
    passage.leave(took(1))


def test_a_report_alone_sees_that_a_process_is_dead(tmp_path: Path, guard: Guard) -> None:
    with Program(HOLDING, tmp_path) as other:
        other.ask("enter()")
        assert guard.spent(TREE, None)["a"].day_usd == 0
    found = guard.spent(TREE, None)["a"]
    assert (found.day_usd, found.reserved_usd) == (2, 0)


def test_a_process_that_closes_its_counters_frees_its_slots(tmp_path: Path) -> None:
    agent = agent_with(LIMITS)
    first, second = guard_at(tmp_path), guard_at(tmp_path)
    for _ in range(3):
        first.enter(ask(agent))
    with pytest.raises(LimitExceeded):
        second.enter(ask(agent))
    first.close()
    passage = second.enter(ask(agent))
    assert second.spent(TREE, None)["a"].day_usd == 3
    passage.leave(took(1))
    second.close()


def test_two_guards_of_a_process_are_both_alive(tmp_path: Path) -> None:
    """A process that closes a file loses all its locks on it, whichever descriptor they were taken by."""
    agent = agent_with(LIMITS)
    first, second = guard_at(tmp_path), guard_at(tmp_path)
    passage = first.enter(ask(agent, 2))
    second.enter(ask(agent)).leave(took(1))
    second.close()
    with Program(HOLDING, tmp_path) as other:
        assert [other.ask("at_the_same_time()") for _ in range(3)][:2] == [1, 2]
        assert "3 are under way" in other.ask("at_the_same_time()")
    passage.leave(took(1))
    first.close()


def test_a_child_counts_for_itself_and_leaves_its_parents_calls_alone(tmp_path: Path, guard: Guard) -> None:
    with Program(HOLDING, tmp_path) as parent:
        parent.ask("enter()")
        assert parent.ask("forked(lambda: [leave(9), enter(), spent().reserved_usd, leave(1), spent().day_usd])") == [
            None, 1, 4, None, 1
        ]  # fmt: skip
        assert parent.ask("[spent().reserved_usd, leave(1), spent().day_usd]") == [2, None, 2]
        assert parent.ask("forked(lambda: [enter(), enter()])") == [1, 2]
        found = guard.spent(TREE, None)["a"]
        assert (found.day_usd, found.reserved_usd) == (6, 0)  # the child is dead: what it had reserved is spent
        assert parent.ask("enter()") == 1


def test_counters_hold_when_the_log_is_lost_with_its_readers(tmp_path: Path) -> None:
    """What a killed process has committed is in the log beside the file, and the next one reads it."""
    with Program(HOLDING, tmp_path) as other:
        other.ask("enter(), leave(2)")
        assert (tmp_path / "limits.sqlite3-wal").stat().st_size > 0
    guard = guard_at(tmp_path)
    assert guard.spent(TREE, None)["a"].day_usd == 2
    guard.close()
    assert sqlite3.connect(tmp_path / "limits.sqlite3").execute("PRAGMA integrity_check").fetchone() == ("ok",)


STORM = """
import random
from tests.runtime.limits.support import *
guard = guard_at(Path(sys.argv[1]))
agent = agent_with(budget(1e6))
settled = []
def spend():
    while True:
        guard.enter(ask(agent, 2)).leave(took(1))
        settled.append(1)
for _ in range(8):
    threading.Thread(target=spend, daemon=True).start()
"""


def test_killed_in_the_middle_of_a_storm(tmp_path: Path) -> None:
    least = 0
    for _ in range(4):
        with Program(STORM, tmp_path) as storm:
            least += storm.ask("len(settled)")
    guard = guard_at(tmp_path)
    found = guard.spent(TREE, None)["a"]
    assert found.reserved_usd == 0
    assert found.day_usd >= least
    guard.enter(ask(agent_with(budget(1e6)))).leave(took(1))
    guard.close()
    with sqlite3.connect(tmp_path / "limits.sqlite3") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT COUNT(*) FROM passages").fetchone() == (0,)
    connection.close()


def test_a_file_that_was_taken_away_is_made_anew(tmp_path: Path) -> None:
    agent = agent_with(budget(10))
    guard = guard_at(tmp_path, Clock())
    old = guard.enter(ask(agent, 9))
    for file in tmp_path.iterdir():
        file.unlink()
    store = guard._store
    assert isinstance(store, SQLiteLimits)
    store._file._looked_at = 0  # it looks once a second
    new = guard.enter(ask(agent, 9))
    with Program(HOLDING, tmp_path) as other:
        assert other.ask("spent().reserved_usd") == 9  # it sees that this process is alive
    new.leave(took(3))
    old.leave(took(1))
    found = guard.spent(TREE, None)["a"]
    assert (found.day_usd, found.reserved_usd) == (3, 0)
    guard.close()


def test_nothing_but_the_counters_is_left_behind(tmp_path: Path) -> None:
    before = set(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else set()
    for _ in range(5):
        guard = guard_at(tmp_path)
        guard.enter(ask(agent_with(LIMITS))).leave(took(1))
        guard.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["limits.sqlite3", "limits.sqlite3-alive"]
    if before:
        assert len(os.listdir("/proc/self/fd")) <= len(before)
