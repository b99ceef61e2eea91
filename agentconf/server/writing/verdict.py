"""Whether a tree is as good after an edit as before: the same line as in CI, in every environment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from agentconf.diagnostic import Diagnostic
from agentconf.judged_tree import JudgedTree
from agentconf.server.problem import Kind, Problem

INVALID_EDIT: Final = Kind("invalid-edit", 422, "The configuration would have errors", "InvalidEdit")


def judged(before: JudgedTree, after: JudgedTree, file: str) -> tuple[Diagnostic, ...]:
    """What is worth a warning in an edited file. Raises Problem (422) with the errors that it brings, or leaves in it.

    Errors of other files that were there before stand in nobody's way.
    """
    errors = [one for one in after.diagnostics if one.is_error]
    own = [one for one in errors if one.file == file]
    elsewhere = [one for one in errors if one.file != file]
    if elsewhere:
        elsewhere = _new_ones(elsewhere, (one for one in before.diagnostics if one.is_error))
    if own or elsewhere:
        raise _refusal(after, [*own, *elsewhere])
    return tuple(one for one in after.diagnostics if one.file == file and not one.is_error)


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


def _refusal(after: JudgedTree, errors: list[Diagnostic]) -> Problem:
    count = "an error" if len(errors) == 1 else f"{len(errors)} errors"
    said = f"the edit brings {count}, and nothing was written: {errors[0]}"
    return Problem(INVALID_EDIT, said, more=after.validation(tuple(errors)).as_json())
