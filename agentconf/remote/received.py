"""What a client knows: the snapshot as the server sent it, put together and held against its digests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from agentconf.remote.faults import Unacceptable
from agentconf.remote.fetch import Basis
from agentconf.remote.reading import Said, SentAgent, is_finite
from agentconf.snapshot.digest import tree_digest
from agentconf.snapshot.transfer import FORMAT, text_of

_NULL: Final = "null"


class Received(NamedTuple):
    """An agent: its file, whether its primary has a key, the digest of what was sent where that is not the tree's.

    `text` is the configuration as canonical JSON: small, and parsed again only where somebody wants to see it.
    """

    file: str
    has_api_key: bool
    masked: str | None
    text: str

    @property
    def config(self) -> dict[str, Any]:
        """The configuration as it was sent."""
        return {**json.loads(self.text), "enabled": True}


@dataclass(frozen=True, slots=True)
class Known:
    """One whole snapshot. `configs` are those that the last answer brought, parsed; the others are as they were."""

    said: Said
    digests: Mapping[str, str]
    agents: Mapping[str, Received]
    models: Mapping[str, Any]
    settings: Mapping[str, Any]
    configs: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def basis(self) -> Basis:
        """What the server is told that the client has."""
        return Basis(self.said.digest, self.said.facts, self.said.etag)

    @property
    def is_same(self) -> tuple[Any, ...]:
        """What makes agents be sealed anew where it is another."""
        return (self.said.environment, self.said.takes_machine)


def known(said: Said, before: Known | None) -> Known:
    """What is known once something was said. Raises Unacceptable where it does not fit together: nothing of it is used.

    An answer that builds upon something else than what is known is refused, however it came about.
    """
    if said.since is not None and (before is None or said.since != before.said.digest):
        raise Unacceptable("the answer builds upon a snapshot that this client does not have")
    ground = before if said.since is not None else None
    digests = _digests(said, ground)
    if tree_digest(digests, said.default_agent) != said.digest:
        raise Unacceptable("the digest of the snapshot is not that of its agents: it is refused whole")
    agents, configs = _agents(said, ground, digests)
    models, settings = said.models, said.settings
    if models is None or settings is None:
        if before is None or said.facts != before.said.facts:
            raise Unacceptable("the answer lacks what the tree says about models")
        models, settings = dict(before.models), dict(before.settings)
    return Known(_bare(said), digests, agents, models, settings, configs)


def _digests(said: Said, ground: Known | None) -> dict[str, str]:
    digests = {**(ground.digests if ground else {}), **said.digests}
    for name in said.gone:
        digests.pop(name, None)
    return digests


def _agents(
    said: Said, ground: Known | None, digests: Mapping[str, str]
) -> tuple[dict[str, Received], dict[str, dict[str, Any]]]:
    """The agents that are served, and the configurations that were sent."""
    off = frozenset(said.disabled)
    served = digests.keys() - off
    agents: dict[str, Received] = {}
    if ground is not None:
        agents = {name: one for name, one in ground.agents.items() if ground.digests[name] == digests.get(name)}
    configs = {}
    for sent in said.agents:
        if sent.id in configs or sent.id not in served:
            raise Unacceptable("the answer brings an agent that its digests do not name, or one twice")
        agents[sent.id], configs[sent.id] = _received(sent, digests[sent.id]), sent.config
    if agents.keys() != served:
        agents = {name: one for name, one in agents.items() if name in served}
        if agents.keys() != served:
            raise Unacceptable("the answer lacks agents whose digests it brings: it is refused whole")
    return agents, configs


def _received(sent: SentAgent, digest: str) -> Received:
    text = text_of(sent.masked or digest, sent.config)
    if text is None:
        raise Unacceptable("the digest of an agent is not that of its configuration: the snapshot is refused whole")
    if _NULL in text and not is_finite(sent.config):
        raise Unacceptable("a configuration holds a number that is none")
    return Received(sent.file, sent.has_api_key, sent.masked, text)


def _bare(said: Said) -> Said:
    """The same without what is kept beside it."""
    return said.model_copy(update={"agents": [], "digests": {}, "gone": [], "models": None, "settings": None})


def as_said(what: Known) -> dict[str, Any]:
    """All that is known, in the form in which a server would say it."""
    head = what.said.model_dump(exclude={"agents", "digests", "gone", "models", "settings", "since"})
    agents = [
        {"id": name, "file": one.file, "has_api_key": one.has_api_key, "masked": one.masked, "config": one.config}
        for name, one in what.agents.items()
    ]
    whole = {"since": None, "gone": [], "digests": dict(what.digests), "agents": agents}
    return {**head, "format": FORMAT, **whole, "models": dict(what.models), "settings": dict(what.settings)}
