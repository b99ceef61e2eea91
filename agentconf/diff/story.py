"""One agent through the history of its tree: from each tree to the one before."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from agentconf.diff.change import Change
from agentconf.diff.drafts import drafts_of
from agentconf.diff.work import Comparison, Order
from agentconf.pipeline import draft, require_environment
from agentconf.source import layout
from agentconf.source.tree import Tree

_NAMES_PROMPT: Final = b"instructions_file"


class Story:
    """Walks backwards. Where the agent had another id before, that one is followed from there on (`name`)."""

    def __init__(self, name: str, order: Order) -> None:
        self.name = name
        self._order = order

    def require_environments(self, newest: Tree) -> None:
        """Raises UnknownEnvironment where the newest tree does not have those asked for; older ones need not."""
        config = draft(newest, [path for path in newest.files if not layout.is_agent(path)]).config
        for name in self._order.environments:
            require_environment(config, name)

    def step(self, older: Tree, newer: Tree) -> list[Change]:
        """What a commit changed of the resolved agent, in each environment that both trees check."""
        if not any(_is_of(path, self.name) for path in (*older.files, *newer.files)):
            return []
        paths = self._paths(older, newer)
        if self._is_untouched(older, newer, paths):
            return []
        order = self._order_for(older, newer)
        if order is None:
            return []
        found = Comparison(drafts_of(older, newer, paths), order, is_first=False).share().changes
        mine = [change for change in found if change.agent == self.name]
        for change in mine:
            if change.kind == "renamed":
                self.name = str(change.old)
        return mine

    def _order_for(self, *trees: Tree) -> Order | None:
        """In the environments asked for that both trees have; None where they have none of them."""
        if not self._order.environments:
            return self._order
        known = [draft(tree, [path for path in tree.files if not layout.is_agent(path)]).config for tree in trees]
        both = [name for name in self._order.environments if all(name in one.known_environments for one in known)]
        return replace(self._order, environments=tuple(both)) if both else None

    def _paths(self, older: Tree, newer: Tree) -> list[str]:
        """The shared layers and the agent's own file; where it has just come, also those that have gone."""
        every = dict.fromkeys((*older.files, *newer.files))
        paths = [path for path in every if not layout.is_agent(path) or _is_of(path, self.name)]
        if not any(_is_of(path, self.name) for path in older.files):
            paths += [path for path in older.files if path not in newer.files and layout.is_agent(path)]
        return list(dict.fromkeys(paths))

    def _is_untouched(self, older: Tree, newer: Tree, paths: list[str]) -> bool:
        """Whether every file that the agent is made of is the same. A prompt is found by reading what names it."""
        if older.metadata_schema != newer.metadata_schema or older.faults != newer.faults:
            return False
        pairs = [(older.files.get(path), newer.files.get(path)) for path in paths]
        return all(one == other and _NAMES_PROMPT not in (one or b"") for one, other in pairs)


def _is_of(path: str, name: str) -> bool:
    place = layout.place(path)
    return isinstance(place, layout.Place) and place.kind is layout.Kind.AGENT and place.name == name
