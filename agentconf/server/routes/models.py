"""`/api/models`: the models in use, what is known of them, and which others would do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from agentconf.catalogue.recommend import Wish
from agentconf.server.access.caller import Scope
from agentconf.server.access.require import require
from agentconf.server.answers import answer, conditional
from agentconf.server.documents import ModelList, Recommendations
from agentconf.server.models import Search, models_in_use, recommendations, this_day
from agentconf.server.openapi import NOT_MODIFIED, problems
from agentconf.server.problem import INVALID_PARAMETER, NO_MODEL, UNKNOWN_AGENT, Problem
from agentconf.server.routes.known import ONLY_KNOWN
from agentconf.server.serving import serving_of

router = APIRouter(prefix="/api/models", tags=["models"], dependencies=[ONLY_KNOWN])

_Price = Annotated[float | None, Query(ge=0, description="US dollars per million tokens.", allow_inf_nan=False)]
_Text = Annotated[str | None, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model must have, as `agentconf models recommend` takes it."""

    capability: Annotated[list[str] | None, Query(max_length=20)] = None
    min_context: Annotated[int | None, Query(ge=1)] = None
    max_input_price: _Price = None
    max_output_price: _Price = None
    min_price: _Price = None
    max_price: _Price = None
    region: _Text = None
    mode: Annotated[str, Query(max_length=50)] = "chat"

    @property
    def wish(self) -> Wish:
        return Wish(
            today=this_day(), mode=self.mode, capabilities=frozenset(self.capability or ()),
            min_context_tokens=self.min_context, max_input_price=self.max_input_price,
            max_output_price=self.max_output_price, min_price=self.min_price, max_price=self.max_price,
            region=self.region,
        )  # fmt: skip


@router.get("", response_model=ModelList, responses=NOT_MODIFIED)
async def models(request: Request) -> Response:
    """The models that the agents use, fallbacks and variants included, with what is known of each."""
    require(request, Scope.READ)
    snapshot = serving_of(request).snapshot
    return conditional(request, answer(await asyncio.to_thread(models_in_use, snapshot)))


@router.get(
    "/recommend",
    response_model=Recommendations,
    responses=NOT_MODIFIED | problems(UNKNOWN_AGENT, NO_MODEL, INVALID_PARAMETER),
)
async def recommend(
    request: Request,
    asked: Annotated[Asked, Depends()],
    search: Annotated[Search, Depends()],
) -> Response:
    """Models that fit, cheapest first; with `for`, cheaper or larger ones that meet what the agent requires."""
    require(request, Scope.READ)
    if search.agent is None and (search.cheaper or search.larger):
        raise Problem(INVALID_PARAMETER, "cheaper and larger are about an agent's model: say for which, with for=AGENT")
    answers = serving_of(request).answers
    if search.agent is not None:
        answers.require(search.agent)
    found = await asyncio.to_thread(recommendations, answers.snapshot, asked.wish, search)
    return conditional(request, answer(found))
