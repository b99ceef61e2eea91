"""The expectations lie in the data: each folder of cases/ is a small tree that says itself what is wrong with it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentconf import codes, pipeline
from agentconf.config import shape
from agentconf.diagnostic import joined
from agentconf.keypath import ABSENT, look_up, parse
from agentconf.pipeline import Draft
from agentconf.rules.every import AGENT_RULES, DOCUMENT_RULES, TREE_RULES
from agentconf.source import layout
from agentconf.source.folder import read_folder
from tests.support import document_of, judged

CASES = Path(__file__).with_name("cases")
BAD = sorted((CASES / "bad").iterdir())
GOOD = sorted((CASES / "good").iterdir())
COMMENT = re.compile(rb"# expect: (?P<codes>AC\d{3}(?: AC\d{3})*)")
LINE = re.compile(r"(?P<path>.+):(?P<line>\d+) (?P<code>AC\d{3})")

SAME_KEYS = {**dict.fromkeys(("defaults", "profile", "layer", "agentInEnvironment"), "agent"), "fallback": "llm"}
"""Mappings that take the same keys: one example of each key will do."""

KINDS = ("agent", "defaults", "profile", "environment", "settings", "models")

Finding = tuple[str, int, str]

IN_OTHER_TESTS = {
    "AC011": "a file of more than 1 MiB: source/test_folder.py",
    "AC016": "a file without read permission: source/test_folder.py",
    "AC018": "links out of the tree: source/test_folder.py",
    "AC112": "a file with more than a hundred findings: config/test_shape.py",
}


def expected(case: Path) -> Counter[Finding]:
    """What the comments of a case and its file EXPECT announce."""
    announced: Counter[Finding] = Counter()
    for path in sorted(case.rglob("*.y*ml")):
        if path.is_file():
            for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
                for match in COMMENT.finditer(line):
                    name = path.relative_to(case).as_posix()
                    announced.update((name, number, code) for code in match["codes"].decode().split())
    listed = case / "EXPECT"
    for line_of_text in listed.read_text("utf-8").splitlines() if listed.exists() else ():
        entry = LINE.fullmatch(line_of_text)
        assert entry, f"{listed}: {line_of_text!r} is not 'path:line CODE'"
        announced[entry["path"], int(entry["line"]), entry["code"]] += 1
    return announced


def actual(case: Path) -> tuple[Draft, Counter[Finding]]:
    """What the pipeline finds in a case, by the path below its root."""
    tree = read_folder(case)
    draft = pipeline.draft(tree)
    asked = draft.config.checked_environments
    findings = joined((one for name in asked for one in pipeline.judge(draft, name).findings), asked)
    root = f"{tree.shown_as}/"
    return draft, Counter((finding.file.removeprefix(root), finding.line, finding.code) for finding in findings)


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_every_mistake_is_found_where_it_stands_and_nothing_else(case: Path) -> None:
    assert actual(case)[1] == expected(case)


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_a_good_tree_has_no_findings_but_the_warnings_it_announces(case: Path) -> None:
    draft, findings = actual(case)
    assert findings == expected(case)
    for environment, agents in _resolved_values(case).items():
        _, kept, _ = judged(draft, environment or None)
        for agent, wanted in agents.items():
            said = {key: _plain(look_up(kept[agent].config, parse(key))) for key in wanted}
            assert said == wanted, f"{agent} in {environment or 'no environment'}"


def _resolved_values(case: Path) -> dict[str, dict[str, dict[str, Any]]]:
    path = case / "expect.json"
    chosen: dict[str, dict[str, dict[str, Any]]] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return chosen


def _plain(value: Any) -> Any:
    """A key that nothing is sent for is "(absent)" in expect.json, since JSON has no other word for it."""
    return "(absent)" if value is ABSENT else value


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_a_bad_case_holds_one_mistake_and_bears_its_name(case: Path) -> None:
    announced = expected(case)
    assert announced.total() == 1
    code = next(iter(announced))[2]
    names = {rule.name for rule in codes.EVERY if rule.code == code}
    assert any(case.name == name or case.name.startswith(f"{name}-") for name in names), f"{code} is {names}"


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_a_good_case_announces_warnings_only(case: Path) -> None:
    warnings = {rule.code for rule in codes.EVERY if rule.severity == "warning"}
    assert {code for _, _, code in expected(case)} <= warnings


def test_every_rule_of_the_line_has_a_bad_case() -> None:
    """The rules of sense have theirs in the manual."""
    covered = {code for case in BAD for _, _, code in expected(case)}
    of_sense = {rule.RULE.code for rules in (AGENT_RULES, DOCUMENT_RULES, TREE_RULES) for rule in rules}
    excuses = {codes.USELESS_EXCUSE.code, codes.EXCUSE_WITHOUT_REASON.code}
    assert covered | IN_OTHER_TESTS.keys() | of_sense | excuses == {rule.code for rule in codes.EVERY}


def test_there_are_enough_cases() -> None:
    assert len(BAD) >= 65
    assert len(GOOD) >= 20


def test_the_good_cases_use_every_key_of_the_format() -> None:
    used: set[tuple[str, str]] = set()
    for case in GOOD:
        for path, data in read_folder(case).files.items():
            place = layout.place(path)
            if isinstance(place, layout.Place) and place.kind is not layout.Kind.LOCK:
                schema = shape.schema(place.kind.value)
                used.update(_used(schema, schema, document_of(data, path).value, place.kind.value))
    assert {(SAME_KEYS.get(owner, owner), key) for owner, key in used} >= set(_all_keys())


def _used(schema: dict[str, Any], node: dict[str, Any], value: Any, owner: str) -> Iterator[tuple[str, str]]:
    """Which key of which mapping of a schema a document writes."""
    if "$ref" in node:
        owner = node["$ref"].rsplit("/", 1)[1]
        node = schema["$defs"][owner]
    if isinstance(value, list):
        for item in value:
            yield from _used(schema, node.get("items", {}), item, owner)
    elif isinstance(value, dict):
        for key, item in value.items():
            below = node.get("properties", {}).get(key)
            if below is not None:
                yield owner, key
            elif isinstance(node.get("additionalProperties"), dict) and not key.startswith("x-"):
                below = node["additionalProperties"]
            yield from _used(schema, below or {}, item, f"{owner}.{key}")


def _all_keys() -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        schema = shape.schema(kind)
        for owner, mapping in {kind: schema, **schema.get("$defs", {})}.items():
            yield from ((SAME_KEYS.get(owner, owner), key) for key in mapping["properties"])
