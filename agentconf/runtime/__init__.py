"""Calls through LiteLLM, each on its agent's own configuration: the one part of the package that imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentconf.runtime.answer import Answer as Answer
    from agentconf.runtime.answer import Attempt as Attempt
    from agentconf.runtime.arguments import call_arguments as call_arguments
    from agentconf.runtime.bound import BoundAgent as BoundAgent
    from agentconf.runtime.chain import current_agent as current_agent
    from agentconf.runtime.chain import using_agent as using_agent
    from agentconf.runtime.client import AgentClient as AgentClient
    from agentconf.runtime.desk import Options as Options
    from agentconf.runtime.own import Own as Own
    from agentconf.runtime.reply import answer_of as answer_of
    from agentconf.runtime.tokens import Tokens as Tokens

_PLACES = {
    "AgentClient": "client",
    "Answer": "answer",
    "Attempt": "answer",
    "BoundAgent": "bound",
    "Options": "desk",
    "Own": "own",
    "Tokens": "tokens",
    "answer_of": "reply",
    "call_arguments": "arguments",
    "current_agent": "chain",
    "using_agent": "chain",
}
__all__ = sorted(_PLACES)  # noqa: PLE0605  # the table is the list


def __getattr__(name: str) -> Any:
    """Names are imported when they are first asked for, as those of the package are."""
    if name not in _PLACES:
        raise AttributeError(f"module 'agentconf.runtime' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f"agentconf.runtime.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
