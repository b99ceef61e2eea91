"""Files that are wrong in thousands of places, or large beyond use, are done with in a second."""

from __future__ import annotations

import time
from typing import Any

import pytest

from agentconf.document.parse import FAULTS_LIMIT
from tests.support import codes_of, found, resolved, texts, values

PROVIDER = "providers:\n  o:\n    "
VARIED: dict[str, Any] = {"llm": {"model": "o/b"}, "experiment": {"control": "v0"}}

LARGE = {
    "reserved": (
        "a.yaml",
        "llm:\n  model: o/b\n  extra:\n" + "".join(f"    _{i}: 1\n" for i in range(24_900)),
        "AC405",
    ),
    "params": (
        "_defaults.yaml",
        f"{PROVIDER}params:\n" + "".join(f"      key_{i}: a\n" for i in range(24_900)),
        "AC401",
    ),
    "headers": (
        "_defaults.yaml",
        f"{PROVIDER}extra_headers:\n" + "".join(f"      k{i}: ${{\n" for i in range(24_900)),
        "AC401",
    ),
    "references": ("a.yaml", "llm: {model: o/b}\ntags: [" + '"${env:A}",' * 49_000 + "a]\n", "AC403"),
    "weights": (
        "a.yaml",
        "llm: {model: o/b}\nexperiment: {control: v0}\nvariants:\n" + "".join(f"  v{i}: {{}}\n" for i in range(20_000)),
        "AC103",
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_findings_of_one_file_are_capped(name: str) -> None:
    path, text, code = LARGE[name]
    started = time.perf_counter()
    codes = codes_of(texts({path: text}))
    assert time.perf_counter() - started < 8  # many times what it takes; without the cap it takes minutes
    assert (codes.count(code), codes.count("AC112")) == (FAULTS_LIMIT, 1)


def test_prompts_that_are_missing_are_capped() -> None:
    blocks = {f"e{i}": {"instructions_file": f"p{i}.md"} for i in range(12_000)}
    settings = {"environments": ["e0"]}
    codes = codes_of(values({"a": {"llm": {"model": "o/b"}, "environments": blocks}, "_settings": settings}))
    assert "AC112" in codes
    assert codes.count("AC206") <= FAULTS_LIMIT


def test_variants_are_resolved_in_linear_time() -> None:
    variants = {f"v{i}": {"weight": 1} for i in range(6_000)}
    block = {"prod": {"variants": {name: {"weight": 2} for name in variants}}}
    tree = values({"a": {**VARIED, "variants": variants, "environments": block}, "_environments/prod": {}})
    started = time.perf_counter()
    config = resolved(tree, environment="prod")
    assert time.perf_counter() - started < 5
    assert config["variants"]["v5999"] == {"weight": 2, "llm": {"model": "o/b"}}


# -- credentials in connections

REFERENCE = "${env:KEY}"


def connection(**entry: Any) -> list[str]:
    return codes_of(values({"_defaults": {"providers": {"o": entry}}, "a": {"llm": {"model": "o/b"}}}))


@pytest.mark.parametrize(
    "params",
    [
        {"vertex_credentials": {"private_key": "literal"}},
        {"vertex_credentials": ["literal"]},
        {"aws_secret_access_key": 12345},
        {"headers": {"Authorization": "literal"}},
        {"extra_headers": {"X-Team": "literal"}},
        {"apikey": "literal"},
        {"watsonx_apikey": "literal"},
        {"client-secret": "literal"},
        {"clientSecret": "literal"},
        {"APIKey": "literal"},
        {"options": {"clientSecret": "literal"}},
        {"options": [{"token": 5}]},
    ],
)
def test_a_literal_credential_is_refused_however_it_is_named_and_wrapped(params: dict[str, Any]) -> None:
    assert connection(params=params) == ["AC401"]


@pytest.mark.parametrize(
    "params",
    [{"clientSecret": REFERENCE}, {"apikey": None}, {"vertex_project": "p", "max_tokens": 5}, {"a": {"b": [1]}}],
)
def test_references_nulls_and_what_is_no_credential_may_stand(params: dict[str, Any]) -> None:
    assert connection(params=params) == []


def test_a_reference_deeper_in_a_parameter_is_not_read() -> None:
    assert connection(params={"options": {"api_key": REFERENCE}}) == ["AC403"]


@pytest.mark.parametrize(
    ("headers", "codes"),
    [
        ({"X-Team": "search\r\nX-Other: 1"}, ["AC106"]),
        ({"X Team": "search"}, ["AC106"]),
        ({"X-Téam": "search"}, ["AC106"]),
        ({"": "search"}, ["AC106"]),
        ({"AUTHORIZATION ": "literal"}, ["AC106", "AC401"]),
        ({"Authorization": "literal"}, ["AC401"]),
        ({"Authorization": REFERENCE, "X-Team": "a\tb"}, []),
    ],
)
def test_a_header_is_one_header(headers: dict[str, str], codes: list[str]) -> None:
    assert sorted(connection(extra_headers=headers)) == codes


def test_a_prompt_may_begin_with_dots() -> None:
    tree = texts({"a.yaml": "llm: {model: o/b}\ninstructions_file: ..dots.md\n", "..dots.md": "Be kind."})
    assert "AC206" not in [code for _, _, code in found(tree)]
    above = texts({"a.yaml": "llm: {model: o/b}\ninstructions_file: ../up.md\n"})
    assert "AC206" in [code for _, _, code in found(above)]
