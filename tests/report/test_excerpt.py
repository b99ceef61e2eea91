from __future__ import annotations

from agentconf.diagnostic import Span
from agentconf.report.excerpt import excerpt


def _plain(text: str, **_: object) -> str:
    return text


def test_the_caret_stands_under_the_place() -> None:
    assert excerpt(b"a: 1\nllm: x\n", Span(2, 6, 2, 7), "write more", _plain) == [
        "  |",
        "2 | llm: x",
        "  |      ^ write more",
    ]


def test_columns_count_characters_not_bytes() -> None:
    assert excerpt("é: ü\n".encode(), Span(1, 4, 1, 5), None, _plain)[2] == "  |    ^"


def test_a_literal_in_a_secrets_place_is_hidden_with_its_caret() -> None:
    lines = excerpt(
        b"llm: {api_key: hunter2, temprature: 1}\n", Span(1, 25, 1, 35), "did you mean 'temperature'?", _plain
    )
    assert lines == ["  |", "1 | ***", "  | = did you mean 'temperature'?"]


def test_a_reference_is_shown() -> None:
    assert "${env:KEY}" in excerpt(b'llm: {api_key: "${env:KEY}", x: 1}\n', Span(1, 30, 1, 31), None, _plain)[1]


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in "".join(excerpt(b"a: \x1b[31m\n", Span(1, 4, 1, 5), None, _plain))


def test_a_place_behind_the_end_shows_the_hint_alone() -> None:
    assert excerpt(b"a: [\n", Span(9, 1, 9, 2), "close it", _plain) == ["  = close it"]
