"""Whether a tree is as good after an edit as before: the same line as in CI, in every environment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from agentconf.diagnostic import Diagnostic
from agentconf.live.outlook import outlook_of_today
from agentconf.server.problem import Kind, Problem
from agentconf.source.tree import Tree
from agentconf.validation import Order, Validation, validate

INVALID_EDIT: Final = Kind("invalid-edit", 422, "The configuration would have errors", "InvalidEdit")


def validated(tree: Tree) -> Validation:
    """What `agentconf validate` says of a tree today."""
    return validate(tree, Order(outlook=outlook_of_today()))


@dataclass(frozen=True, slots=True)
class Judgement:
    """An edit that may stand: the prompts that agents name, and what is worth a warning in the edited file."""

    prompts: tuple[str, ...]
    warnings: tuple[Diagnostic, ...]


def judged(after: Tree, path: str, before: Callable[[], Validation]) -> Judgement:
    """What an edit of one file comes to. Raises Problem (422) with the errors that it brings, or leaves in the file.

    Errors of other files that were there before stand in nobody's way; `before` is asked only where there are any.
    """
    found = validated(after)
    errors = [one for one in found.diagnostics if one.is_error]
    file = after.shown(path)
    own = [one for one in errors if one.file == file]
    elsewhere = [one for one in errors if one.file != file]
    if elsewhere:
        elsewhere = _new_ones(elsewhere, (one for one in before().diagnostics if one.is_error))
    if own or elsewhere:
        raise _refusal(found, [*own, *elsewhere])
    warnings = tuple(one for one in found.diagnostics if one.file == file and not one.is_error)
    return Judgement(found.prompts, warnings)


def _new_ones(found: list[Diagnostic], known: Iterable[Diagnostic]) -> list[Diagnostic]:
    left = Counter(_sameness(one) for one in known)
    new = []
    for one in found:
        left[_sameness(one)] -= 1
        if left[_sameness(one)] < 0:
            new.append(one)
    return new


def _sameness(one: Diagnostic) -> tuple[Any, ...]:
    return one.rule.name, one.message, one.file, one.key, one.agent, one.environment


def _refusal(found: Validation, errors: list[Diagnostic]) -> Problem:
    count = "an error" if len(errors) == 1 else f"{len(errors)} errors"
    said = f"the edit brings {count}, and nothing was written: {errors[0]}"
    report = {**found.as_json(), "diagnostics": [one.as_json() for one in errors], "errors": len(errors), "warnings": 0}
    return Problem(INVALID_EDIT, said, more=report)
