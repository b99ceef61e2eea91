"""`/api/usage`: what was used and spent, where this machine keeps a record of it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from agentconf.errors import AgentconfError, NotInstalled
from agentconf.server.access.caller import Scope
from agentconf.server.access.require import require
from agentconf.server.answers import fresh_answer
from agentconf.server.documents import UsageReport
from agentconf.server.openapi import problems
from agentconf.server.problem import NOT_KEPT, UNAVAILABLE, Problem
from agentconf.server.routes.known import ONLY_KNOWN
from agentconf.server.serving import serving_of

if TYPE_CHECKING:
    from agentconf.runtime.usage.report import Report, Usage

router = APIRouter(prefix="/api", tags=["usage"], dependencies=[ONLY_KNOWN])

_Moment = Annotated[datetime | None, Query(description="In ISO 8601; without a zone in UTC.")]


@router.get("/usage", response_model=UsageReport, responses=problems(NOT_KEPT, UNAVAILABLE))
async def usage(
    request: Request,
    by: Literal["agent", "model", "day", "variant"] = "agent",
    since: _Moment = None,
    until: _Moment = None,
    agent: Annotated[list[str] | None, Query(max_length=100)] = None,
) -> Response:
    """What was used and spent in this environment, by the record that AGENTCONF_USAGE_URL, or else the user, keeps."""
    require(request, Scope.READ)
    environment = serving_of(request).snapshot.environment
    asked = {
        "by": ("agent", "variant") if by == "variant" else (by,),
        "since": _seconds(since),
        "until": _seconds(until),
        "environments": (environment,) if environment else (),
        "agents": tuple(agent or ()),
    }
    try:
        report = await asyncio.to_thread(_report, asked)
    except NotInstalled:
        raise Problem(NOT_KEPT, "this server keeps no record of calls: SQLAlchemy is not installed") from None
    except (AgentconfError, ValueError) as error:
        raise Problem(UNAVAILABLE, str(error)) from None
    if report is None:
        raise Problem(NOT_KEPT, "there is no record of calls yet; the first call of an AgentClient begins it")
    rows = [_row(one) for one in report.rows]
    return fresh_answer({"rows": rows, "total": _row(report.total), "first": report.first, "last": report.last})


def _report(asked: dict[str, Any]) -> Report | None:
    from agentconf.runtime.usage.question import Question
    from agentconf.runtime.usage.store import UsageStore

    with closing(UsageStore()) as store:
        return store.report(Question(**asked))


def _seconds(moment: datetime | None) -> float | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _row(usage: Usage) -> dict[str, Any]:
    return {
        "key": dict(usage.key),
        "calls": usage.calls,
        "failed": usage.failed,
        "fallbacks": usage.fallbacks,
        "unpriced": usage.unpriced,
        "cost_usd": usage.cost_usd,
        "input_tokens": usage.tokens.input,
        "output_tokens": usage.tokens.output,
        "p50_s": usage.p50_s,
        "p95_s": usage.p95_s,
    }
