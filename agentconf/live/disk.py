"""What the watched folder holds: looked at again and again, opening only what differs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.live.content import Barred, Content
from agentconf.source import layout
from agentconf.source.folder import (
    FILE_LIMIT_BYTES,
    PROMPT_LIMIT_BYTES,
    PromptReader,
    fault_of,
    read_metadata_schema,
    read_steady,
    shown_path,
)
from agentconf.source.layout import Place
from agentconf.source.system import Stamp, is_out_of_order, stamp_of
from agentconf.source.tree import METADATA_SCHEMA, Beside, Unread
from agentconf.source.walk import Listing, Seen, Walker

Identity: TypeAlias = tuple[int, int, str]
"""Device, inode, and where it really lies: the number of a tree that is gone may be that of the next."""


@dataclass(slots=True)
class _Prompt:
    """A prompt file: where it lies, its stamp, and its bytes."""

    data: Content
    path: str = ""
    stamp: Stamp | None = None


@dataclass(slots=True)
class Look:
    """What a look found: the paths that differ from the look before, and whether the folder held still.

    A path differs by its bytes, or by what is said against it where it may not be opened.
    """

    changed: set[str] = field(default_factory=set)
    is_steady: bool = True


class Moved(Exception):
    """The root became another folder in the middle of a look: what was seen belongs to neither."""


class Disk:
    """The config files and the prompts in use below a root, as last seen.

    `files` and `prompts` hold bytes, or why there are none, by the path below the root.
    """

    def __init__(self, root: str) -> None:
        self.root = os.path.abspath(root)  # the process may change its folder
        self.shown_as = shown_path(root)
        self.identity: Identity | None = None
        self.files: dict[str, Content] = {}
        self.listing = Listing()
        self._prompts: dict[str, _Prompt] = {}
        self._walker = Walker(self.root, self.shown_as, with_stamps=True)
        self._walks_in: Identity | None = None
        self._unsteady: set[str] = set()

    @property
    def real_root(self) -> str:
        return self._walker.real_root

    @property
    def prompts(self) -> dict[str, Content]:
        return {path: prompt.data for path, prompt in self._prompts.items()}

    @property
    def metadata_schema(self) -> Beside | None:
        """The organisation's own schema beside the root, read anew: no event tells of it."""
        return read_metadata_schema(self._walker)

    def schema_stamp(self) -> Stamp | None:
        """The stamp of that schema now; None where there is none."""
        try:
            return stamp_of(os.stat(os.path.join(os.path.dirname(self.root), METADATA_SCHEMA)))
        except OSError:
            return None

    @property
    def has_links_outside(self) -> bool:
        """Whether a file is a link to one outside of the root, of which no event tells."""
        within = self.real_root + os.sep
        return self.listing.has_links and any(not seen.path.startswith(within) for _, seen in self.listing.files())

    def identify(self) -> Identity | None:
        """Which folder the root is now; None where there is none."""
        try:
            real, status = os.path.realpath(self.root), os.stat(self.root)
        except OSError:
            return None
        return status.st_dev, status.st_ino, real

    def is_gone(self) -> bool:
        """Whether the root is not there, or may not be listed: not where the machine or the mount is in trouble."""
        try:
            os.scandir(self.root).close()
        except OSError as error:
            return not is_out_of_order(error)
        return False

    def faults(self, unread: Mapping[str, Unread]) -> tuple[Diagnostic, ...]:
        """What could not be listed, and what of some files could not be read, as findings."""
        faults = (one for one in self.listing.faults() if not self._is_barring(one))
        return (*faults, *(self._fault_of(path, why) for path, why in sorted(unread.items())))

    def _fault_of(self, path: str, why: Unread) -> Diagnostic:
        return why.finding if isinstance(why, Barred) else fault_of(self._walker, path, why)

    def _barred(self, listing: Listing) -> dict[str, Content]:
        """What lies there by a config file's name and is not opened, by its path below the root."""
        faults = filter(self._is_barring, listing.faults())
        return {self._path_of(fault): Barred(fault.message, fault) for fault in faults}

    def _is_barring(self, fault: Diagnostic) -> bool:
        """Whether a finding of the listing is about a config file; one that cannot be named is nobody's."""
        path = self._path_of(fault)
        return bool(path) and fault.rule is not codes.INVALID_ID and isinstance(layout.place(path), Place)

    def _path_of(self, fault: Diagnostic) -> str:
        return fault.file if self.shown_as == "." else fault.file.removeprefix(f"{self.shown_as}/")

    def _newly_faulty(self, listing: Listing) -> set[str]:
        """The paths of which the listing says something that it did not say before, or says it no more."""
        before, now = self.listing.folders, listing.folders
        differing = [below for below in before.keys() | now.keys() if before.get(below) is not now.get(below)]
        found: set[Diagnostic] = set()
        for below in differing:
            sides = [set(side[below].faults) if below in side else set() for side in (before, now)]
            found |= sides[0] ^ sides[1]
        return set(map(self._path_of, found))

    def holds_still(self, paths: Iterable[str]) -> bool:
        """Whether some files, and the folders that hold them, are as at the last look. Much cheaper than a look."""
        try:
            return self.identify() == self.identity and all(self._holds_still(path) for path in paths)
        except OSError:
            return False

    def _holds_still(self, path: str) -> bool:
        """Whether a file is as it was; a folder in which names come and go is not."""
        below = path[: path.rfind("/") + 1]
        contents = self.listing.folders.get(below)
        seen = contents.files.get(path) if contents is not None else None
        if contents is None or seen is None:
            return False
        is_same = stamp_of(os.stat(seen.path)) == seen.stamp
        return is_same and os.stat(contents.path).st_mtime_ns == contents.modified_ns

    def look(self, folders: set[str] | None = None, thoroughly: bool = False) -> Look:
        """Look at the whole tree, or at some of its folders; `thoroughly` opens every file, whatever its stamp.

        Raises OSError where the root cannot be listed or the machine is in trouble, and Moved. Nothing that was known
        before is forgotten then.
        """
        identity = self.identify()
        if identity != self.identity:
            folders = None
        if identity != self._walks_in:  # a look that failed may have been in yet another
            self._walker, self._walks_in = Walker(self.root, self.shown_as, with_stamps=True), identity
        listing = self._walker.again(self.listing, folders) if folders is not None else None
        if listing is None:
            folders, listing = None, self._walker.walk(self.listing if identity == self.identity else None)
        look = Look(self._newly_faulty(listing))
        files = self._read(listing, look, thoroughly)
        prompts = self._read_prompts(folders, look, thoroughly)
        if self.identify() != identity or identity is None or self._is_torn(listing):
            raise Moved
        self.identity, self.listing, self.files = identity, listing, files
        self._prompts.update(prompts)
        return look

    def _is_torn(self, listing: Listing) -> bool:
        """Whether links led elsewhere in the middle of the look: half of it is of one tree, half of another."""
        return listing.has_links and _targets(self._walker.walk()) != _targets(listing)

    def expect_prompts(self, prompts: Mapping[str, Content]) -> None:
        """Prompts that were read before this process began: the next look reads them."""
        self._prompts.update({path: _Prompt(data) for path, data in prompts.items()})

    def open_prompt(self, path: str) -> Content:
        """The bytes of a prompt file; from now on it is looked at with the others."""
        if path not in self._prompts:
            self._prompts[path] = self._prompt(path)
        return self._prompts[path].data

    def keep_prompts(self, paths: Iterable[str]) -> None:
        """Forget all prompts but these."""
        wanted = set(paths)
        if not self._prompts.keys() <= wanted:
            self._prompts = {path: prompt for path, prompt in self._prompts.items() if path in wanted}

    def _read(self, listing: Listing, look: Look, thoroughly: bool) -> dict[str, Content]:
        files = dict(self.files)
        for path in self._barred(self.listing):
            files.pop(path, None)
        unsteady: set[str] = set()
        for path, seen in self._suspects(listing, thoroughly):
            if seen is None:
                files.pop(path, None)
                look.changed.add(path)
                continue
            read = read_steady(seen.path, FILE_LIMIT_BYTES, seen.stamp)
            data, is_steady = (read, True) if isinstance(read, Unread) else read
            if not is_steady:
                unsteady.add(path)
            if path not in files or files[path] != data:
                files[path] = data
                look.changed.add(path)
        self._unsteady = unsteady
        look.is_steady = not unsteady
        files.update(self._barred(listing))
        return files

    def _suspects(self, listing: Listing, thoroughly: bool) -> list[tuple[str, Seen | None]]:
        """Files that may differ from what is known, and those that are gone (without a `Seen`)."""
        found: list[tuple[str, Seen | None]] = []
        before = self.listing.folders
        for below, contents in listing.folders.items():
            known = before[below].files if below in before else {}
            if contents.files is known and not thoroughly:
                continue
            found += [
                (path, seen)
                for path, seen in contents.files.items()
                if thoroughly or path in self._unsteady or _differs(known.get(path), seen)
            ]
            found += [(path, None) for path in known if path not in contents.files]
        vanished = [contents for below, contents in before.items() if below not in listing.folders]
        return found + [(path, None) for contents in vanished for path in contents.files]

    def _read_prompts(self, folders: set[str] | None, look: Look, thoroughly: bool) -> dict[str, _Prompt]:
        fresh: dict[str, _Prompt] = {}
        for path, known in self._prompts.items():
            if folders is not None and path[: path.rfind("/") + 1] not in folders and known.stamp is not None:
                continue
            if not thoroughly and known.stamp is not None and self._is_same(path, known):
                continue
            fresh[path] = self._prompt(path)
            if fresh[path].data != known.data:
                look.changed.add(path)
        return fresh

    def _is_same(self, path: str, known: _Prompt) -> bool:
        found = PromptReader(self._walker).find(path)
        return found == (known.path, known.stamp)

    def _prompt(self, path: str) -> _Prompt:
        found = PromptReader(self._walker).find(path)
        if isinstance(found, Unread):
            return _Prompt(found)
        read = read_steady(found[0], PROMPT_LIMIT_BYTES, found[1])
        if isinstance(read, Unread):
            return _Prompt(read)
        data, is_steady = read
        return _Prompt(data, found[0], found[1] if is_steady else None)


def _targets(listing: Listing) -> dict[str, tuple[dict[str, str], list[tuple[str, str]]]]:
    """Where the links of each folder lead."""
    return {
        below: ({path: seen.path for path, seen in contents.files.items()}, contents.links)
        for below, contents in listing.folders.items()
        if contents.has_links
    }


def _differs(known: Seen | None, seen: Seen) -> bool:
    return known is not seen and known != seen
