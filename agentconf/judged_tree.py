"""A tree that was judged, and what becomes of it: where few files differ, what they touch is judged, and nothing else.

`validation.validate` judges a tree once and forgets it. Who judges one tree after another, each a file from the one
before, keeps what was found: as much as one tree, and of most agents the errors alone. The law is that the same is said
as by `validate`; what cannot be told apart for certain is judged anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from agentconf import pipeline
from agentconf.config.lineage import extended
from agentconf.config.tree import AgentFile
from agentconf.diagnostic import Diagnostic, in_order, joined
from agentconf.document.excuses import Excuse
from agentconf.pipeline import Draft, Judge
from agentconf.rules.outlook import Knowledge, Outlook
from agentconf.rules.review import Remarks, concluded, texts_remarked
from agentconf.rules.seen import Delegating, Seen, Whole
from agentconf.snapshot.digest import tree_digest
from agentconf.source import layout
from agentconf.source.tree import Tree
from agentconf.validation import Validation


class View(NamedTuple):
    """How a tree is judged. `said` tells one outlook from another; `file`, as findings name it, is the edited one."""

    outlook: Outlook
    said: tuple[str, ...]
    file: str | None = None

    def keeps(self, finding: Diagnostic) -> bool:
        """Whether anybody will ask for a finding: errors are asked for, and whatever is said of the edited file."""
        return finding.is_error or finding.file == self.file


@dataclass(frozen=True, slots=True)
class Found:
    """What is kept of one agent in one environment, or of the text of one file.

    `digest` is empty where the agent must not be served as it is; `delegating` and `is_disabled` as `Seen` has them.
    """

    findings: tuple[Diagnostic, ...] = ()
    used: frozenset[Excuse] = frozenset()
    digest: str = ""
    delegating: Delegating | None = None
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class InEnvironment:
    """One environment: what holds of the draft there, and each agent by its id, unless it cannot be resolved."""

    findings: tuple[Diagnostic, ...]
    used: frozenset[Excuse]
    spoilt: frozenset[str]
    agents: dict[str, Found]


@dataclass(frozen=True)
class JudgedTree:
    """A draft with what was found in it; `texts` by the paths of the files."""

    draft: Draft
    view: View
    checked: tuple[str | None, ...]
    environments: dict[str | None, InEnvironment]
    texts: dict[str, Found]

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What `validate` says, without the warnings about other files than the edited one."""
        in_each = (in_order(self._found_in(environment)) for environment in self.environments.values())
        found = joined(chain.from_iterable(in_each), self.checked)
        elsewhere = (one for one in self.draft.findings if one.environment not in {None, *self.checked})
        texts = chain.from_iterable(one.findings for one in self.texts.values())
        said = chain(elsewhere, found, texts, self._conclusions())
        return joined(filter(self.view.keeps, said), self.checked)

    @cached_property
    def seen(self) -> Seen:
        """What rules about the whole tree need to know of its agents."""
        seen = Seen()
        for agent in self.draft.config.agents.values():
            seen.note_profiles(extended(agent.document.value), self.draft.config)
        for name, environment in self.environments.items():
            for agent_id, found in environment.agents.items():
                if found.delegating is not None:
                    seen.delegating.setdefault(name, {})[agent_id] = found.delegating
                if found.is_disabled:
                    seen.disabled.setdefault(name, set()).add(agent_id)
        return seen

    def validation(self, diagnostics: tuple[Diagnostic, ...]) -> Validation:
        """The outcome with these diagnostics."""
        tree, config = self.draft.tree, self.draft.config
        digests = {}
        for name in self.checked:
            agents = self.environments[name].agents
            served = {agent_id: found.digest for agent_id, found in agents.items() if found.digest}
            digests[name] = tree_digest(served, config.settings.default_agent)
        count = sum(layout.is_agent(path) for path in tree.files)
        prompts = tuple(sorted(config.prompt_paths))
        return Validation(tree.shown_as, len(tree.files), count, self.checked, digests, diagnostics, prompts)

    def advanced(self, draft: Draft, changed: Collection[str], view: View) -> JudgedTree:
        """The same of a draft that `redraft` made of this one, for a tree that differs in these files and prompts."""
        is_same_world = view.said == self.view.said and _touches_agents_alone(self.draft, draft, changed)
        return _judged(draft, view, self if is_same_world else None)

    def _found_in(self, environment: InEnvironment) -> Iterator[Diagnostic]:
        yield from filter(self.view.keeps, environment.findings)
        for found in environment.agents.values():
            if found.findings:
                yield from filter(self.view.keeps, found.findings)

    def _conclusions(self) -> Iterator[Diagnostic]:
        draft = self.draft
        remarks = Remarks(seen=self.seen)
        remarks.excuses.update(*(one.excuses for one in draft.inspected.values() if one.excuses))
        for environment in self.environments.values():
            remarks.used |= environment.used
            remarks.used.update(*(found.used for found in environment.agents.values() if found.used))
        remarks.used.update(*(found.used for found in self.texts.values() if found.used))
        shared = pipeline.part(draft, [path for path in draft.inspected if not layout.is_agent(path)])
        whole = Whole(draft.tree, Knowledge(shared.config, self.view.outlook), self.seen, self.checked)
        return concluded(whole, remarks, is_complete=True)


def judged_tree(tree: Tree, view: View) -> JudgedTree:
    """A whole tree, judged."""
    return _judged(pipeline.draft(tree), view, None)


def _touches_agents_alone(before: Draft, after: Draft, changed: Collection[str]) -> bool:
    """Whether what differs are agents' files, and prompts that agents alone name: who names one is drafted anew."""
    one, other = before.tree, after.tree
    if (one.faults, one.metadata_schema, one.shown_as) != (other.faults, other.metadata_schema, other.shown_as):
        return False
    old, new = before.inspected, after.inspected
    files = {path for path in changed if path in one.files or path in other.files}
    files |= {path for path, seen in new.items() if old.get(path) is not seen} | (old.keys() - new.keys())
    return all(map(layout.is_agent, files))


def _judged(draft: Draft, view: View, before: JudgedTree | None) -> JudgedTree:
    checked = draft.config.checked_environments
    texts = _texts(draft, view, before)
    judges = {name: Judge(draft, name, outlook=view.outlook) for name in checked}
    made = {name: _begun(judge, before) for name, judge in judges.items()}
    has_other_ids = before is None or before.draft.config.agent_ids != draft.config.agent_ids
    for agent in _candidates(draft, before):
        touched = [
            name
            for name, judge in judges.items()
            if before is None or _may_differ(agent, judge, before, has_other_ids=has_other_ids)
        ]
        for name in touched:
            one = _found(judges[name], agent, view)
            if one is None:
                made[name].agents.pop(agent.id, None)
            else:
                made[name].agents[agent.id] = one
        if touched:
            agent.document.forget_positions()
    return JudgedTree(draft, view, checked, made, texts)


def _candidates(draft: Draft, before: JudgedTree | None) -> Iterable[AgentFile]:
    agents = draft.config.agents
    return agents.values() if before is None or draft.exchanged is None else [agents[name] for name in draft.exchanged]


def _begun(judge: Judge, before: JudgedTree | None) -> InEnvironment:
    """What the draft itself gives in an environment, and what was known of the agents that are still there."""
    known = before.environments[judge.environment].agents if before is not None else {}
    agents = {name: one for name, one in known.items() if name in judge.config.agents}
    used = frozenset(judge.leniency.used)
    return InEnvironment(tuple(judge.findings), used, frozenset(judge.spoilt), agents)


def _may_differ(agent: AgentFile, judge: Judge, before: JudgedTree, *, has_other_ids: bool) -> bool:
    """Whether an agent may be judged otherwise than before, where nothing but agents' files differs.

    Another file may have the id now, or a finding may say that it cannot be used; and where agents come or go, it may
    delegate to one of them.
    """
    known = before.environments[judge.environment]
    if before.draft.config.agents.get(agent.id) is not agent:
        return True
    if (agent.id in judge.spoilt) != (agent.id in known.spoilt):
        return True
    found = known.agents.get(agent.id) if has_other_ids else None
    return found is not None and found.delegating is not None


def _found(judge: Judge, agent: AgentFile, view: View) -> Found | None:
    """None where the agent cannot be resolved: then nothing is said of it here."""
    seen, used = judge.seen, judge.leniency.used = Seen(), set[Excuse]()
    judged = judge.agent(agent)
    delegating = seen.delegating.get(judge.environment, {}).get(agent.id)
    is_disabled = bool(seen.disabled)
    if judged.resolved is None and not judged.findings and not used:
        return None
    kept = tuple(filter(view.keeps, judged.findings))
    return Found(kept, frozenset(used), judged.digest, delegating, is_disabled)


def _texts(draft: Draft, view: View, before: JudgedTree | None) -> dict[str, Found]:
    """What is said of the text of each file; a file has the same to say for as long as it is the same document."""
    known = before.draft.inspected if before is not None else {}
    anew = [one for path, one in draft.inspected.items() if known.get(path) is not one]
    found = {}
    for one, findings, used in texts_remarked(draft.config, anew, view.outlook):
        found[one.document.path] = Found(tuple(filter(view.keeps, findings)), frozenset(used))
        one.document.forget_positions()
    old = before.texts if before is not None else {}
    return {path: found[path] if path in found else old[path] for path in draft.inspected}
