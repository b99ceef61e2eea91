"""Calls while the configuration changes under them."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import agentconf
from agentconf.runtime import AgentClient, Options
from examples.loopback_provider import LoopbackProvider
from tests.runtime.ways import RUNNER, acall

AT_ONCE = 32


def storm(folder: Path, *, calls: int, changes: int) -> tuple[int, set[int]]:
    """How many calls used something of two generations, and the generations that were seen. No call may fail.

    A generation is a number that stands in the model, in a parameter and in the prompt.
    """
    os.environ["THE_KEY"] = "the-very-key"
    folder.mkdir()
    torn: list[tuple[str, int, str]] = []
    seen: set[int] = set()
    with LoopbackProvider() as provider:
        defaults = f"providers: {{p: {{type: openai, api_base: '{provider.url}', api_key: '${{env:THE_KEY}}'}}}}\n"
        (folder / "_defaults.yaml").write_text(defaults)
        write(folder, 1)
        with agentconf.watch(folder, last_good=None, settle=0.001) as conf:
            client = AgentClient(conf, options=Options(usage=None))
            done = threading.Semaphore(0)
            writer = threading.Thread(target=keep_writing, args=(folder, changes, done, calls // changes))
            writer.start()

            async def one(number: int) -> None:
                asked = (await acall(client, "acomplete" if number % 2 else "astream", "a")).asked
                said = (asked["model"].removeprefix("m-"), asked["max_tokens"], asked["system"].removeprefix("g "))
                seen.add(said[1])
                done.release()
                if not said[0] == str(said[1]) == said[2]:
                    torn.append(said)

            async def everything() -> None:
                for start in range(0, calls, AT_ONCE):
                    await asyncio.gather(*(one(number) for number in range(start, min(start + AT_ONCE, calls))))

            try:
                RUNNER.run(everything())
            finally:
                done.release(calls)  # should one have failed, the writer still ends
                writer.join()
    return len(torn), seen


def write(folder: Path, number: int) -> None:
    text = f"instructions: g {number}\nllm: {{model: p/m-{number}, max_tokens: {number}}}\n"
    agentconf.publish_file(folder / "a.yaml", text.encode())


def keep_writing(folder: Path, changes: int, done: threading.Semaphore, calls: int) -> None:
    """A change after so many calls, and the next one while others are under way."""
    for number in range(2, changes + 2):
        for _ in range(calls):
            done.acquire()
        write(folder, number)
