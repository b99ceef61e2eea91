from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentconf.diagnostic import Diagnostic
from agentconf.rules.secret_in_text import check_document, check_prompt
from agentconf.source import layout
from agentconf.source.layout import Place
from tests.rules.keys.planted import planted
from tests.rules.test_manual import found_in
from tests.support import document_of

KEY = planted()["OpenAI, project"]
OTHER = planted()["Anthropic"]


def found(text: str | bytes, path: str = "a.yaml") -> list[Diagnostic]:
    place = layout.place(path)
    assert isinstance(place, Place)
    return list(check_document(document_of(text, path), place))


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("name: {}\n", 1, 7),
        ("# {}\nname: A\n", 1, 3),
        ("name: A\ninstructions: |\n  One.\n\n  Use {} there.\n", 5, 7),
        ("\ufeffname: {}\n", 1, 7),
        ("name: A\r\nmetadata:\r\n  note: 'ä {}'\r\n", 3, 12),
        ('metadata: {{a: 1, b: "{}"}}\n', 1, 22),
        ("tags: [a\nname: {}\n", 2, 7),
        ("x-llm:\n  api_key: {}\n", 2, 12),
        ("name: 'a\u2028{}'\n", 1, 10),
    ],
)
def test_a_key_is_found_at_its_very_place(text: str, line: int, column: int) -> None:
    (one,) = found(text.format(KEY))
    assert (one.line, one.column, one.span.end_line, one.span.end_column) == (line, column, line, column + len(KEY))
    assert (one.code, one.rule.name, one.severity) == ("AC406", "secret-in-text", "error")


def test_every_key_is_found_in_the_order_of_the_text() -> None:
    said = found(f"# {OTHER}\nname: A\ndescription: {KEY} {OTHER}\n")
    assert [(one.line, one.column) for one in said] == [(1, 3), (3, 14), (3, 15 + len(KEY))]


def test_the_key_is_not_repeated_and_its_kind_is_said() -> None:
    (one,) = found(f"name: {KEY}\n")
    shown = f"{one} {one!r} {json.dumps(one.as_json())}"
    assert not any(KEY[at : at + 12] in shown for at in range(0, len(KEY) - 12, 4))
    assert one.message == "this looks like an OpenAI API key; a secret never stands in the tree"
    assert one.hint is not None
    assert "${env:NAME}" in one.hint
    assert "revoke" in one.hint


@pytest.mark.parametrize(
    "text",
    [
        "llm:\n  model: openai/gpt-4.1\n  api_key: {}\n",
        "llm: {{model: openai/gpt-4.1, api_key: '{}'}}\n",
        "llm:\n  model: openai/gpt-4.1\n  api_key: |\n    {}\n",
        "llm:\n  model: openai/gpt-4.1\n  extra_headers:\n    Authorization: Bearer {}\n",
        "llm:\n  model: openai/gpt-4.1\n  api_key: ${{env:KEY}} {}\n",
        "environments:\n  prod:\n    llm:\n      api_key: {}\n",
    ],
)
def test_a_key_that_the_format_refuses_is_not_reported_twice(text: str) -> None:
    assert found(text.format(KEY)) == []


@pytest.mark.parametrize("path", ["_settings.yaml", "_models.yaml", "_environments/prod.yaml", "_profiles/p.yaml"])
def test_every_kind_of_file_is_searched(path: str) -> None:
    assert len(found(f"# {KEY}\n", path)) == 1


def test_another_key_on_the_same_line_is_still_reported() -> None:
    text = f"llm: {{model: openai/gpt-4.1, api_key: {KEY}}}  # was {OTHER}\n"
    (one,) = found(text)
    assert one.column == text.index(OTHER) + 1


def test_a_text_that_is_no_yaml_and_one_that_is_no_utf_8_are_searched_too() -> None:
    assert [one.line for one in found(f"name: [\n# {KEY}\n")] == [2]
    assert [one.line for one in found(b"name: \xff\n# " + KEY.encode())] == [2]


def test_a_prompt_is_searched_as_it_is() -> None:
    (one,) = check_prompt("agents.d/a.md", f"You are kind.\nUse {KEY}\n".encode())
    assert (one.file, one.line, one.column) == ("agents.d/a.md", 2, 5)
    assert list(check_prompt("a.md", b"You are kind.\n")) == []


PROMPTS = {
    "a.yaml": "llm: {model: openai/gpt-4.1-mini}\ninstructions_file: shared.md\n",
    "b.yaml": "llm: {model: openai/gpt-4.1-mini}\ninstructions_file: shared.md\n",
    "shared.md": f"You are kind.\nUse {KEY}\n",
}


def test_a_key_in_a_prompt_that_several_agents_name_is_said_once(tmp_path: Path) -> None:
    (one,) = (finding for finding in found_in(PROMPTS, tmp_path) if finding.code == "AC406")
    assert (Path(one.file).name, one.line, one.column, one.agent, one.related) == ("shared.md", 2, 5, None, ())


def test_a_line_can_be_excused_and_a_prompt_where_it_is_named(tmp_path: Path) -> None:
    excuse = "  # agentconf: allow secret-in-text -- of a server that is long gone"
    said = f"llm: {{model: openai/gpt-4.1-mini}}\ninstructions_file: shared.md{excuse}\ndescription: {KEY}{excuse}\n"
    files = {"a.yaml": said, "shared.md": PROMPTS["shared.md"]}
    assert not [one for one in found_in(files, tmp_path) if one.code in {"AC406", "AC220"}]


def test_the_rule_cannot_be_switched_off(tmp_path: Path) -> None:
    said = {**PROMPTS, "_settings.yaml": "rules: {secret-in-text: off}\n"}
    assert {one.code for one in found_in(said, tmp_path) if one.is_error} == {"AC406", "AC105"}
