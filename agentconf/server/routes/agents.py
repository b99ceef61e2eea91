"""`/api/agents`: the agents, listed, shown, explained."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from dataclasses import dataclass
from operator import itemgetter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from agentconf.errors import AgentNotFound, KeyNotFound
from agentconf.server.access.caller import Scope
from agentconf.server.access.require import require
from agentconf.server.answers import Answers, Row, answer, conditional
from agentconf.server.documents import AgentDocument, AgentPage, ExplanationDocument
from agentconf.server.openapi import NOT_MODIFIED, problems
from agentconf.server.problem import INVALID_PARAMETER, NO_DEFAULT_AGENT, UNKNOWN_AGENT, UNKNOWN_KEY, Problem
from agentconf.server.routes.known import ONLY_KNOWN
from agentconf.server.routes.plain import PlainRoute
from agentconf.server.serving import serving_of

plain = APIRouter(prefix="/api/agents", tags=["agents"], route_class=PlainRoute)
"""What is asked most. It stands before all others, since routes are tried in turn."""

router = APIRouter(prefix="/api/agents", tags=["agents"], dependencies=[ONLY_KNOWN])

_Text = Annotated[str | None, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which agents are asked for. What is None is not asked about."""

    owner: _Text = None
    tag: Annotated[list[str] | None, Query(description="Agents that have all of these.", max_length=20)] = None
    provider: _Text = None
    model: Annotated[str | None, Query(description="The primary model.", max_length=200)] = None
    enabled: bool | None = None

    def among(self, rows: list[Row]) -> list[Row]:
        """Those that fit."""
        asked = {"owner": self.owner, "provider": self.provider, "model": self.model, "enabled": self.enabled}
        for key, value in asked.items():
            if value is not None:
                rows = [row for row in rows if row[key] == value]
        for tag in self.tag or ():
            rows = [row for row in rows if tag in row["tags"]]
        return rows


@router.get("", response_model=AgentPage, responses=NOT_MODIFIED)
async def agents(
    request: Request,
    wanted: Annotated[Filter, Depends()],
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[str, Query(description="The `next` of the page before.", max_length=200)] = "",
) -> Response:
    """The agents in the order of their ids, those that are switched off too."""
    require(request, Scope.READ)
    answers = serving_of(request).answers
    if not answers.has_rows:
        await asyncio.to_thread(answers.rows)
    return conditional(request, answer(_page(answers, wanted, limit, after)))


@plain.get("/default", response_model=AgentDocument, responses=NOT_MODIFIED | problems(NO_DEFAULT_AGENT))
async def default_agent(request: Request) -> Response:
    """The agent that callers of an unknown one get, where the tree names one."""
    require(request, Scope.READ)
    answers = serving_of(request).answers
    name = answers.snapshot.default_agent
    if name is None or name not in answers.snapshot:
        raise Problem(NO_DEFAULT_AGENT, "the tree names no default agent; '_settings.yaml' may, with default_agent")
    return conditional(request, answers.agent(name))


@plain.get("/{agent_id}", response_model=AgentDocument, responses=NOT_MODIFIED | problems(UNKNOWN_AGENT))
async def agent(request: Request, agent_id: str) -> Response:
    """One agent as resolved, as `agentconf show --format json` prints it, and who changed it last."""
    require(request, Scope.READ)
    return conditional(request, serving_of(request).answers.agent(agent_id))


@router.get(
    "/{agent_id}/explain",
    response_model=ExplanationDocument,
    responses=NOT_MODIFIED | problems(UNKNOWN_AGENT, UNKNOWN_KEY, INVALID_PARAMETER),
)
async def explain(
    request: Request,
    agent_id: str,
    key: Annotated[str, Query(description="Such as llm.temperature.", max_length=500)],
) -> Response:
    """Why a value is what it is: every layer that says something of the key, and which one wins."""
    require(request, Scope.READ)
    answers = serving_of(request).answers
    answers.require_known(agent_id)
    try:
        said = answers.snapshot.explain(agent_id, key)
    except AgentNotFound as error:
        raise Problem(UNKNOWN_AGENT, str(error)) from None
    except KeyNotFound as error:
        raise Problem(UNKNOWN_KEY, str(error)) from None
    except ValueError as error:
        raise Problem(INVALID_PARAMETER, f"key: {error}") from None
    return conditional(request, answer(said.as_json()))


def _page(answers: Answers, wanted: Filter, limit: int, after: str) -> dict[str, Any]:
    fitting = wanted.among(answers.rows())
    begin = bisect_right(fitting, after, key=itemgetter("id"))
    page = fitting[begin : begin + limit]
    return {
        "agents": page,
        "total": len(fitting),
        "next": page[-1]["id"] if begin + limit < len(fitting) else None,
        "generation": answers.snapshot.generation,
        "digest": answers.snapshot.digest,
    }
