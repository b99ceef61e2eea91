"""What a program prints, read as it comes, and not for ever waited for."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from typing import Final

from agentconf.errors import GitUnavailable

_SILENCE_MS: Final = 120_000
_CHUNK_BYTES: Final = 1 << 18
_FIELD_LIMIT_BYTES: Final = 16 << 20


class Output:
    """The bytes behind a descriptor. Every method raises GitUnavailable where nothing comes for two minutes."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)
        self._data = b""
        self._at = 0

    def line(self) -> bytes | None:
        """Up to the next line break; None where it ends before."""
        return self._until(b"\n")

    def exactly(self, count: int) -> bytes | None:
        """So many bytes; None where it ends before."""
        if len(self._data) - self._at < count:
            chunks = [self._data[self._at :]]
            missing = count - len(chunks[0])
            while missing > 0:
                chunk = self._more()
                if not chunk:
                    return None
                chunks.append(chunk)
                missing -= len(chunk)
            self._data, self._at = b"".join(chunks), 0
        self._at += count
        return self._data[self._at - count : self._at]

    def fields(self) -> Iterator[bytes]:
        """Each up to its NUL; what stands behind the last is not finished, and left out."""
        while (field := self._until(b"\0")) is not None:
            yield field

    def rest(self, limit: int) -> bytes:
        """Everything to the end. Raises GitUnavailable where that is more than the limit."""
        chunks = [self._data[self._at :]]
        size = len(chunks[0])
        while chunk := self._more():
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                raise GitUnavailable(f"git prints more than {limit >> 20} MiB, which no config tree needs")
        return b"".join(chunks)

    def _until(self, mark: bytes) -> bytes | None:
        found = self._data.find(mark, self._at)
        while found < 0:
            searched = len(self._data) - self._at
            if searched > _FIELD_LIMIT_BYTES:
                raise GitUnavailable(f"a name or a subject in this repository is longer than {searched >> 20} MiB")
            chunk = self._more()
            if not chunk:
                return None
            self._data, self._at = self._data[self._at :] + chunk, 0
            found = self._data.find(mark, searched)
        begin, self._at = self._at, found + 1
        return self._data[begin:found]

    def _more(self) -> bytes:
        if not self._poll.poll(_SILENCE_MS):
            raise GitUnavailable("git says nothing for two minutes; try again when the disk is less busy")
        return os.read(self._descriptor, _CHUNK_BYTES)
