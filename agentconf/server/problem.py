"""Every error as a problem document (RFC 9457): what is wrong, and the way out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

MEDIA_TYPE: Final = "application/problem+json"
_TYPE: Final = "urn:agentconf:problem:"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its name is the end of `type`, its title the same for each of its kind.

    `document` names what describes it, where it has members of its own.
    """

    name: str
    status: int
    title: str
    document: str = "Problem"


INVALID_REQUEST: Final = Kind("invalid-request", 400, "The request cannot be understood")
UNAUTHORIZED: Final = Kind("unauthorized", 401, "A valid token is needed")
FORBIDDEN: Final = Kind("forbidden", 403, "The token does not allow this")
FOREIGN_ORIGIN: Final = Kind("foreign-origin", 403, "The request comes from another site's page")
NOT_PRIVATE: Final = Kind("not-private", 403, "Secrets are told over TLS or loopback alone")
NOT_FOUND: Final = Kind("not-found", 404, "There is nothing here")
UNKNOWN_AGENT: Final = Kind("unknown-agent", 404, "There is no such agent")
NO_DEFAULT_AGENT: Final = Kind("no-default-agent", 404, "The tree names no default agent")
UNKNOWN_VARIANT: Final = Kind("unknown-variant", 404, "The agent has no such variant")
UNKNOWN_KEY: Final = Kind("unknown-key", 404, "No layer says anything about this key")
NO_MODEL: Final = Kind("no-model", 404, "The agent has no model that is switched on")
NOT_ALLOWED: Final = Kind("method-not-allowed", 405, "This method is not for this address")
TOO_LARGE: Final = Kind("body-too-large", 413, "The body is too large")
WRONG_HOST: Final = Kind("wrong-host", 421, "This server does not answer to that name")
INVALID_PARAMETER: Final = Kind("invalid-parameter", 422, "A parameter is not what it must be", "InvalidParameter")
UPGRADE_REQUIRED: Final = Kind("upgrade-required", 426, "This address speaks WebSocket")
TOO_MANY: Final = Kind("too-many-requests", 429, "Too many requests")
INTERNAL: Final = Kind("internal-error", 500, "The server made a mistake")
NOT_KEPT: Final = Kind("not-kept", 404, "This server does not keep that")
SECRET_UNAVAILABLE: Final = Kind("secret-unavailable", 424, "A secret has no value on this machine")
TOO_SLOW: Final = Kind("too-slow", 408, "The request did not arrive in time")
TOO_LONG_HEAD: Final = Kind("head-too-large", 431, "The address and the headers are too large")
TOO_BUSY: Final = Kind("too-many-connections", 503, "Too many connections")
NOT_AUDITED: Final = Kind("not-audited", 503, "The reading of secrets cannot be noted down")
UNAVAILABLE: Final = Kind("unavailable", 503, "There is nothing to answer with now")


class Problem(Exception):
    """What a route raises; the answer is a problem document. `more` are further members of it."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = dict(more or {})
        super().__init__(kind, detail)

    def __str__(self) -> str:
        return self.detail

    @property
    def response(self) -> Response:
        return Response(problem_bytes(self), self.kind.status, self.headers, MEDIA_TYPE)


def problem_bytes(problem: Problem) -> bytes:
    """The document."""
    kind = problem.kind
    said = {"type": _TYPE + kind.name, "title": kind.title, "status": kind.status, "detail": problem.detail}
    return json.dumps({**said, **problem.more}, ensure_ascii=False).encode()
