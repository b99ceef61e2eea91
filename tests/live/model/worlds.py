"""Where a tree lies, and how it is changed there: file by file, by a link, by a ConfigMap's link, by git."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Final

from agentconf.source.tree import Unread
from tests.live.model.trees import FOLDERS, Files, Step, after
from tests.live.support import run

Touch = Callable[[Path, bytes], None]


class World:
    """A folder, and what lies in it. `is_atomic`: whether every step is seen whole or not at all."""

    is_atomic = True
    is_flat = False

    def __init__(self, base: Path, random: Random) -> None:
        self.base, self.random = base, random
        self.root = base / "agents.d"
        self.files: Files = {}
        self._count = 0

    def begin(self, files: Files) -> None:
        """The first tree."""
        raise NotImplementedError

    def do(self, step: Step) -> str:
        """Make a step on the disk. How it was done, for the report."""
        raise NotImplementedError

    def hide(self) -> None:
        """Take the whole folder away."""
        self.root.rename(self.base / "hidden")

    def show(self) -> None:
        """Bring it back."""
        (self.base / "hidden").rename(self.root)


class Plain(World):
    """A folder in which every file is written by itself, as editors and programs do it."""

    is_atomic = False

    def begin(self, files: Files) -> None:
        for folder in (*FOLDERS, "_profiles/deep", "_environments", "shared"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        _plant(self.root, files)
        self.files = files

    def do(self, step: Step) -> str:
        before, self.files = self.files, after(self.files, step)
        moved = _moved(step, before)
        if moved:
            (self.root / moved[0]).rename(self.root / moved[1])
            return "by rename(2)"
        how, touch = self.random.choice(tuple(_TOUCHES.items()))
        for path, content in step.edits.items():
            if content is None:
                _clear(self.root / path)
            elif isinstance(content, bytes):
                touch(_clear_folder(self.root / path), content)
            elif not (self.root / path).is_dir():
                _clear(self.root / path)
                (self.root / path).mkdir()
        return how


class Flip(World):
    """A link to one of several whole trees, as git-sync has it: the root itself, or a folder above it, is the link."""

    def __init__(self, base: Path, random: Random) -> None:
        super().__init__(base, random)
        self._below = random.choice(("", "agents.d"))
        self.root = base / "current" / self._below
        self._old: list[Path] = []

    def begin(self, files: Files) -> None:
        self._flip(files)

    def do(self, step: Step) -> str:
        self._flip(after(self.files, step))
        kept = self.random.randint(0, 2)
        while len(self._old) - 1 > kept:
            shutil.rmtree(self._old.pop(0))
        return f"by a link; {kept} old trees stay"

    def hide(self) -> None:
        (self.base / "current").unlink()

    def show(self) -> None:
        _point(self.base / "current", self._old[-1].name)

    def _flip(self, files: Files) -> None:
        self._count += 1
        whole = self.base / f"rev-{self._count}"
        (whole / self._below).mkdir(parents=True)
        _plant(whole / self._below, files)
        _point(self.base / "current", whole.name)
        self._old.append(whole)
        self.files = files


class ConfigMap(World):
    """As the kubelet writes it: visible links through `..data`, which is swapped."""

    is_flat = True

    def begin(self, files: Files) -> None:
        self.root.mkdir(parents=True)
        self._swap(files)

    def do(self, step: Step) -> str:
        self._swap(after(self.files, step))
        return "by ..data"

    def _swap(self, files: Files) -> None:
        self._count += 1
        before = self.root / f"..{self._count - 1}"
        whole = self.root / f"..{self._count}"
        whole.mkdir()
        _plant(whole, files)
        _point(self.root / "..data", whole.name)
        for path in files.keys() - self.files.keys():
            (self.root / path).symlink_to(f"..data/{path}")
        for path in self.files.keys() - files.keys():
            (self.root / path).unlink()
        shutil.rmtree(before, ignore_errors=True)
        self.files = files


class Git(World):
    """A work tree, in which each step is a commit that is checked out. The commits are made in another one."""

    def begin(self, files: Files) -> None:
        self.base.mkdir(parents=True, exist_ok=True)
        self._aside = self.base.parent / f"{self.base.name}-aside"
        self._git("init", "--quiet", "--initial-branch", "main")
        self._git("config", "user.name", "test")
        self._git("config", "user.email", "test@example.net")
        self._git("commit", "--quiet", "--allow-empty", "--message", "nothing")
        self._git("worktree", "add", "--quiet", "--detach", str(self._aside))
        self._checkout(files)

    def do(self, step: Step) -> str:
        self._checkout(after(self.files, step))
        return "by git checkout"

    def _checkout(self, files: Files) -> None:
        self._count += 1
        self.files = files
        shutil.rmtree(self._aside / "agents.d", ignore_errors=True)
        _plant(self._aside / "agents.d", files)
        (self._aside / "agents.d" / ".count").write_text(str(self._count))
        run("git", "add", "--all", folder=self._aside)
        run("git", "commit", "--quiet", "--message", str(self._count), folder=self._aside)
        commit = run("git", "rev-parse", "HEAD", folder=self._aside).strip()
        self._git("checkout", "--quiet", "--detach", commit)

    def _git(self, *arguments: str) -> None:
        run("git", *arguments, folder=self.base)


WORLDS: Final[Mapping[str, type[World]]] = {"plain": Plain, "flip": Flip, "configmap": ConfigMap, "git": Git}


def _plant(root: Path, files: Files) -> None:
    """Write a whole tree where nobody looks yet."""
    root.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        else:
            target.mkdir()


def _point(link: Path, target: str) -> None:
    fresh = link.with_name(f"{link.name}_tmp")
    fresh.symlink_to(target)
    fresh.rename(link)


def _moved(step: Step, before: Files) -> tuple[str, str] | None:
    """The path before and after, where a step is nothing but a move."""
    gone = [path for path, content in step.edits.items() if content is None and isinstance(before.get(path), bytes)]
    come = [path for path, content in step.edits.items() if content is not None]
    is_move = len(step.edits) == 2 and len(gone) == len(come) == 1 and step.edits[come[0]] == before[gone[0]]
    return (gone[0], come[0]) if is_move and not isinstance(before.get(come[0]), Unread) else None


def _clear(path: Path) -> None:
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def _clear_folder(path: Path) -> Path:
    if path.is_dir():
        path.rmdir()
    return path


# -- how a file is written


def _in_place(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _in_pieces(path: Path, data: bytes) -> None:
    with path.open("wb", buffering=0) as file:
        for start in range(0, len(data), 40):
            file.write(data[start : start + 40])


def _by_rename(path: Path, data: bytes) -> None:
    aside = path.with_name(f".{path.name}.tmp")
    aside.write_bytes(data)
    aside.rename(path)


def _like_an_editor(path: Path, data: bytes) -> None:
    """The old file goes away under another name, and for a moment there is none."""
    if path.exists():
        path.rename(path.with_name(f"{path.name}~"))
    path.write_bytes(data)


def _anew(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def _backdated(path: Path, data: bytes) -> None:
    """With the times of the file that it replaces, as a restored backup has them."""
    status = path.stat() if path.exists() else None
    _by_rename(path, data)
    if status is not None:
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _beyond_the_root(path: Path, data: bytes) -> None:
    """As a link to a file beside the tree, of which no event tells."""
    store = path.parent
    while store.name != "agents.d":
        store = store.parent
    target = store.with_name("store") / f"{path.parent.name}-{path.name}"
    target.parent.mkdir(exist_ok=True)
    is_linked = path.is_symlink()
    _by_rename(target, data)
    if not is_linked:
        fresh = path.with_name(f".{path.name}.tmp")
        fresh.symlink_to(target)
        fresh.rename(path)


_TOUCHES: Final[Mapping[str, Touch]] = {
    "in place": _in_place,
    "in pieces": _in_pieces,
    "by rename": _by_rename,
    "like an editor": _like_an_editor,
    "anew": _anew,
    "backdated": _backdated,
    "beyond the root": _beyond_the_root,
}
