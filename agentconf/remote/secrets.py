"""The values of references, from the server: asked for when they are needed, and held in memory alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import SecretStr

from agentconf.config.secrets import SecretReference
from agentconf.errors import SecretUnavailable
from agentconf.remote.faults import Denied, Unacceptable, Unknown, Unreachable
from agentconf.remote.fetch import Server
from agentconf.remote.masks import places_of

FRESH_S: Final = 60.0
"""A value that was exchanged on the server is used here after so much time at the latest."""


@dataclass(frozen=True, slots=True)
class _Held:
    values: Mapping[str, SecretStr] = field(repr=False)
    at: float


class Vault:
    """`config_of` gives an agent's configuration as the server sent it. Safe among threads."""

    def __init__(self, server: Server, config_of: Callable[[str], dict[str, Any]], ttl: float) -> None:
        self._server = server
        self._config_of = config_of
        self._ttl = ttl
        self._held: dict[str, _Held] = {}
        self._asking: dict[str, threading.Lock] = {}

    def reveal(self, reference: SecretReference, agent_id: str) -> SecretStr:
        """The value, masked until `get_secret_value` is called. Raises SecretUnavailable, which never holds it."""
        reason = ""
        try:
            return self._value(reference, agent_id)
        except SecretUnavailable as error:
            reason = error.reason
        raise SecretUnavailable(reason, str(reference))

    def forget(self) -> None:
        """Let go of every value."""
        self._held.clear()

    def _value(self, reference: SecretReference, agent_id: str) -> SecretStr:
        if not self._server.address.is_private:
            raise SecretUnavailable("the server is not reached over TLS or loopback, and secrets go no other way")
        places = places_of(reference, self._config_of(agent_id))
        values = self._values(agent_id)
        for place in places:
            if place in values:
                return values[place]
        raise SecretUnavailable("the server has no value for it" if places else "the agent does not name it")

    def _values(self, agent_id: str) -> Mapping[str, SecretStr]:
        with self._asking.setdefault(agent_id, threading.Lock()):
            held = self._held.get(agent_id)
            age = time.monotonic() - held.at if held is not None else float("inf")
            if held is not None and age < FRESH_S:
                return held.values
            try:
                values = _read(self._server.llm(agent_id))
            except Unreachable as error:
                if held is not None and age < self._ttl and not isinstance(error, Denied):
                    return held.values
                self._held.pop(agent_id, None)
                reason = str(error)
            except (Unacceptable, Unknown) as error:
                self._held.pop(agent_id, None)
                reason = "the server does not know the agent" if isinstance(error, Unknown) else str(error)
            else:
                self._held[agent_id] = _Held(values, time.monotonic())
                return values
        raise SecretUnavailable(reason)


def _read(answer: dict[str, Any]) -> dict[str, SecretStr]:
    """The values by their places in the configuration. What is no text, or a reference again, counts for nothing."""
    said = answer.get("secrets")
    if not isinstance(said, dict):
        raise SecretUnavailable("the server does not tell secrets")
    return {place: SecretStr(value) for place, value in said.items() if isinstance(value, str) and value}
