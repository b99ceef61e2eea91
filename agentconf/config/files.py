"""What the files of a tree hold beside an agent's own keys. For the published schemas; nothing is built of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field, Strict

from agentconf.config.agent import Frozen, described
from agentconf.config.types import AgentId, Capability, Count, Day, Dollars, EntryName, TextOrTexts, Texts

FORMAT: Final = 1
"""The newest format of a tree that this program reads."""


class WrittenKeys(Frozen):
    """Keys that are written, and gone once an agent is resolved."""

    extends: TextOrTexts | None = described(
        "A profile or a list of profiles, taken in order.", "careful", ["careful", "eu"]
    )
    instructions_file: Annotated[str, Field(min_length=1, max_length=1024)] | None = described(
        "The system prompt from a file: a path relative to this file, inside the tree.", "strategist.md"
    )
    environments: Mapping[str, Any] | None = described(
        "What differs in one environment: its name, and the keys that differ.", {"dev": {"llm": {"max_tokens": 256}}}
    )


class EnvironmentFile(Frozen):
    """What holds for every agent in one environment."""

    defaults: Mapping[str, Any] | None = described(
        "Below profiles and agents: they may say otherwise.", {"llm": {"timeout": "60s"}}
    )
    overrides: Mapping[str, Any] | None = described(
        "Above the agents: they cannot say otherwise.", {"llm": {"num_retries": 0}}
    )


class SecretSettings(Frozen):
    """Narrows what references may name."""

    env: Texts | None = described("Patterns of environment variables.", ["*_API_KEY"])
    files: Texts | None = described("Patterns of files.", ["/run/secrets/*"])


class Policy(Frozen):
    """A rule of the organisation in CEL, over the resolved agent in each environment."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")] = described(
        "The policy's name in findings.", "eu-data-stays-in-eu", default=...
    )
    when: str | None = described("The agents it concerns; default: all.", "'pii' in agent.tags")
    require: str = described("What must hold.", "agent.providers.all(p, p.region == 'eu')", default=...)
    message: str | None = described("What a finding says.", "agents that see personal data use EU endpoints only")
    severity: Literal["error", "warning"] = described("How a violation counts.", "error", default="error")


class UsageSettings(Frozen):
    """The record of calls."""

    retention_days: Annotated[int, Field(ge=1, le=36_500)] | None = described(
        "After how many days a call is deleted from the record; default: never.", 90
    )


class SettingsFile(Frozen):
    """agentconf's own settings for this tree."""

    format: Annotated[int, Field(ge=1)] = described("The format of this tree.", FORMAT, default=FORMAT)
    default_agent: AgentId | None = described("What an unknown id gets from `resolve`.", "code-assistant")
    environments: Annotated[tuple[EntryName, ...], Strict(False)] | None = described(
        "The environments that must validate; default: the files in `_environments/`.", ["dev", "staging", "prod"]
    )
    rules: Mapping[str, Literal["error", "warning", "off"]] | None = described(
        "The severity of a rule, by its name.", {"unowned-agent": "error"}
    )
    max_tokens_ceiling: Count | None = described(
        "The most `max_tokens` may be where the model's limit is unknown.", 200000
    )
    chain_cost_factor: Annotated[float, Field(ge=1)] | None = described(
        "How many times the primary's price the dearest model of a chain may cost before a finding says so.", 10
    )
    secrets: SecretSettings | None = described("Narrows what references may name.", {"env": ["*_API_KEY"]})
    usage: UsageSettings | None = described("The record of calls.", {"retention_days": 90})
    policies: Annotated[tuple[Policy, ...], Strict(False)] | None = described("Rules of the organisation.")


class ModelFacts(Frozen):
    """Facts about a model. Absent is unknown."""

    mode: Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")] | None = described("What the model does.", "chat")
    max_input_tokens: Count | None = described("The context window in tokens.", 8000)
    max_output_tokens: Count | None = described("The most tokens an answer may have.", 4000)
    input_per_million: Dollars | None = described("US dollars per million input tokens; 0 is free.", 1.5)
    output_per_million: Dollars | None = described("US dollars per million output tokens; 0 is free.", 2)
    cached_input_per_million: Dollars | None = described("US dollars per million cached input tokens; 0 is free.", 0.75)
    capabilities: Annotated[tuple[Capability, ...], Strict(False)] | None = described(
        "What it can do.", ["tools", "vision"]
    )
    retires: Day | None = described("The day of its retirement.", "2027-01-01")
    successor: str | None = described("The model that takes its place.", "openai/in-house-2")


class ModelsFile(Frozen):
    """Models that the catalogue lacks, or facts that correct it."""

    models: Mapping[str, ModelFacts] | None = described("Facts by model, by the name that agents use or by type/model.")
