"""The one who writes: asked by the routes, answered with a commit or with why not."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final, NamedTuple

from agentconf.diagnostic import Diagnostic
from agentconf.diff.drafts import Known
from agentconf.diff.review import Review
from agentconf.diff.work import Order, review
from agentconf.document.document import Document
from agentconf.errors import EditRefused, GitUnavailable, SourceUnavailable
from agentconf.judged_tree import JudgedTree
from agentconf.live.load import settings_of
from agentconf.pipeline import bulk
from agentconf.redact import printable
from agentconf.secrets.allowed import allowed_by
from agentconf.server.problem import UNAVAILABLE, Kind, Problem
from agentconf.server.writing.alone import Turn, patiently
from agentconf.server.writing.asked import Asked, Way
from agentconf.server.writing.drafting import Draft, drafted, read
from agentconf.server.writing.ground import NOT_WRITABLE, Ground, Grounds, only_path, path_of, tag_of
from agentconf.server.writing.memory import Memory, edited, view_of_today
from agentconf.server.writing.outcome import Made, Mode, Outcome
from agentconf.server.writing.permitted import NOT_PERMITTED, forbidden
from agentconf.server.writing.place import place, require_seen
from agentconf.server.writing.publishing import Edit, commit, propose
from agentconf.server.writing.settled import Folder
from agentconf.server.writing.verdict import judged
from agentconf.source.folder import FILE_LIMIT_BYTES, read_regular, shown_path, unavailable
from agentconf.source.git.branches import folder_of
from agentconf.source.git.work_tree import Step, WorkTree
from agentconf.source.system import reason_of
from agentconf.source.tree import Tree, Unread, tree_of
from agentconf.source.walk import Walker

READ_ONLY: Final = Kind("read-only", 409, "The tree is read-only")
_AT_ONCE: Final = 4
_WAITING_AT_MOST: Final = 500
_NO_WAY: Final = frozenset((errno.EROFS, errno.EACCES, errno.EPERM))


class Decision(NamedTuple):
    """What an edit comes to that may stand, and the tree with it. `edit` is None where nothing is to be made of it."""

    outcome: Outcome
    edit: Edit | None
    after: JudgedTree

    def made(self, made: Made) -> Outcome:
        """What it came to."""
        return replace(self.outcome, made=made)


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
        self._grounds = Grounds(root, environment)
        self._folder = Folder(root)
        self._memory = Memory()

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
            repository = self._grounds.locate().repository
            git_folder = folder_of(repository)
            with self._turn.alone(git_folder):
                patiently(WorkTree(repository, git_folder, self._at).take_up)
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
        grounds = Grounds(self._root, self._environment)  # its own: who reads does not wait for those who write
        with grounds.newest(grounds.locate()) as here:
            return here.tree, path_of(here.tree, agent)

    def _attempt(self, asked: Asked) -> Outcome:
        located = self._grounds.locate()
        git_folder = folder_of(located.repository)
        if self.mode is Mode.PROPOSE:
            self._require_writable(git_folder)
            with self._turn.here(), self._grounds.newest(located) as here:
                decision = self._decided(here, asked)
            return decision.outcome if decision.edit is None else decision.made(propose(here, decision.edit))
        self._require_writable(self._root, git_folder)
        self._require_seen(asked)
        with self._turn.alone(git_folder):
            clone = WorkTree(located.repository, git_folder, self._at)
            clone.take_up()
            self._require_seen(asked)
            with self._grounds.newest(located) as here:
                self._folder.require_settled(here)
                decision = self._decided(here, asked)
                if decision.edit is None:
                    return decision.outcome
                made = commit(here, decision.edit, clone)
                self._memory.keep(decision.after, here.base)
                return decision.made(made)

    def _require_seen(self, asked: Asked) -> None:
        """A quick look, before git is asked: of many writers of one file all but one have come too late."""
        if asked.way is Way.CREATE:
            return
        known = self._memory.path_of(asked.agent)
        data = _read_at(self._root, known) if known is not None else None
        if data is None:
            tree, path = _in_folder(self._root, asked.agent)
            data = tree.files[path]
        require_seen(data, asked)

    def _decided(self, here: Ground, asked: Asked) -> Decision:
        """Raises Problem where the edit may not stand."""
        path = place(here, self._root, asked)
        tree, file = here.tree, here.tree.shown(path)
        with bulk():
            view = view_of_today()
            before = after = self._memory.at(here.base, view)
            draft = drafted(tree, path, asked)
            is_same = draft.data == tree.files.get(path)
            if not is_same:
                after = edited(before, _after(tree, path, draft.data), (path,), view._replace(file=file))
            told = _reviewed(here, before, after)
            warnings: tuple[Diagnostic, ...] = ()
            if not is_same:
                warnings = judged(before, after, file)
                _require_permitted(before, draft)
        if self.mode is Mode.COMMIT and not is_same:
            self._folder.require_same_prompts(here, after.draft.config.prompt_paths)
        tag = tag_of(draft.data) if draft.data is not None else None
        outcome = Outcome(asked.way, self.mode, asked.agent, file, told, asked.is_dry, tag, warnings=warnings)
        edit = None if is_same or asked.is_dry else Edit(path, here.node(path), draft, asked, told)
        return Decision(outcome, edit, after)

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


def _reviewed(here: Ground, before: JudgedTree, after: JudgedTree) -> Review:
    names = (f"HEAD ({here.standing.commit[:12]})", "this change")
    known = Known(before.draft, before.seen), Known(after.draft, after.seen)
    return review(before.draft.tree, after.draft.tree, names, Order(after.view.outlook), known)


def _require_permitted(before: JudgedTree, draft: Draft) -> None:
    for why in forbidden(draft.after, draft.before, allowed_by(settings_of(before.draft))):
        raise Problem(NOT_PERMITTED, f"{why}; nothing was written")


def _read_at(root: str, path: str) -> bytes | None:
    """The bytes of a file that no link leads to; None where there is none such."""
    at = os.path.join(os.path.realpath(root), *path.split("/"))
    data = read_regular(at, FILE_LIMIT_BYTES) if os.path.realpath(at) == at else None
    return data if isinstance(data, bytes) else None


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
