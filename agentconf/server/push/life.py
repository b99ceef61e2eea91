"""The hub lives as long as the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from math import inf

from fastapi import FastAPI
from starlette.requests import HTTPConnection

from agentconf.server.options import Options
from agentconf.server.push.hub import Hub, Pace, kept_up
from agentconf.server.push.report import metrics, report
from agentconf.server.serving import Serving


@asynccontextmanager
async def push_life(app: FastAPI) -> AsyncGenerator[None]:
    """`app.state.hub`; the status and the metrics say who listens."""
    serving: Serving = app.state.serving
    options: Options = app.state.options
    pace = getattr(app.state, "pace", None) or Pace(write_timeout=options.limits.write_timeout_s or inf)
    hub = app.state.hub = Hub(serving.watch, pace)
    serving.reports["clients"] = lambda: report(hub)
    serving.meters.append(lambda: metrics(hub))
    keeping = asyncio.create_task(kept_up(hub, serving.stopping))
    try:
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


def hub_of(connection: HTTPConnection) -> Hub:
    """The hub of a request's or a WebSocket's server."""
    hub: Hub = connection.app.state.hub
    return hub
