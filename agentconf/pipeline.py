"""The whole tool on one page: read, parse, check, resolve, judge, seal.

    bytes -> documents -> config tree -> resolved agents -> verdict -> snapshot

CI, the editor, the loader at start and at reload all run this. Nothing here prints, knows the time or the machine.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from agentconf.config import sense
from agentconf.config.check import check
from agentconf.config.layers import Layer
from agentconf.config.resolve import Resolved, Resolver
from agentconf.config.tree import AgentFile, ConfigTree
from agentconf.diagnostic import Diagnostic, in_order, joined
from agentconf.document.build import Lexicon
from agentconf.document.document import Document
from agentconf.document.parse import parse
from agentconf.errors import UnknownEnvironment
from agentconf.snapshot.digest import agent_digest, tree_digest
from agentconf.source.tree import Tree
from agentconf.suggest import did_you_mean

Progress: TypeAlias = Callable[[int], None]


@dataclass(slots=True)
class Draft:
    """A tree that was read, parsed and checked; no environment chosen yet."""

    tree: Tree
    config: ConfigTree
    findings: list[Diagnostic]


@dataclass(slots=True)
class Verdict:
    """One environment: what was found, each agent's digest, and the agents that must not be served as they are."""

    environment: str | None
    findings: tuple[Diagnostic, ...]
    digests: dict[str, str]
    default_agent: str | None
    refused: frozenset[str]
    disabled: frozenset[str]

    @property
    def digest(self) -> str:
        """The digest of the whole environment."""
        return tree_digest(self.digests, self.default_agent)


def draft(tree: Tree, paths: Iterable[str] | None = None, progress: Progress | None = None) -> Draft:
    """Parse and check: everything that does not depend on the environment; of the whole tree, or of some of its files.

    `progress` is told, now and then, how many files are done.
    """
    config, findings = check(tree, parse_all(tree, tree.files if paths is None else paths, progress))
    return Draft(tree, config, findings)


def parse_all(tree: Tree, paths: Iterable[str], progress: Progress | None = None) -> Iterator[Document]:
    """The documents at some paths of a tree."""
    lexicon = Lexicon()
    for count, path in enumerate(paths):
        if progress is not None and count % 256 == 0:
            progress(count)
        yield parse(path, tree.shown(path), tree.files[path], lexicon)


def judge(
    draft: Draft,
    environment: str | None,
    keep: Callable[[Resolved, Resolver], None] | None = None,
    machine: tuple[Layer, ...] = (),
) -> Verdict:
    """Resolve every agent in one environment and say what is wrong. `keep` is handed each agent that may be served.

    Raises UnknownEnvironment.
    """
    require_environment(draft.config, environment)
    resolver = Resolver(draft.config, environment)
    serving = Resolver(draft.config, environment, machine) if machine else resolver
    findings = [finding for finding in draft.findings if finding.environment in {None, environment}]
    refused = {finding.agent for finding in findings if finding.agent and finding.is_error and finding.rule.refuses}
    digests: dict[str, str] = {}
    disabled: set[str] = set()
    for agent in draft.config.agents.values():
        if agent.id in refused or not _is_usable(draft.config, agent, environment):
            refused.add(agent.id)
            continue
        resolved = resolver.resolve(agent)
        found = list(sense.findings(resolver, resolved))
        findings.extend(found)
        if any(finding.is_error and finding.rule.refuses for finding in found):
            refused.add(agent.id)
            continue
        digests[agent.id] = agent_digest(resolved.config)
        if not resolved.enabled:
            disabled.add(agent.id)
        if keep is not None:
            keep(resolved if serving is resolver else serving.resolve(agent), serving)
    default = draft.config.settings.default_agent
    return Verdict(environment, in_order(findings), digests, default, frozenset(refused), frozenset(disabled))


def _is_usable(config: ConfigTree, agent: AgentFile, environment: str | None) -> bool:
    """Whether every document that the agent is made of can be used."""
    if config.settings.is_newer:
        return False
    return not config.unusable or config.unusable.isdisjoint(
        document.path for document in config.documents_of(agent, environment)
    )


def require_environment(config: ConfigTree, environment: str | None) -> None:
    """Raises UnknownEnvironment where the tree does not have it."""
    known = config.known_environments
    if environment is not None and environment not in known and config.settings.is_readable:
        names = ", ".join(sorted(known))
        hint = did_you_mean(environment, known) or (f"it has {names}" if names else "it has none")
        raise UnknownEnvironment(f"this tree has no environment '{environment}': {hint}")


def join(verdicts: Iterable[Verdict], asked: Iterable[str | None]) -> tuple[Diagnostic, ...]:
    """The findings of several environments, each said once."""
    return joined((finding for verdict in verdicts for finding in verdict.findings), asked)


@contextmanager
def bulk() -> Iterator[None]:
    """Suspends the cyclic garbage collector: a load makes many objects, none in cycles, and walking them takes long."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            # into the oldest generation in one step; else the next allocation would walk all that was made
            if not gc.get_freeze_count():  # what the application froze stays frozen
                gc.freeze()
                gc.unfreeze()
            gc.enable()
