"""What `/api/snapshot` answers, and the part of the status that says who listens."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from agentconf.server.documents import Document


class SentAgent(Document):
    """An agent as `show` prints it, as far as the tree says it."""

    id: str
    environment: str | None
    file: str
    digest: str
    has_api_key: bool
    config: dict[str, Any]
    masked: str | None = Field(None, description="The digest of `config` where cipher texts are masked in it.")


class SnapshotDocument(Document):
    """Everything at one moment, or what changed since another."""

    format: int
    run: str
    generation: int
    digest: str
    since: str | None = Field(description="What the answer builds upon; null where it is everything.")
    etag: str
    environment: str | None
    default_agent: str | None
    disabled: list[str]
    refused: list[str]
    takes_machine: bool = Field(description="Whether the machine's own layers lie below: no providers are declared.")
    facts: str = Field(description="The mark of `models` and `settings`, to be sent as `?facts=`.")
    models: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None
    gone: list[str]
    digests: dict[str, str]
    agents: list[SentAgent]
