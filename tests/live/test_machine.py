from __future__ import annotations

import pytest

from agentconf.config.durations import in_seconds
from agentconf.live.machine import machine_layers


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("MODEL", "-x/y"),
        ("MODEL", "no-slash"),
        ("MODEL", "o/" + "x" * 600),
        ("MODEL", "o/x\n"),
        ("MODEL", "o/\x1bx"),
        ("API_BASE", "https://"),
        ("API_BASE", "ftp://example.net"),
        ("API_BASE", "http://\x01"),
        ("API_BASE", "https://" + "a" * 2048),
        ("TIMEOUT", "nan"),
    ],
)
def test_a_variable_that_the_format_would_refuse_is_refused_and_not_repeated(key: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"^AGENTCONF_LLM_{key} must be") as raised:
        machine_layers({f"AGENTCONF_LLM_{key}": text})
    assert text == "https://" or text not in str(raised.value)


def test_variables_that_the_format_takes_are_a_layer() -> None:
    variables = {"MODEL": "openai/gpt-4.1", "API_BASE": "http://localhost:8000/v1", "TIMEOUT": "700ms"}
    [_, process] = machine_layers({f"AGENTCONF_LLM_{key}": text for key, text in variables.items()})
    assert process.config == {"llm": {"model": "openai/gpt-4.1", "timeout": 0.7}}
    assert process.connection == {"api_base": "http://localhost:8000/v1"}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("700ms", 0.7), ("0.7s", 0.7), ("290ms", 0.29), ("1.1m", 66), ("4.35m", 261), ("0.1h", 360), ("0.5ms", 0.0005)],
)
def test_a_duration_is_the_very_number_that_it_stands_for(text: str, seconds: float) -> None:
    assert in_seconds(text) == seconds
