"""One call, as it is recorded: never the prompt nor the answer, unless the service asked for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentconf.frozen import FrozenDict
from agentconf.runtime.tokens import Tokens


@dataclass(frozen=True, slots=True)
class CallRecord:
    """`at` is when the call began, in Unix seconds; `tree` the folder as it was given, or the server's address.

    `model_asked` is the first entry that was tried, `model` the one that answered; None where none did. `cost_usd`
    None is unknown, 0 is free. `error` is the name of the class of the last error. `is_own` says that the caller's
    user paid. `tags` are the caller's own.
    """

    at: float
    agent: str
    tree: str = ""
    environment: str | None = None
    digest: str = ""
    variant: str | None = None
    model_asked: str = ""
    model: str | None = None
    provider: str | None = None
    tokens: Tokens = field(default_factory=Tokens)
    cost_usd: float | None = None
    latency_s: float = 0.0
    first_token_s: float | None = None
    attempts: int = 1
    error: str | None = None
    is_stream: bool = False
    is_own: bool = False
    chain: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=FrozenDict)
    prompt: str | None = None
    answer: str | None = None
