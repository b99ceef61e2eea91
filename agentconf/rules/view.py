"""An agent as rules see it: resolved, with every model that it may call and what is known about each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from agentconf.catalogue.facts import Facts
from agentconf.config.merge import provider_of
from agentconf.config.resolve import Resolved, Resolver
from agentconf.config.subject import Subject
from agentconf.diagnostic import Diagnostic, Rule
from agentconf.keypath import ABSENT, KeyPath, look_up, render
from agentconf.rules.outlook import RETIRING_DAYS, Knowledge, cost_of

_SELF_NAMED: Final = frozenset(
    "azure azure_ai azure_text bedrock_mantle custom custom_openai docker_model_runner hosted_vllm huggingface "
    "infinity litellm_proxy llamafile lm_studio ollama ollama_chat openai_like oobabooga petals sagemaker "
    "sagemaker_chat triton vllm xinference".split()
)
"""Provider types at which the operator gives models their names: a deployment, or a machine of one's own."""


@dataclass(slots=True)
class Entry:
    """One model that an agent may call: its place in the resolved agent, what is said there, and what is known."""

    path: KeyPath
    config: dict[str, Any]
    model: str
    provider: str
    provider_type: str
    connection: dict[str, Any] | None
    facts: Facts | None
    cost: float | None
    """Input and output together, to compare by: US dollars for a million tokens of each. None is unknown, 0 is free."""

    @property
    def is_fallback(self) -> bool:
        return "fallbacks" in self.path

    @property
    def is_named_by_operator(self) -> bool:
        """Whether the name is the operator's own, so that no catalogue need know it."""
        address = (self.connection or {}).get("api_base") or self.config.get("api_base")
        return bool(address) or self.provider_type in _SELF_NAMED


@dataclass
class AgentView(Subject):
    """What a rule about a resolved agent is handed."""

    resolver: Resolver
    agent: Resolved
    knowledge: Knowledge

    @property
    def config(self) -> dict[str, Any]:
        return self.agent.config

    @cached_property
    def chains(self) -> list[list[Entry]]:
        """The entries in service, the primary first: of `llm`, and of each variant that differs from it."""
        own = self._chain(("llm",), self.config.get("llm") or {})
        chains = [own]
        for name, variant in (self.config.get("variants") or {}).items():
            llm = variant.get("llm") or {}
            if llm != self.config.get("llm"):
                chains.append(self._chain(("variants", name, "llm"), llm))
        return chains

    @cached_property
    def entries(self) -> list[Entry]:
        """Every entry in service once; a variant's only where it is none of those before."""
        if len(self.chains) == 1:
            return self.chains[0]
        found: list[Entry] = []
        for chain in self.chains:
            found.extend(entry for entry in chain if all(entry.config != known.config for known in found))
        return found

    @property
    def primary(self) -> Entry | None:
        """The first entry in service."""
        return self.chains[0][0] if self.chains[0] else None

    def successor_finding(self, rule: Rule, entry: Entry, message: str) -> Diagnostic:
        """A finding about a model that goes, with the one that takes its place where that is known.

        It may be written without asking where it is another model that stays, of a provider that is declared.
        """
        successor = self._lasting_successor(entry)
        hint = f"use '{successor}'" if successor else f"see 'agentconf models recommend --for {self.agent.id}'"
        found = self.finding(rule, (*entry.path, "model"), message, hint)
        declared = self.config.get("providers") or {}
        is_reached = successor and (not self.is_provided or provider_of(successor) in declared)
        return replace(found, fixable=True, replacement=successor) if is_reached else found

    def _lasting_successor(self, entry: Entry) -> str | None:
        """The first successor that does not go itself; None where each goes, or they lead back."""
        facts, passed = entry.facts, {entry.model}
        while facts is not None and facts.successor and facts.successor not in passed:
            name = facts.successor
            passed.add(name)
            facts, _ = self.knowledge.facts(name, self._type_of(provider_of(name)))
            if facts is None or facts.retires is None or (facts.retires - self.knowledge.today).days > RETIRING_DAYS:
                return name
        return None

    def key_finding(self, rule: Rule, path: KeyPath, message: str, hint: str) -> Diagnostic:
        """A finding on the key of a mapping that several layers may have written: of the highest that did."""
        for layer in reversed(list(self.resolver.layers(self.agent.agent_file))):
            if layer.document is not None and look_up(layer.config, path) is not ABSENT:
                span = layer.document.key_span((*layer.path, *path))
                return Diagnostic(
                    rule, message, layer.document.file, span, render(path), self.agent.id, self.agent.environment, hint
                )
        return self.own_finding(rule, path, message, hint)

    def _chain(self, path: KeyPath, llm: dict[str, Any]) -> list[Entry]:
        return [
            self._entry(at, entry)
            for at, entry in _places(path, llm)
            if entry.get("model") and entry.get("enabled") is not False
        ]

    def _entry(self, path: KeyPath, entry: dict[str, Any]) -> Entry:
        model = entry["model"]
        provider = provider_of(model)
        connection = (self.config.get("providers") or {}).get(provider)
        named = self._type_of(provider)
        facts, cost = self.knowledge.facts(model, named)
        if "cost" in entry:
            cost = cost_of(facts, entry["cost"])
        return Entry(path, entry, model, provider, named, connection, facts, cost)

    def _type_of(self, provider: str) -> str:
        connection = (self.config.get("providers") or {}).get(provider)
        return (connection.get("type") if connection else None) or provider


def _places(path: KeyPath, llm: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    yield path, llm
    for index, fallback in enumerate(llm.get("fallbacks") or ()):
        yield (*path, "fallbacks", index), fallback
