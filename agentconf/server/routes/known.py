"""A parameter that an address does not take is an error: `?dryrun=true`, left out without a word, would be a write.

So is one that is said twice where one value is taken: `?dry_run=true&dry_run=false` would be one, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant

from agentconf.server.access.require import caller_of
from agentconf.server.problem import INVALID_PARAMETER, Problem
from agentconf.suggest import did_you_mean


def refuse_others(request: Request, known: Mapping[str, bool]) -> None:
    """Raises Problem (422) for the first parameter in the query that is not known, or is said too often.

    `known` says of each whether it may be said more than once. Whoever may do nothing here is told that first, by the
    route itself.
    """
    if not caller_of(request).scopes:
        return
    said = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            hint = did_you_mean(name, known) or (f"it takes {', '.join(sorted(known))}" if known else "it takes none")
            raise Problem(INVALID_PARAMETER, f"this address takes no parameter '{name}'; {hint}")
        if name in said and not known[name]:
            raise Problem(INVALID_PARAMETER, f"the parameter '{name}' is said more than once; say it once")
        said.add(name)


async def _only_known(request: Request) -> None:
    if request.scope["query_string"]:
        refuse_others(request, dict(_parameters(request.scope["route"].dependant)))


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    yield from ((field.alias, _is_list(field.field_info.annotation)) for field in dependant.query_params)
    for one in dependant.dependencies:
        yield from _parameters(one)


def _is_list(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return any(map(_is_list, get_args(annotation))) if origin in {Union, UnionType} else origin is list


ONLY_KNOWN: Final = Depends(_only_known)
