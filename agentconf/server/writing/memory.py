"""What is known of the newest commit: judged once, so that the next write costs what it touches.

It is as much as one tree takes. It holds for the commit that it was found in and for no other: where HEAD has moved
since, whoever moved it, what differs there is read and judged anew first.
"""

from __future__ import annotations

from collections.abc import Collection

from agentconf import pipeline
from agentconf.diff.parts import changed_paths
from agentconf.judged_tree import JudgedTree, View, judged_tree
from agentconf.live.installed import state_of_litellm
from agentconf.live.outlook import outlook_of_today
from agentconf.source.git.commit_tree import CommitTree
from agentconf.source.tree import Tree


def view_of_today() -> View:
    """What is known today about models."""
    outlook = outlook_of_today()
    return View(outlook, (outlook.today.isoformat(), state_of_litellm()))


class Memory:
    """For one writer at a time."""

    def __init__(self) -> None:
        self._known: JudgedTree | None = None
        self._prompts: dict[str, str | None] = {}

    def at(self, base: CommitTree, view: View) -> JudgedTree:
        """The tree of a commit, judged."""
        known = self._known
        if known is None:
            known = judged_tree(base.tree, view)
        else:
            changed = self._changed_prompts(known, base) | changed_paths(known.draft.tree, base.tree)
            known = edited(known, base.tree, changed, view)
        self.keep(known, base)
        return known

    def keep(self, known: JudgedTree, base: CommitTree) -> None:
        """From now on this is what is known: the tree of a commit, or of one that follows it and has its prompts."""
        self._known = known
        self._prompts = {path: base.oid_of_prompt(path) for path in known.draft.config.prompt_paths}

    def path_of(self, agent: str) -> str | None:
        """Where an agent's file was when last looked at; None where that is not known, or there are several."""
        known = self._known.draft.inspected.values() if self._known is not None else ()
        paths = [seen.document.path for seen in known if seen.agent is not None and seen.agent.id == agent]
        return paths[0] if len(paths) == 1 else None

    def _changed_prompts(self, known: JudgedTree, base: CommitTree) -> set[str]:
        """One that could not be had may be there now."""
        oids = {path: base.oid_of_prompt(path) for path in known.draft.config.prompt_paths}
        return {path for path, oid in oids.items() if oid is None or oid != self._prompts.get(path)}


def edited(known: JudgedTree, tree: Tree, changed: Collection[str], view: View) -> JudgedTree:
    """A tree that differs from a known one in these files and prompts, judged."""
    return known.advanced(pipeline.redraft(known.draft, tree, changed), changed, view)
