"""The clients that LiteLLM keeps for connections: dropped when a reload or a new key leaves them without use."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from agentconf.config.agent import Agent
from agentconf.config.secrets import SecretReference
from agentconf.errors import AgentconfError
from agentconf.runtime import door
from agentconf.runtime.connection import Connection, connection_of
from agentconf.snapshot.snapshot import Snapshot

_Place: TypeAlias = tuple[str, str, str]
"""A provider's name, its address, and where its key is found."""


@dataclass(slots=True)
class Clients:
    """Which connections calls were made over. LiteLLM keeps a client for each address and key, for an hour.

    It closes what is dropped once no call uses it any more.
    """

    _keys: dict[_Place, tuple[str, str]] = field(default_factory=dict)
    """For each place: the digest of the key, and an agent that used it."""

    def used(self, agent_id: str, connection: Connection, arguments: Mapping[str, Any]) -> None:
        """Note what a call is made over; where the key is a new one, the client with the old key is dropped."""
        key, address = arguments.get("api_key"), arguments.get("api_base")
        if not isinstance(key, str) or not isinstance(address, str):
            return
        place = (connection.name, address, _origin(connection))
        digest = hashlib.sha256(key.encode()).hexdigest()
        before = self._keys.get(place)
        if before is None or before[0] != digest:
            self._keys[place] = (digest, agent_id)
            if before is not None:
                _forget({place: before})

    def reloaded(self, snapshot: Snapshot) -> None:
        """Drop the clients of connections that the agents which used them have no more."""
        gone = {place: said for place, said in list(self._keys.items()) if not _has(snapshot.get(said[1]), place)}
        for place in gone:
            self._keys.pop(place, None)
        if gone:
            _forget(gone)


def _has(agent: Agent | None, place: _Place) -> bool:
    entries = (agent.llm, *agent.llm.fallbacks) if agent is not None else ()
    for entry in entries:
        try:
            connection = connection_of(agent, entry) if agent is not None else None
        except AgentconfError:
            continue
        if connection is not None:
            address = connection.arguments.get("api_base")
            if (connection.name, address, _origin(connection)) == place:
                return True
    return False


def _origin(connection: Connection) -> str:
    """Of the key: what the tree says, and not what is found there."""
    said = connection.arguments.get("api_key")
    return f"{said.source}:{said.name}" if isinstance(said, SecretReference) else ""


def _forget(gone: Mapping[_Place, tuple[str, str]]) -> None:
    door.forget_clients({"hashed_api_key": digest, "api_base": place[1]} for place, (digest, _) in gone.items())
