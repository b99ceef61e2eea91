"""What a route requires of its caller."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from agentconf.server.access.caller import CALLER, NOBODY, Caller, Scope
from agentconf.server.problem import FORBIDDEN, UNAUTHORIZED, Problem


def require(connection: HTTPConnection, scope: Scope) -> Caller:
    """The caller of a request or a WebSocket, who has that scope. Raises Problem (401 or 403)."""
    caller = caller_of(connection)
    if scope in caller.scopes:
        return caller
    if caller.token is None:
        raise Problem(
            UNAUTHORIZED, caller.refusal or _missing(scope), headers={"www-authenticate": _challenge(caller.refusal)}
        )
    raise Problem(FORBIDDEN, f"the token '{caller.token}' lacks the scope '{scope}'; it has: {_listed(caller)}")


def caller_of(connection: HTTPConnection) -> Caller:
    """Who calls, whatever they may do."""
    caller: Caller = connection.scope.get(CALLER, NOBODY)
    return caller


def _missing(scope: Scope) -> str:
    return f"this needs a token with the scope '{scope}': send it as 'Authorization: Bearer TOKEN'"


def _challenge(refusal: str | None) -> str:
    return 'Bearer realm="agentconf"' + (', error="invalid_token"' if refusal else "")


def _listed(caller: Caller) -> str:
    return ", ".join(sorted(caller.scopes)) or "none"
