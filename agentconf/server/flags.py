"""Agents as flags of OpenFeature: the value is the resolved agent, the variant the one that a targeting key gets."""

from __future__ import annotations

import json
from collections import OrderedDict
from datetime import UTC, date, datetime
from typing import Any, Final

from agentconf.config.agent import Agent
from agentconf.config.variant import chosen_variant
from agentconf.errors import AgentNotFound
from agentconf.snapshot.digest import PREFIX
from agentconf.snapshot.snapshot import Snapshot

PLAIN: Final = "default"
"""The variant of an agent without an experiment: clients want a name."""
_KEPT: Final = 64
_PARSE_ERROR: Final = "PARSE_ERROR"


class FlagError(Exception):
    """What the protocol answers in the place of a value; the code is the protocol's."""

    def __init__(self, code: str, details: str) -> None:
        self.code = code
        self.details = details
        super().__init__(details)

    def as_json(self, key: str | None = None) -> dict[str, Any]:
        named = {"key": key} if key is not None else {}
        return {**named, "errorCode": self.code, "errorDetails": self.details}


def targeting_key(body: bytes) -> str | None:
    """The key in the context of a request; None where it has none. Raises FlagError."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise FlagError(_PARSE_ERROR, "the body is no JSON") from None
    if not isinstance(said, dict):
        raise FlagError(_PARSE_ERROR, 'the body must be an object, such as {"context": {"targetingKey": "user-1"}}')
    context = said.get("context")
    if not isinstance(context, dict | None):
        raise FlagError("INVALID_CONTEXT", "'context' must be an object")
    key = (context or {}).get("targetingKey")
    if not isinstance(key, str | None):
        raise FlagError("INVALID_CONTEXT", "'targetingKey' must be a string")
    return key or None


class Flags:
    """The agents of one snapshot as flags."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._configs: dict[str, dict[str, Any]] = {}
        self._bulks: OrderedDict[tuple[str | None, ...], bytes] = OrderedDict()
        self._experiments = [name for name in sorted(snapshot) if snapshot[name].experiment is not None]

    def flag(self, agent_id: str, key: str | None) -> dict[str, Any]:
        """One evaluation. Raises FlagError."""
        try:
            agent = self.snapshot[agent_id]
        except AgentNotFound as error:
            raise FlagError("FLAG_NOT_FOUND", str(error)) from None
        return self._evaluated(agent, _chosen(agent, key))

    def bulk(self, key: str | None) -> bytes:
        """Every agent, as JSON: one whose experiment wants a key that is missing with its error."""
        chosen = tuple(self._choice(name, key) for name in self._experiments)
        known = self._bulks.get(chosen)
        if known is None:
            of = dict(zip(self._experiments, chosen, strict=True))
            flags = [self._in_bulk(name, of) for name in sorted(self.snapshot)]
            said = {"flags": flags, "metadata": {"digest": self.snapshot.digest}}
            known = self._bulks[chosen] = json.dumps(said, ensure_ascii=False).encode()
            while len(self._bulks) > _KEPT:
                self._bulks.popitem(last=False)
        return known

    def _choice(self, agent_id: str, key: str | None) -> str | None:
        """None where a key is missing."""
        try:
            return _chosen(self.snapshot[agent_id], key)
        except FlagError:
            return None

    def _in_bulk(self, agent_id: str, chosen: dict[str, str | None]) -> dict[str, Any]:
        if agent_id in chosen and chosen[agent_id] is None:
            return _no_key(agent_id).as_json(agent_id)
        return self._evaluated(self.snapshot[agent_id], chosen.get(agent_id))

    def _evaluated(self, agent: Agent, variant: str | None) -> dict[str, Any]:
        is_running = variant is not None and not _has_ended(agent, _today())
        return {
            "key": agent.id,
            "reason": "SPLIT" if is_running else "STATIC",
            "variant": variant or PLAIN,
            "value": self._value(agent.id, variant),
            "metadata": self._metadata(agent),
        }

    def _value(self, agent_id: str, variant: str | None) -> dict[str, Any]:
        """The resolved agent in the keys of the format, secrets as references; with a variant's `llm` and prompt."""
        config = self._configs.get(agent_id)
        if config is None:
            config = self._configs[agent_id] = self.snapshot.show(agent_id)["config"]
        if variant is None:
            return config
        own = config["variants"][variant]
        kept = {key: value for key, value in config.items() if key != "instructions"}
        return kept | {key: own[key] for key in ("llm", "instructions") if key in own}

    def _metadata(self, agent: Agent) -> dict[str, str]:
        """Texts alone, as the protocol has it."""
        own = {"digest": self.snapshot.digest, "agent_digest": PREFIX + self.snapshot.digests[agent.id]}
        return own | ({"environment": agent.environment} if agent.environment else {})


def _chosen(agent: Agent, key: str | None) -> str | None:
    """The variant that a key gets; None where there is no experiment. Raises FlagError where the key is missing."""
    today = _today()
    chosen = chosen_variant(agent, key, today)
    if chosen is not None and key is None and not _has_ended(agent, today):
        raise _no_key(agent.id)
    return chosen


def _no_key(agent_id: str) -> FlagError:
    said = f"'{agent_id}' has an experiment: say by context.targetingKey for whom it is, such as a user"
    return FlagError("TARGETING_KEY_MISSING", said)


def _has_ended(agent: Agent, today: date) -> bool:
    ends = agent.experiment.ends if agent.experiment else None
    return ends is not None and today > ends


def _today() -> date:
    return datetime.now(UTC).date()
