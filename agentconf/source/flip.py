"""A link that leads to one of several folders beside it: the newest whole tree."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple, Self

from agentconf.source.contents import Contents
from agentconf.source.whole import sync_folder

_WHOLE: Final = "published"
_UNFINISHED: Final = "unfinished"
"""A folder that is being written or removed. Whole ones alone bear the other name, whenever the writer dies."""

_LINK: Final = "link"
"""The new link, before it takes the place of the old."""

_KINDS: Final = (_WHOLE, _UNFINISHED, _LINK)


class Flip(NamedTuple):
    """The link's folder, as it really is, and the link's name in it. All its folders are hidden, and numbered."""

    parent: str
    name: str

    @classmethod
    def of(cls, link: str) -> Self:
        path = Path(link)
        if path.name in {"", os.pardir}:
            raise ValueError(f"'{link}' cannot be a link; name one, such as /srv/agents.d")
        return cls(os.path.realpath(path.parent), path.name)

    @property
    def link(self) -> str:
        return os.path.join(self.parent, self.name)

    def require_outside(self, source: str) -> None:
        """Raises ValueError where the new folder would lie in the one that is copied."""
        real = os.path.realpath(source)
        if os.path.commonpath([real, self.parent]) == real:
            raise ValueError(f"'{self.link}' would lie in '{source}' itself; name the folder of the agents alone")

    def publish(self, contents: Contents, keep: int) -> str:
        """Raises FileExistsError and OSError; then the link leads where it led, and nothing else is left behind."""
        with self._locked():
            self._require_link()
            before = self._target()
            self._clear()
            number = max((each for kind in _KINDS for each in self._numbers(kind)), default=0) + 1
            try:
                self._write(number, contents)
                self._flip(number)
            except BaseException:
                self._undo(number)
                raise
            self._forget(number, before, keep)
            return self._path(_WHOLE, number)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One publisher at a time. Where folders cannot be locked, as over NFS, the publishers must see to it."""
        descriptor = os.open(self.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _require_link(self) -> None:
        if os.path.lexists(self.link) and not os.path.islink(self.link):
            message = f"it is there and no link; move it away first, such as to {self.name}.old"
            raise FileExistsError(errno.EEXIST, message, self.link)

    def _path(self, kind: str, number: int) -> str:
        return os.path.join(self.parent, f".{self.name}.{kind}-{number}")

    def _target(self) -> str | None:
        with suppress(OSError):
            return os.path.normpath(os.path.join(self.parent, os.readlink(self.link)))
        return None

    def _numbers(self, kind: str) -> list[int]:
        """Of what is there by our names, the newest first. What has such a name and is of another kind is not ours."""
        form = re.compile(re.escape(f".{self.name}.{kind}-") + "([1-9][0-9]*)")
        is_ours = os.path.islink if kind == _LINK else _is_real_folder
        named = [match for name in os.listdir(self.parent) if (match := form.fullmatch(name))]
        return sorted((int(match[1]) for match in named if is_ours(os.path.join(self.parent, match[0]))), reverse=True)

    def _clear(self) -> None:
        """Removes what writers that died have left, as far as that is allowed."""
        for number in self._numbers(_UNFINISHED):
            shutil.rmtree(self._path(_UNFINISHED, number), ignore_errors=True)
        for number in self._numbers(_LINK):
            with suppress(OSError):
                os.unlink(self._path(_LINK, number))

    def _write(self, number: int, contents: Contents) -> None:
        root = self._path(_UNFINISHED, number)
        for path, mode in contents.folders.items():
            os.mkdir(os.path.join(root, path))
            if mode is not None:
                os.chmod(os.path.join(root, path), mode)
        for path, (data, mode) in contents.files.items():
            _write_file(os.path.join(root, path), data, mode)
        for path, target in contents.links.items():
            os.symlink(target, os.path.join(root, path))
        for path in contents.folders:
            sync_folder(os.path.join(root, path))
        os.rename(root, self._path(_WHOLE, number))
        sync_folder(self.parent)

    def _flip(self, number: int) -> None:
        temporary = self._path(_LINK, number)
        # relative, so that it leads to the same folder wherever the parent is mounted
        os.symlink(os.path.basename(self._path(_WHOLE, number)), temporary)
        os.replace(temporary, self.link)
        sync_folder(self.parent)

    def _undo(self, number: int) -> None:
        whole, unfinished = self._path(_WHOLE, number), self._path(_UNFINISHED, number)
        if self._target() == whole:  # the link is flipped already; it was the last sync that failed
            return
        with suppress(OSError):
            os.unlink(self._path(_LINK, number))
        with suppress(OSError):
            os.rename(whole, unfinished)
        shutil.rmtree(unfinished, ignore_errors=True)

    def _forget(self, number: int, before: str | None, keep: int) -> None:
        """Removes older trees. The one that the link led to, which may be read just now, is the last to go.

        What cannot be removed stays for the next time: the new tree is published.
        """
        older = [each for each in self._numbers(_WHOLE) if each != number]
        older.sort(key=lambda each: self._path(_WHOLE, each) != before)
        for each in older[keep:]:
            with suppress(OSError):
                os.rename(self._path(_WHOLE, each), self._path(_UNFINISHED, each))
            shutil.rmtree(self._path(_UNFINISHED, each), ignore_errors=True)


def _is_real_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)


def _write_file(path: str, data: bytes, mode: int | None) -> None:
    with open(path, "xb") as file:
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
