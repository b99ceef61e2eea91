"""The one who writes: asked by the routes, answered with a commit or with why not."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from agentconf.diff.review import Review
from agentconf.diff.work import Order, review
from agentconf.document.document import Document
from agentconf.errors import EditRefused, GitUnavailable, SourceUnavailable
from agentconf.live.outlook import outlook_of_today
from agentconf.pipeline import bulk
from agentconf.redact import printable
from agentconf.secrets.allowed import allowed_by
from agentconf.server.problem import UNAVAILABLE, Kind, Problem
from agentconf.server.writing.alone import Turn, patiently
from agentconf.server.writing.asked import Asked, Way
from agentconf.server.writing.drafting import Draft, drafted, read
from agentconf.server.writing.ground import (
    NOT_WRITABLE,
    Ground,
    ground,
    only_path,
    path_of,
    require_same_prompts,
    require_settled,
    tag_of,
)
from agentconf.server.writing.outcome import Mode, Outcome
from agentconf.server.writing.permitted import NOT_PERMITTED, forbidden
from agentconf.server.writing.place import place, require_seen
from agentconf.server.writing.publishing import Edit, commit, propose
from agentconf.server.writing.verdict import Judgement, judged, validated
from agentconf.source.folder import FILE_LIMIT_BYTES, read_regular, shown_path, unavailable
from agentconf.source.git.branches import standing
from agentconf.source.git.repository import locate
from agentconf.source.git.work_tree import Step, WorkTree
from agentconf.source.system import reason_of
from agentconf.source.tree import Tree, Unread, tree_of
from agentconf.source.walk import Walker
from agentconf.validation import Validation

READ_ONLY: Final = Kind("read-only", 409, "The tree is read-only")
_AT_ONCE: Final = 4
_WAITING_AT_MOST: Final = 500
_NO_WAY: Final = frozenset((errno.EROFS, errno.EACCES, errno.EPERM))


class Writer:
    """For one tree. `environment` is the process's; `at` is told each step of a commit by its name when it is done."""

    def __init__(
        self, root: str, mode: Mode, environment: Mapping[str, str] = os.environ, at: Step = lambda step: None
    ) -> None:
        self.mode = mode
        self._root = root
        self._environment = environment
        self._at = at
        self._turn = Turn()
        self._threads = ThreadPoolExecutor(_AT_ONCE, "agentconf-write")
        self._waiting = 0
        self._known: tuple[str, Validation] | None = None

    def close(self) -> None:
        """Waits for what has begun."""
        self._threads.shutdown()

    async def write(self, asked: Asked) -> Outcome:
        """Carry out a write beside the event loop. Raises Problem."""
        if self._waiting >= _WAITING_AT_MOST:
            raise Problem(UNAVAILABLE, "too many writes are waiting; try again", headers={"retry-after": "5"})
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self.carry_out, asked)
        finally:
            self._waiting -= 1

    async def document(self, agent: str) -> tuple[Document, str]:
        """An agent's own document and its ETag, as writes are guarded by it. Raises Problem."""
        return await asyncio.to_thread(self.read, agent)

    def carry_out(self, asked: Asked) -> Outcome:
        """Raises Problem, and then nothing has changed."""
        try:
            return patiently(lambda: self._attempt(asked))
        except (SourceUnavailable, EditRefused) as error:
            raise Problem(NOT_WRITABLE, str(error)) from None
        except OSError as error:
            raise _of_disk(error) from None

    def take_up(self) -> None:
        """Finish what a writer had begun that died, a moment ago or before this machine went down. Raises Problem."""
        try:
            git_folder = self._git_folder()
            with self._turn.alone(git_folder):
                patiently(self._clone(git_folder).take_up)
        except (SourceUnavailable, EditRefused) as error:
            raise Problem(NOT_WRITABLE, str(error)) from None
        except OSError as error:
            raise _of_disk(error) from None

    def read(self, agent: str) -> tuple[Document, str]:
        """What a proposal would change is what is committed; else it is the file in the folder. Raises Problem."""
        try:
            tree, path = self._committed(agent) if self.mode is Mode.PROPOSE else _in_folder(self._root, agent)
        except GitUnavailable as error:
            raise Problem(NOT_WRITABLE, str(error)) from None
        return read(tree, path), tag_of(tree.files[path])

    def _committed(self, agent: str) -> tuple[Tree, str]:
        with ground(self._root, self._environment) as here:
            return here.tree, path_of(here.tree, agent)

    def _attempt(self, asked: Asked) -> Outcome:
        git_folder = self._git_folder()
        if self.mode is Mode.PROPOSE:
            self._require_writable(git_folder)
            with ground(self._root, self._environment) as here:
                return self._written(here, asked, None)
        self._require_writable(self._root, git_folder)
        self._require_seen(asked)
        with self._turn.alone(git_folder):
            clone = self._clone(git_folder)
            clone.take_up()
            self._require_seen(asked)
            with ground(self._root, self._environment) as here:
                require_settled(here, self._root)
                return self._written(here, asked, clone)

    def _require_seen(self, asked: Asked) -> None:
        """A quick look, before git is asked: of many writers of one file all but one have come too late."""
        if asked.way is not Way.CREATE:
            tree, path = _in_folder(self._root, asked.agent)
            require_seen(tree.files[path], asked)

    def _written(self, here: Ground, asked: Asked, clone: WorkTree | None) -> Outcome:
        path = place(here, self._root, asked)
        with bulk():
            draft = drafted(here.tree, path, asked)
            after = _after(here.tree, path, draft.data)
            told = _reviewed(here, after)
            tag = tag_of(draft.data) if draft.data is not None else None
            outcome = Outcome(asked.way, self.mode, asked.agent, after.shown(path), told, asked.is_dry, tag)
            if draft.data == here.tree.files.get(path):
                return outcome
            judgement = self._judged(here, after, path, draft)
        if clone is not None:
            require_same_prompts(here, self._root, judgement.prompts)
        outcome = replace(outcome, warnings=judgement.warnings)
        if asked.is_dry:
            return outcome
        edit = Edit(path, draft, asked, told)
        return replace(outcome, made=propose(here, edit) if clone is None else commit(here, edit, clone))

    def _judged(self, here: Ground, after: Tree, path: str, draft: Draft) -> Judgement:
        judgement = judged(after, path, lambda: self._before(here))
        settings = next((read(here.tree, name) for name in here.tree.files if name.startswith("_settings.")), None)
        for why in forbidden(draft.after, draft.before, allowed_by(settings.value if settings else {})):
            raise Problem(NOT_PERMITTED, f"{why}; nothing was written")
        return judgement

    def _before(self, here: Ground) -> Validation:
        """What is wrong already at the commit that HEAD leads to."""
        at = here.standing.commit
        known = self._known
        if known is None or known[0] != at:
            known = self._known = (at, validated(here.tree))
        return known[1]

    def _git_folder(self) -> str:
        return standing(locate(os.path.realpath(self._root), self._environment).repository).folder

    def _clone(self, git_folder: str) -> WorkTree:
        repository = locate(os.path.realpath(self._root), self._environment).repository
        return WorkTree(repository, git_folder, self._at)

    def _require_writable(self, *folders: str) -> None:
        for folder in folders:
            if not os.access(folder, os.W_OK):
                raise Problem(READ_ONLY, f"this server cannot write to {_named(folder, self._root)}")


def take_up(root: str, writes: str) -> str | None:
    """Finish what a writer of the same clone had begun that died. Why writes will be refused, where they will be."""
    writer = Writer(root, Mode(writes))
    try:
        if writer.mode is Mode.COMMIT:
            writer.take_up()
    except Problem as problem:
        return printable(str(problem))
    finally:
        writer.close()
    return None


def _named(folder: str, root: str) -> str:
    return shown_path(root) if folder == root else "the clone's .git folder"


def _after(tree: Tree, path: str, data: bytes | None) -> Tree:
    files = {name: text for name, text in tree.files.items() if name != path}
    if data is not None:
        files[path] = data
    return replace(tree, files=dict(sorted(files.items())))


def _reviewed(here: Ground, after: Tree) -> Review:
    names = (f"HEAD ({here.standing.commit[:12]})", "this change")
    return review(here.tree, after, names, Order(outlook_of_today()))


def _in_folder(root: str, agent: str) -> tuple[Tree, str]:
    """A tree that holds the agent's file alone, and its path."""
    try:
        walker = Walker(root, shown_path(root))
        seen = dict(walker.walk().files())
    except OSError as error:
        raise Problem(UNAVAILABLE, unavailable(root, error)) from None
    path = only_path(list(seen), agent)
    data = read_regular(seen[path].path, FILE_LIMIT_BYTES)
    if isinstance(data, Unread):
        raise Problem(UNAVAILABLE, f"{path}: {data.reason}")
    return tree_of({path: data}, walker.shown_as), path


def _of_disk(error: OSError) -> Problem:
    if error.errno in _NO_WAY:
        return Problem(READ_ONLY, f"this server cannot write here: {reason_of(error)}")
    return Problem(UNAVAILABLE, f"the change cannot be written: {reason_of(error)}", headers={"retry-after": "5"})
