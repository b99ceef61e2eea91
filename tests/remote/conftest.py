from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from agentconf.remote.address import address_of
from agentconf.remote.body import Bounds
from agentconf.remote.connection import Connection, Place, Ways, connected
from agentconf.remote.follow import Rhythm
from tests.live.conftest import machine_without_a_say  # noqa: F401  # for every test here
from tests.server.running import two_agents

QUICK = Rhythm(beat=0.2, silence=2.0, poll=0.05, first=0.1, longest=0.3, save_after=0.05, confirm=0.1)


class Dial(Protocol):
    """`connect`, with a rhythm to choose. Closed when the test ends."""

    def __call__(self, url: str, **said: Any) -> Connection: ...


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree of two agents, `a` and `b`."""
    return two_agents(tmp_path)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder for the cache."""
    return tmp_path / "kept"


@pytest.fixture
def dial() -> Iterator[Dial]:
    opened: list[Connection] = []

    def start(url: str, **said: Any) -> Connection:
        cache = said.pop("cache", None)
        ways = Ways(
            None if cache is None else Place(cache),
            said.pop("secrets", "server"),
            said.pop("ttl", 300.0),
            dataclasses.replace(QUICK, **said.pop("rhythm", {})),
            said.pop("bounds", Bounds()),
        )
        made = connected(address_of(url), said.pop("token", None), said.pop("environment", None), ways)
        assert not said
        opened.append(made)
        return made.start()

    yield start
    for conf in opened:
        conf.close()
