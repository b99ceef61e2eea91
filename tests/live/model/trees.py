"""Changes of a tree, as data: a sequence of them can be printed, run again, and made shorter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from agentconf.live.content import Content
from agentconf.source.tree import Unread

Files: TypeAlias = dict[str, Content]
Edits: TypeAlias = Mapping[str, Content | None]

ENVIRONMENT: Final = "prod"
IDS: Final = ("a", "b", "c", "d", "e", "f", "g", "h")
FOLDERS: Final = ("", "team/", "team/inner/", "ops/")
DEFAULTS: Final = ("_defaults.yaml", "team/_defaults.yaml", "team/inner/_defaults.yaml")
PROFILES: Final = ("careful", "eu", "quick")
PROFILE_FILES: Final = tuple(f"_profiles/{name}.yaml" for name in PROFILES)
ENVIRONMENTS: Final = ("_environments/prod.yaml", "_environments/dev.yaml")
PROMPTS: Final = ("p.md", "team/p.md", "team/inner/p.md", "ops/p.md", "shared/s.md")
SETTINGS: Final = "_settings.yaml"
MODELS: Final = "_models.yaml"
UNREADABLE: Final = Unread("permission denied")
MISNAMED: Final = ("_secrets.yaml", "Bad Id.yaml", "team/default.yaml", "_profiles/deep/x.yaml")


@dataclass(frozen=True, slots=True)
class Step:
    """What happens at once: the new content of files by their paths, None for those that are gone."""

    what: str
    edits: Edits = field(default_factory=dict)

    def __str__(self) -> str:
        said = [f"{path!r}: {content!r}" for path, content in self.edits.items()]
        return f"{self.what}({{{', '.join(said)}}})"


def after(files: Files, step: Step) -> Files:
    """The tree after a step. Taking away what is not there does nothing: steps may be left out of a sequence."""
    changed = {**files, **step.edits}
    return {path: content for path, content in sorted(changed.items()) if content is not None}


def is_agent(path: str) -> bool:
    return path.endswith((".yaml", ".yml")) and "_" not in path


def value_of(content: Content | None) -> dict[str, Any] | None:
    """What a file says; None where it cannot be read. All of them are written as JSON, which is YAML."""
    try:
        value = json.loads(content) if isinstance(content, bytes) else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
