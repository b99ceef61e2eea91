from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentconf.runtime.usage.store import UsageStore
from tests.runtime.usage.support import url_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "usage.sqlite3"


@pytest.fixture
def store(file: Path) -> Iterator[UsageStore]:
    made = UsageStore(url_of(file))
    yield made
    made.close()
