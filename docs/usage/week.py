"""Writes an invented week of calls into the record of this user, for the examples of docs/usage.md."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from agentconf.runtime.tokens import Tokens
from agentconf.runtime.usage.record import CallRecord
from agentconf.runtime.usage.store import UsageStore

MODELS = {
    "code-assistant": ("anthropic/claude-sonnet-4-6", "openai/gpt-4.1"),
    "support-triage": ("openai/gpt-4.1-mini", "mistral/mistral-large-2512"),
    "translator": ("local/new-chat", "openai/gpt-4.1-mini"),
}
DOLLARS_PER_MILLION = {
    "anthropic/claude-sonnet-4-6": (3.0, 15.0),
    "openai/gpt-4.1": (2.0, 8.0),
    "openai/gpt-4.1-mini": (0.4, 1.6),
    "mistral/mistral-large-2512": (0.5, 1.5),
}


def call(at: datetime, agent: str, random: Random) -> CallRecord:
    """A call as a client would have recorded it: now and then a fallback answers, or nobody does."""
    first, second = MODELS[agent]
    model = random.choices((first, second, None), (95, 4, 1))[0]
    tokens = Tokens(random.randint(200, 6_000), random.randint(20, 900)) if model else Tokens()
    prices = DOLLARS_PER_MILLION.get(model or "")
    return CallRecord(
        at=at.timestamp(), agent=agent, tree="agents.d", environment="prod", model_asked=first, model=model,
        provider=model.partition("/")[0] if model else None, tokens=tokens,
        cost_usd=(tokens.input * prices[0] + tokens.output * prices[1]) / 1e6 if prices else None,
        latency_s=random.lognormvariate(0.2, 0.6), attempts=1 if model == first else 2,
        error=None if model else "Timeout", is_own=agent == "translator" and random.random() < 0.02,
    )  # fmt: skip


def week(random: Random) -> list[CallRecord]:
    begin = datetime(2026, 6, 1, tzinfo=UTC)
    moments = (begin + timedelta(seconds=random.uniform(0, 7 * 86_400)) for _ in range(3_000))
    return [call(at, random.choice(sorted(MODELS)), random) for at in moments]


if __name__ == "__main__":
    UsageStore().write(week(Random(6)))  # noqa: S311  # the same week each time
