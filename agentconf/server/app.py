"""The application: the routes, what guards them, and what lives as long as they do."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final, TypeAlias

from fastapi import APIRouter, FastAPI

from agentconf import __version__
from agentconf.server.access.gate import Gate
from agentconf.server.faults import add_faults
from agentconf.server.guard.access_log import AccessLog
from agentconf.server.guard.layer import Guard
from agentconf.server.guard.tally import Tally
from agentconf.server.options import Options
from agentconf.server.push.life import push_life
from agentconf.server.routes import (
    agents,
    health,
    llm,
    metrics,
    models,
    ofrep,
    openapi,
    push,
    snapshot,
    status,
    tickets,
    usage,
    writes,
)
from agentconf.server.serving import Serving

Life: TypeAlias = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_ROUTERS: Final[tuple[APIRouter, ...]] = (
    agents.plain,
    agents.router,
    writes.router,
    llm.router,
    models.router,
    status.router,
    tickets.router,
    usage.router,
    ofrep.router,
    health.router,
    metrics.router,
    openapi.router,
    snapshot.router,
    push.router,
)
"""The first that fits answers."""

_LIVES: Final[tuple[Life, ...]] = (writes.life, push_life)
"""What begins with the application and ends with it, such as the hub of the push."""


def create_app(serving: Serving, options: Options | None = None, log: AccessLog | None = None) -> FastAPI:
    """The server as an ASGI application. `app.state` has `serving`, `gate`, `options` and `log`.

    Raises SourceUnavailable where the file of tokens cannot be read.
    """
    chosen, tally = options or Options(), Tally()
    app = FastAPI(version=__version__, openapi_url=None, lifespan=_life, redirect_slashes=False)
    app.state.serving = serving
    app.state.options = chosen
    app.state.gate = Gate(chosen.tokens, chosen.tickets)
    app.state.log = log or AccessLog()
    serving.meters.append(tally.metrics)
    for router in _ROUTERS:
        app.router.routes.extend(router.routes)  # included, each router would be asked on its own: a tenth of the time
    add_faults(app)
    requests = app.state.log if chosen.has_access_log else None
    app.add_middleware(Guard, gate=app.state.gate, options=chosen, log=requests, tally=tally)
    return app


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncGenerator[None]:
    serving: Serving = app.state.serving
    serving.last_changes.start()
    try:
        async with AsyncExitStack() as stack:
            for life in _LIVES:
                await stack.enter_async_context(life(app))
            yield
    finally:
        serving.last_changes.close()
        app.state.log.flush()
