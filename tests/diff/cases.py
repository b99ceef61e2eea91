"""The cases of `tests/cases/diff`: a tree before, a tree after, and what is said of the two.

Beside the trees `options.json` may say {"environments": [...], "settings_from": "base"}, and `usage.csv` what was used.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

from agentconf.catalogue.assemble import catalogue_of
from agentconf.catalogue.litellm_file import LiteLLMFile
from agentconf.diff.review import Review
from agentconf.diff.usage import read_usage
from agentconf.diff.work import Order, review
from agentconf.report.review import json as as_json
from agentconf.report.review import markdown, text
from agentconf.rules.outlook import Outlook
from agentconf.source import layout
from agentconf.source.tree import METADATA_SCHEMA, Origin, Tree, Unread, metadata_schema_of
from tests.support import REPOSITORY

FOLDER: Final = REPOSITORY / "tests" / "cases" / "diff"
CASES: Final = sorted(FOLDER.iterdir())
TODAY: Final = date(2026, 6, 1)
NO_MODELS: Final = LiteLLMFile({}, lambda: "1.0.0")
OUTLOOK: Final = Outlook(TODAY, lambda config: catalogue_of(config.models, config.lock, lambda: NO_MODELS))
"""A catalogue without models: what a case needs to know stands in its `_models.yaml`, and no update changes it."""
FORMATS: Final[dict[str, Callable[[Review], str]]] = {
    "txt": text.render,
    "md": markdown.render,
    "json": as_json.render,
}


def reviewed(case: Path) -> Review:
    """What a case comes to."""
    return review(side(case, "before"), side(case, "after"), ("before", "after"), _order(case))


def side(case: Path, name: str) -> Tree:
    """One side as git would show it: as `agents.d`, whatever folder it lies in."""
    root = case / name
    found = {path.relative_to(root / "agents.d").as_posix(): path for path in (root / "agents.d").rglob("*.*")}
    there = {name: path.read_bytes() for name, path in sorted(found.items()) if path.is_file()}
    files = {path: data for path, data in there.items() if isinstance(layout.place(path), layout.Place)}
    schema = root / METADATA_SCHEMA
    beside = metadata_schema_of("agents.d", schema.read_bytes() if schema.exists() else None)

    def open_prompt(path: str) -> bytes | Unread:
        return there.get(path, Unread("there is no such file"))

    return Tree(Origin("memory", "agents.d"), "agents.d", files, (), open_prompt, beside)


def _order(case: Path) -> Order:
    options: dict[str, Any] = {}
    if (case / "options.json").exists():
        options = json.loads((case / "options.json").read_text("utf-8"))
    usage = case / "usage.csv"
    return Order(
        OUTLOOK,
        tuple(options.get("environments", ())),
        tuple(read_usage(usage.read_text("utf-8"))) if usage.exists() else None,
        options.get("settings_from") == "base",
    )
