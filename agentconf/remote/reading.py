"""What a server says, taken for what it must be; anything else is refused in one sentence."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, Final, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agentconf.config.types import AgentId
from agentconf.remote.faults import Unacceptable
from agentconf.snapshot.transfer import FORMAT

_Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
_Mark = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.-]{1,128}$")]
_Text = Annotated[str, Field(max_length=4096)]

_FIRST: Final = b'{"format":'
_SETTINGS: Final = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True, allow_inf_nan=False)


class SentAgent(BaseModel):
    """An agent as a server sends it."""

    model_config = _SETTINGS

    id: AgentId
    file: _Text
    has_api_key: bool
    config: dict[str, Any]
    masked: _Hex | None = None


class Said(BaseModel):
    """What `/api/snapshot` says. `since` is the digest upon which it builds; None where it is everything."""

    model_config = _SETTINGS

    format: int
    run: _Mark
    generation: int
    digest: _Digest
    since: str | None
    etag: _Mark
    facts: _Mark
    environment: _Text | None
    default_agent: AgentId | None
    disabled: list[AgentId]
    refused: list[AgentId]
    takes_machine: bool
    models: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None
    gone: list[AgentId]
    digests: dict[AgentId, _Hex]
    agents: list[SentAgent]


class Hint(BaseModel):
    """What the push says to one who fetches what changed."""

    model_config = _SETTINGS

    type: _Text
    digest: _Digest | None = None
    etag: _Mark | None = None
    spread_ms: Annotated[int, Field(ge=0, le=60_000)] = 0


class _Form(BaseModel):
    format: int


def said_by(body: bytes) -> Said:
    """What a body says. Raises Unacceptable, which repeats nothing of it but the name of a key that we know."""
    try:
        if body.startswith(_FIRST) and _Form.model_validate_json(body[:64].partition(b",")[0] + b"}").format > FORMAT:
            raise Unacceptable(f"the server's form of a snapshot is newer than {FORMAT}: update agentconf here")
        return Said.model_validate_json(body)
    except ValidationError as error:
        where = error.errors(include_url=False, include_input=False, include_context=False)[0]["loc"]
        at = f" (at '{where[0]}')" if where and str(where[0]) in Said.model_fields else ""
    raise Unacceptable(f"the answer is not a snapshot as agentconf's server sends it{at}")


def hint_of(text: str | bytes) -> Hint:
    """What a pushed message says. Raises Unacceptable."""
    try:
        return Hint.model_validate_json(text)
    except ValidationError:
        raise Unacceptable("the push says what agentconf's server does not say") from None


def mapping_of(body: bytes) -> dict[str, Any]:
    """A JSON object. Raises Unacceptable."""
    try:
        said = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unacceptable("the answer is no JSON that can be read") from None
    if not isinstance(said, dict):
        raise Unacceptable("the answer is no JSON object")
    return said


def _refuse(_: str) -> NoReturn:
    raise ValueError


def is_finite(value: Any) -> bool:
    """Whether a JSON value holds no number that is none."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(is_finite(item) for item in value.values())
    return all(is_finite(item) for item in value) if isinstance(value, list) else True
