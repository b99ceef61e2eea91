"""The four ways to call an agent: whole or in chunks, blocking or not. What holds for one holds for all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from agentconf.runtime import AgentClient, Answer, answer_of

RUNNER = asyncio.Runner()
"""One event loop for all tests of a process, as in a service: LiteLLM keeps its connections for each loop."""

WAYS = ("complete", "acomplete", "stream", "astream")

KEY = "the-very-key"
"""The key of the trees' provider."""


@dataclass(frozen=True)
class Heard:
    """What came back: the text, and how it came about."""

    text: str
    answer: Answer

    @property
    def asked(self) -> dict[str, Any]:
        """What the loopback provider says that it was asked for."""
        said: dict[str, Any] = json.loads(self.text)
        return said


def call(client: AgentClient, way: str, agent_id: str, messages: Any = "hi", **said: Any) -> Heard:
    """One call, whichever way."""
    if way in {"acomplete", "astream"}:
        return RUNNER.run(acall(client, way, agent_id, messages, **said), context=copy_context())
    if way == "complete":
        return _heard(client.complete(agent_id, messages, **said))
    with client.stream(agent_id, messages, **said) as stream:
        text = "".join(_delta(chunk) for chunk in stream)
    return Heard(text, _known(answer_of(stream)))


async def acall(client: AgentClient, way: str, agent_id: str, messages: Any = "hi", **said: Any) -> Heard:
    """One call in an event loop."""
    if way == "acomplete":
        return _heard(await client.acomplete(agent_id, messages, **said))
    stream = await client.astream(agent_id, messages, **said)
    text = "".join([_delta(chunk) async for chunk in stream])
    return Heard(text, _known(answer_of(stream)))


def _heard(reply: Any) -> Heard:
    return Heard(reply.choices[0].message.content, _known(answer_of(reply)))


def _delta(chunk: Any) -> str:
    return chunk.choices[0].delta.content or ""


def _known(answer: Answer | None) -> Answer:
    assert answer is not None
    return answer


def models(answer: Answer) -> list[tuple[str, str | None]]:
    """Each attempt: the model, and what went wrong."""
    return [(attempt.model, attempt.error) for attempt in answer.attempts]


def tree(url: str, agents: Mapping[str, Mapping[str, Any]], key: str = "${env:THE_KEY}") -> dict[str, Any]:
    """Files of a tree with one provider, `p`, on loopback."""
    return {"_defaults": {"providers": {"p": {"type": "openai", "api_base": url, "api_key": key}}}, **agents}
