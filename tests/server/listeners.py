"""Clients of the push as anybody might write them: a WebSocket, and an event stream."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import httpx
from websockets.sync.client import ClientConnection, connect


class Listener(ABC):
    """One client, whatever it listens by."""

    @abstractmethod
    def next(self) -> dict[str, Any]:
        """The next message."""

    def until(self, kind: str) -> list[dict[str, Any]]:
        """The messages up to the first of a kind."""
        found = [self.next()]
        while found[-1]["type"] != kind:
            found.append(self.next())
        return found


class Socket(Listener):
    """A WebSocket that is read message by message."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def say(self, **said: Any) -> Self:
        self.connection.send(json.dumps(said))
        return self

    def next(self, seconds: float = 10.0) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.connection.recv(timeout=seconds))
        return said


@contextmanager
def open_socket(url: str, **said: Any) -> Iterator[Socket]:
    """A WebSocket on which something was said, `subscribe` in any case."""
    with connect(f"ws{url.removeprefix('http')}/ws", compression=None, max_size=None) as connection:
        yield Socket(connection).say(**{"subscribe": "agent_config", **said})


class Events(Listener):
    """An event stream, read event by event as a browser does."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.last_id: str | None = None

    def next(self) -> dict[str, Any]:
        """The data of the next event; comments and the time to wait are passed over."""
        found: dict[str, str] = {}
        for line in self._lines:
            name, _, value = line.partition(": ")
            if line and name:
                found[name] = value
            elif "data" in found:
                break
        said: dict[str, Any] = json.loads(found["data"])
        assert said["type"] == found["event"]
        self.last_id = found.get("id", self.last_id)
        return said

    def rest(self) -> list[str]:
        """What is left until the server ends the stream."""
        return list(self._lines)


@contextmanager
def open_events(url: str, last_id: str | None = None, **query: str) -> Iterator[Events]:
    headers = {"Last-Event-ID": last_id} if last_id else {}
    with (
        httpx.Client(timeout=10) as client,
        client.stream("GET", f"{url}/api/events", params=query, headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines).startswith("retry: ")
        yield Events(lines)
