"""The OpenAPI document: every answer and every error of every address."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from agentconf.server.documents import ProblemDocument
from agentconf.server.problem import (
    FORBIDDEN,
    FOREIGN_ORIGIN,
    INTERNAL,
    INVALID_PARAMETER,
    INVALID_REQUEST,
    MEDIA_TYPE,
    TOO_LARGE,
    TOO_MANY,
    UNAUTHORIZED,
    WRONG_HOST,
    Kind,
)

_ABOUT: Final = """Configuration of LLM agents as a server has it in memory: resolved, explained, pushed as it changes.

Errors are problem documents (RFC 9457)."""
_EVERYWHERE: Final = (INVALID_REQUEST, FOREIGN_ORIGIN, TOO_LARGE, WRONG_HOST, TOO_MANY, INTERNAL)
_WITH_TOKEN: Final = (UNAUTHORIZED, FORBIDDEN)
_OPEN: Final = frozenset(("/healthz", "/readyz", "/openapi.json"))
"""What needs no token."""

Responses = dict[int | str, dict[str, Any]]

NOT_MODIFIED: Final[Responses] = {304: {"description": "The client has it already: its If-None-Match names the ETag"}}


def problems(*kinds: Kind) -> Responses:
    """Problem documents for the `responses` of a route."""
    by_status: dict[int, list[Kind]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": "; or: ".join(f"{kind.title} (`{kind.name}`)" for kind in same),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status, same in by_status.items()
    }


def document(app: FastAPI) -> dict[str, Any]:
    """The document of an application, made once."""
    if app.openapi_schema is None:
        said = get_openapi(title="agentconf", version=app.version, description=_ABOUT, routes=app.routes)
        schemas = said.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = ProblemDocument.model_json_schema()
        said["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for path, operations in said["paths"].items():
            for operation in operations.values():
                _complete(operation, path)
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = said
    return app.openapi_schema


def _complete(operation: dict[str, Any], path: str) -> None:
    """What can happen at any address; of parameters, our own answer in the place of the framework's."""
    responses = operation["responses"]
    kinds = _EVERYWHERE if path in _OPEN else (*_EVERYWHERE, *_WITH_TOKEN)
    if responses.pop("422", None) is not None:
        kinds = (*kinds, INVALID_PARAMETER)
    for status, said in problems(*kinds).items():
        responses.setdefault(str(status), said)
    if path not in _OPEN:
        operation["security"] = [{"token": []}, {}]
