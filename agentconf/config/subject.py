"""An agent that is judged: what is found is said on the line that wrote it, whichever file that is."""

from __future__ import annotations

from dataclasses import dataclass

from agentconf.config.provenance import place_of
from agentconf.config.resolve import Resolved, Resolver
from agentconf.diagnostic import Diagnostic, Rule
from agentconf.keypath import KeyPath, render


@dataclass(slots=True)
class Subject:
    """An agent that is judged, with what it takes to find where its values were written."""

    resolver: Resolver
    agent: Resolved

    @property
    def is_provided(self) -> bool:
        """Whether a layer of the agent declares providers, even where a higher one has cleared them all."""
        if self.agent.config.get("providers"):
            return True
        layers = self.resolver.layers(self.agent.agent_file) if self.resolver.tree.declares_providers else ()
        return any(entry is not None for layer in layers for entry in (layer.config.get("providers") or {}).values())

    def finding(self, rule: Rule, path: KeyPath, message: str, hint: str | None) -> Diagnostic:
        """A finding on the line that wrote a value, whichever file that is."""
        agent = self.agent
        file, span = place_of(self.resolver, agent, path)
        if span is None:
            span = agent.agent_file.document.value_span(())
        return Diagnostic(rule, message, file, span, render(path) or None, agent.id, agent.environment, hint)

    def own_finding(self, rule: Rule, path: KeyPath, message: str, hint: str | None) -> Diagnostic:
        """A finding about what nobody wrote: on the agent's own file."""
        agent = self.agent
        span = agent.agent_file.document.value_span(path)
        return Diagnostic(rule, message, agent.file, span, render(path) or None, agent.id, agent.environment, hint)
