"""Measures whole processes side by side: one round runs every contender once, in an order shuffled anew.

A shared machine drifts by a factor of two within minutes. Contenders that take turns drift together, so their
ratios hold where their seconds do not; a ratio of figures from two runs means nothing.
"""

from __future__ import annotations

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import IO

# Reasons are published with the results, the machine's folders are not.
_FOLDERS = re.compile(r"(?<![\w.])/(?:[^\s/'\":]+/)*")

# The kernel counts in KiB on Linux and in bytes on macOS.
_RSS_UNITS_PER_MIB = 2**20 if sys.platform == "darwin" else 2**10


class Failed(Exception):
    """A contender did not end as it was expected to."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A command to be timed, and the circumstances it runs in."""

    name: str
    command: tuple[str, ...]
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    expected_exit: int = 0
    output_begins: bytes = b""  # for an exit status that a crash would have too
    times_itself: bool = False  # its last line is {"seconds": ...}, without interpreter and imports
    warm_ups: int = 0  # runs before the first round, not measured
    at_most: int | None = None  # rounds, for those that take a minute each
    missing: str = ""  # why it cannot run here


@dataclass(frozen=True, slots=True)
class Sample:
    seconds: float
    cpu_s: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Timing:
    """All samples of one contender, or what kept it from being measured."""

    name: str
    samples: tuple[Sample, ...] = ()
    problem: str = ""
    skipped: bool = False

    @property
    def seconds(self) -> float:
        return statistics.median(sample.seconds for sample in self.samples)

    @property
    def cpu_s(self) -> float:
        return statistics.median(sample.cpu_s for sample in self.samples)

    @property
    def peak_mib(self) -> float:
        return statistics.median(sample.peak_mib for sample in self.samples)


def race(contenders: Sequence[Contender], rounds: int, seed: int = 7) -> dict[str, Timing]:
    """Time the contenders in turns. One that fails leaves the race and says why; the others go on."""
    random = Random(seed)
    samples: dict[str, list[Sample]] = {contender.name: [] for contender in contenders}
    problems = {contender.name: contender.missing for contender in contenders if contender.missing}
    for contender in (c for c in contenders for _ in range(c.warm_ups)):
        _attempt(contender, problems)
    for number in range(rounds):
        entered = [c for c in contenders if c.at_most is None or number < c.at_most]
        random.shuffle(entered)
        for contender in entered:
            samples[contender.name] += _attempt(contender, problems)
    return {c.name: _timing(c, samples[c.name], problems.get(c.name, "")) for c in contenders}


def _attempt(contender: Contender, problems: dict[str, str]) -> list[Sample]:
    if contender.name in problems:
        return []
    try:
        return [run_once(contender)]
    except (Failed, OSError) as error:
        problems[contender.name] = str(error)
        return []


def _timing(contender: Contender, samples: Sequence[Sample], problem: str) -> Timing:
    if problem:
        return Timing(contender.name, problem=problem, skipped=bool(contender.missing))
    return Timing(contender.name, tuple(samples))


def run_once(contender: Contender) -> Sample:
    """Run a contender from start to exit. Peak memory is that of its largest process, not the sum of them."""
    sample, answer = _run(contender)
    return replace(sample, seconds=float(json.loads(answer)["seconds"])) if contender.times_itself else sample


def ask(probe: Contender) -> dict[str, float]:
    """Run a probe that measures several things, and give its figures by name."""
    _, answer = _run(probe)
    return {name: float(value) for name, value in json.loads(answer).items()}


def _run(contender: Contender) -> tuple[Sample, str]:
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        start = time.perf_counter()
        exit_status, usage = _wait_for(_start(contender, output, complaints))
        wall_s = time.perf_counter() - start
        _check(contender, exit_status, output, complaints)
        cpu_s = usage.ru_utime + usage.ru_stime
        return Sample(wall_s, cpu_s, usage.ru_maxrss / _RSS_UNITS_PER_MIB), _last_line(output)


def _start(contender: Contender, output: IO[bytes], complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        contender.command,
        cwd=contender.folder,
        env=dict(contender.variables),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=complaints,
    )


def _wait_for(process: subprocess.Popen[bytes]) -> tuple[int, resource.struct_rusage]:
    # Not process.wait(): only wait4 tells what this one child used.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage


def _check(contender: Contender, exit_status: int, output: IO[bytes], complaints: IO[bytes]) -> None:
    said = _FOLDERS.sub("", _last_line(complaints) or _last_line(output))
    if exit_status != contender.expected_exit:
        raise Failed(f"exit status {exit_status}: {said}")
    output.seek(0)
    if output.read(len(contender.output_begins)) != contender.output_begins:
        raise Failed(f"other output than it should have: {said}")


def _last_line(file: IO[bytes], most_bytes: int = 4_096) -> str:
    # A linter says megabytes; reading all of it would raise the memory that every later child starts from.
    file.seek(max(0, file.seek(0, os.SEEK_END) - most_bytes))
    lines = file.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
