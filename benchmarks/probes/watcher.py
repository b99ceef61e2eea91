"""Follows a folder and says when something is served, on the clock that all processes of a machine share.

usage: python -m benchmarks.probes.watcher KIND FOLDER

All kinds are looked at alike: by a thread that reads what is served every half millisecond, as a service would.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.probes.answers import answer_all
from benchmarks.probes.served import KINDS, Served

PAUSE_S = 0.0005
QUIET_S = 1.0
PATIENCE_S = 180.0


@dataclass(frozen=True, slots=True)
class Watcher:
    """Looks at what is served."""

    served: Served

    def see(self, agent_id: str, mark: str) -> dict[str, int]:
        """When an agent's ticket is first seen to be this one, in nanoseconds."""
        return {"at": _when(lambda: self.served.mark(agent_id) == mark)}

    def see_all(self, agent_ids: list[str], mark: str) -> dict[str, int]:
        """When all of these have it, and how often something new was served on the way and shortly after."""
        before = looked_at = self.served.swaps

        def have_all() -> bool:
            nonlocal looked_at
            if self.served.swaps == looked_at:
                return False
            looked_at = self.served.swaps
            return all(self.served.mark(agent_id) == mark for agent_id in agent_ids)

        at = _when(have_all)
        time.sleep(QUIET_S)
        return {"at": at, "swaps": self.served.swaps - before}

    def idle(self, seconds: float) -> dict[str, float]:
        """The share of one core that this process takes while nothing changes, in percent; all its threads."""
        before, started = _cpu_s(), time.monotonic()
        time.sleep(seconds)
        return {"percent": (_cpu_s() - before) / (time.monotonic() - started) * 100}


def _when(is_so: Callable[[], bool]) -> int:
    give_up_at = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > give_up_at:
            raise SystemExit(f"not served within {PATIENCE_S:.0f} s")
        time.sleep(PAUSE_S)
    return time.monotonic_ns()


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    kind, folder = sys.argv[1:]
    watcher = Watcher(KINDS[kind](Path(folder)))
    answer_all({"see": watcher.see, "see_all": watcher.see_all, "idle": watcher.idle})
