"""A sample of the sequences on a real folder: each watcher in each world. tests/proof runs thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.model import play

CASES = [play.Case.of(seed) for seed in range(40)]


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    play.quickly(monkeypatch)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_served_is_what_the_oracle_says(case: play.Case, tmp_path: Path) -> None:
    play.play(case, tmp_path)
