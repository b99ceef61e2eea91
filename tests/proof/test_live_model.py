"""The model check of live reloading: thousands of sequences of operations, each under a watcher that may fail."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.live.model import law, play
from tests.live.model.trees import ENVIRONMENT

SEQUENCES = int(os.environ.get("AGENTCONF_SEQUENCES", "2000"))
SHARDS = max(8, SEQUENCES // 25)
LAWS = 5 * SEQUENCES

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1800)]


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AGENTCONF_"):
            monkeypatch.delenv(name)
    play.quickly(monkeypatch)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_what_is_served_is_what_the_oracle_says(shard: int, tmp_path: Path) -> None:
    for seed in range(shard, SEQUENCES, SHARDS):
        folder = tmp_path / f"{seed}"
        play.play(play.Case.of(seed), folder)
        shutil.rmtree(folder)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_trees_in_memory_obey_the_law(shard: int) -> None:
    for seed in range(shard, LAWS, SHARDS):
        environment = ENVIRONMENT if seed % 2 else None
        law.check(seed, 15 + seed % 30, environment, "transactional" if seed % 5 == 0 else "per-agent")
