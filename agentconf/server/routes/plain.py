"""A route that hands an endpoint the request and what stands in the address, and asks for nothing else.

FastAPI looks for parameters, bodies and dependencies at every request, which takes as long as all the rest of it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from agentconf.server.routes.known import refuse_others


class PlainRoute(APIRoute):
    """For endpoints without parameters in the query, a body or dependencies."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint = self.endpoint

        async def answer(request: Request) -> Response:
            if request.scope["query_string"]:
                refuse_others(request, {})
            found: Response = await endpoint(request, **request.path_params)
            return found

        return answer
