"""Limits at full size: eight processes of 64 threads each, a killed crowd, and a million keys."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from agentconf.config.variant import chosen_variant
from agentconf.runtime.limits.store import PER_DOLLAR
from tests.config.test_variant import TODAY, agent_of, p_of_chi_square
from tests.live.support import Program
from tests.runtime.limits.contention import Crowd, spend
from tests.runtime.limits.support import TREE, guard_at
from tests.runtime.limits.test_contention import billionths

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]


@pytest.mark.parametrize("cents", [(10, 100), (100, 100), (50, 180)], ids=["less", "exact", "more"])
def test_eight_processes_of_64_threads_spend_one_budget(tmp_path: Path, cents: tuple[int, int]) -> None:
    crowd = Crowd(processes=8, threads=64, calls=20, usd=3000, cents=cents)
    total = spend(tmp_path / "limits.sqlite3", crowd)
    assert billionths(tmp_path) == (total.took, 0)
    assert total.took - 3000 * PER_DOLLAR <= min(total.beyond, crowd.bound)
    assert total.refused
    assert total.calls + total.refused == 8 * 64 * 20
    if cents[1] <= 100:
        assert 2999 * PER_DOLLAR < total.took <= 3000 * PER_DOLLAR


STORM = """
from tests.runtime.limits.support import *
guard = guard_at(Path(sys.argv[1]))
agent = agent_with({**budget(1e6), "max_parallel": 64, "requests_per_minute": 10**9})
settled = []
def spend():
    while True:
        guard.enter(ask(agent, 3)).leave(took(1))
        settled.append(1)
for _ in range(16):
    threading.Thread(target=spend, daemon=True).start()
"""


def test_forty_processes_killed_in_the_middle(tmp_path: Path) -> None:
    """What was settled is counted to the dollar; of each that died, each call under way at what it had reserved."""
    least = 0
    for _ in range(20):
        with Program(STORM, tmp_path) as one, Program(STORM, tmp_path) as other:
            for _ in range(random.randint(1, 30)):
                one.ask("None")
            least += one.ask("len(settled)") + other.ask("len(settled)")
    guard = guard_at(tmp_path)
    found = guard.spent(TREE, None)["a"]
    guard.close()
    assert found.reserved_usd == 0
    assert found.day_usd >= least
    connection = sqlite3.connect(tmp_path / "limits.sqlite3")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("SELECT COUNT(*) FROM passages").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize("weights", [{"a": 50, "b": 50}, {"a": 80, "b": 20}, {"a": 1, "b": 2, "c": 3}])
def test_a_million_fixed_keys_fit_the_weights(weights: dict[str, float]) -> None:
    agent = agent_of(weights)
    counts = Counter(chosen_variant(agent, f"user-{number}", TODAY) for number in range(1_000_000))
    assert p_of_chi_square(counts, weights) > 0.001
