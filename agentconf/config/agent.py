"""The typed, frozen agent: what the loader serves, and the one definition from which the published schemas are made.

Field names are LiteLLM's where it has one. A field that nobody set is None or empty: nothing is sent for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict

from agentconf.config.types import (
    SEALED,
    Address,
    AgentId,
    Capability,
    Count,
    Day,
    Dollars,
    EntryName,
    FreeMapping,
    HeaderValue,
    ModelName,
    Parameters,
    ResponseFormat,
    Seconds,
    Secret,
    TextOrTexts,
    Texts,
)
from agentconf.frozen import FrozenDict

_EMPTY: Final[FrozenDict[Any]] = FrozenDict()


class Frozen(BaseModel):
    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", hide_input_in_errors=True, protected_namespaces=()
    )


def described(description: str, *examples: Any, default: Any = None) -> Any:
    """A field with what an editor shows for it. `default=...` marks a field that must be there once all is merged."""
    if isinstance(default, FrozenDict):
        return Field(default_factory=FrozenDict, description=description, examples=list(examples) or None)
    return Field(default=default, description=description, examples=list(examples) or None)


class Cost(Frozen):
    """Prices in US dollars per million tokens, when the catalogue is wrong or silent. Absent is unknown; 0 is free."""

    input_per_million: Dollars | None = described("US dollars per million input tokens.", 2.5)
    output_per_million: Dollars | None = described("US dollars per million output tokens.", 10)
    cached_input_per_million: Dollars | None = described("US dollars per million cached input tokens.", 1.25)


_MODEL: Final = (
    "`provider/model`. The provider is one of `providers`, or any of LiteLLM's when none is declared.",
    "openai/gpt-4.1-mini",
    "anthropic/claude-sonnet-4-6",
)


class ModelEntry(Frozen):
    """One model and how to call it: the primary or a fallback."""

    enabled: bool = described("`false` takes this entry out of service.", False, default=True)
    model: ModelName | None = described(*_MODEL)
    temperature: Annotated[float, Field(ge=0, le=2)] | None = described(
        "Sampling temperature; 0 is the steadiest.", 0, 0.7
    )
    top_p: Annotated[float, Field(ge=0, le=1)] | None = described(
        "Nucleus sampling: the share of probability kept.", 0.9
    )
    max_tokens: Count | None = described("The most tokens an answer may have; at most the model's own limit.", 4096)
    timeout: Seconds | None = described("Seconds until a call is given up, or a duration.", 30, "30s", "2m")
    stream_timeout: Seconds | None = described("Seconds until a stream without a token is given up.", "10s")
    num_retries: Annotated[int, Field(ge=0)] | None = described("How often a failed call is tried again.", 2)
    seed: int | None = described("A seed, for answers that can be repeated where the model allows it.", 7)
    stop: TextOrTexts | None = described(
        "Text at which the answer ends, or a list of such texts.", "END", ["END", "STOP"]
    )
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = described(
        "Lowers the chance of repeated tokens.", 0.2
    )
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = described("Raises the chance of new topics.", 0.2)
    reasoning_effort: (
        Literal["none", "disable", "minimal", "low", "medium", "high", "xhigh", "max", "default"] | None
    ) = described("How long a reasoning model thinks.", "low", "high")
    response_format: ResponseFormat | None = described("The form of the answer.", {"type": "json_object"})
    api_base: Address | None = described("The address, where the tree declares no providers.", "http://localhost:11434")
    api_key: Secret | None = described(
        "A reference to the key, where the tree declares no providers.", "${env:OPENAI_API_KEY}"
    )
    api_version: str | None = described("The API's version, for providers that have one.", "2026-05-01")
    extra_headers: Annotated[Mapping[str, HeaderValue], SEALED] | None = described(
        "Headers for every call; a value may be a reference.", {"X-Team": "search"}
    )
    cost: Cost | None = described("Prices, when the catalogue is wrong or silent.", {"input_per_million": 2.5})
    extra: FreeMapping | None = described(
        "Further arguments, handed to LiteLLM; none that the format defines, none for connection or credentials.",
        {"top_k": 40},
    )


class Fallback(ModelEntry):
    """A model that is tried when those before it fail.

    It inherits the sampling keys, `max_tokens`, the timeouts and `num_retries` from the primary, and nothing else.
    """

    model: ModelName = described(*_MODEL, default=...)


class Llm(ModelEntry):
    """The primary model, and the fallbacks in the order in which they are tried."""

    fallbacks: Annotated[tuple[Fallback, ...], Strict(False)] = described(
        "Models that are tried in order when the primary fails.", [{"model": "anthropic/claude-haiku-4-5"}], default=()
    )


class Provider(Frozen):
    """How to reach a provider, said once."""

    type: Annotated[str, Field(min_length=1, max_length=64)] | None = described(
        "The LiteLLM provider; by default the entry's own name.", "azure", "openai"
    )
    api_base: Address | None = described("The address.", "https://eu.example.net")
    api_key: Secret | None = described("A reference to the key.", "${env:OPENAI_API_KEY}", "${file:/run/secrets/azure}")
    api_version: str | None = described("The API's version.", "2026-05-01")
    organization: str | None = described("The organization that calls are counted to.", "org-example")
    region: str | None = described("The region of the endpoint.", "eu", "eu-central-1")
    extra_headers: Annotated[Mapping[str, HeaderValue], SEALED] | None = described(
        "Headers for every call; a value may be a reference.", {"X-Team": "search"}
    )
    credentials: Literal["ambient"] | None = described(
        "`ambient`: the provider's SDK finds its own (AWS, Google).", "ambient"
    )
    params: Parameters | None = described(
        "Further connection arguments by LiteLLM's names; a credential is a reference.",
        {"vertex_project": "search-eu"},
    )


class Variant(Frozen):
    """One arm of an experiment. Resolved, `llm` is the whole of what its callers get."""

    weight: Dollars = described("Its share, relative to the other variants' weights.", 50, default=...)
    llm: Llm = described("What this variant changes.", {"temperature": 0.2}, default=...)
    instructions: str | None = described("The system prompt of this variant.", "Answer in one sentence.")


class Experiment(Frozen):
    """Who compares the variants, by what measure, and until when."""

    control: str = described("The variant that everyone gets after `ends`.", "plain", default=...)
    owner: str | None = described("Who answers for the experiment.", "search@example.com")
    metric: str | None = described("What is compared.", "resolved tickets")
    ends: Day | None = described("The last day; afterwards everyone gets the control.", "2027-03-31")


class Requires(Frozen):
    """What any model of this agent must have, fallbacks included."""

    capabilities: Annotated[tuple[Capability, ...], Strict(False)] = described(
        "Capabilities, such as tools or vision.", ["tools", "vision"], default=()
    )
    min_context_tokens: Count | None = described("The smallest context window that will do.", 100000)


class Budget(Frozen):
    """What the agent may spend, and what happens when it has."""

    usd: Dollars = described("US dollars per period.", 25, default=...)
    per: Literal["hour", "day", "month"] = described("The period (UTC).", "day", default=...)
    on_exceeded: Literal["block", "warn", "fallback"] = described(
        "What happens to calls beyond the budget.", "block", default="block"
    )
    alert_at: Annotated[float, Field(gt=0, le=1)] = described(
        "The share of the budget that raises an alert.", 0.8, default=0.8
    )


class Limits(Frozen):
    """How much the agent may spend and call."""

    budget: Budget | None = described("What it may spend.", {"usd": 25, "per": "day"})
    requests_per_minute: Count | None = described("Calls per minute.", 60)
    tokens_per_minute: Count | None = described("Tokens per minute, in and out.", 100000)
    max_parallel: Count | None = described("Calls at the same time.", 8)


class Agent(Frozen):
    """An agent as resolved for one environment. Read-only, to any depth."""

    id: AgentId
    environment: str | None = None
    file: str

    name: Annotated[str, Field(max_length=128)] | None = described("A name for people.", "Strategist")
    description: str | None = described("What the agent is for.", "Proposes trades within the risk officer's limits.")
    owner: str | None = described("The team or person who answers for it.", "trading@example.com")
    tags: Texts = described("Tags, for policies and filters.", ["pii", "eu"], default=())
    enabled: bool = described("`false`: kept in the repository, not served.", False, default=True)
    instructions: str | None = described("The system prompt.", "You are a careful analyst.")
    llm: Llm = described("The model and how to call it.", {"model": "openai/gpt-4.1-mini"}, default=Llm())
    variants: Annotated[Mapping[EntryName, Variant], SEALED] = described(
        "Weighted alternatives, chosen by a sticky key.", {"plain": {"weight": 50}}, default=_EMPTY
    )
    experiment: Experiment | None = described("What the variants are compared for.", {"control": "plain"})
    requires: Requires | None = described("What any model of this agent must have.", {"capabilities": ["tools"]})
    limits: Limits | None = described("Budget and rates.", {"requests_per_minute": 60})
    delegates: Annotated[tuple[AgentId, ...], Strict(False)] = described(
        "Agents that it may call; each runs on its own configuration.", ["analyst"], default=()
    )
    metadata: FreeMapping = described(
        "Anything else, checked by the organisation's own schema.", {"ticket": "OPS-1"}, default=_EMPTY
    )
    providers: Annotated[Mapping[str, Provider], SEALED] = described(
        "Connections: how each provider is reached.", {"openai": {"api_key": "${env:OPENAI_API_KEY}"}}, default=_EMPTY
    )

    @property
    def primary(self) -> ModelEntry | None:
        """The first enabled entry of `llm` and its fallbacks; None where all are switched off."""
        return next((entry for entry in (self.llm, *self.llm.fallbacks) if entry.enabled), None)
