"""What the answers about writes look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from agentconf.server.documents import Document, FindingDocument


class FileDocument(Document):
    """What an agent's own file says. Its ETag is what If-Match of a write takes."""

    id: str
    file: str
    document: dict[str, Any] = Field(description="Cipher texts are masked; what is sent back masked stays as it is.")


class WriteDocument(Document):
    """What a write came to."""

    id: str
    file: str
    mode: str
    dry_run: bool
    commit: str | None = Field(description="Null for a dry run, and where nothing changes.")
    branch: str | None
    pushed: bool
    link: str | None = Field(description="What the forge printed, such as where to open a pull request.")
    diff: dict[str, Any] = Field(description="As `agentconf diff --format json` prints it.")
    warnings: list[FindingDocument] = Field(description="Findings about the file that refuse nothing.")
