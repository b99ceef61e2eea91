"""Counters that cannot be used: said clearly, and an agent with limits is refused."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from agentconf.errors import LimitsUnavailable
from agentconf.runtime.limits.guard import FREE, Guard
from agentconf.runtime.limits.sqlite import SQLiteLimits
from agentconf.runtime.limits.store import Busy
from tests.live.support import NOBODY, Program
from tests.runtime.limits.support import TREE, agent_with, ask, budget, guard_at, metric_of, took

LIMITED = [budget(10), {"requests_per_minute": 5}, {"tokens_per_minute": 5}, {"max_parallel": 5}]


def refused(guard: Guard) -> str:
    """What an agent with limits is told, whichever limits; one without is let in."""
    said = set()
    for limits in LIMITED:
        with pytest.raises(LimitsUnavailable) as error:
            guard.enter(ask(agent_with(limits)))
        said.add(str(error.value))
        assert error.value.__cause__ is None
    assert guard.enter(ask(agent_with(None))) is FREE
    (text,) = said
    return text


def beginning(tmp_path: Path) -> str:
    return (
        "the agent 'a' has limits, and its counters cannot be used: "
        f"they are kept in '{tmp_path / 'limits.sqlite3'}', "
    )


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file(tmp_path: Path, guard: Guard, content: bytes) -> None:
    (tmp_path / "limits.sqlite3").write_bytes(content)
    assert refused(guard).startswith(beginning(tmp_path) + "which is damaged")
    assert (tmp_path / "limits.sqlite3").read_bytes() == content
    (tmp_path / "limits.sqlite3").rename(tmp_path / "damaged")
    guard.enter(ask(agent_with(budget(10)))).leave(took(1))


def test_a_file_that_is_damaged_under_way(tmp_path: Path) -> None:
    guard = guard_at(tmp_path)
    guard.enter(ask(agent_with(budget(10)))).leave(took(1))
    guard.close()
    file = tmp_path / "limits.sqlite3"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert "is damaged; move it away, and the counters begin anew" in refused(guard)
    file.write_bytes(whole)
    assert guard.spent(TREE, None)["a"].day_usd == 1
    guard.close()


def test_a_database_of_another_program(tmp_path: Path, guard: Guard) -> None:
    with sqlite3.connect(tmp_path / "limits.sqlite3") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = (tmp_path / "limits.sqlite3").read_bytes()
    assert refused(guard).startswith(beginning(tmp_path) + "which belongs to another program; set AGENTCONF_")
    assert (tmp_path / "limits.sqlite3").read_bytes() == before


def test_a_file_of_a_newer_version(tmp_path: Path, guard: Guard) -> None:
    guard.enter(ask(agent_with(budget(10)))).leave(took(1))
    guard.close()
    with sqlite3.connect(tmp_path / "limits.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert refused(guard).endswith("which a newer agentconf made; update this one, or set AGENTCONF_LIMITS_FILE")


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    guard = Guard(SQLiteLimits(tmp_path / "nowhere" / "limits.sqlite3"))
    assert "which cannot be opened or made; see to its folder, or set AGENTCONF_LIMITS_FILE" in refused(guard)
    (tmp_path / "nowhere").mkdir()
    guard.enter(ask(agent_with(budget(10)))).leave(took(1))
    guard.close()


def test_nowhere_to_keep_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AGENTCONF_LIMITS_FILE", raising=False)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    text = refused(Guard(SQLiteLimits()))
    assert "its counters cannot be used: there is no place for them: " in text
    assert text.endswith("/agentconf: not a directory; set AGENTCONF_LIMITS_FILE")
    assert "Errno" not in text


@pytest.mark.parametrize("variable", ["AGENTCONF_LIMITS_FILE", "XDG_STATE_HOME"])
def test_where_they_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str) -> None:
    monkeypatch.delenv("AGENTCONF_LIMITS_FILE", raising=False)
    is_file = variable == "AGENTCONF_LIMITS_FILE"
    monkeypatch.setenv(variable, str(tmp_path / "mine.db" if is_file else tmp_path))
    guard = Guard(SQLiteLimits())
    guard.enter(ask(agent_with(budget(10)))).leave(took(1))
    guard.close()
    assert (tmp_path / ("mine.db" if is_file else "agentconf/limits.sqlite3")).exists()


AS_NOBODY = f"""
from tests.runtime.limits.support import *
from agentconf.runtime.limits.guard import FREE
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
guard = Guard(SQLiteLimits(sys.argv[1]))
agent, free = agent_with(budget(10)), agent_with(None)
def enter():
    assert guard.enter(ask(free)) is FREE
    try:
        guard.enter(ask(agent)).leave(took(1))
    except Exception as error:
        return f"{{type(error).__name__}}: {{error}}"
"""
"""A process for which modes count."""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that others can reach: what pytest makes is this user's alone."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


def test_a_folder_that_may_not_be_written(open_folder: Path) -> None:
    file = open_folder / "limits.sqlite3"
    open_folder.chmod(0o555)
    with Program(AS_NOBODY, file) as program:
        said = program.ask("enter()")
        assert said.startswith("LimitsUnavailable: the agent 'a' has limits")
        assert said.endswith("which cannot be opened or made; see to its folder, or set AGENTCONF_LIMITS_FILE")
        open_folder.chmod(0o777)
        assert program.ask("enter()") is None


def test_a_file_that_may_not_be_written(open_folder: Path) -> None:
    guard = guard_at(open_folder)
    guard.enter(ask(agent_with(budget(10)))).leave(took(1))
    guard.close()
    open_folder.chmod(0o777)
    for path in open_folder.iterdir():
        path.chmod(0o444)
    with Program(AS_NOBODY, open_folder / "limits.sqlite3") as program:
        assert "which this user may not write; give it to this user" in program.ask("enter()")


# -- held by somebody else


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Somebody else writes to the counters, and takes their time."""
    connection = sqlite3.connect(folder / "limits.sqlite3", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("ROLLBACK")
    connection.close()


def impatient(guard: Guard) -> Guard:
    store = guard._store
    assert isinstance(store, SQLiteLimits)
    store._file.patience_s = 0.05
    return guard


def test_who_does_not_wait_is_told_at_once_and_may_ask_again(tmp_path: Path, guard: Guard) -> None:
    agent = agent_with(budget(10))
    passage = guard.enter(ask(agent))
    with held(tmp_path):
        with pytest.raises(Busy):
            guard.enter(ask(agent), wait=False)
        with pytest.raises(Busy):
            passage.retake(ask(agent), took(1), wait=False)
        with pytest.raises(Busy):
            passage.leave(took(2), wait=False)
    passage.retake(ask(agent), took(1), wait=False)
    passage.leave(took(2), wait=False)
    assert guard.spent(TREE, None)["a"].day_usd == 3


def test_who_waits_in_vain_is_told_why(tmp_path: Path, guard: Guard) -> None:
    agent = agent_with(budget(10))
    passage = impatient(guard).enter(ask(agent))
    with held(tmp_path):
        assert refused(guard) == (
            beginning(tmp_path) + "which another process has held for too long; see which one hangs"
        )
        with pytest.raises(LimitsUnavailable):
            passage.retake(ask(agent), None)
        with pytest.raises(LimitsUnavailable, match="what agents have spent cannot be read"):
            guard.spent(TREE, None)
    assert metric_of(guard, "limit_refusals_total") == {("a", "limits"): 5}
    passage.leave(took(1))


def test_what_cannot_be_settled_is_settled_later(
    tmp_path: Path, guard: Guard, caplog: pytest.LogCaptureFixture
) -> None:
    agent = agent_with({**budget(10), "max_parallel": 2})
    first, second = (impatient(guard).enter(ask(agent, 4)) for _ in range(2))
    with held(tmp_path):
        first.leave(took(1))
        second.leave(took(2))
    (record,) = caplog.records
    assert record.message == (
        "what calls took cannot be counted, and will be tried again: they are kept in "
        f"'{tmp_path / 'limits.sqlite3'}', which another process has held for too long; see which one hangs"
    )
    assert metric_of(guard, "limits_unsettled_total") == {("a",): 2}
    guard.enter(ask(agent, 7)).leave(took(7))
    assert guard.spent(TREE, None)["a"].day_usd == 10


def test_what_is_owed_is_paid_at_the_end(tmp_path: Path) -> None:
    guard = impatient(guard_at(tmp_path))
    passage = guard.enter(ask(agent_with(budget(10)), 4))
    with held(tmp_path):
        passage.leave(took(1))
    guard.close()
    later = guard_at(tmp_path)
    assert later.spent(TREE, None)["a"].day_usd == 1
    later.close()


# -- a disk without room

FULL = """
import resource
from tests.runtime.limits.support import *
guard = guard_at(Path(sys.argv[1]))
agent = agent_with(budget(1000))
def limit(bytes):
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes, resource.RLIM_INFINITY))
def spend():
    try:
        guard.enter(ask(agent)).leave(took(1))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
passage = None
def enter():
    global passage
    passage = guard.enter(ask(agent, 5))
def leave():
    return passage.leave(took(3))
def spent():
    return guard.spent(TREE, None)["a"].day_usd
"""


def test_a_disk_without_room(tmp_path: Path) -> None:
    with Program(FULL, tmp_path) as program:
        assert program.ask("[spend(), enter(), limit(4096)]") == [None, None, None]
        assert program.ask("spend()").startswith("LimitsUnavailable: the agent 'a' has limits")
        assert program.ask("leave()") is None
        assert program.ask("[limit(resource.RLIM_INFINITY), spend(), spent()]") == [None, None, 5]
    assert os.path.exists(tmp_path / "limits.sqlite3")
