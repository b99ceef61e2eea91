from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.rules.keys.find import PATTERNS, FoundKey, _candidates, find_keys, may_hold_keys
from agentconf.rules.keys.pattern import Pattern
from benchmarks.make_tree import _texts
from tests.rules.keys.planted import planted, without_format
from tests.support import REPOSITORY

AROUND = {
    "alone": "{}",
    "value": "api_key: {}\n",
    "quoted": 'x-note: "{}"\n',
    "flow": "llm: {{model: openai/gpt-4.1, x-key: {}}}\n",
    "comment": "name: A  # the key is {}, ask Bob\n",
    "block scalar": "instructions: |\n  You look prices up.\n  Use {} for it.\n",
    "folded": "instructions: >-\n  You look prices up\n  with {}.\n",
    "list": "tags:\n  - {}\n",
    "address": "api_base: https://example.com/v1?key={}&x=1\n",
    "json": '{{"key": "{}"}}',
    "windows": "a: 1\r\nb: {}\r\n",
    "shell": "Run `export KEY={}` first.",
    "markdown": "- `{}`\n",
}
NAMED_BY = ("api_key: {}", "MISTRAL_API_KEY={}", 'secret = "{}"', "The token is {}.", "password: >-\n  {}", "Bearer {}")

HARMLESS = [
    line.replace("\\n", "\n").replace("AK{}IA", "AKIA")
    for line in Path(__file__).with_name("harmless.txt").read_text("utf-8").splitlines()
]
"""Texts that are no keys, one a line."""


def found(text: str) -> list[str]:
    return [text[key.start : key.end] for key in find_keys(text)]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("name", planted())
def test_each_format_is_found_wherever_it_stands(name: str, around: str) -> None:
    for seed in range(5):
        key = planted(seed)[name]
        text = AROUND[around].format(key)
        (one,) = find_keys(text)
        assert text.find(key) <= one.start < text.find(key) + len(key)
        assert one.start == text.find(key)
        assert text[one.start : one.end].startswith(key[:20])


@pytest.mark.parametrize("around", NAMED_BY)
@pytest.mark.parametrize("name", without_format())
def test_a_key_without_a_format_is_found_behind_its_name(name: str, around: str) -> None:
    for seed in range(5):
        key = without_format(seed)[name]
        assert found(around.format(key)) == [key]


def test_at_least_twelve_providers_have_a_format() -> None:
    assert len({pattern.kind for pattern in PATTERNS}) >= 40
    assert len(planted()) >= 30


@pytest.mark.parametrize("seed", range(20))
def test_random_text_is_found_without_any_name(seed: int) -> None:
    key = without_format(seed)["Cohere"] + "Qz4"
    assert found(f"name: A\ndescription: see {key} there\n") == [key]


@pytest.mark.parametrize("text", HARMLESS)
@pytest.mark.parametrize("around", ["{}", "llm:\n  model: {}\n", "instructions: |\n  Say {} now.\n", "# {}\n", '"{}"'])
def test_what_is_no_key_raises_no_alarm(text: str, around: str) -> None:
    assert found(around.replace("{}", text)) == []


def test_a_password_of_people_is_found_behind_its_name() -> None:
    assert found("password: Tr0ub4dor3x") == ["Tr0ub4dor3x"]
    assert found("db_password = 'h4nterTwo22'") == ["h4nterTwo22"]
    assert found("the password: correct horse") == []


def test_a_key_in_the_place_of_a_variables_name_is_found_and_cipher_text_is_not() -> None:
    key = planted()["AWS"]
    assert found(f"api_key: ${{env:{key}}}") == [key]
    openai = planted()["OpenAI, old"]
    assert found(f"api_key: ${{fernet:{openai}}}") == [openai]
    assert found("api_key: ${fernet:gAAAAABm" + planted()["OpenAI, project"] + "}") == []


def test_the_repository_holds_no_key() -> None:
    paths = [path for folder in ("agents.d", "docs", "schema") for path in (REPOSITORY / folder).rglob("*")]
    files = [path for path in (*paths, REPOSITORY / "README.md") if path.is_file()]
    assert [(path.name, key) for path in files for key in find_keys(path.read_text("utf-8"))] == []


def test_a_generated_tree_of_ten_thousand_holds_no_key() -> None:
    alarms: list[object] = []
    for number, (path, text) in enumerate(_texts(10_000, 7, 0.0, [])):
        alarms += [(path, key) for key in find_keys(text)]
        if number % 10 == 0:  # without the look that passes over most files
            alarms += [(path, key) for key in _candidates(text)]
    assert alarms == []


def test_a_pattern_is_looked_for_only_where_a_part_of_it_is() -> None:
    """Every needle is a part of each match of its pattern."""
    for key in (*planted().values(), *planted(7).values()):
        for pattern in PATTERNS:
            if pattern.compiled.search(key):
                assert any(needle in key for needle in pattern.needles), pattern.kind


def hostile(pattern: Pattern) -> Iterator[str]:
    """Texts that make a careless pattern try again and again."""
    size = 1 << 18  # as long as a prompt file may be
    for needle in pattern.needles:
        yield needle * (size // len(needle))
        for filler in ("a", "a1B-", "a.", "0", "eyJa.", "a-", " ", "A9/+", "\n"):
            yield needle + filler * (size // len(filler))
            yield (needle + filler * 60) * (size // (len(needle) + 60 * len(filler))) + "!"


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: f"{pattern.kind}, {pattern.needles[0]}")
def test_no_text_makes_a_pattern_slow(pattern: Pattern) -> None:
    for text in hostile(pattern):
        begun = time.process_time()
        assert sum(1 for _ in pattern.compiled.finditer(text)) >= 0
        assert time.process_time() - begun < 1.5, text[:80]


SLOW = {
    "names": "key" * 90_000,
    "names and spaces": "key " * 70_000,
    "names and signs": "key: " * 50_000,
    "names and block scalars": "key: >-\n" * 30_000 + "k" * 30,
    "names and lines": "secret\n" * 37_000 + "k" * 20,
    "a name and spaces": "key:" + " " * 260_000,
    "a name and signs": "token=" + "=" * 260_000,
    "passwords": "password: a1b2c3d4 " * 14_000,
    "bearers": "Bearer " * 37_000 + "k" * 20,
    "one long text": "Aa1" * 90_000,
    "long texts": ("Aa1" * 30 + "@") * 3000,
    "lines": ("a" * 40 + "\n") * 6000,
    "lines of each class": ("xX3" * 20 + "\n") * 4200,
    "braces": "${" * 130_000 + "k" * 20,
    "references": "${env:" * 40_000 + "A" * 40,
    "headings": "-----BEGIN" * 26_000,
    "headings and headers": "-----BEGIN PRIVATE KEY-----\n" + "Aa: b\n" * 40_000,
    "not in ASCII": "é" * 130_000 + "k" * 20,
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
def test_no_text_makes_the_search_slow(text: str) -> None:
    begun = time.process_time()
    assert all(isinstance(key, FoundKey) for key in find_keys(text))
    assert time.process_time() - begun < 3


@given(st.text(max_size=400))
def test_any_text_can_be_searched(text: str) -> None:
    end = 0
    for key in find_keys(text + " k" * 2 + "k" * 20):
        assert end <= key.start < key.end
        end = key.end


@given(before=st.text(st.characters(codec="utf-8", exclude_characters="`"), max_size=40), seed=st.integers(0, 50))
def test_a_key_is_found_whatever_stands_around_it(before: str, seed: int) -> None:
    """In backquotes, since what is glued to a key may make it part of a longer word."""
    key = planted(seed)["Anthropic"]
    text = f"{before} `{key}`"
    assert any(text[one.start : one.end] == key for one in find_keys(text))


def test_ordinary_bytes_are_passed_over_at_once() -> None:
    assert not may_hold_keys(b"llm:\n  model: anthropic/claude-sonnet-4-6\n  temperature: 0.2\n")
    assert may_hold_keys(b"api_key: " + b"k" * 20)
