from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentconf.runtime.limits.guard import Guard
from tests.runtime.limits.support import Clock, guard_at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(tmp_path: Path, clock: Clock) -> Iterator[Guard]:
    made = guard_at(tmp_path, clock)
    yield made
    made.close()
