"""`AgentClient`: calls by the agent's id, each on its agent's own configuration as it is at that moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias

from agentconf.config.agent import Agent
from agentconf.live.metrics import Metric
from agentconf.runtime import door
from agentconf.runtime.bound import BoundAgent
from agentconf.runtime.chain import current_agent
from agentconf.runtime.course import Course
from agentconf.runtime.desk import Desk, Options
from agentconf.runtime.limits.store import Busy
from agentconf.runtime.own import Own, own_of
from agentconf.runtime.plan import Step
from agentconf.runtime.streaming import AsyncStream, Gathered, Settlement, Stream
from agentconf.runtime.wish import Wish
from agentconf.snapshot.snapshot import Snapshot

Messages: TypeAlias = str | Sequence[Any]
"""Messages as LiteLLM takes them; a text is one message of the user."""


class Conf(Protocol):
    """What agents come from: a `Snapshot`, a `Watch`, or the same over a server."""

    def __getitem__(self, agent_id: str) -> Agent: ...


class AgentClient:
    """Calls agents through LiteLLM. One for a service; safe among threads and tasks.

        client = AgentClient(conf)
        reply = client.complete("code-assistant", "hello")

    `conf` is what `load`, `watch` or `connect` gave. Every call takes one snapshot and keeps to it. `own` is a
    connection that the caller's user brings. `options` says where usage and limits are kept, and whom to tell.

    What is handed to a call beside the messages stands above all layers of the configuration, and holds for this call
    alone: `temperature=0`, `max_tokens=...`, `model=...` for the primary (of a provider that the agent has), and what
    is a call's own, such as `tools`. `key` chooses the variant (a user, a session); `tags` are recorded.

    The calls raise AgentNotFound, AgentDisabled, NoModel, LimitExceeded, SecretUnavailable, NoConnection, NotInstalled,
    TypeError for an argument that is not a call's to say, and the provider's error as LiteLLM's class when no model of
    the agent answers: that of the first model, with the others in its notes.
    """

    def __init__(self, conf: Conf | Snapshot, *, own: Own | None = None, options: Options | None = None) -> None:
        if not (isinstance(conf, Snapshot) or hasattr(conf, "snapshot")):
            kind = type(conf).__name__
            raise TypeError(f"AgentClient takes what agentconf.load, watch or connect gave; this is of the type {kind}")
        self._desk = Desk(conf, own_of(own), options or Options())

    # -- calls

    def complete(self, agent_id: str, messages: Messages, **said: Any) -> Any:
        """The whole answer, as LiteLLM's ModelResponse. `answer_of(reply)` says how it came about."""
        with self._desk.open(Wish(agent_id, messages, said)) as opened:
            course = opened.course
            while True:
                course.enter()
                try:
                    reply = door.litellm().completion(**course.arguments())
                except Exception as error:  # noqa: BLE001  # which are a model's, the course knows
                    time.sleep(course.failed(error))
                    continue
                opened.replied(reply)
                return reply

    async def acomplete(self, agent_id: str, messages: Messages, **said: Any) -> Any:
        """The same without blocking the event loop."""
        with await _opened(self._desk, Wish(agent_id, messages, said)) as opened:
            course = opened.course
            while True:
                await _patiently(course.enter)
                try:
                    reply = await door.litellm().acompletion(**await self._arguments(course))
                except Exception as error:  # noqa: BLE001  # which are a model's, the course knows
                    await asyncio.sleep(course.failed(error))
                    continue
                opened.replied(reply)
                return reply

    def stream(self, agent_id: str, messages: Messages, **said: Any) -> Stream:
        """The answer in chunks, as LiteLLM's. The first token is there, or its error raised, when this returns."""
        opened = self._desk.open(Wish(agent_id, messages, said, is_stream=True))
        with opened.unless_streaming():
            course = opened.course
            while True:
                course.enter()
                gathered = Gathered(shows_usage=opened.wish.shows_usage)
                try:
                    source = door.litellm().completion(**course.arguments())
                    for chunk in source:
                        gathered.put(chunk)
                        if gathered.has_token:
                            break
                    _require_whole(gathered, source, course.step)
                except Exception as error:  # noqa: BLE001  # which are a model's, the course knows
                    time.sleep(course.failed(error))
                    continue
                return Stream(source, opened.streaming(gathered))

    def astream(self, agent_id: str, messages: Messages, **said: Any) -> AsyncStream:
        """The same for `async for`; awaited, it makes the call and waits for the first token."""
        return AsyncStream(lambda: self._begin_stream(Wish(agent_id, messages, said, is_stream=True)))

    async def _begin_stream(self, wish: Wish) -> tuple[Any, Settlement]:
        opened = await _opened(self._desk, wish)
        with opened.unless_streaming():
            course = opened.course
            while True:
                await _patiently(course.enter)
                gathered = Gathered(shows_usage=opened.wish.shows_usage)
                try:
                    source = await door.litellm().acompletion(**await self._arguments(course))
                    async for chunk in source:
                        gathered.put(chunk)
                        if gathered.has_token:
                            break
                    _require_whole(gathered, source, course.step)
                except Exception as error:  # noqa: BLE001  # which are a model's, the course knows
                    await asyncio.sleep(course.failed(error))
                    continue
                return source, opened.streaming(gathered)

    async def _arguments(self, course: Course) -> dict[str, Any]:
        """The arguments of the next try. A server that is asked for secrets is not waited for in the event loop."""
        return await asyncio.to_thread(course.arguments) if self._desk.reveals_elsewhere else course.arguments()

    # -- handles

    def for_agent(self, agent_id: str) -> BoundAgent:
        """A handle to one agent, safe to share and to keep: its configuration is looked up with each call.

        Raises AgentNotFound.
        """
        self._desk.snapshot[agent_id]
        return BoundAgent(self, agent_id)

    def current(self) -> BoundAgent:
        """The handle to the agent in force, inside of `using_agent`. Raises LookupError outside."""
        agent_id = current_agent()
        if agent_id is None:
            raise LookupError("no agent is in force here; enter `with using_agent(id):` around it")
        return self.for_agent(agent_id)

    def delegates_of(self, agent_id: str) -> Sequence[str]:
        """The agents that an agent may call. Raises AgentNotFound."""
        return self._desk.snapshot[agent_id].delegates

    # -- its life

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What limits refused and alerted to in this process, under the names that a monitoring system sees."""
        return self._desk.metrics

    def warm_up(self) -> None:
        """Import LiteLLM now, which takes seconds, and not with the first call. Raises NotInstalled."""
        door.litellm()

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until what was recorded is written; whether it is. `timeout` in seconds."""
        return self._desk.flush(timeout)

    def close(self) -> None:
        """Write what was recorded, and end. The configuration that was handed in stays open."""
        self._desk.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)


def _require_whole(gathered: Gathered, source: Any, step: Step) -> None:
    if gathered.is_broken(source):
        raise door.broken("the stream ended before its first token", step.provider, step.connection_model)


async def _opened(desk: Desk, wish: Wish) -> Any:
    """What a call needs. The first import of LiteLLM takes seconds, in which the event loop goes on."""
    if not door.is_open():
        await asyncio.to_thread(door.litellm)
    return desk.open(wish)


async def _patiently(step: Callable[..., Any]) -> Any:
    """A step that may find the store of limits busy: then it waits in a thread, and not in the event loop."""
    try:
        return step(wait=False)
    except Busy:
        work = partial(copy_context().run, step, wait=True)
        waiting = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(waiting)
    except asyncio.CancelledError:
        # the thread goes on, and may take a place: it can be given back only when that is known
        while not waiting.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([waiting])
        waiting.exception()
        raise
