"""What is said of an agent's references depends on its own layers, and on no other agent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_manual import found_in

ESCAPED = r'llm: {model: openai/gpt-4.1, api_key: "$\x7bfile:/etc/x}"}' + "\n"
PLAIN = "llm: {model: openai/gpt-4.1, api_key: '${file:/etc/y}'}\n"


@pytest.mark.parametrize("others", [{}, {"b.yaml": PLAIN}, {"b.yaml": "owner: team@example.com\n"}])
@pytest.mark.parametrize("text", [ESCAPED, PLAIN])
def test_a_reference_that_is_never_read_is_told_whatever_others_name(
    tmp_path: Path, text: str, others: dict[str, str]
) -> None:
    found = found_in({"a.yaml": text, **others}, tmp_path)
    told = {one.file.rpartition("/")[2] for one in found if one.rule.name == "forbidden-reference"}
    assert told == {"a.yaml", *(name for name, said in others.items() if said == PLAIN)}
