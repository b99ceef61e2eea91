"""Two hundred clients and three servers of one tree, servers killed at random for five minutes while it changes.

A third of the clients reach the servers through a balancer that takes any of them, another each time: hints come from
one server, and the snapshot from another, which may be behind.
"""

from __future__ import annotations

import json
import os
import random
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.live.support import wait_for
from tests.remote.fleet import crowd, publish
from tests.support import REPOSITORY

MINUTES: Final = float(os.environ.get("AGENTCONF_FLEET_MINUTES", "5"))
CLIENTS: Final = 200
PROCESSES: Final = 4
BAD: Final = "owner: bad\ntemprature: 1\n"

_SERVER = """
import os, sys
from agentconf.live.watch import watch
from agentconf.server.app import create_app
from agentconf.server.guard.access_log import AccessLog
from agentconf.server.options import Limits, Options
from agentconf.server.run import bind, run
from agentconf.server.serving import Serving
root, kept, port = sys.argv[1:]
conf = watch(root, last_good=kept)
app = create_app(Serving(conf, root), Options(limits=Limits(requests_per_s=0)), AccessLog(open(os.devnull, 'w')))
run(app, bind("127.0.0.1", int(port)))
conf.close()
"""


@dataclass
class Server:
    """A server in a process of its own, which can be killed."""

    root: Path
    kept: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_up(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def start(self) -> None:
        words = [sys.executable, "-c", _SERVER, str(self.root), str(self.kept), str(self.port)]
        self.process = subprocess.Popen(words, cwd=REPOSITORY)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@dataclass
class Clients:
    """A process with some clients, which answers a line for a line."""

    process: subprocess.Popen[str]

    def ask(self) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self, seconds: float = 60.0) -> dict[str, Any]:
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], seconds)
        line = self.process.stdout.readline() if readable else ""
        assert line, "the clients did not answer"
        said: dict[str, Any] = json.loads(line)
        return said


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[tuple[Path, list[Server], list[Clients]]]:
    root = tmp_path / "tree" / "agents.d"
    root.parent.mkdir()
    publish(root, 0)
    servers = [Server(root, tmp_path / f"good-{number}", free_port()) for number in range(3)]
    with ExitStack() as stack:
        for server in servers:
            stack.callback(server.kill)
            server.start()
        wait_for(lambda: all(server.is_up for server in servers), "the servers", 60)
        words = [sys.executable, "-m", "tests.remote.balancer", *(str(server.port) for server in servers)]
        balancer = _program(stack, words)
        assert balancer.stdout is not None
        urls = [*(server.url for server in servers), f"http://127.0.0.1:{balancer.stdout.readline().strip()}"]
        clients = [_started(stack, urls, tmp_path / f"kept-{number}") for number in range(PROCESSES)]
        for one in clients:
            assert one.answer() == {"ready": CLIENTS // PROCESSES}
        yield root, servers, clients


def _started(stack: ExitStack, urls: list[str], kept: Path) -> Clients:
    return Clients(
        _program(stack, [sys.executable, "-m", "tests.remote.fleet", str(CLIENTS // PROCESSES), str(kept), *urls])
    )


def _program(stack: ExitStack, words: list[str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        words, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    stack.callback(process.communicate)
    stack.callback(process.kill)
    return process


@pytest.mark.proof
@pytest.mark.timeout(MINUTES * 60 + 240)
def test_every_client_converges_whatever_becomes_of_the_servers(
    fleet: tuple[Path, list[Server], list[Clients]],
) -> None:
    root, servers, clients = fleet
    chance, number = random.Random(11), 0
    kills: list[tuple[str, float]] = []
    end = time.monotonic() + MINUTES * 60
    while time.monotonic() < end:
        number += 1
        publish(root, number, BAD if number % 7 == 0 else "")
        if chance.random() < 0.08:
            server = chance.choice(servers)
            server.kill()
            kills.append((server.url, time.time()))
        for server in servers:
            if server.process is None and chance.random() < 0.25:
                server.start()
        time.sleep(chance.uniform(0.1, 1.0))  # not a wait: the tree changes at its own pace
    for server in servers:
        if server.process is None:
            server.start()
    publish(root, number + 1)
    wait_for(lambda: all(server.is_up for server in servers), "the servers", 60)
    stopped = time.monotonic()
    wait_for(lambda: _all(clients, "numbers", str(number + 1)), "every client at the last state", 90)
    converged_s = time.monotonic() - stopped
    wait_for(lambda: _all(clients, "states", "fresh"), "every client fresh", 90)
    said = [one.ask() for one in clients]
    assert [one["wrong"] for one in said] == [[]] * PROCESSES
    assert len({digest for one in said for digest in one["digests"]}) == 1
    crowds = [_crowd(said, url, moment) for url, moment in kills]
    _report(number, kills, converged_s, said, crowds)
    assert kills
    assert all(most <= max(8, 0.4 * count) for count, most in crowds), crowds


def _all(clients: list[Clients], key: str, value: str) -> bool:
    return all(set(one.ask()[key]) == {value} for one in clients)


def _crowd(said: list[dict[str, Any]], url: str, killed_at: float) -> tuple[int, int]:
    """The tries at a server behind its death, and the most of them within a tenth of a second."""
    tries = [(moment, where) for one in said for moment, where in one["tries"]]
    return crowd(tries, url, killed_at, killed_at + 5)


def _report(
    number: int,
    kills: list[tuple[str, float]],
    converged_s: float,
    said: list[dict[str, Any]],
    crowds: list[tuple[int, int]],
) -> None:
    served = sum(one["generations"] for one in said)
    sys.stdout.write(
        f"{number + 1} states of the tree, {len(kills)} kills, {served} generations served by {CLIENTS} clients; "
        f"all at the last state {converged_s:.1f} s after the end; tries (all, most in 0.1 s) behind a kill: {crowds}\n"
    )
