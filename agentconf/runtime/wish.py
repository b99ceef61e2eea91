"""What a caller asks for: the agent, the messages, and what holds for this call alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from agentconf.config.extra import refusal
from agentconf.runtime.arguments import PARAMETERS
from agentconf.runtime.own import Own

_OURS: Final = frozenset(("key", "tags", "own", "chain", "model", "num_retries", "stream_timeout"))
_PARAMETERS: Final = frozenset(PARAMETERS)
_OF_A_STREAM: Final = "stream_options"
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
        return {str(name): str(value) for name, value in (self.said.get("tags") or {}).items()}

    @property
    def own(self) -> Own | None:
        own = self.said.get("own")
        if own is not None and not isinstance(own, Own):
            raise TypeError("own must be an Own(model, api_key, ...)")
        return own

    @property
    def chain(self) -> tuple[str, ...]:
        return tuple(self.said.get("chain") or ())

    @property
    def model(self) -> str | None:
        return self.said.get("model")

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
        if self.is_stream and self.said.get("stream_timeout") is not None:
            found["timeout"] = self.said["stream_timeout"]
        if self.shows_usage is False:
            found.pop(_OF_A_STREAM, None)
        return found

    def with_instructions(self, instructions: str | None) -> Sequence[Any]:
        """The messages, with the agent's instructions in front unless the caller brings a system message."""
        messages = [{"role": "user", "content": self.messages}] if isinstance(self.messages, str) else self.messages
        if not instructions or any(_role(one) in _SYSTEM for one in messages):
            return messages
        return [{"role": "system", "content": instructions}, *messages]


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, Mapping) else getattr(message, "role", None)


def _require_allowed(name: str) -> None:
    why = _INSTEAD.get(name) or refusal(name, _FORMAT)
    if why is not None:
        raise TypeError(f"'{name}' is not for a call to say: {why}")
