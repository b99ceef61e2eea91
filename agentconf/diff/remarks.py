"""What is newly found in the text of files, and in a tree as a whole; or no longer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from agentconf import pipeline
from agentconf.diagnostic import Diagnostic
from agentconf.diff.change import Cause, Change
from agentconf.diff.findings import failing, gone, is_silenced, sameness
from agentconf.diff.judged_by_base import judged_by
from agentconf.diff.meanings.said import Said
from agentconf.pipeline import Draft
from agentconf.rules import delegation_cycle, disabled_default_agent, disabled_delegate
from agentconf.rules.every import TreeRule
from agentconf.rules.leniency import Leniency
from agentconf.rules.outlook import Knowledge, Outlook
from agentconf.rules.review import remarked
from agentconf.rules.seen import Seen, Whole
from agentconf.source import layout
from agentconf.source.tree import Tree

_RULES: Final[tuple[TreeRule, ...]] = (delegation_cycle, disabled_default_agent, disabled_delegate)
"""Those that can be asked although agents that nothing touches were not looked at."""


def text_changes(base: Draft, head: Draft, paths: Iterable[str], outlook: Outlook) -> Iterator[Change]:
    """What the text of some files, and of the prompts that they name, gives to find on one side alone."""
    listed = list(paths)
    found = []
    for draft in (base, head):
        documents = [draft.inspected[path] for path in listed if path in draft.inspected]
        found.append(remarked(draft.config, documents, outlook).findings)
    yield from _on_one_side((base, head), found, {})


@dataclass(frozen=True, slots=True)
class Wholes:
    """Both trees, and what was seen of their agents in these environments. `drafts` are those of the whole trees."""

    trees: tuple[Tree, Tree]
    drafts: tuple[Draft, Draft] | None
    seen: tuple[Seen, Seen]
    environments: tuple[str | None, ...]
    outlook: Outlook
    is_judged_by_base: bool


def tree_changes(wholes: Wholes, changes: Iterable[Change]) -> Iterator[Change]:
    """The same of each tree as a whole. `changes` are those of the agents, one of which may be what caused it."""
    found = [_raw(wholes, at) for at in (0, 1)]
    if not any(found):
        return
    named = {wholes.trees[at].below(one.file) for at in (0, 1) for one in found[at]}
    drafts = [_draft(wholes, at, named) for at in (0, 1)]
    if wholes.is_judged_by_base:
        drafts[1] = judged_by(drafts[0], drafts[1])
    weighed = [Leniency(draft.config).weighed(one) for draft, one in zip(drafts, found, strict=True)]
    switched = {str(one.agent): one.cause for one in changes if one.key == "enabled" and one.cause is not None}
    yield from _on_one_side((drafts[0], drafts[1]), weighed, switched)


def _draft(wholes: Wholes, at: int, named: Iterable[str] = ()) -> Draft:
    """The draft of the shared layers and of the files `named`."""
    tree = wholes.trees[at]
    shared = (path for path in tree.files if not layout.is_agent(path))
    paths = [path for path in dict.fromkeys((*shared, *named)) if path in tree.files]
    return pipeline.part(wholes.drafts[at], paths) if wholes.drafts else pipeline.draft(tree, paths)


def _raw(wholes: Wholes, at: int) -> list[Diagnostic]:
    draft = wholes.drafts[at] if wholes.drafts else _draft(wholes, at)
    config = draft.config
    whole = Whole(wholes.trees[at], Knowledge(config, wholes.outlook), wholes.seen[at], wholes.environments)
    return [one for rule in _RULES for one in rule.check_tree(whole)]


def _on_one_side(
    drafts: tuple[Draft, Draft], found: list[list[Diagnostic]], switched: Mapping[str, Cause]
) -> Iterator[Change]:
    for one in _beyond(found[1], found[0]):
        yield _change(failing(one), switched)
    for one in _beyond(found[0], found[1]):
        yield _change(gone(one, is_silenced=is_silenced(*drafts, one)), switched)


def _beyond(some: list[Diagnostic], others: list[Diagnostic]) -> Iterator[Diagnostic]:
    """Those of which the others have fewer; the lines do not matter."""
    known = Counter(map(sameness, others))
    for one in some:
        if known[sameness(one)]:
            known[sameness(one)] -= 1
        else:
            yield one


def _change(said: Said, switched: Mapping[str, Cause]) -> Change:
    """By the line that switched an agent on or off, where the finding is about that one."""
    finding = said.finding
    assert finding is not None
    named = [cause for name, cause in switched.items() if f"'{name}' is disabled" in finding.message]
    cause = named[0] if named else Cause(finding.file, finding.span.line)
    return Change(finding.agent, None, "changed", finding.key, None, None, cause, (said.meaning,))
