"""Whether the folder says what the newest commit says. What has the stamp that it had before is not read again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from agentconf.errors import GitBusy, SourceUnavailable
from agentconf.live.disk import Disk, Moved
from agentconf.server.problem import Problem
from agentconf.server.writing.ground import NOT_WRITABLE, Ground
from agentconf.source.folder import PROMPT_LIMIT_BYTES, PromptReader, read_regular, shown_path, unavailable
from agentconf.source.system import Stamp
from agentconf.source.tree import Tree, Unread
from agentconf.source.walk import Walker

_NAMED: Final = 3


class Folder:
    """The served folder, for one writer at a time."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._disk = Disk(root)
        self._same_prompts: dict[str, tuple[str, Stamp, str]] = {}
        """Prompts that were as committed: where each lies, its stamp, and the id of its text."""

    def require_settled(self, here: Ground) -> None:
        """That the folder says what the commit says, file by file. Raises Problem (409), GitBusy, SourceUnavailable."""
        at = here.standing
        if at.unfinished is not None:
            raise Problem(NOT_WRITABLE, f"{at.unfinished} is not finished in this clone; finish it, or take it back")
        if at.branch is None:
            said = "HEAD is detached: there is no branch to commit to; check one out, or start with --writes propose"
            raise Problem(NOT_WRITABLE, said)
        differing = self._differing(here.tree)
        if differing:
            more = f" and {len(differing) - _NAMED} more" if len(differing) > _NAMED else ""
            named = ", ".join(differing[:_NAMED]) + more
            said = f"{named}: changed in the folder and not committed, or converted by git"
            raise Problem(NOT_WRITABLE, f"{said}; commit it, or take it back")

    def require_same_prompts(self, here: Ground, prompts: Iterable[str]) -> None:
        """The same of the prompts that agents name. Raises Problem (409)."""
        reader = PromptReader(Walker(self._root, shown_path(self._root)))
        same = {}
        for path in sorted(prompts):
            found, oid = reader.find(path), here.base.oid_of_prompt(path)
            known = None if isinstance(found, Unread) or oid is None else (*found, oid)
            if known is None or self._same_prompts.get(path) != known:
                self._require_same(here, path, found)
            if known is not None:
                same[path] = known
        self._same_prompts = same

    def _require_same(self, here: Ground, path: str, found: tuple[str, Stamp] | Unread) -> None:
        one = here.tree.open_prompt(path)
        other = found if isinstance(found, Unread) else read_regular(found[0], PROMPT_LIMIT_BYTES)
        if one != other and not (isinstance(one, Unread) and isinstance(other, Unread)):
            shown = here.tree.shown(path)
            raise Problem(NOT_WRITABLE, f"{shown}: changed in the folder and not committed; commit it, or take it back")

    def _differing(self, committed: Tree) -> list[str]:
        try:
            self._disk.look()
        except Moved:
            raise GitBusy("the folder was exchanged for another meanwhile") from None
        except OSError as error:
            raise SourceUnavailable(unavailable(self._root, error)) from error
        found = {path: data for path, data in self._disk.files.items() if isinstance(data, bytes)}
        if found != committed.files:
            paths = sorted(committed.files.keys() | found.keys())
            names = [committed.shown(path) for path in paths if committed.files.get(path) != found.get(path)]
        else:
            names = []
            self._disk.files.update(committed.files)  # the same bytes, which need not be kept twice
        one, other = committed.metadata_schema, self._disk.metadata_schema
        there = one or other
        if there is not None and (one and one.data) != (other and other.data):
            names.append(there.file)
        return names
