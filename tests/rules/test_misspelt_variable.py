from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.rules.misspelt_variable import is_a_slip, meant, usual_variables, variables_in
from tests.rules.test_manual import found_in

NAMES = st.text(st.sampled_from("ABC_"), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("OPENAI_API_KYE", "OPENAI_API_KEY"),
        ("OPENAI_API_KE", "OPENAI_API_KEY"),
        ("OPENAI_API_KEYS", "OPENAI_API_KEY"),
        ("OPANAI_API_KEY", "OPENAI_API_KEY"),
        ("OPENAI_APIKEY", "OPENAI_API_KEY"),
        ("OPENAIAPI_KEY", "OPENAI_API_KEY"),
        ("ANTROPIC_API_KEY", "ANTHROPIC_API_KEY"),
    ],
)
def test_one_letter_is_a_slip(name: str, known: str) -> None:
    assert is_a_slip(name, known)
    assert is_a_slip(known, name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("KEY_1", "KEY_2"),
        ("OPENAI_API_KEY", "OPENAI_API_KEY2"),
        ("TEAM_A_KEY", "TEAM_B_KEY"),
        ("AZURE_KEY_EU", "AZURE_KEY_US"),
        ("OPENAI_API_KEY", "OPENAI_API_KEY"),
        ("OPENAI_API_KEY", "GEMINI_API_KEY"),
        ("XAI_API_KEY", "AI_API_KEY"),
    ],
)
def test_what_was_written_so_on_purpose_is_none(name: str, other: str) -> None:
    assert not is_a_slip(name, other)


@given(NAMES, NAMES)
def test_it_holds_both_ways(one: str, other: str) -> None:
    assert is_a_slip(one, other) == is_a_slip(other, one)


def test_the_usual_name_goes_before_what_the_tree_says_more_often() -> None:
    often = {"OPENAI_API_KYE": 5, "TEAM_TOKEN": 3, "TAEM_TOKEN": 1}
    assert meant("OPENAI_API_KYE", usual_variables("openai"), often) == "OPENAI_API_KEY"
    assert meant("OPENAI_API_KYE", (), often) is None
    assert meant("TAEM_TOKEN", (), often) == "TEAM_TOKEN"
    assert meant("TEAM_TOKEN", (), often) is None
    assert meant("OPENAI_API_KEY", usual_variables("openai"), {"OPENAI_API_KEYS": 9}) is None


def test_both_spellings_of_a_reference_are_seen() -> None:
    data = b"a: ${env:A_KEY}\nb: os.environ/B_KEY\nc: '${env:A_KEY}'\nd: ${file:/run/secrets/x}\n"
    assert variables_in(data) == ["A_KEY", "B_KEY", "A_KEY"]


def test_a_slip_is_found_in_the_file_that_has_it(tmp_path: Path) -> None:
    files = {
        "_defaults.yaml": "providers:\n  openai: {api_key: '${env:TEAM_OPENAI_KEY}'}\n",
        "_environments/prod.yaml": "defaults:\n  providers:\n    openai:\n      api_key: ${env:TEAM_OPENAI_KEY}\n",
        "_environments/dev.yaml": "defaults:\n  providers:\n    openai:\n      api_key: ${env:TEAM_OPENIA_KEY}\n",
        "a.yaml": "llm: {model: openai/gpt-4.1-mini}\n",
    }
    found = [one for one in found_in(files, tmp_path) if one.code == "AC409"]
    assert [(Path(one.file).name, one.line, one.column, one.hint) for one in found] == [
        ("dev.yaml", 4, 16, "did you mean 'TEAM_OPENAI_KEY'?")
    ]
