"""A commit to a `Tree`, without a checkout: what `read_folder` gives of one that git has not converted."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from agentconf.errors import NotInCommit
from agentconf.source import layout
from agentconf.source.folder import NOT_REGULAR, PROMPT_LIMIT_BYTES, TOO_LARGE, fault_of
from agentconf.source.git.commit_files import TOP, CommitFiles, Interrupted, is_regular
from agentconf.source.git.objects import FOLDER, Node, Objects
from agentconf.source.git.refusals import shown
from agentconf.source.git.repository import Located
from agentconf.source.system import reason_of
from agentconf.source.tree import METADATA_SCHEMA, Origin, Tree, Unread, metadata_schema_of
from agentconf.source.walk import Contents, Listing, Walker


@dataclass(frozen=True, slots=True)
class CommitTree:
    """A config tree at a commit.

    `oids` has the id of each of the tree's files: the same id is the same text, whatever the name.
    `oid_of_prompt` gives a prompt's without reading it, None where it has none; the path is as `open_prompt` takes it.
    `reaches` are paths in the repository that links lead to, out of the folder: a change there is one of the tree.
    """

    commit: str
    tree: Tree
    oids: Mapping[str, str]
    oid_of_prompt: Callable[[str], str | None]
    reaches: tuple[str, ...]


class CommitTrees:
    """Reads one folder at many commits; what two of them share is read once, and is the same bytes object.

    Prompts are read when they are asked for, best while `objects` is open.
    """

    def __init__(self, objects: Objects, located: Located) -> None:
        self._objects = objects
        self._folder = located.folder
        self._shown_as = located.shown_as
        self._known: dict[str, tuple[str, Contents]] = {}

    def at(self, commit: str) -> CommitTree:
        """The tree at a commit, named by its id. Raises NotInCommit where it is not there, and GitUnavailable."""
        files = CommitFiles(self._objects, self._objects.root_of(commit))
        try:
            return self._read(commit, files)
        except Interrupted as interruption:
            raise interruption.cause from None

    def keep(self, tree: CommitTree) -> None:
        """Forget what other commits hold: whoever reads one after another for days keeps as much as one."""
        self._objects.keep({*tree.oids.values(), *(oid for oid, _ in self._known.values())})

    def _read(self, commit: str, files: CommitFiles) -> CommitTree:
        given = f"{TOP}/{self._folder}" if self._folder else TOP
        root = self._root(commit, files, given)
        self._load_folders(files.node(root).oid)
        walker = _Walker(root, self._shown_as, files, self._known)
        listing = walker.walk()
        oids = {path: node.oid for path, seen in sorted(listing.files()) if (node := files.at(seen.path))}
        read, unread = self._texts(oids)
        faults = (*listing.faults(), *(fault_of(walker, path, TOO_LARGE) for path in unread))
        beside = _Beside(self._objects, files, walker)
        schema = metadata_schema_of(self._shown_as, beside.metadata_schema(given))
        origin = Origin("git", self._folder or ".", commit)
        tree = Tree(origin, self._shown_as, read, faults, beside.read_prompt, schema)
        for path in unread:
            del oids[path]
        return CommitTree(commit, tree, oids, beside.oid_of_prompt, _reached(files, listing, given))

    def _root(self, commit: str, files: CommitFiles, given: str) -> str:
        try:
            node = files.node(given)
        except OSError as error:
            said = f"there is no folder '{shown(self._folder)}' in commit {commit[:10]}"
            raise NotInCommit(said) from error
        if node.mode != FOLDER:
            what = "a submodule; name a folder in it" if not is_regular(node) else "a file; name the folder"
            raise NotInCommit(f"'{shown(self._folder)}' is {what} that holds the agents, in commit {commit[:10]}")
        return files.real(given)

    def _load_folders(self, oid: str) -> None:
        """Those of one depth at once; below a folder that is known already, all are."""
        ahead = [oid]
        while ahead:
            fresh = [each for each in dict.fromkeys(ahead) if not self._objects.knows_folder(each)]
            self._objects.load(fresh)
            ahead = [
                node.oid
                for each in fresh
                for name, node in self._objects.folder(each).items()
                if node.mode == FOLDER and not layout.is_passed_over(name)
            ]

    def _texts(self, oids: Mapping[str, str]) -> tuple[dict[str, bytes], list[str]]:
        """The files by their paths, and the paths of those that are too large."""
        self._objects.load(oids.values())
        read: dict[str, bytes] = {}
        unread = []
        for path, oid in oids.items():
            data = self._objects.file(oid)
            if isinstance(data, bytes):
                read[path] = data
            else:
                unread.append(path)
        return read, unread


def read_commit(objects: Objects, located: Located, commit: str) -> CommitTree:
    """The tree at one commit, named by its id. Raises NotInCommit where it is not there, and GitUnavailable."""
    return CommitTrees(objects, located).at(commit)


class _Walker(Walker):
    """Of a folder that is as it was in a commit before, the contents are, too."""

    def __init__(self, root: str, shown_as: str, files: CommitFiles, known: dict[str, tuple[str, Contents]]) -> None:
        super().__init__(root, shown_as, filesystem=files)
        self._files = files
        self._known = known

    def contents(self, below: str, path: str, known: Contents | None = None) -> Contents:
        node = self._files.at(path)
        oid = node.oid if node else ""
        oid_before, before = self._known.get(below, ("", None))
        if before is not None and before.path != path:
            before = None
        if before is None or oid != oid_before or before.has_links:  # a link may lead elsewhere now
            before = super().contents(below, path, before)
            self._known[below] = oid, before
        return before


def _reached(files: CommitFiles, listing: Listing, given: str) -> tuple[str, ...]:
    """Of folders, config files and prompts."""
    folders = [contents for contents in listing.folders.values() if contents.path]
    paths = {contents.path for contents in folders}
    paths |= {path for contents in folders if contents.has_links for path in _linked(files, contents.path)}
    out = {path for path in paths if path.startswith(f"{TOP}/") and path != given and not path.startswith(f"{given}/")}
    tops = {path for path in out if path.rpartition("/")[0] not in out}
    return tuple(sorted(path.removeprefix(f"{TOP}/") for path in tops))


def _linked(files: CommitFiles, folder: str) -> list[str]:
    """Where the links in a folder lead."""
    with files.entries(folder) as entries:
        return [files.real(entry.path) for entry in entries if entry.is_symlink()]


class _Beside:
    """What a commit holds beside the config files: prompts, and the organisation's schema."""

    def __init__(self, objects: Objects, files: CommitFiles, walker: Walker) -> None:
        self._objects = objects
        self._files = files
        self._walker = walker

    def oid_of_prompt(self, path: str) -> str | None:
        found = self._find_prompt(path)
        return found.oid if isinstance(found, Node) else None

    def read_prompt(self, path: str) -> bytes | Unread:
        found = self._find_prompt(path)
        data = self._objects.file(found.oid) if isinstance(found, Node) else found
        return TOO_LARGE if isinstance(data, bytes) and len(data) > PROMPT_LIMIT_BYTES else data

    def metadata_schema(self, root: str) -> bytes | Unread | None:
        """Of the folder that holds the root; the outermost one has none. Raises Interrupted."""
        if root == TOP:
            return None
        parent = root.rpartition("/")[0]
        real = self._files.real(f"{parent}/{METADATA_SCHEMA}")
        try:
            node = self._files.node(real)
        except OSError as error:
            return None if error.errno in {errno.ENOENT, errno.ENOTDIR} else Unread(reason_of(error))
        if real != f"{self._files.real(parent)}/{METADATA_SCHEMA}" and not self._walker.is_inside(real):
            return _LEADS_OUT
        return self._objects.file(node.oid) if is_regular(node) else NOT_REGULAR

    def _find_prompt(self, path: str) -> Node | Unread:
        try:
            real = self._files.real(f"{self._walker.root}/{path}")
            if not self._walker.is_inside(real):
                return _LEADS_OUT
            node = self._files.node(real)
        except OSError as error:
            return Unread(reason_of(error))
        except Interrupted as interruption:
            raise interruption.cause from None
        return node if is_regular(node) else NOT_REGULAR


_LEADS_OUT: Final = Unread("it is a link that leads out of the folder that holds the tree")
