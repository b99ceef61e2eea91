"""What readers notice of reloads: how long a look-up lets them wait, and whether one ever sees two generations.

usage: python -m benchmarks.probes.readers TREE

Somebody else changes the root default `metadata.generation`, which every agent has: that is what readers compare.
"""

from __future__ import annotations

import sys
import threading
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import agentconf
from agentconf.live.watch import Watch
from benchmarks.probes.answers import answer_all

THREADS = 4
PACE_NS = 1_000_000
FEWEST_GENERATIONS = 3
BATCH = 1_000
PATIENCE_S = 300.0


@dataclass(slots=True)
class Seen:
    """What one thread of unpaced readers saw."""

    reads: int = 0
    torn: int = 0
    fallen: int = 0


@dataclass(frozen=True, slots=True)
class Readers:
    """Four threads that look agents up while the watch reloads."""

    conf: Watch
    ids: list[str] = field(default_factory=list)

    def paced(self, seconds: float) -> dict[str, float]:
        """Each thread looks up an agent every millisecond; a wait is how much later than planned it had it, in ms.

        The plan goes on while a thread waits: a stall is counted once for each look-up that it made late.
        """
        first = self.conf.snapshot.generation
        waits = [array("q") for _ in range(THREADS)]
        start = time.monotonic_ns() + PACE_NS
        end = start + int(seconds * 1e9)
        _in_threads([_paced(self.conf, self.ids, start + number * PACE_NS // THREADS, end, waits[number])
                     for number in range(THREADS)])  # fmt: skip
        generations = self.conf.snapshot.generation - first
        return _spread(sorted(wait for one in waits for wait in one)) | {"generations": generations}

    def unpaced(self, reads: int) -> dict[str, float]:
        """As many reads as asked for, and more until some generations went by: those that saw two generations."""
        first, give_up_at = self.conf.snapshot.generation, time.monotonic() + PATIENCE_S
        seen = [Seen() for _ in range(THREADS)]

        def is_enough(one: Seen) -> bool:
            generations = self.conf.snapshot.generation - first
            return one.reads * THREADS >= reads and (
                generations >= FEWEST_GENERATIONS or time.monotonic() > give_up_at
            )

        _in_threads([_unpaced(self.conf, self.ids, one, is_enough) for one in seen])
        return {
            "reads": sum(one.reads for one in seen),
            "torn": sum(one.torn + one.fallen for one in seen),
            "generations": self.conf.snapshot.generation - first,
        }


def _paced(conf: Watch, ids: Sequence[str], due: int, end: int, waits: array[int]) -> Callable[[], None]:
    def read() -> None:
        planned = due
        while planned < end:
            planned += PACE_NS
            left = planned - time.monotonic_ns()
            if left > 0:
                time.sleep(left / 1e9)
            conf[ids[len(waits) % len(ids)]]
            waits.append(time.monotonic_ns() - planned)

    return read


def _unpaced(conf: Watch, ids: Sequence[str], seen: Seen, is_enough: Callable[[Seen], bool]) -> Callable[[], None]:
    def read() -> None:
        last = 0
        while not is_enough(seen):
            for number in range(seen.reads, seen.reads + BATCH):
                snapshot = conf.snapshot
                one, other = snapshot[ids[number % len(ids)]], snapshot[ids[number * 7_919 % len(ids)]]
                seen.torn += one.metadata["generation"] != other.metadata["generation"]
                seen.fallen += snapshot.generation < last
                last = snapshot.generation
            seen.reads += BATCH

    return read


def _in_threads(work: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _spread(waits_ns: Sequence[int]) -> dict[str, float]:
    def at(share: float) -> float:
        return waits_ns[min(len(waits_ns) - 1, int(share * len(waits_ns)))] / 1e6

    return {"n": len(waits_ns), "p50": at(0.5), "p99": at(0.99), "p99.9": at(0.999), "max": waits_ns[-1] / 1e6}


if __name__ == "__main__":
    watch = agentconf.watch(sys.argv[1], environment="prod")
    readers = Readers(watch, list(watch))
    answer_all({"paced": readers.paced, "unpaced": readers.unpaced})
