"""The body of an answer, taken in small steps: never more of it than was agreed."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Final

from agentconf.remote.faults import Unacceptable, Unreachable

_GZIP: Final = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one answer: bytes once unpacked; seconds until its head is there, and until all of it is.

    Both begin with the question, and no drop of an answer puts them off.
    """

    size: int = 256 << 20
    begin: float = 15.0
    seconds: float = 60.0


async def read_body(pieces: AsyncIterable[bytes], encoding: str, limit: int) -> bytes:
    """The whole body. Raises Unacceptable where it is larger than the limit, in bytes, or not what it says."""
    parts, size = [], 0
    async for piece in _unpacked(pieces, encoding, limit):
        size += len(piece)
        if size > limit:
            raise Unacceptable(f"the answer is larger than {limit:,} bytes")
        parts.append(piece)
    return b"".join(parts)


def _unpacked(pieces: AsyncIterable[bytes], encoding: str, limit: int) -> AsyncIterable[bytes]:
    if encoding in {"", "identity"}:
        return pieces
    if encoding == "gzip":
        return _gunzipped(pieces, limit)
    raise Unacceptable("the answer is packed in a way that was not asked for")


async def _gunzipped(pieces: AsyncIterable[bytes], limit: int) -> AsyncIterator[bytes]:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        async for piece in pieces:
            yield unpacker.decompress(piece, limit + 1)
            if unpacker.unconsumed_tail:
                raise Unacceptable(f"the answer is larger than {limit:,} bytes")
    except zlib.error:
        raise Unacceptable("the answer is not packed as it says") from None
    if not unpacker.eof:
        raise Unreachable("the answer breaks off")
