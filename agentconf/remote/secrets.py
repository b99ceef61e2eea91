"""The values of references, from the server: asked for when they are needed, and held in memory alone."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

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

Key: TypeAlias = tuple[str, str | None]
"""An agent, and a variant of it."""
Flat: TypeAlias = dict[str, Any]

FRESH_S: Final = 60.0
"""A value that is older is asked for anew."""

_SAME: Final = ("model", "type", "api_base")
"""A value is taken for the entry that it is of alone: a key never travels to another address."""


_log = logging.getLogger("agentconf.remote")


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
        self._held: dict[Key, _Held] = {}
        self._aside: set[Key] = set()
        self._is_closed = False
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
        """Let go of every value, for good."""
        self._is_closed = True
        self._held.clear()

    def _answer(self, agent_id: str, variant: str | None, flat: Flat) -> Flat:
        """What the server says, secrets too. What it said some time ago will do, and is asked for anew aside.

        A call is held up by the server once, and an event loop with it: not again whenever a minute is over.
        """
        if not self._server.address.is_private:
            raise SecretUnavailable("the server is not reached over TLS or loopback, and secrets go no other way")
        key = (agent_id, variant)
        with self._asking.setdefault(agent_id, threading.Lock()):
            held = self._held.get(key)
            age = time.monotonic() - held.at if held is not None and held.flat == flat else float("inf")
            if held is None or age >= self._ttl:
                return self._asked(key, flat)
        if age >= FRESH_S:
            self._ask_aside(key, flat)
        return held.answer

    def _ask_aside(self, key: Key, flat: Flat) -> None:
        if key not in self._aside:
            self._aside.add(key)
            threading.Thread(target=self._renew, args=(key, flat), name="agentconf-secrets", daemon=True).start()

    def _renew(self, key: Key, flat: Flat) -> None:
        try:
            self._asked(key, flat)
        except SecretUnavailable as error:
            _log.info("the secrets of '%s' cannot be renewed: %s", key[0], error)
        finally:
            self._aside.discard(key)

    def _asked(self, key: Key, flat: Flat) -> Flat:
        """What the server says now. What is held ends where the server refuses, and not where it is away."""
        try:
            answer = self._server.llm(*key)
        except (Unreachable, Unacceptable, Unknown) as error:
            is_away = isinstance(error, Unreachable) and not isinstance(error, Denied)
            reason = "the server does not know the agent" if isinstance(error, Unknown) else str(error)
            if not is_away:
                self._held.pop(key, None)
        else:
            if not self._is_closed:
                self._held[key] = _Held(answer, time.monotonic(), flat)
            return answer
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
