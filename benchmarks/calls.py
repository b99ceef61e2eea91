"""What a call through `AgentClient` costs beside LiteLLM alone with the same arguments, against a server on loopback.

usage: python -m benchmarks.calls [--quick] [--output FILE]

The server has a process of its own; calls of both kinds alternate. "Our own code" is a call whose LiteLLM answers at
once with a reply that was made before. Prints the table and writes its part of benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agentconf.runtime import AgentClient, Options, call_arguments, door
from agentconf.runtime.limits.sqlite import SQLiteLimits
from agentconf.runtime.usage.store import UsageStore
from agentconf.snapshot.snapshot import Snapshot
from agentconf.testing import snapshot_of
from benchmarks.line import RESULTS
from benchmarks.results import calls_markdown, write_part
from benchmarks.table import laid_out

ROOT: Final = Path(__file__).parents[1]
MESSAGES: Final = [{"role": "user", "content": "what is there to do?"}]
HEADER: Final = ["work", "AgentConf", "LiteLLM alone", "ratio", "goal", "reached"]
STREAMS: Final = 200


@dataclass(frozen=True, slots=True)
class Plan:
    calls: int = 600
    rounds: int = 5
    own: int = 3000


QUICK: Final = Plan(calls=20, rounds=1, own=50)


@contextmanager
def provider() -> Iterator[str]:
    """A server in a process of its own, which ends with this one."""
    command = [sys.executable, str(ROOT / "examples" / "loopback_provider.py"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def snapshot(address: str) -> Snapshot:
    local = {"type": "openai", "api_base": f"{address}/v1", "api_key": "${env:BENCH_KEY}"}
    llm = {"model": "local/gpt-4.1", "temperature": 0.2, "max_tokens": 64, "fallbacks": [{"model": "local/gpt-4o"}]}
    return snapshot_of({
        "_defaults": {"providers": {"local": local}},
        "free": {"llm": llm},
        "budget": {"llm": llm, "limits": {"budget": {"usd": 1e6, "per": "day"}}},
    })  # fmt: skip


async def one_by_one(ways: dict[str, Callable[[], Awaitable[Any]]], calls: int) -> dict[str, float]:
    """Microseconds of each way, the median; the ways take turns."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(calls + 20):
        for name, way in ways.items():
            began = time.perf_counter()
            await way()
            if number >= 20:
                took[name].append(time.perf_counter() - began)
    return {name: statistics.median(times) * 1e6 for name, times in took.items()}


async def streams(ways: dict[str, Callable[[], Awaitable[Any]]], rounds: int) -> dict[str, float]:
    """Streams a second of each way, 200 at the same time; the median of rounds that take turns."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            began = time.perf_counter()
            await asyncio.gather(*(way() for _ in range(STREAMS)))
            if number:
                took[name].append(time.perf_counter() - began)
    return {name: STREAMS / statistics.median(times) for name, times in took.items()}


async def own_us(client: AgentClient, agent: str, calls: int) -> float:
    """Microseconds of a call in which LiteLLM takes no time."""
    module = door.litellm()
    reply = module.completion(model="openai/m", messages=MESSAGES, mock_response="hello")

    async def at_once(**_: Any) -> Any:
        return reply

    real, module.acompletion = module.acompletion, at_once
    try:
        found = await one_by_one({agent: lambda: client.acomplete(agent, MESSAGES)}, calls)
    finally:
        module.acompletion = real
    return found[agent]


async def measured(address: str, folder: str, plan: Plan) -> list[list[str]]:
    conf, module = snapshot(address), door.litellm()
    options = Options(UsageStore(f"sqlite:///{folder}/usage.sqlite3"), SQLiteLimits(f"{folder}/limits.sqlite3"))
    arguments = {**call_arguments(conf["free"]), "max_retries": 0}
    with AgentClient(conf, options=options) as client:

        async def ours() -> None:
            async for _ in client.astream("free", MESSAGES):
                pass

        async def theirs() -> None:
            said = {**arguments, "stream": True, "stream_options": {"include_usage": True}}
            async for _ in await module.acompletion(**said, messages=MESSAGES):
                pass

        alone = lambda: module.acompletion(**arguments, messages=MESSAGES)  # noqa: E731  # one of several ways
        whole = await one_by_one(
            {"ours": lambda: client.acomplete("free", MESSAGES), "budget": lambda: client.acomplete("budget", MESSAGES),
             "alone": alone}, plan.calls,
        )  # fmt: skip
        flows = await streams({"ours": ours, "alone": theirs}, plan.rounds)
        own = {agent: await own_us(client, agent, plan.own) for agent in ("free", "budget")}
    await module.close_litellm_async_clients()
    return [
        row("a call, µs, usage recorded", whole["ours"], whole["alone"], most=1.05),
        row("a call, µs, with a budget in SQLite", whole["budget"], whole["alone"]),
        row(f"{STREAMS} streams at the same time, a second", flows["ours"], flows["alone"], least=0.97),
        alone_row("our own code, µs, usage recorded", own["free"], most=60),
        alone_row("our own code, µs, with a budget in SQLite", own["budget"], most=200),
    ]


def row(work: str, ours: float, theirs: float, most: float | None = None, least: float | None = None) -> list[str]:
    ratio = ours / theirs
    goal = f"≤ {most:g}" if most is not None else f"≥ {least:g}" if least is not None else ""
    good = (most is None or ratio <= most) and (least is None or ratio >= least)
    return [work, f"{ours:.0f}", f"{theirs:.0f}", f"{ratio:.3f}", goal, reached(good=good, goal=goal)]


def alone_row(work: str, ours: float, most: float) -> list[str]:
    goal = f"≤ {most:g}"
    return [work, f"{ours:.0f}", "", "", goal, reached(good=ours <= most, goal=goal)]


def reached(*, good: bool, goal: str) -> str:
    return "" if not goal else "yes" if good else "**no**"


def run() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.calls", description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="only see that it runs; writes nothing")
    parser.add_argument("--output", type=Path, default=RESULTS, help="default: %(default)s")
    said = parser.parse_args()
    os.environ["BENCH_KEY"] = "a-key-for-the-benchmark"
    with provider() as address, tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(measured(address, folder, QUICK if said.quick else Plan()))
    table = laid_out(HEADER, "lrrrrl", rows)
    print(table)
    if not said.quick:
        write_part(said.output, calls_markdown(table, "python -m benchmarks.calls"))


if __name__ == "__main__":
    run()
