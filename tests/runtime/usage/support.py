"""Records to write, databases to write them to, and processes that do so."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agentconf.runtime.tokens import Tokens
from agentconf.runtime.usage.question import Question
from agentconf.runtime.usage.record import CallRecord
from agentconf.runtime.usage.store import UsageStore

DAY_S = 86_400.0
NOON = 1_795_176_000.0  # 2026-11-20, 12:00 UTC


def call(agent: str = "a", **said: Any) -> CallRecord:
    """A call that a model answered at once."""
    model = said.pop("model", "openai/small")
    given: dict[str, Any] = {"at": NOON, "environment": "prod", "model_asked": "openai/small", "cost_usd": 0.5,
                             "tokens": Tokens(100, 10), "latency_s": 0.25}  # fmt: skip
    return CallRecord(agent=agent, model=model, **(given | said))


def acts(store: UsageStore) -> tuple[Callable[[], object], ...]:
    """Writing and reading."""
    return (lambda: store.write([call()])), (lambda: store.report(Question()))


def url_of(file: Path) -> str:
    return f"sqlite:///{file}"


def count(file: Path) -> int:
    """How many calls are in a database; 0 where there is none."""
    store = UsageStore(url_of(file))
    report = store.report(Question())
    store.close()
    return report.total.calls if report is not None else 0


def rows(file: Path, columns: str = "*") -> list[tuple[Any, ...]]:
    """What a database holds, read without our own code."""
    connection = sqlite3.connect(file)
    try:
        return connection.execute(f"SELECT {columns} FROM agentconf_calls ORDER BY id").fetchall()
    finally:
        connection.close()


def refuse_poison(file: Path) -> None:
    """From now on the database takes no call of the agent `poison`."""
    connection = sqlite3.connect(file)
    with connection:
        connection.execute(
            "CREATE TRIGGER no_poison BEFORE INSERT ON agentconf_calls WHEN NEW.agent = 'poison'"
            " BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
    connection.close()


def eventually(holds: Callable[[], bool], within_s: float = 20.0) -> None:
    """Waits for a condition."""
    ends = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < ends, "it did not come true"
        time.sleep(0.005)


def started(script: str, file: Path, *arguments: str) -> subprocess.Popen[str]:
    """A process that runs a script, with `store` and `recorder` made for it."""
    head = (
        "import os, sys\n"
        "from agentconf.runtime.usage.store import UsageStore\n"
        "from agentconf.runtime.usage.writer import Recorder\n"
        "from tests.runtime.usage.support import call\n"
        "store = UsageStore(sys.argv[1])\n"
    )
    root = os.fspath(Path(__file__).parents[3])
    python = (sys.executable, "-W", "ignore::DeprecationWarning")  # newer ones warn of a fork beside threads
    return subprocess.Popen(
        [*python, "-c", head + script, url_of(file), *arguments], env=os.environ | {"PYTHONPATH": root},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ran(script: str, file: Path, *arguments: str) -> str:
    """What such a process printed, once it has ended well and without a word of complaint."""
    process = started(script, file, *arguments)
    out, err = process.communicate(timeout=50)
    assert (process.returncode, err) == (0, ""), err
    return out
