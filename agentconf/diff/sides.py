"""The two sides of a comparison: one tree each, in one environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from agentconf.config.provenance import place_of
from agentconf.config.resolve import Resolved
from agentconf.config.tree import AgentFile
from agentconf.diagnostic import START, Diagnostic, Rule
from agentconf.diff.change import Cause
from agentconf.keypath import KeyPath, render
from agentconf.pipeline import Draft, Judge
from agentconf.rules.outlook import Knowledge, Outlook
from agentconf.rules.seen import Seen
from agentconf.rules.view import AgentView


class _Unplaced(AgentView):
    """An agent of which it only counts what is found."""

    def finding(self, rule: Rule, path: KeyPath, message: str, hint: str | None) -> Diagnostic:
        agent = self.agent
        return Diagnostic(rule, message, agent.file, START, render(path) or None, agent.id, agent.environment, hint)

    own_finding = key_finding = finding


@dataclass
class Side:
    """One tree in one environment; each agent is resolved when it is asked for, once.

    `changed` are the files, as they are shown, that the other side does not have, or has otherwise;
    `changed_prompts` the same of prompts, by their paths in the tree.
    """

    draft: Draft
    environment: str | None
    outlook: Outlook
    changed: frozenset[str] = frozenset()
    changed_prompts: frozenset[str] = frozenset()
    _resolved: dict[str, Resolved | None] = field(default_factory=dict)
    _mentioned: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def judge(self) -> Judge:
        return Judge(self.draft, self.environment, outlook=self.outlook)

    @property
    def agents(self) -> dict[str, AgentFile]:
        return self.draft.config.agents

    @cached_property
    def knowledge(self) -> Knowledge:
        sense = self.judge.sense
        assert sense is not None  # an outlook is always given
        return sense.knowledge

    def resolved(self, name: str) -> Resolved | None:
        """The agent; None where there is none, or none that can be used."""
        if name not in self._resolved:
            agent = self.agents.get(name)
            self._resolved[name] = self.judge.resolved(agent) if agent is not None else None
        return self._resolved[name]

    def seen(self) -> Seen:
        """What rules about the whole tree need to know of the agents here."""
        seen = Seen()
        for name in self.agents:
            resolved = self.resolved(name)
            if resolved is not None:
                seen.note(resolved)
        return seen

    def findings(self, name: str) -> tuple[Diagnostic, ...]:
        """What makes no sense, or is wrong, in an agent here."""
        resolved = self.resolved(name)
        return () if resolved is None else self.judge.found(resolved)

    def findings_somewhere(self, name: str) -> tuple[Diagnostic, ...]:
        """The same without their places, which take most of the time to find; unless they decide what is excused."""
        resolved = self.resolved(name)
        found = () if resolved is None else self.judge.found(resolved, _Unplaced)
        if self._excused and any({one.rule.name, one.rule.alias} & self._excused for one in found):
            return self.findings(name)
        return found

    @cached_property
    def _excused(self) -> frozenset[str | None]:
        """The rules and policies that some excuse of the tree names."""
        return frozenset(name for group in self.draft.config.excuses.values() for one in group for name in one.names)

    def view(self, name: str) -> AgentView | None:
        """The agent with its models and what is known of them."""
        resolved = self.resolved(name)
        return None if resolved is None else AgentView(self.judge.resolver, resolved, self.knowledge)

    def mentions(self, text: str) -> bool:
        """Whether a file that holds in this environment has a text; asked of references to secrets, few and short."""
        if text not in self._mentioned:
            own = self.draft.config.environments.get(self.environment or "")
            files = self.draft.tree.files.items()
            self._mentioned[text] = any(
                text.encode() in data
                for path, data in files
                if not path.startswith("_environments/") or (own is not None and path == own.path)
            )
        return self._mentioned[text]

    def place(self, name: str, path: KeyPath) -> Cause | None:
        """The line that wrote a value."""
        resolved = self.resolved(name)
        if resolved is None:
            return None
        file, span = place_of(self.judge.resolver, resolved, path)
        return Cause(file, span.line if span else 1)


@dataclass(frozen=True, slots=True)
class Pair:
    """One agent on both sides, in one environment. None where it is not there."""

    name: str
    environment: str | None
    before: AgentView | None
    after: AgentView | None
    mentions: Callable[[str], bool] = field(default=lambda text: False)
    """Whether the base names a reference to a secret in this environment, be it for another agent."""
