"""Several processes that spend one budget at the same time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from tests.support import REPOSITORY

PER_CENT: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Crowd:
    processes: int
    threads: int
    calls: int
    """Of each thread."""
    usd: float
    cents: tuple[int, int]
    """What a call takes that is reckoned at 100."""

    @property
    def bound(self) -> int:
        """By how much the budget may be overspent, in billionths: what all that can be under way take too much."""
        return self.processes * self.threads * max(0, self.cents[1] - 100) * PER_CENT


@dataclass(frozen=True, slots=True)
class Total:
    """Billionths of a dollar, and numbers of calls."""

    took: int
    beyond: int
    calls: int
    refused: int


def spend(file: Path, crowd: Crowd) -> Total:
    """What all of them took together. They begin at the same time."""
    with ExitStack() as running:
        processes = [running.enter_context(_spender(file, crowd, number)) for number in range(crowd.processes)]
        for process in processes:
            assert _pipe(process.stdout).readline() == "ready\n"
        for process in processes:
            _pipe(process.stdin).write("go\n")
            _pipe(process.stdin).flush()
        said = [json.loads(_pipe(process.stdout).readline()) for process in processes]
    return Total(**{name: sum(one[name] for one in said) for name in said[0]})


@contextmanager
def _spender(file: Path, crowd: Crowd, number: int) -> Iterator[subprocess.Popen[str]]:
    numbers = (crowd.threads, crowd.calls, number * 1000, *crowd.cents)
    command = [sys.executable, "-m", "tests.runtime.limits.spender", str(file), str(crowd.usd), *map(str, numbers)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe
