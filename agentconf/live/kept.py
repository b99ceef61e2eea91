"""What was accepted, as a stream of bytes: the content of the last good file.

A line that says what it is, records, and in the end the digest of all before it. A record is one line of JSON; behind
one that lists files lie their bytes as they were read, never written anew from values. It is made in pieces, with a
turn for other threads between them: a service reads while ten thousand files are written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from agentconf.live.content import UNREAD, Content
from agentconf.live.gently import pause
from agentconf.snapshot.digest import feed

FORMAT: Final = 2
_MAGIC: Final = b"agentconf last good "
_PIECE_BYTES: Final = 128 << 10
_LISTED: Final = 256
"""Files or agents in a record: each is made, and read, in one turn."""
_END_BYTES: Final = 65


@dataclass(frozen=True, slots=True)
class Bytes:
    """The files and prompts of a tree, by their paths below its root; files that could not be read stand there too."""

    files: Mapping[str, Content] = field(default_factory=dict)
    prompts: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept: the accepted tree, and of each agent that is quarantined the bytes of all its layers."""

    digest: str
    generation: int
    tree: Bytes
    held: tuple[tuple[tuple[str, ...], Bytes], ...] = ()


class Unusable(Exception):
    """What is kept cannot be used; the message says why."""


def encoded(kept: Kept) -> Iterator[bytes]:
    """The content of the file, piece by piece."""
    digest = hashlib.sha256()
    for piece in _pieces(_parts(kept)):
        feed(digest, piece)
        yield piece
        pause()
    yield f"{digest.hexdigest()}\n".encode()


def _pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Small parts put together: each write lets go of the interpreter, and who waits for it begins to wait anew."""
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= _PIECE_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _parts(kept: Kept) -> Iterator[bytes]:
    yield b"%s%d\n" % (_MAGIC, FORMAT)
    yield _record("kept", kept.digest, kept.generation)
    yield from _group(kept.tree)
    for agents, group in kept.held:
        yield _record("held")
        for names in _few(agents):
            yield _record("agents", *names)
        yield from _group(group)


def _group(group: Bytes) -> Iterator[bytes]:
    for kind, contents in (("files", group.files), ("prompts", group.prompts)):
        for entries in _few(contents.items()):
            yield _record(kind, *((path, len(data) if isinstance(data, bytes) else None) for path, data in entries))
            yield from (data for _, data in entries if isinstance(data, bytes))


def _record(kind: str, *said: Any) -> bytes:
    return json.dumps([kind, *said]).encode() + b"\n"


def _few(items: Iterable[Any]) -> Iterator[list[Any]]:
    ahead = iter(items)
    while some := list(islice(ahead, _LISTED)):
        yield some


def decoded(data: bytes) -> Kept:
    """What a file holds. Raises Unusable."""
    first, _, _ = data.partition(b"\n")
    if not first.startswith(_MAGIC):
        raise Unusable("it is not a file of last good configuration")
    if first[len(_MAGIC) :] != str(FORMAT).encode():
        raise Unusable("another version of agentconf wrote it")
    body, end = data[:-_END_BYTES], data[-_END_BYTES:]
    if end != f"{hashlib.sha256(body).hexdigest()}\n".encode():
        raise Unusable("it is damaged")
    try:
        return _Decoder(body, len(first) + 1).kept()
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
        raise Unusable(f"it is malformed ({type(error).__name__})") from error


class _Decoder:
    """Reads records from a place on. Whatever they hold, it raises nothing but what `decoded` expects."""

    def __init__(self, body: bytes, at: int) -> None:
        self._body, self._at = body, at
        self._held: list[tuple[list[str], Bytes]] = []
        self._files: dict[str, Content] = {}
        self._prompts: dict[str, Any] = {}
        self._readers: dict[str, Callable[[list[Any]], None]] = {
            "files": lambda said: self._take(said, self._files),
            "prompts": lambda said: self._take(said, self._prompts),
            "held": self._begin_held,
            "agents": self._name,
        }

    def kept(self) -> Kept:
        kind, digest, generation = self._next()
        if kind != "kept":
            raise ValueError
        tree = Bytes(self._files, self._prompts)
        while self._at < len(self._body):
            kind, *said = self._next()
            self._readers[kind](said)
        held = tuple((tuple(names), group) for names, group in self._held)
        return Kept(str(digest), int(generation), tree, held)

    def _next(self) -> list[Any]:
        end = self._body.index(b"\n", self._at)
        said = json.loads(self._body[self._at : end])
        self._at = end + 1
        if not isinstance(said, list):
            raise TypeError
        return said

    def _take(self, said: list[Any], group: dict[str, Any]) -> None:
        for path, size in said:
            if not isinstance(path, str):
                raise TypeError
            group[path] = UNREAD if size is None else self._bytes(size)

    def _bytes(self, size: int) -> bytes:
        if not 0 <= size <= len(self._body) - self._at:
            raise ValueError
        self._at += size
        return self._body[self._at - size : self._at]

    def _begin_held(self, _: list[Any]) -> None:
        self._files, self._prompts = {}, {}
        self._held.append(([], Bytes(self._files, self._prompts)))

    def _name(self, said: list[Any]) -> None:
        self._held[-1][0].extend(map(str, said))
