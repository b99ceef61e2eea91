"""Streams: LiteLLM's chunks as they come, with fallbacks until the first token, and settled when they end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Generator
from typing import Any, Final, Self, TypeAlias

from agentconf.runtime import reply
from agentconf.runtime.abandoned import ABANDONED
from agentconf.runtime.answer import Answer
from agentconf.runtime.tokens import Tokens


class Gathered:
    """What has come of a stream: the chunks that the caller has not had yet, and what is needed to settle.

    `shows_usage`: the caller asked for the chunk that holds the usage; else it is kept from him.
    """

    def __init__(self, *, shows_usage: bool) -> None:
        self.waiting: deque[Any] = deque()
        self.has_token = False
        self._shows_usage = shows_usage
        self._texts: list[str] = []
        self._calls: list[str] = []

    def put(self, chunk: Any) -> None:
        delta = reply.delta_of(chunk)  # looked into once: thousands come
        text = reply.text_of(delta)
        if text:
            self._texts.append(text)
        if calls := reply.called(delta):
            self._calls.append(calls)
        if text or reply.is_token(delta):
            self.has_token = True
            self.waiting.append(chunk)
        elif self._shows_usage or not reply.is_usage_alone(chunk):
            self.waiting.append(chunk)

    def is_broken(self, source: Any) -> bool:
        """Whether it ended before anything was said: LiteLLM makes up an end where the provider gave none."""
        return not self.has_token and getattr(source, "received_finish_reason", True) is None

    def tokens(self, source: Any, model: str, messages: Any) -> Tokens:
        """The tokens that the provider reported; else counted here."""
        for chunk in reversed(getattr(source, "chunks", None) or ()):
            said = reply.said_tokens(getattr(chunk, "usage", None))
            if said is not None and said.total:
                return said
        return reply.counted(model, messages, [*self._texts, *self._calls])

    @property
    def text(self) -> str:
        return "".join(self._texts)


OnEnd: TypeAlias = Callable[[Gathered, Any, BaseException | None], Answer | None]
"""Told what came, where from, and the error that ended it; gives the answer where there was none."""


class Settlement:
    """What both faces of a stream do when it ends; told once."""

    def __init__(self, on_end: OnEnd, gathered: Gathered) -> None:
        self.gathered: Final = gathered
        self.answer: Answer | None = None
        self._on_end = on_end
        self._is_told = False
        ABANDONED.expect()

    def tell(self, source: Any, error: BaseException | None = None) -> None:
        if not self._is_told:
            self._is_told = True
            self.answer = self._on_end(self.gathered, source, error)

    def abandon(self, source: Any) -> None:
        """The stream is dropped; for its finaliser."""
        if not self._is_told:
            ABANDONED.add(self, source)


class Stream:
    """Chunks of LiteLLM's type; `answer` says at the end how they came about. Close it, or read it to the end."""

    def __init__(self, source: Any, settlement: Settlement) -> None:
        self._source = source
        self._settlement = settlement

    @property
    def answer(self) -> Answer | None:
        """How the answer came about; None until the stream has ended."""
        return self._settlement.answer

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> Any:
        gathered = self._settlement.gathered
        while not gathered.waiting:
            try:
                chunk = next(self._source)
            except StopIteration:
                self._settlement.tell(self._source)
                raise
            except Exception as error:
                self._settlement.tell(self._source, error)
                raise
            gathered.put(chunk)
        return gathered.waiting.popleft()

    def close(self) -> None:
        """Stop reading: what has come is what is counted."""
        self._settlement.tell(self._source)
        # LiteLLM's own wrapper cannot be closed: what it reads from can
        for source in (self._source, getattr(self._source, "completion_stream", None)):
            closing = getattr(source, "close", None)
            if callable(closing):
                closing()
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self._settlement.abandon(self._source)


class AsyncStream:
    """The same for `async for`. The call is made when it is awaited, or with the first chunk."""

    def __init__(self, begin: Callable[[], Any]) -> None:
        self._begin = begin
        self._beginning = asyncio.Lock()  # tasks may share a stream; the call is made once
        self._source: Any = None
        self._settlement: Settlement | None = None

    @property
    def answer(self) -> Answer | None:
        """How the answer came about; None until the stream has ended."""
        return self._settlement.answer if self._settlement else None

    async def _begun(self) -> None:
        if self._settlement is None:
            async with self._beginning:
                if self._settlement is None:
                    self._source, self._settlement = await self._begin()

    def __await__(self) -> Generator[Any, None, Self]:
        yield from self._begun().__await__()
        return self

    def __aiter__(self) -> AsyncStream:
        return self

    async def __anext__(self) -> Any:
        if self._settlement is None:
            await self._begun()
        assert self._settlement is not None, "it has begun"
        gathered = self._settlement.gathered
        while not gathered.waiting:
            try:
                chunk = await self._source.__anext__()
            except StopAsyncIteration:
                self._settlement.tell(self._source)
                raise
            except BaseException as error:
                self._settlement.tell(self._source, error)
                raise
            gathered.put(chunk)
        return gathered.waiting.popleft()

    async def aclose(self) -> None:
        """Stop reading: what has come is what is counted."""
        if self._settlement is not None:
            self._settlement.tell(self._source)
            closing = getattr(self._source, "aclose", None)
            if callable(closing):
                await closing()

    async def __aenter__(self) -> Self:
        await self._begun()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __del__(self) -> None:
        if self._settlement is not None:
            self._settlement.abandon(self._source)
