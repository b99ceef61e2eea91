"""The writer off the caller's path: batches, bounds, dead databases, the end."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from agentconf.runtime.usage import writer
from agentconf.runtime.usage.delivery import Delivery
from agentconf.runtime.usage.record import CallRecord
from agentconf.runtime.usage.store import UsageStore
from agentconf.runtime.usage.unavailable import UsageUnavailable
from agentconf.runtime.usage.writer import Recorder
from tests.runtime.usage.support import DAY_S, NOON, call, count, eventually, refuse_poison, rows, url_of

LONG_S = 3_600.0


@pytest.fixture
def recorder(store: UsageStore) -> Iterator[Recorder]:
    made = Recorder(store)
    yield made
    made.close()


@pytest.fixture
def locked(file: Path, store: UsageStore) -> Iterator[sqlite3.Connection]:
    """A database that somebody else keeps to themselves, until their transaction ends."""
    store.write([call("before")])
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    yield other
    other.close()


def test_records_are_written_in_the_background(recorder: Recorder, file: Path) -> None:
    recorder.record(call())
    eventually(lambda: recorder.written == 1)
    assert count(file) == 1


def test_flush_returns_when_all_is_there(recorder: Recorder, file: Path) -> None:
    for _ in range(5_000):
        recorder.record(call())
    assert recorder.flush(30)
    assert (count(file), recorder.written, recorder.dropped, recorder.pending) == (5_000, 5_000, 0, 0)


def test_close_writes_what_waits(store: UsageStore, file: Path) -> None:
    recorder = Recorder(store, interval_s=LONG_S)
    recorder.record(call())
    recorder.close()
    recorder.close()
    assert (count(file), recorder.dropped) == (1, 0)
    recorder.record(call())
    assert (count(file), recorder.dropped) == (1, 1)


def test_a_full_batch_does_not_wait(store: UsageStore, file: Path) -> None:
    recorder = Recorder(store, interval_s=LONG_S, batch=10)
    for _ in range(11):
        recorder.record(call())
    eventually(lambda: recorder.written >= 10)
    recorder.close()
    assert count(file) == 11


def test_a_hurry_holds_for_all_that_waits(store: UsageStore, file: Path) -> None:
    recorder = Recorder(store, interval_s=LONG_S, batch=10)
    for number in range(1, 40):
        for _ in range(number):
            recorder.record(call())
        assert recorder.flush(30)
    for _ in range(15):
        recorder.record(call())
    recorder.close(30)
    assert count(file) == sum(range(1, 40)) + 15


def test_many_threads_lose_nothing(recorder: Recorder, file: Path) -> None:
    def work() -> None:
        for _ in range(500):
            recorder.record(call())

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recorder.flush(30)
    assert (count(file), recorder.dropped) == (8_000, 0)


def test_a_dead_database_fails_no_call_and_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "not-there-yet"
    store = UsageStore(url_of(folder / "usage.sqlite3"))
    recorder = Recorder(store)
    for number in range(3):
        recorder.record(call(str(number)))
        assert not recorder.flush(0.3)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert said[0].endswith("calls go on, and their records wait until it can be used again")
    folder.mkdir()
    assert recorder.flush(30)
    assert sorted(rows(folder / "usage.sqlite3", "agent")) == [("0",), ("1",), ("2",)]
    assert caplog.messages[1:] == ["the record of calls is written again"]
    recorder.close()
    store.close()


def test_beyond_its_bounds_records_are_dropped_counted_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "not-there-yet"
    store = UsageStore(url_of(folder / "usage.sqlite3"))
    recorder = Recorder(store, limit=100)
    for _ in range(1_000):
        recorder.record(call())
    assert recorder.pending <= 100 + 1
    dropped = recorder.dropped
    assert dropped >= 899
    recorder.flush(0.3)
    folder.mkdir()
    assert recorder.flush(30)
    assert (count(folder / "usage.sqlite3"), recorder.dropped) == (1_000 - dropped, dropped)
    assert any(message.endswith(f"could not be written in time: {dropped} so far") for message in caplog.messages)
    recorder.close()
    store.close()


def test_the_caller_does_not_wait_for_a_database_that_does(
    store: UsageStore, locked: sqlite3.Connection, file: Path
) -> None:
    recorder = Recorder(store, limit=50)
    begin = time.perf_counter()
    for _ in range(100):
        recorder.record(call())
    assert time.perf_counter() - begin < 5.0  # the database would have them wait twice as long
    assert recorder.pending <= 50 + 1  # one may be on its way from the queue into the thread's hands
    assert recorder.pending + recorder.dropped == 100
    locked.execute("COMMIT")
    assert recorder.flush(30)
    assert count(file) + recorder.dropped == 1 + 100
    recorder.close()


def test_what_cannot_be_written_at_the_end_is_counted(
    store: UsageStore, locked: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(store)
    for _ in range(7):
        recorder.record(call())
    begin = time.perf_counter()
    recorder.close(0.3)
    assert time.perf_counter() - begin < 5.0
    assert recorder.dropped == 7
    assert "records of calls are lost" in caplog.text
    locked.execute("COMMIT")


def test_a_dead_database_at_the_end_costs_no_more_than_its_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = UsageStore(url_of(tmp_path / "missing" / "usage.sqlite3"))
    recorder = Recorder(store)
    recorder.record(call())
    recorder.close(0.3)
    eventually(lambda: recorder.dropped == 1)
    store.close()
    assert "could not be written in time: 1 so far" in caplog.text


@pytest.mark.parametrize("is_quicker", [True, False], ids=["the thread gives up", "close does not wait for it"])
def test_what_is_given_up_at_the_end_is_told_and_counted_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, is_quicker: bool
) -> None:
    store = Unreachable(url_of(tmp_path / "usage.sqlite3"))
    recorder = Recorder(store)
    recorder.record(call())
    assert store.is_asked.wait(30)
    if is_quicker:
        store.may_answer.set()
    recorder.close(0.2 if not is_quicker else 1.0)
    store.may_answer.set()
    ended = [thread for thread in threading.enumerate() if thread.name == "agentconf-usage"]
    for thread in ended:
        thread.join(30)
    assert recorder.dropped == 1
    assert "could not be written in time: 1 so far" in caplog.text
    store.close()


def test_when_close_returns_it_is_told_though_the_thread_says_it(file: Path) -> None:
    """The process may end right behind `close`, and the thread with it, in the middle of its sentence."""
    began, closed, told = threading.Event(), threading.Event(), []

    class Slow(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            began.set()
            told.append(closed.wait(0.5))

    slow, log = Slow(), logging.getLogger("agentconf.runtime")
    delivery = Delivery(UsageStore(url_of(file)), lambda _: False, lambda _: None, lambda: 1)
    thread = threading.Thread(target=delivery.tell_lost)
    log.addHandler(slow)
    try:
        thread.start()
        assert began.wait(30)
        delivery.tell_lost(is_last=True)  # as `close` does in the end
        closed.set()
        thread.join(30)
    finally:
        log.removeHandler(slow)
    assert told == [False]


def test_one_row_that_is_refused_takes_no_other_with_it(
    recorder: Recorder, store: UsageStore, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.write([call("before")])
    refuse_poison(file)
    for agent in ("x", "poison", "y"):
        recorder.record(call(agent, prompt="a secret of the caller"))
    assert recorder.flush(30)
    assert [row[0] for row in rows(file, "agent")] == ["before", "x", "y"]
    assert (recorder.written, recorder.dropped) == (2, 1)
    assert caplog.messages == ["the record of a call is lost: the database refused it (RecordsRefused)"]


def test_what_is_no_record_fails_no_call(recorder: Recorder, file: Path) -> None:
    recorder.record(None)  # type: ignore[arg-type]
    recorder.record(call(tokens=None))
    recorder.record(call("good"))
    assert recorder.flush(30)
    assert rows(file, "agent") == [("good",)]
    assert recorder.dropped == 2


class Unreachable(UsageStore):
    """A database that is away, which shows when the test lets it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.is_asked, self.may_answer = threading.Event(), threading.Event()

    def write(self, records: Sequence[CallRecord], batch: str | None = None) -> None:
        self.is_asked.set()
        self.may_answer.wait(30)
        raise UsageUnavailable("it is away")


class LostAnswers(UsageStore):
    """A database whose every first answer is lost on the way, when it has written already."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.seen: set[str | None] = set()

    def write(self, records: Sequence[CallRecord], batch: str | None = None) -> None:
        super().write(records, batch)
        if batch not in self.seen:
            self.seen.add(batch)
            raise UsageUnavailable("the connection is gone")


def test_a_lost_answer_records_nothing_twice(file: Path) -> None:
    store = LostAnswers(url_of(file))
    recorder = Recorder(store)
    for _ in range(20):
        recorder.record(call())
    assert recorder.flush(30)
    assert (count(file), recorder.written) == (20, 20)
    recorder.close()
    store.close()


def test_prompts_and_answers_have_a_bound_of_their_own(
    store: UsageStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_MOST_TEXT", 100)
    recorder = Recorder(store, interval_s=LONG_S)
    for _ in range(3):
        recorder.record(call(prompt="p" * 30, answer="a" * 10))
    assert recorder.flush(30)
    recorder.record(call(prompt="p" * 30))
    recorder.close()
    assert rows(file, "length(prompt), length(answer)") == [(30, 10), (30, 10), (None, None), (30, None)]


def test_old_calls_are_forgotten_while_new_ones_are_written(store: UsageStore, file: Path) -> None:
    store.write([call("old", at=NOON - 30 * DAY_S, tree="t"), call("elsewhere", at=NOON - 30 * DAY_S)])
    recorder = Recorder(store)
    recorder.keep("t", 7)
    recorder.keep("other", 7)
    recorder.keep("other", None)
    recorder.record(call("new", at=time.time(), tree="t"))
    assert recorder.flush(30)
    eventually(lambda: sorted(rows(file, "agent")) == [("elsewhere",), ("new",)])
    recorder.close()


def test_much_is_forgotten_in_parts(store: UsageStore, file: Path) -> None:
    store.write([call("old", at=NOON - number, tree="t") for number in range(12_000)])
    recorder = Recorder(store)
    recorder.keep("t", 1)
    for number in range(3):
        recorder.record(call(f"new{number}", at=time.time() + 3_600, tree="t"))
        assert recorder.flush(30)
    recorder.close()
    assert [agent for (agent,) in rows(file, "agent")] == ["new0", "new1", "new2"]
