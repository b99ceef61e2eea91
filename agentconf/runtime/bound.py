"""A handle to one agent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from agentconf.errors import NotADelegate
from agentconf.runtime.streaming import AsyncStream, Stream


class Caller(Protocol):
    """What a handle calls through: an `AgentClient`."""

    def complete(self, agent_id: str, messages: str | Sequence[Any], **said: Any) -> Any: ...

    async def acomplete(self, agent_id: str, messages: str | Sequence[Any], **said: Any) -> Any: ...

    def stream(self, agent_id: str, messages: str | Sequence[Any], **said: Any) -> Stream: ...

    def astream(self, agent_id: str, messages: str | Sequence[Any], **said: Any) -> AsyncStream: ...

    def for_agent(self, agent_id: str) -> BoundAgent: ...

    def delegates_of(self, agent_id: str) -> Sequence[str]: ...


class BoundAgent:
    """Calls one agent. `chain` holds the ids of those that called it, the first one first."""

    __slots__ = ("_client", "chain", "id")

    def __init__(self, client: Caller, agent_id: str, chain: tuple[str, ...] = ()) -> None:
        self._client = client
        self.id = agent_id
        self.chain = chain

    def __repr__(self) -> str:
        return f"<BoundAgent {' > '.join((*self.chain, self.id))}>"

    def complete(self, messages: str | Sequence[Any], **said: Any) -> Any:
        return self._client.complete(self.id, messages, **self._with_chain(said))

    async def acomplete(self, messages: str | Sequence[Any], **said: Any) -> Any:
        return await self._client.acomplete(self.id, messages, **self._with_chain(said))

    def stream(self, messages: str | Sequence[Any], **said: Any) -> Stream:
        return self._client.stream(self.id, messages, **self._with_chain(said))

    def astream(self, messages: str | Sequence[Any], **said: Any) -> AsyncStream:
        return self._client.astream(self.id, messages, **self._with_chain(said))

    def delegate(self, agent_id: str) -> BoundAgent:
        """A handle to an agent that this one may call; it runs on its own configuration, and the chain is recorded.

        Raises NotADelegate where `delegates` does not name it, and AgentNotFound.
        """
        allowed = self._client.delegates_of(self.id)
        if agent_id not in allowed:
            known = ", ".join(allowed) or "none"
            raise NotADelegate(f"the agent '{self.id}' may not call '{agent_id}': its delegates are {known}")
        return BoundAgent(self._client, self._client.for_agent(agent_id).id, (*self.chain, self.id))

    def _with_chain(self, said: dict[str, Any]) -> dict[str, Any]:
        return {"chain": self.chain, **said} if self.chain else said
