"""What the answers look like, for the OpenAPI document. Nothing is checked against these when an answer is sent."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field


class Document(BaseModel):
    """An answer may get further members in a later version."""

    model_config = ConfigDict(extra="allow")


class Changed(Document):
    """The commit that changed a file last; null throughout where what is served is not committed."""

    commit: str | None
    author: str | None
    at: str | None = Field(description="The author's date in ISO 8601.")


class AgentDocument(Document):
    """An agent as `agentconf show --format json` prints it."""

    id: str
    environment: str | None
    file: str
    digest: str = Field(description="The digest of the whole tree.")
    has_api_key: bool
    config: dict[str, Any] = Field(description="The resolved agent in the keys of the format, secrets as references.")
    changed: Changed | None = Field(description="Null where the tree is not in git, or as long as git is being asked.")


class AgentRow(Document):
    """An agent as `agentconf list --format json` prints it."""

    id: str
    name: str | None
    owner: str | None
    tags: list[str]
    enabled: bool
    file: str
    environment: str | None
    model: str | None
    provider: str | None


class AgentPage(Document):
    agents: list[AgentRow]
    total: int = Field(description="How many agents there are that fit, on all pages.")
    next: str | None = Field(description="What `after` is to be for the next page; null on the last.")
    generation: int
    digest: str


class LlmDocument(Document):
    """`config.llm`, each entry with the connection of its provider."""

    model: str | None = None
    fallbacks: list[dict[str, Any]] | None = None


class LayerDocument(Document):
    layer: str
    file: str | None
    line: int | None
    column: int | None
    value: Any
    wins: bool


class ExplanationDocument(Document):
    """One key of one agent, lowest layer first."""

    agent: str
    environment: str | None
    key: str
    value: Any
    layers: list[LayerDocument]


class ModelRow(Document):
    model: str
    agents: list[str]
    facts: dict[str, Any] | None = Field(description="Null where nothing is known; a fact is null where it is unknown.")


class ModelList(Document):
    models: list[ModelRow]
    generation: int
    digest: str


class RecommendedModel(Document):
    model: str
    blended_per_million: float | None
    saving_percent: float | None
    saving_per_million: float | None
    cheaper: bool | None
    larger: bool | None
    facts: dict[str, Any] | None


class Recommendations(Document):
    """Models that fit, cheapest first."""

    for_: dict[str, Any] | None = Field(alias="for", description="The agent, its model, and the facts about that.")
    models: list[RecommendedModel]
    unknown: int = Field(description="How many were left out since something that was asked for is unknown of them.")


class StatusDocument(Document):
    """A watch at one moment, and what is served."""

    state: Literal["fresh", "stale", "failing"]
    reason: str | None
    generation: int
    applied: str
    attempted: str | None
    age_s: float | None
    quarantined: dict[str, list[dict[str, Any]]]
    missing: list[str]
    drift_found: int
    environment: str | None
    default_agent: str | None
    agents: int
    disabled: list[str]
    version: str


class UsageRow(Document):
    key: dict[str, str | None]
    calls: int
    failed: int
    fallbacks: int
    unpriced: int = Field(description="How many have an unknown cost, which is in no sum.")
    cost_usd: float | None
    input_tokens: int
    output_tokens: int
    p50_s: float | None
    p95_s: float | None


class UsageReport(Document):
    rows: list[UsageRow]
    total: UsageRow
    first: float | None = Field(description="When the first of these calls began, in Unix seconds.")
    last: float | None


class Alive(Document):
    status: Literal["ok"]


class Ready(Document):
    status: Literal["ready"]
    state: Literal["fresh", "stale", "failing"]
    generation: int
    digest: str


class Ticket(Document):
    ticket: str = Field(description="Send it once, as `?ticket=`, to /ws or /api/events.")
    expires_in_s: int


class Accepted(Document):
    accepted: list[str] = Field(description="The agents that are gone now.")


class ProblemDocument(Document):
    """What is wrong, and the way out (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


class ParameterError(Document):
    where: str = Field(description="Such as query.limit.")
    why: str


class InvalidParameter(ProblemDocument):
    """The parameters of a request are not what they must be; an id or a folder that is none is said in `detail`."""

    errors: list[ParameterError] | None = Field(None, description="Each parameter that is wrong.")


class RelatedDocument(Document):
    """Another place that has a part in a finding."""

    message: str
    file: str
    line: int
    column: int


class FindingDocument(Document):
    """A finding as `agentconf validate --format json` prints it. Lines and columns count from 1."""

    code: str
    rule: str
    severity: Literal["error", "warning"]
    message: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    key: str | None
    agent: str | None
    environment: str | None
    hint: str | None
    fixable: bool
    related: list[RelatedDocument]


class InvalidEdit(ProblemDocument):
    """An edit that was refused, with what `agentconf validate --format json` says of the tree as it would be."""

    ok: Literal[False]
    path: str
    files: int
    agents: int
    environments: list[str]
    errors: int
    warnings: int
    digests: dict[str, str] = Field(description="By environment, as they would be; without one under an empty name.")
    diagnostics: list[FindingDocument] = Field(description="The errors that the edit brings, or leaves in the file.")


PROBLEMS: Final[dict[str, type[ProblemDocument]]] = {
    "Problem": ProblemDocument,
    "InvalidParameter": InvalidParameter,
    "InvalidEdit": InvalidEdit,
}
"""By the names under which the OpenAPI document has them."""
