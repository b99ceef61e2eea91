from __future__ import annotations

import json

import pytest

from agentconf.config.inspect import inspect
from agentconf.config.prompts import Prompts
from agentconf.diagnostic import Diagnostic
from agentconf.rules.secret_in_text import findings, findings_in_prompt
from agentconf.source import layout
from agentconf.source.layout import Place
from tests.rules.keys.planted import planted
from tests.support import document_of, texts

KEY = planted()["OpenAI, project"]
OTHER = planted()["Anthropic"]


def found(text: str | bytes, reported: list[Diagnostic] | None = None) -> list[Diagnostic]:
    return list(findings(document_of(text), reported or ()))


def of_the_format(text: str) -> list[Diagnostic]:
    """What the format itself says about a document."""
    place = layout.place("a.yaml")
    assert isinstance(place, Place)
    return inspect(document_of(text), place, Prompts(texts({"a.yaml": text}))).findings


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
    text = text.format(KEY)
    reported = of_the_format(text)
    assert [one.code for one in reported] == ["AC401"]
    assert found(text, reported) == []
    assert len(found(text)) == 1


def test_another_key_on_the_same_line_is_still_reported() -> None:
    text = f"llm: {{model: openai/gpt-4.1, api_key: {KEY}}}  # was {OTHER}\n"
    (one,) = found(text, of_the_format(text))
    assert one.column == text.index(OTHER) + 1


def test_a_text_that_is_no_yaml_and_one_that_is_no_utf_8_are_searched_too() -> None:
    assert [one.line for one in found(f"name: [\n# {KEY}\n")] == [2]
    assert [one.line for one in found(b"name: \xff\n# " + KEY.encode())] == [2]


def test_a_prompt_is_searched_as_it_is() -> None:
    (one,) = findings_in_prompt("agents.d/a.md", f"You are kind.\nUse {KEY}\n".encode())
    assert (one.file, one.line, one.column) == ("agents.d/a.md", 2, 5)
    assert list(findings_in_prompt("a.md", b"You are kind.\n")) == []


def test_a_file_full_of_keys_says_so_and_does_not_go_on() -> None:
    said = found("\n".join(f"# {KEY}" for _ in range(3000)))
    assert said[-1].code == "AC112"
    assert len(said) < 3000
