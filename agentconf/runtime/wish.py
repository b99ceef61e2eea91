"""What a caller asks for: the agent, the messages, and what holds for this call alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from agentconf.config.extra import refusal
from agentconf.runtime.arguments import PARAMETERS
from agentconf.runtime.own import Own, own_of
from agentconf.runtime.plan import UNSAID_RETRIES

_OURS: Final = frozenset(("key", "tags", "own", "chain", "model", "num_retries", "stream_timeout"))
_PARAMETERS: Final = frozenset(PARAMETERS)
_OF_A_STREAM: Final = "stream_options"
_WHOLE: Final = frozenset(("max_tokens", "seed", "num_retries"))
_NUMBERS: Final = frozenset(
    ("temperature", "top_p", "frequency_penalty", "presence_penalty", "timeout", "stream_timeout", *_WHOLE)
)
_SIGNED: Final = frozenset(("seed", "frequency_penalty", "presence_penalty"))
_EXAMPLE: Final = "{'role': 'user', 'content': 'hello'}"
_SYSTEM: Final = frozenset(("system", "developer"))
_INSTEAD: Final = {
    "stream": "call `stream` or `astream`",
    "messages": "messages stand behind the agent's id",
    "metadata": "use tags={...}, which are recorded",
    "instructions": "bring a message of the role 'system'",
    "api_key": "bring a connection with own=Own(...)",
    "api_base": "bring a connection with own=Own(...)",
    "api_version": "bring a connection with own=Own(...)",
    "extra_headers": "write them under the provider, or bring a connection with own=Own(...)",
    "fallbacks": "write them in the agent's file",
    "enabled": "write it in the agent's file",
    "extra": "hand the arguments over by their own names",
    "cost": "write it in the agent's file",
}
_FORMAT: Final = frozenset(("llm", *_PARAMETERS, *_INSTEAD))


@dataclass(frozen=True, slots=True)
class Wish:
    """`said` is what a call was handed beside the messages; see `AgentClient`."""

    agent_id: str
    messages: str | Sequence[Any]
    said: Mapping[str, Any] = field(default_factory=dict)
    is_stream: bool = False

    @property
    def key(self) -> str | None:
        key = self.said.get("key")
        return None if key is None else str(key)

    @property
    def tags(self) -> Mapping[str, str]:
        tags = self.said.get("tags") or {}
        if not isinstance(tags, Mapping):
            raise TypeError("tags are names and values, such as tags={'feature': 'search'}")
        return {str(name): str(value) for name, value in tags.items()}

    @property
    def own(self) -> Own | None:
        return own_of(self.said.get("own"))

    @property
    def chain(self) -> tuple[str, ...]:
        chain = self.said.get("chain") or ()
        if isinstance(chain, str) or not isinstance(chain, Sequence):
            raise TypeError("chain is the ids of the agents that led to this call, such as chain=('strategist',)")
        return tuple(map(str, chain))

    @property
    def model(self) -> str | None:
        model = self.said.get("model")
        if model is not None and not isinstance(model, str):
            raise TypeError("model is a text, such as model='openai/gpt-4.1'")
        return model

    @property
    def retries(self) -> int | None:
        """How often the call wants to be tried again; None where it does not say."""
        if "num_retries" not in self.said:
            return None
        said: int | None = self.said["num_retries"]
        return UNSAID_RETRIES if said is None else said

    @property
    def shows_usage(self) -> bool:
        options = self.said.get(_OF_A_STREAM)
        return bool(isinstance(options, Mapping) and options.get("include_usage"))

    def arguments(self) -> dict[str, Any]:
        """What goes to LiteLLM above all layers; None clears what they set. Raises TypeError for what may not."""
        found: dict[str, Any] = {}
        for name, value in self.said.items():
            if name in _OURS:
                continue
            if name not in _PARAMETERS and not (name == _OF_A_STREAM and self.is_stream):
                _require_allowed(name)
            found[name] = value
        if self.is_stream and "stream_timeout" in self.said:
            if self.said["stream_timeout"] is None:
                found["stream_timeout"] = None
            else:
                found["timeout"] = self.said["stream_timeout"]
        if isinstance(options := found.get(_OF_A_STREAM), Mapping):
            found[_OF_A_STREAM] = {**options, "include_usage": True}
        return found

    def require_numbers(self) -> None:
        """Raises TypeError for a parameter that is no number: the provider would seem to be at fault."""
        for name in _NUMBERS & self.said.keys():
            _require_number(name, self.said[name])

    def with_instructions(self, instructions: str | None) -> Sequence[Any]:
        """The messages, with the agent's instructions in front unless the caller brings a system message."""
        messages = _listed(self.messages)
        if not messages and not instructions:
            raise ValueError("there are no messages to send")
        if not instructions or any(_role(one) in _SYSTEM for one in messages):
            return messages
        return [{"role": "system", "content": instructions}, *messages]


def _listed(said: Any) -> list[Any]:
    """Messages as a list of their own, since they may be sent more than once. Raises TypeError."""
    if isinstance(said, str):
        return [{"role": "user", "content": said}]
    if isinstance(said, Mapping | bytes) or not isinstance(said, Iterable):
        raise TypeError(f"messages are a text, or a list such as [{_EXAMPLE}]; this is of the type {_kind(said)}")
    messages = list(said)
    for one in messages:
        if not isinstance(one, Mapping) and not hasattr(one, "role"):
            raise TypeError(f"a message is a mapping such as {_EXAMPLE}; this is of the type {_kind(one)}")
    return messages


def _kind(value: Any) -> str:
    return type(value).__name__


def _require_number(name: str, value: Any) -> None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and (value >= 0 or name in _SIGNED)):
        return
    if name in _WHOLE or isinstance(value, bool | str):
        least = "" if name in _SIGNED else ", 0 or more"
        kind = "a whole number" if name in _WHOLE else "a number of seconds" if "timeout" in name else "a number"
        raise TypeError(f"'{name}' is {kind}{least}, or None")


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, Mapping) else getattr(message, "role", None)


def _require_allowed(name: str) -> None:
    why = _INSTEAD.get(name) or refusal(name, _FORMAT)
    if why is not None:
        raise TypeError(f"'{name}' is not for a call to say: {why}")
