"""The values of references, from the server: asked for when they are needed, and held in memory alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import SecretStr

from agentconf.config.agent import Agent
from agentconf.config.secrets import SecretReference, masked
from agentconf.errors import AgentNotFound, SecretUnavailable
from agentconf.live.machine import OWN_KEY
from agentconf.remote.faults import Denied, Unacceptable, Unknown, Unreachable
from agentconf.remote.fetch import Server
from agentconf.remote.masks import with_masks
from agentconf.secrets.reveal import reveal
from agentconf.snapshot.flat import flat_llm

FRESH_S: Final = 60.0
"""A value that was exchanged on the server is used here after so much time at the latest."""

_SAME: Final = ("model", "type", "api_base")
"""A value is taken for the entry that it is of alone: a key never travels to another address."""


@dataclass(frozen=True, slots=True)
class _Held:
    """An answer, and what it was the answer for: another configuration is asked for anew."""

    answer: dict[str, Any] = field(repr=False)
    at: float
    flat: dict[str, Any] = field(repr=False)


class Vault:
    """`config_of` gives an agent's configuration as the server sent it. Safe among threads."""

    def __init__(self, server: Server, config_of: Callable[[str], dict[str, Any]], ttl: float) -> None:
        self._server = server
        self._config_of = config_of
        self._ttl = ttl
        self._held: dict[tuple[str, str | None], _Held] = {}
        self._asking: dict[str, threading.Lock] = {}

    def reveal(self, reference: SecretReference, agent: Agent) -> SecretStr:
        """The value, masked until `get_secret_value` is called. Raises SecretUnavailable, which never holds it.

        The key that this process itself brings, AGENTCONF_LLM_API_KEY, is looked up here, unless the server names it.
        """
        try:
            config: dict[str, Any] = with_masks(self._config_of(agent.id))
        except AgentNotFound:
            config = {}
        if str(reference) == OWN_KEY and not _mentions(config, reference):
            return reveal(reference)
        ways = _ways(config, reference)
        reason = "the agent does not name it"
        for variant, flat in ways:
            try:
                return _value(reference, flat, self._answer(agent.id, variant, flat))
            except SecretUnavailable as error:
                reason = error.reason
        raise SecretUnavailable(reason, str(reference))

    def forget(self) -> None:
        """Let go of every value."""
        self._held.clear()

    def _answer(self, agent_id: str, variant: str | None, flat: dict[str, Any]) -> dict[str, Any]:
        """What the server says, secrets too, or said not long ago."""
        if not self._server.address.is_private:
            raise SecretUnavailable("the server is not reached over TLS or loopback, and secrets go no other way")
        with self._asking.setdefault(agent_id, threading.Lock()):
            held = self._held.get((agent_id, variant))
            held = held if held is not None and held.flat == flat else None
            age = time.monotonic() - held.at if held is not None else float("inf")
            if held is not None and age < FRESH_S:
                return held.answer
            try:
                answer = self._server.llm(agent_id, variant)
            except Unreachable as error:
                if held is not None and age < self._ttl and not isinstance(error, Denied):
                    return held.answer
                reason = str(error)
            except (Unacceptable, Unknown) as error:
                reason = "the server does not know the agent" if isinstance(error, Unknown) else str(error)
            else:
                self._held[agent_id, variant] = _Held(answer, time.monotonic(), flat)
                return answer
            self._held.pop((agent_id, variant), None)
        raise SecretUnavailable(reason)


def _ways(config: dict[str, Any], reference: SecretReference) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """The flat `llm` in which a reference stands: the agent's own, then those of its variants, by name."""
    for variant in (None, *config.get("variants", ())):
        flat = flat_llm(config, variant)
        if any(_is_in(entry, reference) for entry in _entries(flat)):
            yield variant, flat


def _value(reference: SecretReference, flat: dict[str, Any], answer: dict[str, Any]) -> SecretStr:
    """What stands in the answer where the reference stands here. Raises SecretUnavailable."""
    for ours, theirs in zip(_entries(flat), _entries(answer), strict=False):
        if all(ours.get(key) == theirs.get(key) for key in _SAME):
            for value in _values(ours, theirs, reference):
                return SecretStr(value)
    raise SecretUnavailable("the server has no value for it, or serves another configuration by now")


def _entries(flat: dict[str, Any]) -> list[dict[str, Any]]:
    fallbacks = flat.get("fallbacks")
    every = [flat, *(fallbacks if isinstance(fallbacks, list) else ())]
    return [entry for entry in every if isinstance(entry, dict)]


def _is_in(entry: dict[str, Any], reference: SecretReference) -> bool:
    return any(True for _ in _places(entry, reference))


def _values(ours: dict[str, Any], theirs: dict[str, Any], reference: SecretReference) -> Iterator[str]:
    for place in _places(ours, reference):
        value: Any = theirs
        for step in place:
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str) and value:
            yield value


def _places(entry: dict[str, Any], reference: SecretReference) -> Iterator[tuple[str, ...]]:
    """Where a reference stands in an entry with its connection."""
    for key, value in entry.items():
        if key == "api_key" and _is(value, reference):
            yield (key,)
        elif key in {"extra_headers", "params"} and isinstance(value, dict):
            yield from ((key, name) for name, item in value.items() if _is(item, reference))


def _is(value: Any, reference: SecretReference) -> bool:
    """Whether a value is a reference, however it is spelt."""
    return value == reference or (isinstance(value, str) and masked(value) == str(reference))


def _mentions(value: Any, reference: SecretReference) -> bool:
    """Whether a reference stands anywhere at all."""
    if isinstance(value, dict):
        return any(_mentions(item, reference) for item in value.values())
    if isinstance(value, list):
        return any(_mentions(item, reference) for item in value)
    return _is(value, reference)
