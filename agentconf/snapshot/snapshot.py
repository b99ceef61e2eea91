"""The snapshot: every agent of one environment at one moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

from pydantic import SecretStr

from agentconf.catalogue.assemble import Stated
from agentconf.codes import BROKEN_LOCK
from agentconf.config.agent import Agent
from agentconf.config.secrets import SecretReference
from agentconf.diagnostic import Diagnostic
from agentconf.errors import AgentDisabled, AgentNotFound, InvalidConfig
from agentconf.frozen import FrozenDict
from agentconf.keypath import parse
from agentconf.snapshot.explanation import Explanation
from agentconf.source.tree import Origin
from agentconf.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Facts:
    """What a snapshot says of itself. `generation` counts the snapshots of one run, from 1."""

    environment: str | None
    digest: str
    origin: Origin
    diagnostics: tuple[Diagnostic, ...] = ()
    default_agent: str | None = None
    disabled: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    generation: int = 1
    digests: Mapping[str, str] = field(default_factory=dict)
    advise: Callable[[], tuple[Diagnostic, ...]] = tuple
    """What makes no sense in it, as warnings; asked for only when somebody wants to know."""
    show: Callable[[str], dict[str, Any]] = lambda agent_id: {}
    settings: Mapping[str, Any] = field(default_factory=FrozenDict)
    models: Callable[[], Stated] = Stated
    send: Callable[[str], dict[str, Any]] = lambda agent_id: {}
    takes_machine: bool = False
    reveal: Callable[[SecretReference, Agent], SecretStr] | None = None


class Snapshot(FrozenDict[Agent]):
    """A read-only mapping of agent id to `Agent`, with its digest. Disabled agents are not in it."""

    __slots__ = ("__weakref__", "_advice", "_explain", "_facts", "_fallback", "_models")

    _advice: tuple[Diagnostic, ...] | None
    _models: Stated | None
    _facts: Facts
    _explain: Callable[[str, str], Explanation]
    _fallback: Callable[[], Agent | None]

    def __new__(
        cls,
        agents: dict[str, Agent],
        facts: Facts,
        explain: Callable[[str, str], Explanation],
        fallback: Callable[[], Agent | None] = lambda: None,
    ) -> Self:
        snapshot = super().__new__(cls, agents)
        snapshot._advice = None
        snapshot._models = None
        snapshot._facts = facts
        snapshot._explain = explain
        snapshot._fallback = fallback
        return snapshot

    def __missing__(self, agent_id: object) -> NoReturn:
        self._refuse_id(agent_id)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a snapshot stays in its process; its agents can be pickled: dict(snapshot)")

    def __repr__(self) -> str:
        where = f" in {self.environment}" if self.environment else ""
        return f"<Snapshot of {len(self)} agents{where}, {self.digest}>"

    @property
    def environment(self) -> str | None:
        return self._facts.environment

    @property
    def digest(self) -> str:
        """`sha256:...` over what the tree says in this environment, whatever the machine, the order or the comments."""
        return self._facts.digest

    @property
    def digests(self) -> Mapping[str, str]:
        """The digest of each agent by its id, disabled ones included."""
        return self._facts.digests

    @property
    def generation(self) -> int:
        return self._facts.generation

    @property
    def origin(self) -> Origin:
        return self._facts.origin

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the text, the shape and the references of the tree: what may refuse an agent."""
        return self._facts.diagnostics

    @property
    def advice(self) -> tuple[Diagnostic, ...]:
        """What makes no sense in the agents (models, cost, owners, policies), as warnings: it refuses none of them.

        It is found when first asked for, in some 50 microseconds an agent, so that serving never waits for it; by what
        the tree says of models, in `_models.yaml` and the lock, and not by what is installed.
        """
        if self._advice is None:
            self._advice = self._facts.advise()
        return self._advice

    @property
    def default_agent(self) -> str | None:
        """The id that `resolve` answers with for an unknown one, where the settings name one."""
        return self._facts.default_agent

    @property
    def disabled(self) -> frozenset[str]:
        """The ids of the agents that are switched off."""
        return self._facts.disabled

    @property
    def refused(self) -> frozenset[str]:
        """The ids of the agents that are not served, since they have errors and no last good."""
        return self._facts.refused

    @property
    def settings(self) -> Mapping[str, Any]:
        """What `_settings.yaml` says, as it is written there; nothing where there is none."""
        return self._facts.settings

    @property
    def models(self) -> Stated:
        """What the tree says about models, in `_models.yaml` and the lock; read when first asked for."""
        if self._models is None:
            self._models = self._facts.models()
        return self._models

    def show(self, agent_id: str, *, disabled: bool = False) -> dict[str, Any]:
        """The agent as `agentconf show --format json` prints it, secrets as references. Raises AgentNotFound.

        With `disabled` also one that is switched off.
        """
        if agent_id not in self and not (disabled and agent_id in self._facts.disabled):
            self._refuse_id(agent_id)
        return self._facts.show(agent_id)

    def sent(self, agent_id: str) -> dict[str, Any]:
        """The same as far as the tree says it, without the layers of this machine: what its digest is of.

        A client on another machine puts its own layers underneath, where `takes_machine` says so.
        """
        if agent_id not in self:
            self._refuse_id(agent_id)
        return self._facts.send(agent_id)

    @property
    def takes_machine(self) -> bool:
        """Whether the layers of the machine take part: so in a tree that declares no providers."""
        return self._facts.takes_machine

    @property
    def reveal(self) -> Callable[[SecretReference, Agent], SecretStr] | None:
        """What gives the value of a reference of an agent, where that is not for this machine to look up.

        A snapshot that a server sent has one: it takes the reference and the agent, asks the server, and raises
        SecretUnavailable. None for a tree of this machine's own, whose references are resolved here.
        """
        return self._facts.reveal

    def resolve(self, agent_id: str) -> Agent:
        """The agent; else the tree's default agent; else, where the tree declares no providers, the machine's model.

        Raises AgentDisabled for an agent that is switched off, and AgentNotFound where the chain ends.
        """
        if agent_id in self:
            return self[agent_id]
        if agent_id not in self._facts.disabled and agent_id not in self._facts.refused:
            default = self._facts.default_agent
            if default is not None and default in self:
                return self[default]
            last = self._fallback() if default is None else None
            if last is not None:
                return last
        return self._refuse_id(agent_id)

    def explain(self, agent_id: str, key: str) -> Explanation:
        """Which layers say something of a key such as `llm.temperature`, and which one won.

        Raises AgentNotFound, KeyNotFound, and ValueError where `key` is no key.
        """
        parse(key)
        return self._explain(agent_id, key)

    def _refuse_id(self, agent_id: object) -> NoReturn:
        facts = self._facts
        if agent_id in facts.disabled:
            raise AgentDisabled(f"the agent '{agent_id}' is disabled (enabled: false)")
        if agent_id in facts.refused:
            errors = [finding for finding in facts.diagnostics if finding.is_error]
            findings = [one for one in errors if one.agent == agent_id] or [one for one in errors if one.agent is None]
            why = f": {findings[0]}" if findings else ""
            raise AgentNotFound(f"the agent '{agent_id}' is not served, since it has errors{why}")
        hint = did_you_mean(str(agent_id), self)
        raise AgentNotFound(f"there is no agent '{agent_id}'" + (f"; {hint}" if hint else ""))

    def require_valid(self) -> Snapshot:
        """This snapshot. Raises InvalidConfig where it has errors; a broken lock is one of the review alone."""
        if any(finding.is_error and finding.code != BROKEN_LOCK.code for finding in self.diagnostics):
            raise InvalidConfig(self.diagnostics)
        return self
