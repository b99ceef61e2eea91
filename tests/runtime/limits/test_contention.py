"""One budget and many processes: a smaller crowd than that of tests/proof/test_limits.py."""

from __future__ import annotations

import asyncio
from pathlib import Path

from agentconf.config.agent import Agent
from agentconf.errors import BudgetExceeded
from agentconf.runtime.limits.guard import Guard, Passage
from agentconf.runtime.limits.store import PER_DOLLAR, Busy
from tests.live.support import Program
from tests.runtime.limits.contention import Crowd, spend
from tests.runtime.limits.support import TREE, agent_with, ask, budget, guard_at, took


def billionths(folder: Path) -> tuple[int, int]:
    """What is spent and what is reserved, as the counters have it afterwards."""
    guard = guard_at(folder)
    found = guard.spent(TREE, None)["a"]
    guard.close()
    return round(found.day_usd * PER_DOLLAR), round(found.reserved_usd * PER_DOLLAR)


def test_who_takes_less_than_is_reserved_never_overspends(tmp_path: Path) -> None:
    crowd = Crowd(processes=3, threads=8, calls=20, usd=100, cents=(10, 100))
    total = spend(tmp_path / "limits.sqlite3", crowd)
    assert billionths(tmp_path) == (total.took, 0)
    assert 99 * PER_DOLLAR < total.took <= 100 * PER_DOLLAR
    assert total.refused
    assert total.calls + total.refused == 3 * 8 * 20


def test_who_takes_more_overspends_by_no_more_than_the_errors(tmp_path: Path) -> None:
    crowd = Crowd(processes=3, threads=8, calls=20, usd=100, cents=(50, 180))
    total = spend(tmp_path / "limits.sqlite3", crowd)
    assert billionths(tmp_path) == (total.took, 0)
    assert total.took - 100 * PER_DOLLAR <= min(total.beyond, crowd.bound)
    assert total.refused


BESIDE = """
from tests.runtime.limits.support import *
guard = guard_at(Path(sys.argv[1]))
agent = agent_with(budget(1000), "b")
def spend():
    while True:
        guard.enter(ask(agent)).leave(took(0))
threading.Thread(target=spend, daemon=True).start()
"""


async def entered(guard: Guard, agent: Agent) -> Passage:
    """As the client does: at once, or from a thread that may wait."""
    try:
        return guard.enter(ask(agent), wait=False)
    except Busy:
        return await asyncio.to_thread(guard.enter, ask(agent))


async def spent_by_tasks(guard: Guard, agent: Agent) -> int:
    async def task() -> int:
        done = 0
        for _ in range(5):
            try:
                passage = await entered(guard, agent)
            except BudgetExceeded:
                continue
            await asyncio.sleep(0)  # the others' turn
            try:
                passage.leave(took(1), wait=False)
            except Busy:
                await asyncio.to_thread(passage.leave, took(1))
            done += 1
        return done

    return sum(await asyncio.gather(*(task() for _ in range(64))))


def test_tasks_share_a_loop_and_the_counters_with_another_process(tmp_path: Path) -> None:
    guard = guard_at(tmp_path)
    with Program(BESIDE, tmp_path):
        let_in = asyncio.run(spent_by_tasks(guard, agent_with(budget(100))))
    guard.close()
    assert let_in == 100
    assert billionths(tmp_path) == (100 * PER_DOLLAR, 0)
