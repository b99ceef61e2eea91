"""What is noted of each agent, so that rules about the whole tree can be asked when all were seen."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentconf.config.lineage import lineage
from agentconf.config.resolve import Resolved
from agentconf.config.tree import ConfigTree
from agentconf.diagnostic import START, Diagnostic, Rule
from agentconf.document.build import Lexicon
from agentconf.document.parse import parse
from agentconf.keypath import KeyPath, render
from agentconf.rules.outlook import Knowledge
from agentconf.source.layout import is_agent
from agentconf.source.tree import Tree


@dataclass(frozen=True, slots=True)
class Delegating:
    """An agent that delegates: its file's path in the tree, and the ids that it names."""

    path: str
    names: tuple[str, ...]


@dataclass(slots=True)
class Seen:
    """Plain data, and small: the parts of a large tree are judged in processes of their own.

    `delegating` and `disabled` are by environment, then by id.
    """

    profiles: set[str] = field(default_factory=set)
    delegating: dict[str | None, dict[str, Delegating]] = field(default_factory=dict)
    disabled: dict[str | None, set[str]] = field(default_factory=dict)

    def note(self, resolved: Resolved) -> None:
        """What rules about the whole tree need to know of one agent."""
        names = resolved.config.get("delegates")
        if names:
            found = Delegating(resolved.agent_file.document.path, tuple(names))
            self.delegating.setdefault(resolved.environment, {})[resolved.id] = found
        if not resolved.enabled:
            self.disabled.setdefault(resolved.environment, set()).add(resolved.id)

    def note_profiles(self, names: tuple[str, ...], config: ConfigTree) -> None:
        """The profiles that an agent takes, and those that they take."""
        if names and not self.profiles.issuperset(names):
            self.profiles.update(names, lineage(names, config.profiles))

    def join(self, other: Seen) -> None:
        """Add what another part of the tree has seen."""
        self.profiles |= other.profiles
        for environment, delegating in other.delegating.items():
            self.delegating.setdefault(environment, {}).update(delegating)
        for environment, disabled in other.disabled.items():
            self.disabled.setdefault(environment, set()).update(disabled)


@dataclass(frozen=True, slots=True)
class Whole:
    """A tree of which every agent was seen, in these environments."""

    tree: Tree
    knowledge: Knowledge
    seen: Seen
    environments: tuple[str | None, ...]

    @property
    def config(self) -> ConfigTree:
        return self.knowledge.config

    @property
    def has_agents(self) -> bool:
        return any(is_agent(path) for path in self.tree.files)

    def finding(
        self, rule: Rule, path: str, key: KeyPath, said: tuple[str, str | None], agent: str | None = None
    ) -> Diagnostic:
        """A finding (`said`: message and hint) on the value at a key of a file, which is parsed for it."""
        document = parse(path, self.tree.shown(path), self.tree.files[path], Lexicon())
        span = document.value_span(key) if key else START
        return Diagnostic(rule, said[0], document.file, span, render(key) or None, agent, hint=said[1])
