"""A process that writes, and is killed at a step: `python -m tests.server.writing.one_write TREE WAY STEP [COUNT]`."""

from __future__ import annotations

import os
import signal
import sys

from agentconf.server.writing.asked import Asked, Way
from agentconf.server.writing.outcome import Mode
from agentconf.server.writing.writer import Writer
from agentconf.source.git.making import Person

STEPS = ("journal", "lock", "branch", "file", "index")
NEW = {"owner": "team@example.com", "llm": {"model": "openai/gpt-4.1"}}


def writes(root: str, way: Way, fatal: str, count: int) -> None:
    def at(step: str) -> None:
        if step == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    writer = Writer(root, Mode.COMMIT, at=at)
    writer.take_up()
    for number in range(count):
        agent = "new" if way is Way.CREATE else "a"
        tags = writer.read(agent)[1] if way is not Way.CREATE else ""
        value = NEW if way is Way.CREATE else {"description": f"Number {os.getpid()} {number}."}
        writer.carry_out(Asked(way, agent, Person("Ada", "ada@example.com"), "test", value, tags))
        print(number, flush=True)  # noqa: T201  # whoever started this is told


if __name__ == "__main__":
    writes(sys.argv[1], Way(sys.argv[2]), sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 1)
