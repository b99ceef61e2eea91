"""What went wrong as a problem document, whoever raised it: a route, the framework, or a mistake of ours."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from agentconf.server.problem import INVALID_PARAMETER, INVALID_REQUEST, NOT_ALLOWED, NOT_FOUND, Kind, Problem


def add_faults(app: FastAPI) -> None:
    """Answers every error of an application with a problem document."""
    app.add_exception_handler(Problem, _of_problem)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(RequestValidationError, _of_parameters)


async def _of_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response


async def _of_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == NOT_FOUND.status:
        return Problem(NOT_FOUND, "there is no such address; /openapi.json lists those that there are").response
    if error.status_code == NOT_ALLOWED.status:
        allowed = ", ".join(allowed_methods(request))
        said = f"this address takes {allowed}"
        return Problem(NOT_ALLOWED, said, headers={"allow": allowed}).response
    kind = Kind("refused", error.status_code, "The request was refused")
    return Problem(kind if error.status_code != INVALID_REQUEST.status else INVALID_REQUEST, str(error.detail)).response


async def _of_parameters(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [{"where": ".".join(map(str, one["loc"])), "why": one["msg"]} for one in error.errors()]
    said = "; ".join(f"{one['where']}: {one['why']}" for one in found)
    return Problem(INVALID_PARAMETER, said, more={"errors": found}).response


def allowed_methods(request: Request) -> list[str]:
    """Every method that some route takes at the address of a request, sorted."""
    found: set[str] = set()
    for route in request.app.router.routes:
        scope: dict[str, Any] = dict(request.scope)
        match, _ = route.matches(scope)
        if match is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return sorted(found | ({"HEAD"} if "GET" in found else set()))
