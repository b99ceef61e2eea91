"""Which config files lie in a folder, links followed within bounds; nothing is opened here."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from agentconf import codes
from agentconf.diagnostic import Diagnostic, Rule
from agentconf.source import layout
from agentconf.source.filesystem import Disk, Entry, Filesystem
from agentconf.source.system import Stamp, is_out_of_order, printable_path, reason_of, stamp_of

_FOLDER_DEPTH: Final = 32


class Seen(NamedTuple):
    """A config file: the path that opens it, links resolved, and its stamp where stamps were asked for."""

    path: str
    stamp: Stamp | None


@dataclass(slots=True)
class Contents:
    """What one folder holds. `path` lists it; `folders` are those within that are walked too, links left out.

    `links` names folders reached by a link, as (name, where it leads). `has_links` counts links to files as well.
    """

    path: str
    files: dict[str, Seen] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    faults: list[Diagnostic] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    has_links: bool = False
    modified_ns: int = 0
    """When a name last came to the folder or left it; before it was listed, so that what comes meanwhile shows."""

    @property
    def holds_something(self) -> bool:
        return bool(self.files or self.faults)


@dataclass(slots=True)
class Listing:
    """All folders of a tree by their path below the root ("" or ending in "/").

    `unlisted` are the folders that are there and cannot be listed: what they hold is not known.
    """

    folders: dict[str, Contents] = field(default_factory=dict)
    unlisted: tuple[str, ...] = ()

    @property
    def has_links(self) -> bool:
        return any(contents.has_links for contents in self.folders.values())

    def files(self) -> Iterator[tuple[str, Seen]]:
        for contents in self.folders.values():
            yield from contents.files.items()

    def faults(self) -> Iterator[Diagnostic]:
        for contents in self.folders.values():
            yield from contents.faults


class Walker:
    """Lists a tree. `with_stamps` looks at each file's status too, which takes three times as long."""

    def __init__(
        self, root: str, shown_as: str, with_stamps: bool = False, filesystem: Filesystem | None = None
    ) -> None:
        self.root = root
        self.shown_as = shown_as
        self.with_stamps = with_stamps
        self.filesystem: Filesystem = filesystem or Disk()
        self.real_root = self.filesystem.real(root)
        self._holders = self.filesystem.holders(root)

    def walk(self, before: Listing | None = None) -> Listing:
        """Every folder; what a listing knows is not found out again, and is the same object where it is as it was.

        Raises OSError where the root cannot be listed, or the machine is in trouble.
        """
        return _Walk(self, before.folders if before else {}).whole()

    def again(self, before: Listing, folders: set[str]) -> Listing | None:
        """A listing with some folders looked at anew; None where only a whole walk can tell.

        Raises OSError where the machine is in trouble.
        """
        if before.unlisted or before.has_links or not folders <= before.folders.keys():
            return None
        known = before.folders
        try:
            fresh = {below: self.contents(below, known[below].path, known[below]) for below in folders}
        except OSError as error:
            if is_out_of_order(error):
                raise
            return None
        for below, contents in fresh.items():
            if contents.has_links or contents.folders != known[below].folders:
                return None
        return Listing({**known, **fresh})

    def is_inside(self, target: str) -> bool:
        """Whether a resolved path lies where links may lead."""
        return any(target == holder or target.startswith(holder + os.sep) for holder in self._holders)

    def contents(self, below: str, path: str, known: Contents | None = None) -> Contents:
        """What one folder holds; of names that are `known` it is not asked again what they mean.

        Raises OSError where it cannot be listed.
        """
        contents = Contents(path, modified_ns=os.stat(path).st_mtime_ns if self.with_stamps else 0)
        files = known.files if known is not None and not known.has_links else {}
        with self.filesystem.entries(path) as entries:
            listed = [entry for entry in entries if not layout.is_passed_over(entry.name)]
        for entry in listed:
            if below + entry.name in files and entry.is_file(follow_symlinks=False):
                self._seen(contents, below + entry.name, entry, files[below + entry.name])
            else:
                self._entry(contents, below, entry)
        contents.folders.sort()
        return contents

    def fault(self, rule: Rule, path: str, message: str, hint: str | None) -> Diagnostic:
        file = f"{self.shown_as}/{path}" if self.shown_as != "." else path
        return Diagnostic(rule, message, file, hint=hint)

    def _entry(self, contents: Contents, below: str, entry: Entry) -> None:
        shown, path = below + entry.name, entry.path
        is_link = entry.is_symlink()
        if is_link and entry.name.isprintable():
            contents.has_links = True
            try:
                path = self.filesystem.real(path)
            except OSError as error:  # the link was replaced meanwhile
                if layout.is_config_name(entry.name):
                    contents.faults.append(self.unreadable(shown, reason_of(error)))
                return
            if not self._follows(contents, shown, entry.name, path):
                return
        is_folder, is_file = _kind(entry)
        if not entry.name.isprintable():
            self._unprintable(contents, shown, entry.name, is_folder)
        elif is_folder:
            self._subfolder(contents, below, entry.name, path if is_link else None)
        else:
            self._file(contents, shown, entry, path, is_file)

    def unreadable(self, shown: str, reason: str) -> Diagnostic:
        return self.fault(codes.UNREADABLE_FILE, shown, f"cannot read this file: {reason}", None)

    def not_regular(self, shown: str) -> Diagnostic:
        message = "this is not a regular file, and is not opened"
        return self.fault(codes.NOT_A_FILE, shown, message, "remove or rename it")

    def _unprintable(self, contents: Contents, shown: str, name: str, is_folder: bool) -> None:
        if is_folder or layout.is_config_name(name):
            message = f"this {'folder' if is_folder else 'file'}'s name is not readable text"
            contents.faults.append(self.fault(codes.INVALID_ID, printable_path(shown), message, "rename it"))

    def _follows(self, contents: Contents, shown: str, name: str, target: str) -> bool:
        if self.is_inside(target):
            return True
        if layout.is_config_name(name) or self.filesystem.is_folder(target):
            message = "this link leads out of the folder that holds the tree, and is not followed"
            contents.faults.append(self.fault(codes.LINK_OUTSIDE, shown, message, "put the file itself here"))
        return False

    def _subfolder(self, contents: Contents, below: str, name: str, linked_to: str | None) -> None:
        misplaced = layout.misplaced_folder(below.rstrip("/"), name)
        if misplaced:
            said = self.fault(codes.UNKNOWN_RESERVED_NAME, below + name, misplaced.message, misplaced.hint)
            contents.faults.append(said)
        elif layout.stem(name) is not None:
            message = "this is a folder with the name of a config file"
            contents.faults.append(self.fault(codes.NOT_A_FILE, below + name, message, "rename it"))
        elif linked_to is not None:
            contents.links.append((name, linked_to))
        else:
            contents.folders.append(name)

    def _file(self, contents: Contents, shown: str, entry: Entry, path: str, is_regular: bool) -> None:
        place = layout.place(shown)
        if isinstance(place, layout.Misplaced):
            contents.faults.append(self.fault(codes.UNKNOWN_RESERVED_NAME, shown, place.message, place.hint))
        elif place is not None:
            if is_regular:
                self._seen(contents, shown, entry, Seen(path, None))
            else:
                contents.faults.append(self.not_regular(shown))

    def _seen(self, contents: Contents, shown: str, entry: Entry, known: Seen) -> None:
        if not self.with_stamps:
            contents.files[shown] = known
            return
        with suppress(FileNotFoundError):  # gone since it was listed
            stamp = stamp_of(entry.stat())
            contents.files[shown] = known if stamp == known.stamp else Seen(known.path, stamp)


class _Walk:
    """One walk of a whole tree: each folder once, however many links lead to it."""

    def __init__(self, walker: Walker, known: Mapping[str, Contents]) -> None:
        self._walker = walker
        self._known = known
        self._listing = Listing()
        self._unlisted: list[str] = []
        self._linked: list[tuple[str, str, str]] = []
        self._holds_something: dict[Hashable, bool] = {}

    def whole(self) -> Listing:
        self._folder("", self._walker.root)
        while self._linked:  # after all real folders, so that a folder is read by its own name wherever it has one
            ahead, self._linked = sorted(self._linked), []
            for below, name, path in ahead:
                self._subfolder(below, name, path)
        self._listing.unlisted = tuple(self._unlisted)
        return self._listing

    def _folder(self, below: str, path: str) -> bool:
        """List a folder and those in it, once: a second time would give its agents twice. Whether it held something."""
        identity = self._walker.filesystem.identity(path)
        if identity in self._holds_something:
            if self._holds_something[identity]:  # a folder of prompts alone may be linked from several places
                message = "this folder is read already, by another name; a link leads to it, or back in a circle"
                self._fault(below, codes.NOT_A_FILE, message, "remove the link")
            return False
        if below.count("/") > _FOLDER_DEPTH:
            message = f"folders are nested deeper than {_FOLDER_DEPTH} levels"
            self._fault(below, codes.NOT_A_FILE, message, "move the agents up")
            return True
        self._holds_something[identity] = True
        known = self._known.get(below)
        contents = self._walker.contents(below, path, known if known is not None and known.path == path else None)
        self._listing.folders[below] = contents
        self._linked += [(below, name, target) for name, target in contents.links]
        within = [self._subfolder(below, name, f"{path}{os.sep}{name}") for name in contents.folders]
        self._holds_something[identity] = contents.holds_something or any(within)
        return self._holds_something[identity]

    def _subfolder(self, below: str, name: str, path: str) -> bool:
        shown = f"{below}{name}/"
        try:
            return self._folder(shown, path)
        except FileNotFoundError:
            return False  # gone since it was listed
        except OSError as error:
            if is_out_of_order(error):
                raise
            self._unlisted.append(shown)
            reason = f"cannot list this folder: {reason_of(error)}"
            self._fault(shown, codes.UNREADABLE_FILE, reason, "give the reader permission to it")
            return True

    def _fault(self, below: str, rule: Rule, message: str, hint: str) -> None:
        said = self._walker.fault(rule, below.rstrip("/"), message, hint)
        self._listing.folders.setdefault(below, Contents("")).faults.append(said)


def _kind(entry: Entry) -> tuple[bool, bool]:
    """Whether it is a folder, and whether it is a regular file; links are followed."""
    try:
        return entry.is_dir(), entry.is_file()
    except OSError:  # links in a circle
        return False, False
