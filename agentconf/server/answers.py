"""The answers about one snapshot: made when they are first asked for, and then the same bytes for everybody."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from starlette.responses import Response

from agentconf.errors import AgentNotFound
from agentconf.server.problem import UNKNOWN_AGENT, Problem
from agentconf.snapshot.snapshot import Snapshot
from agentconf.snapshot.wire import primary_of


class Answers:
    """The answers about one snapshot. What an agent's own digest says is the same is taken over from those `before`."""

    def __init__(self, snapshot: Snapshot, before: Answers | None = None) -> None:
        self.snapshot = snapshot
        self._agents: dict[str, Response] = {}
        self._rows: list[dict[str, Any]] | None = None

    def agent(self, agent_id: str) -> Response:
        """An agent as `show` prints it. Raises Problem."""
        try:
            return self._agents[agent_id]
        except KeyError:
            found = self._agents[agent_id] = answer(self.shown(agent_id))
            return found

    def shown(self, agent_id: str) -> dict[str, Any]:
        """The same before it is bytes. Raises Problem."""
        try:
            return {**self.snapshot.show(agent_id), "changed": None}
        except AgentNotFound as error:
            raise Problem(UNKNOWN_AGENT, str(error)) from None

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Every agent as `list --format json` prints it, in the order of the ids, those switched off too."""
        if self._rows is None:
            every = sorted({*self.snapshot, *self.snapshot.disabled})
            self._rows = [row_of(self.snapshot.show(name, disabled=True)) for name in every]
        return self._rows


def row_of(shown: dict[str, Any]) -> dict[str, Any]:
    """The row of a list, from an agent as it is shown."""
    config = shown["config"]
    model = (primary_of(config) or {}).get("model")
    return {
        "id": shown["id"],
        "name": config.get("name"),
        "owner": config.get("owner"),
        "tags": config.get("tags", []),
        "enabled": config.get("enabled", True),
        "file": shown["file"],
        "environment": shown["environment"],
        "model": model,
        "provider": model.partition("/")[0] if model else None,
    }


def answer(value: Any) -> Response:
    """JSON with its ETag."""
    return answer_bytes(json.dumps(value, ensure_ascii=False).encode())


def answer_bytes(data: bytes) -> Response:
    """The same for JSON that is bytes already. The answer may be sent any number of times."""
    tag = hashlib.sha256(data).hexdigest()[:32]
    headers = {"etag": f'"{tag}"', "cache-control": "private, no-cache"}
    return Response(data, headers=headers, media_type="application/json")
