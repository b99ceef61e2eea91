"""Who called whom: the agent in force, for code that reaches for it deep inside, and those above it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_CHAIN: Final[ContextVar[tuple[str, ...]]] = ContextVar("agentconf_chain", default=())


@contextmanager
def using_agent(agent_id: str) -> Iterator[None]:
    """Within it, `client.current()` is this agent; tasks and threads that copy the context see it too.

    Nested, the agents form a chain, which is recorded with each call.

        with using_agent("strategist"):
            reply = client.current().complete(messages)
    """
    token = _CHAIN.set((*_CHAIN.get(), agent_id))
    try:
        yield
    finally:
        _CHAIN.reset(token)


def current_agent() -> str | None:
    """The id of the agent in force; None outside of `using_agent`."""
    chain = _CHAIN.get()
    return chain[-1] if chain else None


def chain_above(agent_id: str) -> tuple[str, ...]:
    """The agents above a call to one: those in force, without itself where it is the last of them."""
    chain = _CHAIN.get()
    return chain[:-1] if chain and chain[-1] == agent_id else chain
