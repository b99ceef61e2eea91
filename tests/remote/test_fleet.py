"""A fleet in seconds: servers of one tree that come and go while it changes. `make proof` has it large, for minutes."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.live.support import wait_for
from tests.remote.fleet import RHYTHM, Fleet, crowd, publish
from tests.server.running import Running

QUICK = replace(RHYTHM, beat=0.3, poll=0.3, first=1.0, longest=1.5)
BAD = "owner: bad\ntemprature: 1\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "tree" / "agents.d"
    made.parent.mkdir()
    publish(made, 0)
    return made


@pytest.fixture
def servers(root: Path, tmp_path: Path) -> Iterator[list[Running]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Running(root, last_good=tmp_path / f"good-{number}")) for number in range(3)]


def test_every_client_converges_and_none_serves_a_mixture(root: Path, servers: list[Running], tmp_path: Path) -> None:
    chance = random.Random(7)
    urls = [server.url for server in servers]
    with Fleet(urls, 24, tmp_path / "kept", QUICK) as fleet:
        for number in range(1, 40):
            publish(root, number, BAD if number % 5 == 0 else "")
            server = servers[number % 3]
            if number % 6 == 0:
                server.stop()
            elif number % 6 == 3 or number == 39:
                for one in servers:
                    if one._server is None:
                        one.start()
            time.sleep(chance.uniform(0, 0.1))  # not a wait: the tree changes while servers come and go
        for one in servers:
            if one._server is None:
                one.start()
        wait_for(lambda: set(fleet.numbers()) == {"39"}, "every client at the last state", 30)
        wait_for(lambda: set(fleet.states()) == {"fresh"}, "every client fresh", 30)
        assert fleet.digests() == {server.watch.snapshot.digest for server in servers}
        assert fleet.wrong == []


def test_after_a_restart_clients_come_back_one_by_one(root: Path, servers: list[Running]) -> None:
    (server, *_) = servers
    with Fleet([server.url], 40, rhythm=replace(RHYTHM, first=2.0)) as fleet:
        wait_for(lambda: len(server.hub.members) == 40, "every client")
        began = time.time()
        server.stop()
        server.start()
        wait_for(lambda: len(server.hub.members) == 40, "every client again", 30)
        count, most = crowd(fleet.tries, server.url, began, time.time())
    assert count >= 40
    assert most <= 16, "within a tenth of a second"
