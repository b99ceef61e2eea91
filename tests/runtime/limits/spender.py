"""A process that spends: threads that call at the same time, until the budget or their calls are used up.

usage: python -m tests.runtime.limits.spender FILE BUDGET_USD THREADS CALLS SEED LEAST MOST

Each call is reckoned at $1 and takes LEAST to MOST cents. Prints what it took, in billionths of a dollar, and by how
much calls took more than they were reckoned at.
"""

from __future__ import annotations

import json
import sys
import threading
from random import Random

from agentconf.errors import BudgetExceeded
from agentconf.runtime.limits.ask import Spent
from agentconf.runtime.limits.guard import Guard
from agentconf.runtime.limits.sqlite import SQLiteLimits
from agentconf.runtime.tokens import Tokens
from tests.runtime.limits.contention import PER_CENT
from tests.runtime.limits.support import NOON, Clock, agent_with, ask, budget


class Spender:
    def __init__(self, guard: Guard, usd: float, cents: tuple[int, int]) -> None:
        self.guard = guard
        self.ask = ask(agent_with(budget(usd)))
        self.cents = cents
        self.took: list[int] = []
        self.refused = 0

    def spend(self, calls: int, random: Random) -> None:
        for _ in range(calls):
            try:
                passage = self.guard.enter(self.ask)
            except BudgetExceeded:
                self.refused += 1
                continue
            cents = random.randint(*self.cents)
            passage.leave(Spent(Tokens(cents), cents / 100))
            self.took.append(cents)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(file: str, usd: float, numbers: list[int]) -> dict[str, int]:
    threads, calls, seed, least, most = numbers
    guard = Guard(SQLiteLimits(file), clock=Clock(NOON))
    spender = Spender(guard, usd, (least, most))
    running = [threading.Thread(target=spender.spend, args=(calls, Random(seed + number))) for number in range(threads)]
    say("ready")
    sys.stdin.readline()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    guard.close()
    beyond = sum(max(0, cents - 100) for cents in spender.took)
    return {
        "took": sum(spender.took) * PER_CENT,
        "beyond": beyond * PER_CENT,
        "calls": len(spender.took),
        "refused": spender.refused,
    }


if __name__ == "__main__":
    say(json.dumps(run(sys.argv[1], float(sys.argv[2]), [int(word) for word in sys.argv[3:]])))
