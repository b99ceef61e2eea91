"""`call_arguments`: a resolved agent to LiteLLM's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from agentconf.config.agent import Agent, ModelEntry
from agentconf.config.resolve import INHERITED_BY_FALLBACKS
from agentconf.errors import NoModel
from agentconf.runtime.connection import Connection, Reveal, connection_of
from agentconf.secrets.reveal import Ground, reveal

PARAMETERS: Final = tuple(key for key in INHERITED_BY_FALLBACKS if key != "stream_timeout")
"""The keys of an entry that are LiteLLM's arguments by the same names."""


def call_arguments(agent: Agent, *, stream: bool = False, ground: Ground | None = None) -> dict[str, Any]:
    """What `litellm.completion` and `litellm.acompletion` take for an agent's primary model, but for the messages.

    Nothing is set that the configuration does not set: no key for what is null or absent, and zero where it says zero.
    Of a declared provider, address and key are always said (a placeholder where it has no key), so that nothing in the
    environment changes them. With `stream=True`, `stream` is set, and `timeout` is `stream_timeout` where there is one.
    Secrets are revealed now, on `ground`: by default whatever the rules of the format allow; hand in
    `Ground(allowed_by(snapshot.settings), snapshot.origin.path)` to hold them to the settings of the tree.

    The answer holds secrets: log it nowhere. Raises NoModel where no entry is enabled, NoConnection and
    SecretUnavailable.
    """
    entry = agent.primary
    if entry is None:
        raise no_model(agent)

    def revealed(reference: Any) -> str:
        return reveal(reference, ground).get_secret_value()

    return entry_arguments(entry, connection_of(agent, entry), revealed, stream=stream)


def entry_arguments(entry: ModelEntry, connection: Connection, reveal: Reveal, *, stream: bool) -> dict[str, Any]:
    """The arguments of one entry, with its connection."""
    return {**parameters_of(entry, stream=stream), **connection.revealed(reveal), **extra_of(entry)}


def parameters_of(entry: ModelEntry, *, stream: bool) -> dict[str, Any]:
    """What an entry sets of the parameters of a call."""
    said = {key: thawed(value) for key in PARAMETERS if (value := getattr(entry, key)) is not None}
    if stream:
        said["stream"] = True
        if entry.stream_timeout is not None:
            said["timeout"] = entry.stream_timeout
    return said


def extra_of(entry: ModelEntry) -> dict[str, Any]:
    """`extra`, which the format lets hold nothing that is said elsewhere."""
    return {} if entry.extra is None else {key: thawed(value) for key, value in entry.extra.items()}


def thawed(value: Any) -> Any:
    """A frozen value as LiteLLM takes it: it writes into what it is handed."""
    if isinstance(value, Mapping):
        return {key: thawed(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [thawed(item) for item in value]
    return value


def no_model(agent: Agent) -> NoModel:
    return NoModel(f"every model of the agent '{agent.id}' is switched off (enabled: false); nothing can be called")
