"""The answers about one snapshot: made when they are first asked for, and then the same bytes for everybody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, TypeVar

from starlette.requests import HTTPConnection
from starlette.responses import Response

from agentconf.config.agent import Agent
from agentconf.errors import AgentNotFound
from agentconf.redact import printable
from agentconf.server.last_changes import Changed
from agentconf.server.problem import UNKNOWN_AGENT, Problem
from agentconf.snapshot.snapshot import Snapshot
from agentconf.snapshot.wire import primary_of
from agentconf.source import layout

_MOST_COMPARED: Final = 100
"""With more agents, nobody looks for the one that was meant: among 10,000 that takes half a second."""

T = TypeVar("T")
Row: TypeAlias = Mapping[str, Any]


class Answers:
    """The answers about one snapshot. What is made of an agent that is the same object as before is taken over.

    `changed` says who changed each agent last, as far as that is known by now.
    """

    def __init__(self, snapshot: Snapshot, changed: Changed, before: Answers | None = None) -> None:
        self.snapshot = snapshot
        self.changed = changed
        self._agents: dict[str, Response] = {}
        self.bodies: dict[str, tuple[Agent, bytes]] = _kept(snapshot, before.bodies) if before else {}
        self._rows: list[Row] | None = None
        self.row_of: dict[str, tuple[Agent, Row]] = _kept(snapshot, before.row_of) if before else {}

    def agent(self, agent_id: str) -> Response:
        """An agent as `show` prints it, and who changed it last. Raises Problem."""
        found = self._agents.get(agent_id)
        if found is None:
            found = self._agents[agent_id] = answer_bytes(self.agent_bytes(agent_id))
        return found

    def agent_bytes(self, agent_id: str) -> bytes:
        """The same as JSON. Raises Problem."""
        changed = _json(self.changed.get(agent_id))
        return b'%b, "changed": %b}' % (self.shown_bytes(agent_id)[:-1], changed)

    def shown_bytes(self, agent_id: str) -> bytes:
        """The agent exactly as `show` prints it, as JSON on one line. Raises Problem."""
        agent = self.require(agent_id)
        known = self.bodies.get(agent_id)
        if known is None or known[0] is not agent:
            shown = self.snapshot.show(agent_id)
            said = {"has_api_key": shown["has_api_key"], "config": shown["config"]}
            known = self.bodies[agent_id] = (agent, _json(said))
        named = {"id": agent_id, "environment": agent.environment, "file": agent.file, "digest": self.snapshot.digest}
        return b"%b, %b" % (_json(named)[:-1], known[1][1:])

    def require(self, agent_id: str) -> Agent:
        """The agent. Raises Problem."""
        agent = self.snapshot.get(agent_id)
        if agent is None:
            raise Problem(UNKNOWN_AGENT, self._why_not(agent_id))
        return agent

    def require_known(self, agent_id: str) -> None:
        """That the tree has the agent, be it switched off or refused. Raises Problem."""
        if not self._knows(agent_id):
            raise Problem(UNKNOWN_AGENT, self._why_not(agent_id))

    def _knows(self, agent_id: str) -> bool:
        snapshot = self.snapshot
        return any(agent_id in some for some in (snapshot, snapshot.digests, snapshot.disabled, snapshot.refused))

    def _why_not(self, agent_id: str) -> str:
        snapshot, shared = self.snapshot, layout.shared(agent_id)
        if shared is not None:
            return shared
        if len(snapshot) > _MOST_COMPARED and not self._knows(agent_id):
            return f"there is no agent '{printable(agent_id[:100])}'; GET /api/agents lists those that there are"
        try:
            snapshot[agent_id]
        except AgentNotFound as error:
            return printable(str(error))
        return f"there is no agent '{printable(agent_id)}'"

    @property
    def has_rows(self) -> bool:
        """Whether the rows are made; of ten thousand agents that takes a fifth of a second."""
        return self._rows is not None

    def rows(self) -> list[Row]:
        """Every agent as `list --format json` prints it, in the order of the ids, those switched off too."""
        if self._rows is None:
            served = self.snapshot
            self._rows = [
                self._row(name) if name in served else _row_of_disabled(served.show(name, disabled=True))
                for name in sorted({*served, *served.disabled})
            ]
        return self._rows

    def _row(self, agent_id: str) -> Row:
        agent = self.snapshot[agent_id]
        known = self.row_of.get(agent_id)
        if known is None or known[0] is not agent:
            known = self.row_of[agent_id] = (agent, _row_of(agent))
        return known[1]


def _kept(snapshot: Snapshot, before: Mapping[str, tuple[Agent, T]]) -> dict[str, tuple[Agent, T]]:
    """What was made of agents that are still the same."""
    return {name: made for name, made in before.items() if snapshot.get(name) is made[0]}


def _row_of(agent: Agent) -> Row:
    named = {"id": agent.id, "file": agent.file, "environment": agent.environment}
    config = {"name": agent.name, "owner": agent.owner, "tags": list(agent.tags)}
    return _row(named, config, agent.primary.model if agent.primary else None)


def _row_of_disabled(shown: dict[str, Any]) -> Row:
    return _row(shown, shown["config"], (primary_of(shown["config"]) or {}).get("model"))


def _row(named: Row, config: Row, model: str | None) -> Row:
    return {
        "id": named["id"],
        "name": config.get("name"),
        "owner": config.get("owner"),
        "tags": config.get("tags", []),
        "enabled": config.get("enabled", True),
        "file": named["file"],
        "environment": named["environment"],
        "model": model,
        "provider": model.partition("/")[0] if model else None,
    }


def answer(value: Any) -> Response:
    """JSON with its ETag."""
    return answer_bytes(_json(value))


def answer_bytes(data: bytes) -> Response:
    """The same for JSON that is bytes already. The answer may be sent any number of times."""
    tag = hashlib.sha256(data).hexdigest()[:32]
    headers = {"etag": f'"{tag}"', "cache-control": "private, no-cache"}
    return Response(data, headers=headers, media_type="application/json")


def conditional(request: HTTPConnection, found: Response) -> Response:
    """The answer; where the client says that it has the same already, that it has (304)."""
    known = next((value for name, value in request.scope["headers"] if name == b"if-none-match"), None)
    if known is None or not _names(known.decode("latin-1"), found.headers["etag"]):
        return found
    return Response(status_code=304, headers={key: found.headers[key] for key in ("etag", "cache-control")})


def _names(tags: str, tag: str) -> bool:
    return any(one.strip().removeprefix("W/") in {tag, "*"} for one in tags.split(","))


def fresh_answer(value: Any) -> Response:
    """JSON that nobody is to store."""
    return Response(_json(value), headers={"cache-control": "no-store"}, media_type="application/json")


def _json(value: Any) -> bytes:
    """On one line. Half a character, which no UTF-8 has, stays the escape that JSON has for it."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")
