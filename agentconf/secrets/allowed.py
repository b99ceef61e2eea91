"""What references may name: `secrets` in the settings of a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from agentconf.config.secrets import DEFAULT_FILES

_KEYS: Final = frozenset(("env", "files"))


@dataclass(frozen=True, slots=True)
class Allowed:
    """Patterns as of the shell, in which `*` stands for anything, `/` too; None where the settings say nothing."""

    env: tuple[str, ...] | None = None
    files: tuple[str, ...] | None = None

    def may_name_variable(self, name: str) -> bool:
        return self.env is None or _matches(name, self.env)

    def patterns_of_files(self, path: str) -> tuple[str, ...]:
        """The patterns that a path matches, by its letters alone; none where it may not be named."""
        patterns = DEFAULT_FILES if self.files is None else self.files
        return tuple(pattern for pattern in patterns if fnmatchcase(path, pattern))


def allowed_by(settings: Mapping[str, Any]) -> Allowed:
    """What the settings of a tree allow. What is malformed allows nothing, and beside a slip nothing is left unsaid."""
    if "secrets" not in settings:
        return Allowed()
    said = settings["secrets"]
    if not isinstance(said, Mapping):
        return Allowed((), ())
    unsaid = None if said.keys() <= _KEYS else ()
    return Allowed(_patterns(said, "env", unsaid), _patterns(said, "files", unsaid))


def _patterns(said: Mapping[str, Any], key: str, unsaid: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if key not in said:
        return unsaid
    patterns = said[key]
    return tuple(one for one in patterns if isinstance(one, str)) if isinstance(patterns, list) else ()


def _matches(text: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)
