"""A support desk: a letter goes through six agents, each on its own configuration.

    python examples/loopback_provider.py --port 8401 &
    HOUSE_API_KEY=any python examples/pipeline.py "Where is my parcel?"

Which model an agent uses, and how, stands in examples/agents.d alone. While the desk is open an edit there holds from
the next call on.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import agentconf
from agentconf.errors import AgentconfError
from agentconf.runtime import AgentClient, BoundAgent, answer_of

TREE = Path(__file__).with_name("agents.d")


class Desk:
    """Answers letters. What may wait is done in the background, and waited for when the desk closes."""

    def __init__(self, client: AgentClient) -> None:
        self._client = client
        self._later: set[asyncio.Task[str]] = set()

    async def answer(self, letter: str) -> str:
        agent = self._client.for_agent
        topic = await text_of(agent("triage"), letter)  # one after the other
        async with asyncio.TaskGroup() as both:  # at the same time
            facts = both.create_task(text_of(agent("researcher"), f"{topic}: {letter}"))
            tone = both.create_task(text_of(agent("empath"), letter))
        writer = agent("writer")
        draft = await text_of(writer, f"{letter}\n\nSay: {facts.result()}\n\nTone: {tone.result()}")
        answer = await text_of(writer.delegate("translator"), draft)  # on the translator's configuration
        self._in_background(text_of(agent("archivist"), f"{letter}\n\n{answer}"))
        return answer

    async def close(self) -> None:
        await asyncio.gather(*self._later)

    def _in_background(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)  # else nobody holds it, and it may be collected before it is done
        task.add_done_callback(self._later.discard)


async def text_of(agent: BoundAgent, message: str) -> str:
    """What an agent answers, and a line on how it came about."""
    reply = await agent.acomplete(message, tags={"service": "support-desk"})
    answer = answer_of(reply)
    assert answer is not None, "it came from a client"
    who = " > ".join((*answer.chain, answer.agent))
    cost = "?" if answer.cost_usd is None else f"${answer.cost_usd:.6f}"
    print(f"{who}: {answer.model}, {answer.tokens.total} tokens, {cost}", file=sys.stderr)
    return str(reply.choices[0].message.content)


async def work_through(letters: Sequence[str], tree: Path = TREE) -> list[str]:
    """The answers to letters that came in together."""
    with agentconf.watch(tree, last_good=None) as conf:
        async with AgentClient(conf) as client:
            await asyncio.to_thread(client.warm_up)  # LiteLLM takes seconds to import, once
            desk = Desk(client)
            answers = await asyncio.gather(*(desk.answer(letter) for letter in letters))
            await desk.close()
            return answers


if __name__ == "__main__":
    from openai import OpenAIError  # LiteLLM raises OpenAI's errors, whoever the provider is

    try:
        print(*asyncio.run(work_through(sys.argv[1:] or ["Where is my parcel?"])), sep="\n")
    except* (AgentconfError, OpenAIError) as errors:
        sys.exit(str(errors.exceptions[0]))
