"""The body of an answer, taken in small steps: never more of it than was agreed, and never for longer."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from agentconf.remote.faults import Unacceptable, Unreachable

_GZIP: Final = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one answer: bytes once unpacked, and seconds until it is there."""

    size: int = 256 << 20
    seconds: float = 60.0


def read_body(pieces: Iterable[bytes], encoding: str, bounds: Bounds) -> bytes:
    """The whole body. Raises Unacceptable where it is too large or not what it says, Unreachable where it is late."""
    deadline = time.monotonic() + bounds.seconds
    parts, size = [], 0
    for piece in _unpacked(pieces, encoding, bounds.size):
        size += len(piece)
        if size > bounds.size:
            raise Unacceptable(f"the answer is larger than {bounds.size:,} bytes")
        if time.monotonic() > deadline:
            raise Unreachable(f"the answer was not complete within {bounds.seconds:g} s")
        parts.append(piece)
    return b"".join(parts)


def _unpacked(pieces: Iterable[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    if encoding in {"", "identity"}:
        yield from pieces
    elif encoding == "gzip":
        yield from _gunzipped(pieces, limit)
    else:
        raise Unacceptable("the answer is packed in a way that was not asked for")


def _gunzipped(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        for piece in pieces:
            yield unpacker.decompress(piece, limit + 1)
            if unpacker.unconsumed_tail:
                raise Unacceptable(f"the answer is larger than {limit:,} bytes")
    except zlib.error:
        raise Unacceptable("the answer is not packed as it says") from None
    if not unpacker.eof:
        raise Unreachable("the answer breaks off")
