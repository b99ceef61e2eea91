"""Nanoseconds that reading takes: an agent from a snapshot, a value from an agent, the same from plain types.

usage: python -m benchmarks.probes.look_ups TREE LOOPS
"""

from __future__ import annotations

import json
import statistics
import sys
from dataclasses import dataclass
from timeit import Timer

import pydantic

import agentconf

REPEATS = 9

STATEMENTS = {
    "empty": "pass",
    "snapshot": "snapshot[key]",
    "dict": "plain[key]",
    "agent": "agent.llm.temperature",
    "dataclass": "slotted.llm.temperature",
    "pydantic": "model.llm.temperature",
}


@dataclass(frozen=True, slots=True)
class SlottedLlm:
    temperature: float


@dataclass(frozen=True, slots=True)
class Slotted:
    llm: SlottedLlm


class ModelLlm(pydantic.BaseModel, frozen=True):
    temperature: float


class Model(pydantic.BaseModel, frozen=True):
    llm: ModelLlm


def names_in(tree: str) -> dict[str, object]:
    """The variables of the statements."""
    snapshot = agentconf.load(tree, environment="prod")
    keys = list(snapshot)
    key = keys[len(keys) // 2]
    return {
        "snapshot": snapshot,
        "plain": dict(snapshot),
        "key": key,
        "agent": snapshot[key],
        "slotted": Slotted(SlottedLlm(0.2)),
        "model": Model(llm=ModelLlm(temperature=0.2)),
    }


def nanoseconds(tree: str, loops: int) -> dict[str, float]:
    """Medians of interleaved repeats, the empty loop subtracted."""
    variables = names_in(tree)
    timers = {name: Timer(statement, globals=variables) for name, statement in STATEMENTS.items()}
    taken: dict[str, list[float]] = {name: [] for name in timers}
    for _ in range(REPEATS):
        for name, timer in timers.items():
            taken[name].append(timer.timeit(loops) / loops * 1e9)
    medians = {name: statistics.median(values) for name, values in taken.items()}
    empty = medians.pop("empty")
    return {name: value - empty for name, value in medians.items()}


if __name__ == "__main__":
    print(json.dumps(nanoseconds(sys.argv[1], int(sys.argv[2]))))
