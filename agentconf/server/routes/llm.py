"""`/api/agents/{id}/llm`: what somebody needs who calls the model without agentconf; the one answer with secrets."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from agentconf.errors import SecretUnavailable
from agentconf.secrets.allowed import allowed_by
from agentconf.secrets.reveal import Ground
from agentconf.server.access.caller import Caller, Scope
from agentconf.server.access.private import is_private
from agentconf.server.access.require import require
from agentconf.server.answers import Answers, answer, conditional, fresh_answer
from agentconf.server.documents import LlmDocument
from agentconf.server.flat import with_secrets
from agentconf.server.guard.access_log import AccessLog
from agentconf.server.openapi import NOT_MODIFIED, problems
from agentconf.server.problem import (
    NOT_AUDITED,
    NOT_PRIVATE,
    SECRET_UNAVAILABLE,
    UNKNOWN_AGENT,
    UNKNOWN_VARIANT,
    Problem,
)
from agentconf.server.routes.known import ONLY_KNOWN
from agentconf.server.serving import serving_of
from agentconf.snapshot.flat import flat_llm

router = APIRouter(prefix="/api/agents", tags=["agents"], dependencies=[ONLY_KNOWN])

_PROBLEMS = problems(UNKNOWN_AGENT, UNKNOWN_VARIANT, NOT_PRIVATE, SECRET_UNAVAILABLE, NOT_AUDITED)


@router.get("/{agent_id}/llm", response_model=LlmDocument, responses=NOT_MODIFIED | _PROBLEMS)
async def llm(
    request: Request,
    agent_id: str,
    secrets: Annotated[bool, Query(description="With the values of secrets, for a token with that scope.")] = False,
    variant: Annotated[str | None, Query(description="As this variant's callers get it.", max_length=64)] = None,
) -> Response:
    """`config.llm`, each entry with the connection of its provider; secrets as references, unless asked for."""
    caller = require(request, Scope.SECRETS if secrets else Scope.READ)
    answers = serving_of(request).answers
    if secrets:
        return await _with_secrets(request, caller, answers, (agent_id, variant))
    answers.require(agent_id)
    try:
        return conditional(request, answer(flat_llm(answers.snapshot.show(agent_id)["config"], variant)))
    except KeyError:
        raise _unknown_variant(agent_id, variant) from None


async def _with_secrets(
    request: Request, caller: Caller, answers: Answers, asked: tuple[str, str | None]
) -> Response:
    """Audited before anything is revealed: what cannot be written down is not told."""
    if not is_private(request, request.app.state.options.proxies):
        raise Problem(NOT_PRIVATE, "ask over TLS, or from this machine itself")
    agent_id, variant = asked
    agent, snapshot = answers.require(agent_id), answers.snapshot
    _audit(request, caller, agent_id)
    try:
        ground = Ground(allowed_by(snapshot.settings), serving_of(request).path)
        said: dict[str, Any] = await asyncio.to_thread(with_secrets, agent, ground, variant)  # it may read files
    except SecretUnavailable as error:
        raise Problem(SECRET_UNAVAILABLE, str(error)) from None
    except KeyError:
        raise _unknown_variant(agent_id, variant) from None
    return fresh_answer(said)


def _audit(request: Request, caller: Caller, agent_id: str) -> None:
    log: AccessLog = request.app.state.log
    client = request.client.host if request.client else None
    entry = {"event": "secrets-read", "agent": agent_id, "token": caller.token, "owner": str(caller.owner)}
    try:
        log.say_now({**entry, "client": client})
    except OSError:
        raise Problem(NOT_AUDITED, "the log cannot be written, and no secret is told without a note of it") from None


def _unknown_variant(agent_id: str, variant: str | None) -> Problem:
    return Problem(UNKNOWN_VARIANT, f"the agent '{agent_id}' has no variant '{variant}'")
