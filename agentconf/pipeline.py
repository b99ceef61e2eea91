"""The whole tool on one page: read, parse, check, resolve, judge, seal.

    bytes -> documents -> config tree -> resolved agents -> verdict -> snapshot

CI, the editor, the loader at start and at reload all run this. Nothing here prints, knows the time or the machine.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from agentconf.catalogue.lock import lock_findings
from agentconf.config import sense
from agentconf.config.check import Checked, exchanged
from agentconf.config.inspect import Inspected, inspect
from agentconf.config.layers import Layer
from agentconf.config.prompts import Prompts
from agentconf.config.resolve import Resolved, Resolver
from agentconf.config.tree import AgentFile, ConfigTree
from agentconf.diagnostic import Diagnostic, in_order
from agentconf.document.build import Lexicon
from agentconf.document.document import Document
from agentconf.document.excuses import Excuse
from agentconf.document.parse import parse
from agentconf.errors import UnknownEnvironment
from agentconf.progress import Progress, told
from agentconf.rules.engine import Sense
from agentconf.rules.leniency import Leniency
from agentconf.rules.outlook import Outlook
from agentconf.rules.seen import Seen
from agentconf.rules.view import AgentView
from agentconf.snapshot.digest import agent_digest, tree_digest
from agentconf.source import layout
from agentconf.source.layout import Kind, Place
from agentconf.source.tree import Tree
from agentconf.suggest import did_you_mean


@dataclass(slots=True)
class Draft:
    """A tree that was read, parsed and checked; no environment chosen yet."""

    tree: Tree
    config: ConfigTree
    findings: list[Diagnostic]
    inspected: dict[str, Inspected]
    lexicon: Lexicon
    exchanged: frozenset[str] | None = None
    """The agents whose files alone differ from the draft that this was made from; None where more may differ."""


@dataclass(slots=True)
class Verdict:
    """One environment: what was found, each agent's digest, and the agents that must not be served as they are."""

    environment: str | None
    findings: tuple[Diagnostic, ...]
    digests: dict[str, str]
    default_agent: str | None
    refused: frozenset[str]
    disabled: frozenset[str]
    seen: Seen = field(default_factory=Seen)
    used: frozenset[Excuse] = frozenset()

    @property
    def digest(self) -> str:
        """The digest of the whole environment."""
        return tree_digest(self.digests, self.default_agent)


def draft(tree: Tree, paths: Iterable[str] | None = None, progress: Progress | None = None) -> Draft:
    """Parse and check: everything that does not depend on the environment; of the whole tree, or of some of its files.

    `progress` is told, now and then, how many files are done.
    """
    lexicon = Lexicon()
    inspected = _inspected(tree, tree.files if paths is None else paths, lexicon, progress)
    return _assembled(tree, inspected, lexicon)


def part(whole: Draft, paths: Iterable[str]) -> Draft:
    """What `draft` gives of some of the files of a tree that is drafted already; nothing is parsed again."""
    inspected = {path: whole.inspected[path] for path in paths if path in whole.inspected}
    return _assembled(whole.tree, inspected, whole.lexicon)


def redraft(before: Draft, tree: Tree, changed: Collection[str], progress: Progress | None = None) -> Draft:
    """The draft of a tree that differs from another's in some files and prompts: only what they touch is done anew."""
    touched = {path for path in changed if path in tree.files}
    if not before.config.prompt_paths.isdisjoint(changed):
        touched |= {path for path, seen in before.inspected.items() if not set(seen.prompt_paths).isdisjoint(changed)}
    fresh = _inspected(tree, sorted(touched & tree.files.keys()), before.lexicon, progress)
    inspected = {**before.inspected, **fresh}
    is_alike = before.tree.faults == tree.faults and before.tree.metadata_schema == tree.metadata_schema
    if is_alike and _has_same_files(before, tree, changed):
        config = exchanged(before.config, [(before.inspected[path], seen) for path, seen in fresh.items()])
        if config is not None:
            if any(set(before.inspected[path].prompt_paths) - {*seen.prompt_paths} for path, seen in fresh.items()):
                config.prompt_paths = {prompt for seen in inspected.values() for prompt in seen.prompt_paths}
            are_agents = all(seen.agent is not None for seen in fresh.values())
            names = frozenset(seen.place.name for seen in fresh.values()) if are_agents else None
            return Draft(tree, config, before.findings, inspected, before.lexicon, names)
    inspected = {path: inspected[path] for path in tree.files if path in inspected}
    return _assembled(tree, inspected, before.lexicon, progress)


def _has_same_files(before: Draft, tree: Tree, changed: Collection[str]) -> bool:
    """Whether a tree that differs from a draft's in some paths has files at the same ones; few are looked at."""
    is_same = len(before.inspected) == len(tree.files) == len(before.tree.files)
    return is_same and all((path in tree.files) == (path in before.inspected) for path in changed)


def _assembled(
    tree: Tree, inspected: dict[str, Inspected], lexicon: Lexicon, progress: Progress | None = None
) -> Draft:
    checked = Checked(tree, inspected, progress)
    return Draft(tree, checked.config, checked.findings, inspected, lexicon)


def _inspected(
    tree: Tree, paths: Iterable[str], lexicon: Lexicon, progress: Progress | None = None
) -> dict[str, Inspected]:
    """Each document at some paths of a tree, looked at by itself."""
    prompts = Prompts(tree)
    inspected = {}
    for path in told(paths, progress):
        place = layout.place(path)
        if isinstance(place, Place) and place.kind is Kind.LOCK:
            inspected[path] = _locked(Document(path, tree.shown(path), tree.files[path], {}), place)
        elif isinstance(place, Place):
            document = parse(path, tree.shown(path), tree.files[path], lexicon)
            inspected[path] = inspect(document, place, prompts)
    return inspected


def _locked(document: Document, place: Place) -> Inspected:
    """The lock is JSON, and written by a program: as YAML it would take a hundred times as long."""
    return Inspected(document, place, list(lock_findings(document.data, document.file)))


def judge(
    draft: Draft,
    environment: str | None,
    keep: Callable[[Resolved, Resolver], None] | None = None,
    machine: tuple[Layer, ...] = (),
    outlook: Outlook | None = None,
) -> Verdict:
    """Resolve every agent in one environment and say what is wrong. `keep` is handed each agent that may be served.

    With an outlook, what makes no sense is said too. Raises UnknownEnvironment.
    """
    judge = Judge(draft, environment, machine, outlook)
    findings = list(judge.findings)
    digests: dict[str, str] = {}
    refused: set[str] = set(judge.spoilt)
    disabled: set[str] = set()
    for agent in draft.config.agents.values():
        judged = judge.agent(agent)
        findings.extend(judged.findings)
        if judged.resolved is None:
            refused.add(agent.id)
            continue
        digests[agent.id] = judged.digest
        if not judged.resolved.enabled:
            disabled.add(agent.id)
        if keep is not None:
            keep(judge.served(judged.resolved), judge.serving)
    default = draft.config.settings.default_agent
    said = in_order(findings)
    used = frozenset(judge.leniency.used)
    return Verdict(environment, said, digests, default, frozenset(refused), frozenset(disabled), judge.seen, used)


class Judged(NamedTuple):
    """One agent in one environment. `resolved` is None where it must not be served as it is."""

    resolved: Resolved | None
    findings: tuple[Diagnostic, ...] = ()
    digest: str = ""


class Judge:
    """Resolves and judges agents of a draft, one by one, in one environment. Raises UnknownEnvironment."""

    def __init__(
        self,
        draft: Draft,
        environment: str | None,
        machine: tuple[Layer, ...] = (),
        outlook: Outlook | None = None,
    ) -> None:
        require_environment(draft.config, environment)
        self.draft = draft
        self.config = draft.config
        self.environment = environment
        self.resolver = Resolver(draft.config, environment)
        self.serving = Resolver(draft.config, environment, machine) if machine else self.resolver
        self.leniency = Leniency(draft.config)
        self.sense = Sense(draft.config, outlook, self.leniency.off) if outlook else None
        self.seen = Seen()
        said = [finding for finding in draft.findings if finding.environment in {None, environment}]
        self.findings = self.leniency.weighed(said)
        self.spoilt = {one.agent for one in self.findings if one.agent and one.is_error and one.rule.refuses}

    def agent(self, agent: AgentFile) -> Judged:
        """The agent with the tree's layers, and what is wrong with it."""
        resolved = self.resolved(agent)
        if resolved is None:
            return Judged(None)
        found = self.found(resolved)
        if any(finding.is_error and finding.rule.refuses for finding in found):
            return Judged(None, found)
        return Judged(resolved, found, agent_digest(resolved.config))

    def resolved(self, agent: AgentFile) -> Resolved | None:
        """The agent with the tree's layers, unless something that it is made of cannot be used."""
        if agent.id in self.spoilt or not _is_usable(self.config, agent, self.environment):
            return None
        return self.resolver.resolve(agent)

    def found(self, resolved: Resolved, seen_as: type[AgentView] = AgentView) -> tuple[Diagnostic, ...]:
        """What is wrong with a resolved agent. `seen_as` says how findings get the places by which they are excused."""
        found = list(sense.findings(self.resolver, resolved))
        if self.sense is not None:
            found += self.sense.agent(self.resolver, resolved, seen_as)
            self.seen.note(resolved)
        return tuple(self.leniency.weighed(found)) if found else ()

    def served(self, resolved: Resolved) -> Resolved:
        """The same agent upon the machine's layers."""
        return resolved if self.serving is self.resolver else self.serving.resolve(resolved.agent_file)


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
