"""A change on disk to the last of a thousand clients, beside a bare broadcast of the same bytes; and what clients cost.

usage: python -m benchmarks.push [--quick]

Prints tables. Servers, clients and who writes are processes of their own, which read one clock. Ours counts from just
before a file is renamed into place: reading, checking, resolving and telling are in it. The bare one counts from just
before it is asked to send: it holds the very bytes. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.make_tree import write_tree
from benchmarks.talk_lines import Lines

KINDS: Final = ("websocket", "event-stream")
_AGENTS: Final = 20


@dataclass(frozen=True)
class Plan:
    clients: int = 1000
    rounds: int = 100
    agents: int = 10_000
    fetches: int = 7


QUICK: Final = Plan(clients=50, rounds=5, agents=300, fetches=2)


# -- the server, as a program


def serve_ours(root: str) -> None:
    """As `agentconf serve` does, without a log and with no bound that is reached."""
    import agentconf
    from agentconf.server import run
    from agentconf.server.app import create_app
    from agentconf.server.guard.access_log import AccessLog
    from agentconf.server.options import Limits, Options
    from agentconf.server.serving import Serving

    with open(os.devnull, "w", encoding="utf-8") as nowhere, agentconf.watch(root, last_good=None) as watch:
        app = create_app(Serving(watch, root), Options(limits=Limits(requests_per_s=0)), AccessLog(nowhere))
        listening = run.bind("127.0.0.1", 0)
        print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
        run.run(app, listening)


# -- one against the other


@contextmanager
def program(*words: str) -> Iterator[Lines]:
    with Lines([sys.executable, "-m", *words]) as lines:
        yield lines


def write(root: Path, number: int) -> None:
    """One agent's temperature, renamed into place."""
    path = root / "agent-00.yaml"
    aside = path.with_name(".aside")
    aside.write_text(f"description: '{number}'\ninstructions: '{'Answer in one sentence. ' * 40}'\n"
                     "llm: {model: openai/gpt-4.1}\n", encoding="utf-8")  # fmt: skip
    aside.rename(path)


def race(listeners: Lines, act: Callable[[int], object], rounds: int) -> list[float]:
    """From just before something is done to the last client, in milliseconds."""
    took, chance = [], random.Random(3)
    for number in range(rounds + 3):
        listeners.ask("next")
        time.sleep(chance.uniform(0.02, 0.1))
        began = time.monotonic()
        act(number)
        took.append((listeners.answer()["last"] - began) * 1000)
    return took[3:]


def resident_kib(process: int) -> int:
    text = Path(f"/proc/{process}/status").read_text("utf-8")
    return int(text.partition("VmRSS:")[2].split()[0])


def settled_kib(process: int) -> int:
    """Once it does not grow any more."""
    last = 0
    while (now := resident_kib(process)) != last:
        last = now
        time.sleep(0.3)
    return now


def messages_of(root: Path, port: int) -> dict[str, Any]:
    """The very bytes that ours sends for a change."""
    from websockets.sync.client import connect

    with connect(f"ws://127.0.0.1:{port}/ws", compression=None) as client:
        client.send('{"subscribe": "agent_config"}')
        write(root, -1)
        said = [str(client.recv(timeout=10)), str(client.recv(timeout=10))]
    events = "".join(f"event: {json.loads(one)['type']}\nid: {json.loads(one)['id']}\ndata: {one}\n\n" for one in said)
    return {"messages": said, "piece": events}


def run_races(plan: Plan, folder: Path) -> None:
    root = folder / "few" / "agents.d"
    root.mkdir(parents=True)
    for number in range(1, _AGENTS):
        (root / f"agent-{number:02}.yaml").write_text("llm: {model: openai/gpt-4.1}\n", "utf-8")
    write(root, -2)
    print(f"{'a change to the last of':<34}{'p50 ms':>9}{'p99 ms':>9}{'most':>9}{'KiB each':>10}")
    for kind in KINDS:
        with program("benchmarks.push", "--serve", str(root)) as ours:
            said = messages_of(root, ours.first["port"])
            name = f"{plan.clients} {kind} clients"
            _row(f"{name}, ours", ours, kind, plan, lambda number: write(root, number))
        with program("benchmarks.broadcast") as bare, httpx.Client() as client:
            url = f"http://127.0.0.1:{bare.first['port']}/go"
            _row(f"{name}, bare", bare, kind, plan, partial(_post, client, url, said))


def _post(client: httpx.Client, url: str, said: dict[str, Any], _: int) -> None:
    client.post(url, json=said)


def _row(name: str, server: Lines, kind: str, plan: Plan, act: Callable[[int], object]) -> None:
    before = settled_kib(server.pid)
    with program("benchmarks.listening", str(server.first["port"]), kind, str(plan.clients)) as listeners:
        each = (settled_kib(server.pid) - before) / plan.clients
        took = sorted(race(listeners, act, plan.rounds))
    cut = statistics.quantiles(took, n=100, method="inclusive")
    print(f"{name:<34}{statistics.median(took):>9.1f}{cut[98]:>9.1f}{took[-1]:>9.1f}{each:>10.1f}", flush=True)


# -- the first snapshot, and what comes after it


def fetch(port: int) -> None:
    """As a program: the time of `connect`, the imports left out; then the time of a look-up."""
    import timeit

    import agentconf

    importlib.import_module("agentconf.remote.connection")
    began = time.perf_counter()
    with agentconf.connect(f"http://127.0.0.1:{port}", cache=None) as conf:
        took = time.perf_counter() - began
        name = next(iter(conf))
        look_up = min(timeit.repeat(lambda: conf[name], number=50_000, repeat=5)) / 50_000
        print(json.dumps({"connect_s": took, "agents": len(conf), "look_up_ns": look_up * 1e9}), flush=True)


def run_first(plan: Plan, folder: Path) -> None:
    root = folder / "many" / "agents.d"
    write_tree(root, plan.agents)
    with program("benchmarks.push", "--serve", str(root)) as server:
        port = server.first["port"]
        said = []
        for _ in range(plan.fetches):
            words = [sys.executable, "-m", "benchmarks.push", "--fetch", str(port)]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            said.append(json.loads(done.stdout))
        _tell_first(said, f"http://127.0.0.1:{port}/api/snapshot", root)


def _tell_first(said: list[dict[str, Any]], url: str, root: Path) -> None:
    took = [one["connect_s"] for one in said]
    look_up = statistics.median(one["look_up_ns"] for one in said)
    print(f"connect to {said[0]['agents']:,} agents: {statistics.median(took):.2f} s (median of {len(said)}), "
          f"the first of all {took[0]:.2f} s; a look-up {look_up:.0f} ns")  # fmt: skip
    with httpx.Client(timeout=60) as client, client.stream("GET", url) as answer:
        packed = sum(len(piece) for piece in answer.iter_raw())
    whole = httpx.get(url, timeout=60).json()
    served = {one["id"] for one in whole["agents"]}
    path = next(path for path in sorted(root.rglob("*.yaml")) if path.stem in served)
    aside = path.with_name(".aside")
    aside.write_text(path.read_text("utf-8").replace("owner: ", "owner: another-", 1), "utf-8")
    aside.rename(path)
    while (delta := httpx.get(url, params={"since": whole["digest"], "facts": whole["facts"]})).json()["agents"] == []:
        time.sleep(0.02)
    print(f"the snapshot is {len(json.dumps(whole)) / 1e6:.1f} MB, {packed / 1e6:.2f} MB packed; "
          f"what one changed agent sends is {int(delta.headers['content-length']):,} bytes")  # fmt: skip


def run(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.push")
    parser.add_argument("--quick", action="store_true", help="few clients, few rounds: does it run?")
    parser.add_argument("--serve", metavar="DIR", help=argparse.SUPPRESS)
    parser.add_argument("--fetch", type=int, metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve_ours(options.serve)
    elif options.fetch:
        fetch(options.fetch)
    else:
        plan = QUICK if options.quick else Plan()
        with tempfile.TemporaryDirectory(prefix="agentconf-bench-") as folder:
            run_races(plan, Path(folder))
            run_first(plan, Path(folder))


if __name__ == "__main__":
    run(sys.argv[1:])
