"""`metadata` against the organisation's own schema."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentconf.cache import outcomes
from agentconf.config.metadata_schema import MetadataSchema, NotASchema
from agentconf.diagnostic import Diagnostic
from agentconf.pipeline import draft, redraft
from agentconf.source.folder import FILE_LIMIT_BYTES, read_folder
from agentconf.source.tree import METADATA_SCHEMA, Unread, tree_of
from agentconf.validation import Order, validate
from tests.rules.policies import OUTLOOK, judged
from tests.rules.trees import plant

SCHEMA = {
    "type": "object",
    "required": ["cost_centre"],
    "properties": {
        "cost_centre": {"type": "string", "pattern": "^[a-z]+$", "description": "who pays"},
        "data_class": {"enum": ["public", "internal"]},
        "contacts": {"type": "array", "items": {"type": "object", "required": ["mail"]}},
    },
    "additionalProperties": False,
}
CODES = ("AC113", "AC114")
ELSEWHERE = "a reference leads out of this file; nothing is fetched"
NO_PATTERN = "this is no regular expression that is run here"
TOO_MUCH = "this is nested deeper, or holds more, than 64 levels or 10,000 values"


def found(files: dict[str, Any], schema: Any = SCHEMA) -> list[Diagnostic]:
    return judged(files, schema if isinstance(schema, str) else json.dumps(schema), CODES)


def test_each_finding_stands_where_the_value_was_written() -> None:
    files = {
        "_defaults.yaml": "metadata:\n  data_class: secret\n",
        "_environments/prod.yaml": "overrides:\n  metadata:\n    contacts:\n      - name: x\n",
        "a.yaml": "llm: {model: x/y}\nmetadata:\n  cost_centre: '12'\n  cost_center: x\n",
    }
    assert [(one.file, one.line, one.key, one.message, one.hint) for one in found(files)] == [
        (
            "agents.d/_defaults.yaml", 2, "metadata.data_class", "metadata.data_class must be one of public, internal",
            None,
        ),
        (
            "agents.d/_environments/prod.yaml", 4, "metadata.contacts[0]", "metadata.contacts[0] lacks 'mail'",
            "add mail: ...",
        ),
        (
            "agents.d/a.yaml", 3, "metadata.cost_centre", "metadata.cost_centre does not match the pattern ^[a-z]+$",
            "who pays",
        ),
        (
            "agents.d/a.yaml", 4, "metadata.cost_center", "unknown key 'cost_center' under metadata",
            "did you mean 'cost_centre'?",
        ),
    ]  # fmt: skip


def test_an_agent_without_metadata_is_checked_as_an_empty_one() -> None:
    (said,) = found({"a.yaml": "llm: {model: x/y}\n"})
    assert (said.file, said.line, said.message) == ("agents.d/a.yaml", 1, "metadata lacks 'cost_centre'")
    assert not said.rule.refuses
    assert found({"a.yaml": "llm: {model: x/y}\n"}, {"type": "object"}) == []
    assert judged({"a.yaml": "llm: {model: x/y}\n"}, None, CODES) == []


@pytest.mark.parametrize(
    ("schema", "line", "message"),
    [
        ('{\n  "$ref": "https://example.com/x.json"\n}', 2, ELSEWHERE),
        ('{\n  "$ref": "file:///etc/passwd"\n}', 2, ELSEWHERE),
        ('{"properties": {\n  "a": {"$ref": "other.json#/x"}}}', 2, ELSEWHERE),
        ('{\n  "$ref": "#/$defs/none"\n}', 1, "this is no JSON Schema: Pointer '/$defs/none' does not exist"),
        ('{\n\n  "type": "objekt"\n}', 3, "this is no JSON Schema: type is not as JSON Schema wants it"),
        ('{"properties": {"a":\n {"pattern": "(?=x)y"}}}', 2, NO_PATTERN),
        ('{"properties": {"a":\n {"pattern": "(\\\\w{1000}){1000}"}}}', 2, NO_PATTERN),
        ('{"$dynamicRef": "#x"}', 1, "$dynamicRef is not followed here"),
        ('{"$ref": "#"}', 1, "its references multiply so often that it cannot be applied"),
        ("{", 1, "this is not JSON: Expecting property name enclosed in double quotes in line 1"),
        ("[]", 1, 'this is no JSON Schema: [] is not of types "boolean", "object"'),
        ("", 1, "this is not JSON: Expecting value in line 1"),
        ("{} {}", 1, "this is not JSON: Extra data in line 1"),
        ('{"not":' * 50_000, 1, "this is nested deeper, or holds longer numbers, than any schema"),
        ('{"not":' * 100 + "{}" + "}" * 100, 1, TOO_MUCH),
        (json.dumps({"enum": [0] * 20_000}), 1, TOO_MUCH),
    ],
)
def test_a_schema_that_cannot_be_applied_is_one_finding_about_it(schema: str, line: int, message: str) -> None:
    (said,) = found({"a.yaml": "llm: {model: x/y}\n"}, schema)
    assert (said.code, said.file, said.line, said.message) == ("AC114", METADATA_SCHEMA, line, message)


def doubling(count: int) -> dict[str, Any]:
    steps = {f"a{step}": {"allOf": [{"$ref": f"#/$defs/a{step + 1}"}] * 2} for step in range(count)}
    return {"$defs": {**steps, f"a{count}": {}}, "$ref": "#/$defs/a0"}


def test_references_that_multiply_are_counted_before_they_are_followed() -> None:
    chain = {"$defs": {f"a{step}": {"$ref": f"#/$defs/a{step + 1}"} for step in range(3000)} | {"a3000": {}}}
    for schema in (doubling(40), {**chain, "$ref": "#/$defs/a0"}):
        started = time.monotonic()
        with pytest.raises(NotASchema, match="multiply"):
            MetadataSchema(json.dumps(schema).encode())
        assert time.monotonic() - started < 5
    MetadataSchema(json.dumps(doubling(5)).encode())


def test_a_tree_that_grows_with_the_metadata_is_bounded_by_it() -> None:
    branch = {"properties": {"next": {"$ref": "#/$defs/node"}}}
    schema = MetadataSchema(json.dumps({"$defs": {"node": {"allOf": [branch] * 3}}, "$ref": "#/$defs/node"}).encode())
    assert schema.accepts({"next": {"next": {}}})
    deep: dict[str, Any] = {}
    for _ in range(15):
        deep = {"next": deep}
    assert [one.said for one in schema.refusals(deep)] == [
        "metadata is too large, or too deep, for its schema to be applied"
    ]


def test_patterns_run_on_a_linear_engine() -> None:
    schema = MetadataSchema(b'{"additionalProperties": {"pattern": "^(a+)+$"}}')
    assert not schema.accepts({"x": "a" * 30_000 + "!"})


KEYWORDS = ["$ref", "$id", "$defs", "properties", "items", "type", "pattern", "allOf", "not", "if", "enum", "x"]
SINGLE = st.none() | st.booleans() | st.integers() | st.text() | st.just("#") | st.just("#/$defs/x")
VALUES = st.recursive(SINGLE, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYWORDS), inner))


@given(VALUES)
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_is_a_schema_or_is_refused(value: Any) -> None:
    try:
        schema = MetadataSchema(json.dumps(value).encode())
    except NotASchema:
        return
    assert schema.accepts({"x": 1}) or list(schema.refusals({"x": 1}))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    plant(tmp_path, {"agents.d/a.yaml": "llm: {model: x/y}\n", METADATA_SCHEMA: json.dumps(SCHEMA)})
    return tmp_path / "agents.d"


def codes_at(root: Path) -> list[tuple[str, str]]:
    said = validate(read_folder(root), Order(outlook=OUTLOOK)).diagnostics
    return [(one.code, os.path.basename(one.file)) for one in said if one.code in CODES]


def test_the_file_lies_beside_the_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes_at(root) == [("AC113", "a.yaml")]
    monkeypatch.chdir(root)
    beside = read_folder(".").metadata_schema
    assert beside is not None
    assert beside.file == "../schema/metadata.schema.json"


def test_what_is_no_file_is_neither_read_nor_waited_for(root: Path) -> None:
    path = root.parent / METADATA_SCHEMA
    path.unlink()
    assert read_folder(root).metadata_schema is None
    os.mkfifo(path)
    assert codes_at(root) == [("AC114", "metadata.schema.json")]
    path.unlink()
    path.write_bytes(b" " * (FILE_LIMIT_BYTES + 1))
    assert codes_at(root) == [("AC114", "metadata.schema.json")]


def test_a_link_leads_no_further_than_the_folder_that_holds_the_tree(root: Path, tmp_path_factory: Any) -> None:
    path, outside = root.parent / METADATA_SCHEMA, tmp_path_factory.mktemp("elsewhere") / "x.json"
    outside.write_text("{}")
    (root.parent / "own.json").write_text("{}")
    path.unlink()
    path.symlink_to(root.parent / "own.json")
    assert codes_at(root) == []
    path.unlink()
    path.symlink_to(outside)
    beside = read_folder(root).metadata_schema
    assert beside is not None
    assert isinstance(beside.data, Unread)
    path.unlink()
    path.symlink_to(path)
    assert codes_at(root) == [("AC114", "metadata.schema.json")]


def test_outcomes_are_remembered_by_it_and_a_new_one_is_looked_at_by_all(root: Path) -> None:
    before = read_folder(root)
    (root.parent / METADATA_SCHEMA).write_text("{}")
    after = read_folder(root)
    assert outcomes.key_of(before, ()) != outcomes.key_of(after, ())
    first = draft(before)
    assert redraft(first, before, ()).exchanged is not None
    assert redraft(first, after, ()).exchanged is None
    assert redraft(first, after, ()).config.metadata_schema == after.metadata_schema


def test_a_tree_in_memory_may_have_one() -> None:
    beside = tree_of({}, "conf/agents.d", b"{}").metadata_schema
    assert beside is not None
    assert beside.file == "conf/schema/metadata.schema.json"
