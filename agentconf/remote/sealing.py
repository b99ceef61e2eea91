"""What was received, as the snapshot that is served: typed, frozen, and upon the layers of this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from agentconf.catalogue.assemble import Stated
from agentconf.config.agent import Agent, Provider
from agentconf.config.layers import Layer, machine_layer
from agentconf.config.merge import Stack, folded
from agentconf.config.resolve import finished
from agentconf.config.secrets import SecretReference
from agentconf.frozen import FrozenDict
from agentconf.live.load import fallback
from agentconf.live.machine import machine_layers
from agentconf.remote.faults import Unacceptable
from agentconf.remote.masks import with_masks
from agentconf.remote.received import Known
from agentconf.snapshot.explanation import Explanation
from agentconf.snapshot.snapshot import Facts, Snapshot
from agentconf.snapshot.transfer import stated_of
from agentconf.snapshot.wire import config_json, has_api_key
from agentconf.source.tree import Origin

Reveal = Callable[[SecretReference, Agent], SecretStr]
Explain = Callable[[str, str], Explanation]


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a snapshot asks the server for: `reveal` None where references are resolved on this machine."""

    reveal: Reveal | None
    explain: Explain


@dataclass(frozen=True, slots=True)
class Sealed:
    """A snapshot beside that of which it is made."""

    known: Known
    snapshot: Snapshot


def sealed(known: Known, before: Sealed | None, origin: Origin, hooks: Hooks) -> Sealed:
    """The snapshot of what is known; agents that are as they were are the same objects. Raises Unacceptable.

    Its generation counts those of this client: another server may count others.
    """
    machine = machine_layers() if known.said.takes_machine else ()
    try:
        agents = _agents(known, before, folded(machine) if machine else None)
        models = stated_of(known.models)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError):
        raise Unacceptable("a configuration is none that this agentconf understands: the snapshot is refused") from None
    facts = _facts(known, before, origin, hooks, models)
    return Sealed(known, Snapshot(agents, facts, hooks.explain, fallback(known.said.environment, machine)))


def _facts(known: Known, before: Sealed | None, origin: Origin, hooks: Hooks, models: Stated) -> Facts:
    said = known.said
    generation = 1
    if before is not None:
        is_new = before.known.said.digest != said.digest
        generation = before.snapshot.generation + is_new
    return Facts(
        environment=said.environment,
        digest=said.digest,
        origin=origin,
        default_agent=said.default_agent,
        disabled=frozenset(said.disabled),
        refused=frozenset(said.refused),
        generation=generation,
        digests=known.digests,
        show=_shower(known),
        settings=dict(known.settings),
        models=lambda: models,
        send=lambda agent_id: _sent(known, agent_id),
        takes_machine=said.takes_machine,
        reveal=hooks.reveal,
    )


def _agents(known: Known, before: Sealed | None, machine: Stack | None) -> dict[str, Agent]:
    """The typed agents, in the order of their ids."""
    old: Mapping[str, Agent] = {}
    if before is not None and before.known.is_same == known.is_same:
        old = before.snapshot
    sealer = _Sealer(known, machine)
    kept = before.known.agents if before is not None else {}
    return {
        name: old[name] if name in old and kept.get(name) is one else sealer.agent(name)
        for name, one in sorted(known.agents.items())
    }


class _Sealer:
    def __init__(self, known: Known, machine: Stack | None) -> None:
        self._known = known
        self._machine = machine
        self._providers: dict[str, FrozenDict[Provider]] = {}

    def agent(self, agent_id: str) -> Agent:
        known = self._known
        received = known.agents[agent_id]
        config = known.configs.get(agent_id) or received.config
        if received.masked is not None:
            config = with_masks(config)
        fields = dict(upon(config, self._machine))
        if "providers" in fields and received.masked is None:
            fields["providers"] = self._shared(fields["providers"])
        own = {"id": agent_id, "environment": known.said.environment, "file": received.file}
        return Agent.model_validate({**fields, **own})

    def _shared(self, providers: dict[str, Any]) -> FrozenDict[Provider]:
        """Agents with the same providers share them."""
        key = json.dumps(providers)
        if key not in self._providers:
            entries = {name: Provider.model_validate(entry) for name, entry in providers.items()}
            self._providers[key] = FrozenDict(entries)
        return self._providers[key]


def upon(config: dict[str, Any], machine: Stack | None) -> dict[str, Any]:
    """What a tree says upon what this machine says: the same as where the tree lies here."""
    if machine is None:
        return config
    made = _upon(config, machine)
    variants = made.get("variants")
    if variants:
        whole = {name: {**one, "llm": _upon({"llm": one["llm"]}, machine)["llm"]} for name, one in variants.items()}
        made = {**made, "variants": whole}
    return made


def _upon(config: dict[str, Any], machine: Stack) -> dict[str, Any]:
    layer: Layer = machine_layer("tree", dict(config))
    return finished(Stack().under(layer).upon(machine))


def _shower(known: Known) -> Callable[[str], dict[str, Any]]:
    def show(agent_id: str) -> dict[str, Any]:
        machine = folded(machine_layers()) if known.said.takes_machine else None
        sent = _sent(known, agent_id)
        config = upon(sent["config"], machine)
        return {**sent, "has_api_key": has_api_key(config) or sent["has_api_key"], "config": config_json(config)}

    return show


def _sent(known: Known, agent_id: str) -> dict[str, Any]:
    """An agent as the server sent it."""
    said, received = known.said, known.agents[agent_id]
    return {
        "id": agent_id,
        "environment": said.environment,
        "file": received.file,
        "digest": said.digest,
        "has_api_key": received.has_api_key,
        "config": received.config,
    }
