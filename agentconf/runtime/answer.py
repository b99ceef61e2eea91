"""What an answer says of itself: which model gave it, after which attempts, and at what price."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentconf.runtime.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to one model. `error` is the name of LiteLLM's error class, None where it answered.

    `status` is the HTTP status where there was one. Nothing of the provider's message is kept: it may repeat the
    prompt, or a key.
    """

    model: str
    latency_s: float
    error: str | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """How an answer came about. `model` is the entry that gave it, as the tree writes it; `cost_usd` None is unknown.

    `digest` is the agent's own, `chain` who called whom: the ids from the first agent to the one before this.
    """

    agent: str
    model: str
    attempts: tuple[Attempt, ...] = ()
    variant: str | None = None
    environment: str | None = None
    digest: str = ""
    chain: tuple[str, ...] = ()
    is_own: bool = False
    tokens: Tokens = field(default_factory=Tokens)
    cost_usd: float | None = None
    latency_s: float = 0.0
    first_token_s: float | None = None

    @property
    def is_fallback(self) -> bool:
        """Whether another entry than the first that was tried gave the answer."""
        return bool(self.attempts) and self.attempts[0].model != self.model
