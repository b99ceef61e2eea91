"""What a write came to, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from agentconf.diagnostic import Diagnostic
from agentconf.diff.review import Review
from agentconf.server.writing.asked import Way


class Mode(StrEnum):
    """What becomes of writes."""

    OFF = "off"
    COMMIT = "commit"
    PROPOSE = "propose"


@dataclass(frozen=True, slots=True)
class Made:
    """The commit, and where it is. `link` is what the forge has printed."""

    commit: str
    branch: str
    is_pushed: bool = False
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`made` is None for a dry run, and where nothing changes. `tag` is the ETag of the file, None where it is gone."""

    way: Way
    mode: Mode
    agent: str
    file: str
    review: Review
    is_dry: bool
    tag: str | None = None
    made: Made | None = None
    warnings: tuple[Diagnostic, ...] = field(default=())

    @property
    def status(self) -> int:
        """The HTTP status: 202 where a person is still to agree."""
        if self.made is None:
            return 200
        if self.mode is Mode.PROPOSE:
            return 202
        return 201 if self.way is Way.CREATE else 200

    def as_json(self) -> dict[str, Any]:
        made = self.made
        return {
            "id": self.agent,
            "file": self.file,
            "mode": self.mode.value,
            "dry_run": self.is_dry,
            "commit": made.commit if made else None,
            "branch": made.branch if made else None,
            "pushed": made.is_pushed if made else False,
            "link": made.link if made else None,
            "diff": self.review.as_json(),
            "warnings": [one.as_json() for one in self.warnings],
        }
