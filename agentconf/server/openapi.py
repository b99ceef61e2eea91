"""The OpenAPI document: every answer and every error of every address."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from agentconf.server.documents import PROBLEMS
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

_REF: Final = "#/components/schemas/{model}"
_OR: Final = "; or: "

Responses = dict[int | str, dict[str, Any]]

NOT_MODIFIED: Final[Responses] = {304: {"description": "The client has it already: its If-None-Match names the ETag"}}


def problems(*kinds: Kind) -> Responses:
    """Problem documents for the `responses` of a route."""
    by_status: dict[int, list[Kind]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    return {
        status: {
            "description": _OR.join(f"{kind.title} (`{kind.name}`)" for kind in same),
            "content": {MEDIA_TYPE: {"schema": _schema([kind.document for kind in same])}},
        }
        for status, same in by_status.items()
    }


def _schema(names: list[str]) -> dict[str, Any]:
    refs = [{"$ref": _REF.format(model=name)} for name in dict.fromkeys(names)]
    return refs[0] if len(refs) == 1 else {"anyOf": refs}


def document(app: FastAPI) -> dict[str, Any]:
    """The document of an application, made once."""
    if app.openapi_schema is None:
        said = get_openapi(title="agentconf", version=app.version, description=_ABOUT, routes=app.routes)
        schemas = said.setdefault("components", {}).setdefault("schemas", {})
        for name, model in PROBLEMS.items():
            described = model.model_json_schema(ref_template=_REF)
            schemas.update(described.pop("$defs", {}))
            schemas[name] = described
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
    if MEDIA_TYPE not in responses.get("422", {}).get("content", {MEDIA_TYPE: {}}):
        responses.pop("422")
        kinds = (*kinds, INVALID_PARAMETER)
    for status, said in problems(*kinds).items():
        known = responses.setdefault(str(status), said)
        if known is not said:
            known["description"] += _OR + said["description"]
    if path not in _OPEN:
        operation["security"] = [{"token": []}, {}]
