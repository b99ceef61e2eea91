"""Each folder of `tests/cases/diff` is two trees and what a reviewer reads of them, in three formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from agentconf.diff.change import Kind, MeaningKind
from agentconf.report.review.schema import diff_schema
from tests.diff.cases import CASES, FORMATS, reviewed
from tests.support import REPOSITORY


def closed(schema: Any) -> Any:
    """The schema, with every object to have no other keys than it names."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    return made | ({"additionalProperties": False} if "properties" in schema and "required" in schema else {})


SCHEMA = Draft202012Validator(closed(diff_schema()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_says_what_it_is_expected_to(case: Path) -> None:
    found = reviewed(case)
    for suffix, render in FORMATS.items():
        expected = (case / f"expected.{suffix}").read_text("utf-8")
        assert render(found) == expected, "read it, then: python -m tests.diff.rewrite"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_json_of_a_case_is_as_published(case: Path) -> None:
    said = json.loads((case / "expected.json").read_text("utf-8"))
    assert [error.message for error in SCHEMA.iter_errors(said)] == []


@pytest.mark.parametrize("case", [one for one in CASES if one.name.startswith("nothing-")], ids=lambda case: case.name)
def test_what_changes_nothing_is_said_to(case: Path) -> None:
    assert (case / "expected.txt").read_text("utf-8") == "nothing changes for any resolved agent\n"


def test_there_is_a_case_of_every_kind_of_change_and_of_meaning() -> None:
    said = [json.loads((case / "expected.json").read_text("utf-8")) for case in CASES]
    changes = [change for one in said for change in one["changes"]]
    assert {change["kind"] for change in changes} == set(get_args(Kind))
    assert {meaning["kind"] for change in changes for meaning in change["meanings"]} == set(get_args(MeaningKind))
    assert len(CASES) >= 40


def test_the_published_schema_is_current() -> None:
    published = json.loads((REPOSITORY / "schema" / "diff.schema.json").read_text("utf-8"))
    assert published == diff_schema()
    Draft202012Validator.check_schema(published)
