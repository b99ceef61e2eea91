"""Findings name files from the current folder; services want them from the root of the repository."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from agentconf.diagnostic import Diagnostic
from agentconf.validation import Validation

Renamed = Callable[[str], str]


def from_root(folder: str, root: str) -> Renamed:
    """Renames a file as seen from a folder to the same as seen from the root. What lies outside stays as it is."""

    @cache
    def renamed(file: str) -> str:
        path = os.path.relpath(os.path.join(folder, file), root)
        return file if path.split(os.sep)[0] == os.pardir else path

    return renamed


def rooted(validation: Validation, renamed: Renamed) -> Validation:
    """The same findings with other names of files."""
    return replace(validation, diagnostics=tuple(_moved(finding, renamed) for finding in validation.diagnostics))


def _moved(finding: Diagnostic, renamed: Renamed) -> Diagnostic:
    if renamed(finding.file) == finding.file and not finding.related:
        return finding
    related = tuple(replace(place, file=renamed(place.file)) for place in finding.related)
    return replace(finding, file=renamed(finding.file), related=related)
