"""What a client is told about one step, encoded once for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from agentconf.server.push.history import Touched
from agentconf.snapshot.snapshot import Snapshot

_TYPES: Final = {"created": "agent_created", "changed": "agent_config_changed", "deleted": "agent_deleted"}
_PIECE_BYTES: Final = 32 << 10
"""A client that reads slowly has at most as much waiting in memory."""


class Parcel(NamedTuple):
    """The same as messages of a WebSocket and as pieces of an event stream. `generation` is what one has behind it."""

    generation: int
    messages: tuple[str, ...]
    pieces: tuple[bytes, ...]


def step_parcel(snapshot: Snapshot, touched: Touched, mark: str) -> Parcel:
    """What was touched on the way to a snapshot, and that its generation is complete."""
    return _parcel(snapshot, [_of_agent(snapshot, what, name) for what, name in touched.news], mark)


def whole_parcel(snapshot: Snapshot, mark: str) -> Parcel:
    """Everything, for one of whom nothing is known: first the ids, so that it forgets all others."""
    first = {"type": "snapshot", **_version(snapshot), "agents": sorted(snapshot)}
    return _parcel(snapshot, [first, *(_of_agent(snapshot, "changed", name) for name in sorted(snapshot))], mark)


def hint_parcel(snapshot: Snapshot, mark: str, spread_ms: int) -> Parcel:
    """For those who fetch what changed themselves: that there is something, and within which time to come for it."""
    return _parcel(snapshot, [], mark, {"spread_ms": spread_ms})


def heartbeat(snapshot: Snapshot, mark: str, etag: str | None) -> Parcel:
    """That the connection lives, and what is served. `etag` is that of `/api/snapshot`, where it is known."""
    said = {"type": "heartbeat", **_version(snapshot), "id": mark, "etag": etag}
    return Parcel(snapshot.generation, (_text(said),), (b": heartbeat\n\n",))


def _parcel(snapshot: Snapshot, said: list[dict[str, Any]], mark: str, more: dict[str, Any] | None = None) -> Parcel:
    if said:
        # who has the last one has all: resuming behind an earlier one would lose the rest
        said[-1]["id"] = mark
    said.append({"type": "generation", **_version(snapshot), "id": mark, **(more or {})})
    texts = [_text(one) for one in said]
    events = [_event(one, text) for one, text in zip(said, texts, strict=True)]
    return Parcel(snapshot.generation, tuple(texts), tuple(_pieces(events)))


def _of_agent(snapshot: Snapshot, what: str, agent_id: str) -> dict[str, Any]:
    said = {"type": _TYPES[what], "agent_id": agent_id, **_version(snapshot)}
    return said if what == "deleted" else {**said, "config": snapshot.show(agent_id)["config"]}


def _version(snapshot: Snapshot) -> dict[str, Any]:
    return {"generation": snapshot.generation, "digest": snapshot.digest}


def _text(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _event(said: dict[str, Any], text: str) -> bytes:
    named = f"id: {said['id']}\n" if "id" in said else ""
    return f"event: {said['type']}\n{named}data: {text}\n\n".encode()


def _pieces(events: Iterable[bytes]) -> Iterator[bytes]:
    """Small events put together, large ones cut: one write for most steps, and never a large one."""
    waiting = b""
    for event in events:
        waiting += event
        while len(waiting) >= _PIECE_BYTES:
            yield waiting[:_PIECE_BYTES]
            waiting = waiting[_PIECE_BYTES:]
    if waiting:
        yield waiting
