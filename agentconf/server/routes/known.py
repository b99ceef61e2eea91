"""A parameter that an address does not take is an error: `?dryrun=true`, left out without a word, would be a write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant

from agentconf.server.access.require import caller_of
from agentconf.server.problem import INVALID_PARAMETER, Problem
from agentconf.suggest import did_you_mean


def refuse_others(request: Request, known: Sequence[str]) -> None:
    """Raises Problem (422) for the first parameter in the query that is not known.

    Whoever may do nothing here is told that first, by the route itself.
    """
    if not caller_of(request).scopes:
        return
    for name in request.query_params:
        if name not in known:
            hint = did_you_mean(name, known) or (f"it takes {', '.join(known)}" if known else "it takes none")
            raise Problem(INVALID_PARAMETER, f"this address takes no parameter '{name}'; {hint}")


async def _only_known(request: Request) -> None:
    if request.scope["query_string"]:
        refuse_others(request, sorted(set(_names(request.scope["route"].dependant))))


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for one in dependant.dependencies:
        yield from _names(one)


ONLY_KNOWN: Final = Depends(_only_known)
