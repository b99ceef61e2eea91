"""A handle to one agent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agentconf.errors import NotADelegate

if TYPE_CHECKING:
    from agentconf.runtime.client import AgentClient
    from agentconf.runtime.streaming import AsyncStream, Stream


class BoundAgent:
    """Calls one agent. `chain` holds the ids of those that called it, the first one first."""

    __slots__ = ("_client", "chain", "id")

    def __init__(self, client: AgentClient, agent_id: str, chain: tuple[str, ...] = ()) -> None:
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
