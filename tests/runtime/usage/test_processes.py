"""What becomes of records when processes end, are killed, fork, and write to one file together."""

from __future__ import annotations

import signal
import sqlite3
from pathlib import Path

import pytest

from agentconf.runtime.usage.question import Question
from agentconf.runtime.usage.store import UsageStore
from tests.runtime.usage.support import call, count, ran, rows, started, url_of


def test_a_normal_end_loses_nothing(file: Path) -> None:
    ran("recorder = Recorder(store, interval_s=3600)\nfor _ in range(3_000): recorder.record(call())", file)
    assert count(file) == 3_000


@pytest.mark.parametrize("ending", ["sys.exit(0)", "os.kill(os.getpid(), 15)"], ids=["exit", "terminated"])
def test_an_end_that_was_asked_for_loses_nothing(file: Path, ending: str) -> None:
    ran(
        "import signal\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
        f"recorder = Recorder(store, interval_s=3600)\nfor _ in range(100): recorder.record(call())\n{ending}",
        file,
    )
    assert count(file) == 100


def test_kill_9_in_the_middle_keeps_everything_that_was_flushed(file: Path) -> None:
    process = started(
        "recorder = Recorder(store, interval_s=0.001)\n"
        "for round in range(10_000):\n"
        "    for _ in range(50): recorder.record(call())\n"
        "    recorder.flush()\n"
        "    print((round + 1) * 50, flush=True)\n",
        file,
    )
    assert process.stdout is not None
    for _ in range(5):
        said = process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    said += process.stdout.read()  # not by `communicate`, which passes over what was read ahead
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (-signal.SIGKILL, "")
    flushed = int(said.split()[-1])
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert flushed <= count(file) <= flushed + 50
    store = UsageStore(url_of(file))
    store.write([call("after")])
    report = store.report(Question(agents=("after",)))
    store.close()
    assert report is not None
    assert report.total.calls == 1


def test_a_forked_process_writes_its_own_records_and_not_its_parents(file: Path) -> None:
    ran(
        "recorder = Recorder(store, interval_s=3600)\n"
        "recorder.record(call('parent')); recorder.flush(); recorder.record(call('parent'))\n"
        "child = os.fork()\n"
        "for _ in range(10): recorder.record(call('child' if child == 0 else 'parent'))\n"
        "if child:\n"
        "    assert os.waitpid(child, 0)[1] == 0\n",
        file,
    )
    found = [agent for (agent,) in rows(file, "agent")]
    assert (found.count("parent"), found.count("child")) == (12, 10)


def test_a_fork_in_the_middle_of_writing_hangs_nobody(file: Path) -> None:
    out = ran(
        "import threading\n"
        "recorder = Recorder(store, interval_s=0.001, limit=1_000_000)\n"
        "def work():\n"
        "    for _ in range(1_000): recorder.record(call('parent'))\n"
        "thread = threading.Thread(target=work); thread.start()\n"
        "children = []\n"
        "for _ in range(8):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        for _ in range(50): recorder.record(call('child'))\n"
        "        os._exit(0 if recorder.flush(30) else 1)\n"
        "    children.append(child)\n"
        "thread.join()\n"
        "print([os.waitpid(child, 0)[1] for child in children])\n",
        file,
    )
    assert out == f"{[0] * 8}\n"
    found = [agent for (agent,) in rows(file, "agent")]
    assert (found.count("parent"), found.count("child")) == (1_000, 400)


def test_a_fork_waits_for_a_transaction_and_the_child_writes_at_once(file: Path) -> None:
    """SQLite in the child would wait for ever for the transaction that it remembers."""
    out = ran(
        "import threading\n"
        "store.write([call('before')])\n"
        "began, forked = threading.Event(), threading.Event()\n"
        "def transaction(connection):\n"
        "    connection.exec_driver_sql('BEGIN IMMEDIATE')\n"
        "    began.set()\n"
        "    return forked.wait(1)\n"
        "held = []\n"
        "thread = threading.Thread(target=lambda: held.append(store._database.write(transaction)))\n"
        "thread.start(); began.wait(30)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    store.write([call('child')]); os._exit(0)\n"
        "forked.set(); thread.join()\n"
        "print(held, os.waitpid(child, 0)[1])\n",
        file,
    )
    assert out == "[False] 0\n"
    assert rows(file, "agent") == [("before",), ("child",)]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_multiprocessing_lose_nothing(file: Path, tmp_path: Path, method: str) -> None:
    (tmp_path / "workers.py").write_text(
        "from agentconf.runtime.usage.store import UsageStore\n"
        "from agentconf.runtime.usage.writer import Recorder\n"
        "from tests.runtime.usage.support import call\n"
        "def work(url):\n"
        "    recorder = Recorder(UsageStore(url), interval_s=3600)\n"
        "    for _ in range(100): recorder.record(call())\n"
    )
    ran(
        f"import multiprocessing\nsys.path.insert(0, {str(tmp_path)!r})\nimport workers\n"
        f"context = multiprocessing.get_context({method!r})\n"
        "made = [context.Process(target=workers.work, args=(sys.argv[1],)) for _ in range(2)]\n"
        "for one in made: one.start()\n"
        "for one in made: one.join()\n"
        "assert [one.exitcode for one in made] == [0, 0]\n",
        file,
    )
    assert count(file) == 200


def test_several_processes_begin_and_fill_one_file_together(file: Path) -> None:
    script = (
        "recorder = Recorder(store, interval_s=0.001, batch=20)\n"
        "sys.stdin.readline()\n"
        "for _ in range(500): recorder.record(call(sys.argv[2]))\n"
        "assert recorder.flush(50)\n"
        "print(recorder.written, recorder.dropped)\n"
    )
    made = [started(script, file, f"a{number}") for number in range(4)]
    for process in made:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=55) for process in made] == [("500 0\n", "")] * 4
    found = [agent for (agent,) in rows(file, "agent")]
    assert [found.count(f"a{number}") for number in range(4)] == [500] * 4


def test_readers_do_not_hold_the_writer_up(store: UsageStore, file: Path) -> None:
    store.write([call()])
    reader = sqlite3.connect(file, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM agentconf_calls").fetchone() == (1,)
    store.write([call()])
    assert reader.execute("SELECT count(*) FROM agentconf_calls").fetchone() == (1,)
    reader.close()
    assert count(file) == 2
