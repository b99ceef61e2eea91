"""What a review compares: some files of both trees, drafted. What is drafted already is not parsed again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agentconf import pipeline
from agentconf.diff.parts import changed_paths, has_same_schema, prompt_of
from agentconf.pipeline import Draft
from agentconf.rules.seen import Seen
from agentconf.source import layout
from agentconf.source.tree import Tree


@dataclass(frozen=True, slots=True)
class Drafts:
    """Both sides, and the paths of the files and of the prompts in which they differ."""

    base: Draft
    head: Draft
    files: set[str]
    prompts: set[str]


@dataclass(frozen=True, slots=True)
class Known:
    """The draft of a whole tree, and what was seen of its agents in every environment that it checks."""

    draft: Draft
    seen: Seen


def drafts_of(base: Tree, head: Tree, paths: list[str], known: tuple[Known, Known] | None = None) -> Drafts:
    """Both trees at some paths."""
    files = changed_paths(base, head)
    if known is not None:
        wanted = set(paths)
        before = pipeline.part(known[0].draft, paths)
        after = pipeline.part(known[1].draft, [path for path in head.files if path in wanted])
        return Drafts(before, after, files, _changed_prompts(before, head))
    before = pipeline.draft(base, [path for path in paths if path in base.files])
    prompts = _changed_prompts(before, head)
    if base.shown_as == head.shown_as:
        after = pipeline.redraft(before, head, (files | prompts) & {*paths, *before.config.prompt_paths})
    else:
        after = pipeline.draft(head, [path for path in paths if path in head.files])
    return Drafts(before, after, files, prompts)


def telling(paths: list[str], known: tuple[Known, Known]) -> list[str]:
    """Of the files that a review would read, those that may have something to tell.

    While agents alone differ, none of which is a prompt, too, an agent that is the same has nothing to tell; unless
    something was found in its file, which is said of a side whatever differs, it excuses something, or agents come and
    go that it may delegate to. Whom it delegates to, and whether it is switched off, is known already.
    """
    base, head = (one.draft for one in known)
    changed = changed_paths(base.tree, head.tree)
    is_of_agents = all(map(layout.is_agent, changed)) and base.config.prompt_paths.isdisjoint(changed)
    if not is_of_agents or not _has_same_surroundings(base.tree, head.tree):
        return paths
    told = {mark for draft in (base, head) for mark in _marked(draft)}
    if base.config.agent_ids != head.config.agent_ids:
        told |= {name for one in known for agents in one.seen.delegating.values() for name in agents}
    return [path for path in paths if path in changed or _speaks(path, base, told)]


def _changed_prompts(base: Draft, head: Tree) -> set[str]:
    """Prompts are no files of the tree: they are read because an agent names them."""
    if base.tree.open_prompt is head.open_prompt:
        return set()
    return {path for path in base.config.prompt_paths if prompt_of(base.tree, path) != prompt_of(head, path)}


def _has_same_surroundings(base: Tree, head: Tree) -> bool:
    is_same = base.faults == head.faults and base.open_prompt is head.open_prompt
    return is_same and has_same_schema(base, head)


def _marked(draft: Draft) -> Iterator[str | None]:
    """The files and ids of agents of which something was found, and the files that excuse something."""
    for finding in draft.findings:
        yield from (finding.file, finding.agent)
    yield from draft.config.excuses


def _speaks(path: str, draft: Draft, told: set[str | None]) -> bool:
    seen = draft.inspected.get(path)
    return seen is None or seen.agent is None or seen.document.file in told or seen.agent.id in told
