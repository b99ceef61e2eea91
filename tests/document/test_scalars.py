"""Plain scalars, against the tables of the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema)."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.document.scalars import NOT_A_STRING, value_of

NULLS = ("null", "Null", "NULL", "~", "")
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INTEGERS = {"0": 0, "-0": 0, "+12": 12, "-19": -19, "010": 10, "08": 8, "0o7": 7, "0o17": 15, "0x3A": 58, "0xff": 255}
FLOATS = {
    "0.": 0.0,
    "-0.0": -0.0,
    ".5": 0.5,
    "+12e03": 12000.0,
    "-2E+05": -200000.0,
    "1.5e-3": 0.0015,
    "1e3": 1000.0,
    "-.5": -0.5,
}
STRINGS = (
    "no", "yes", "on", "off", "y", "n", "nULL", "tRUE", "12:30:00", "2026-01-02", "2026-01-02T03:04:05Z", "1_000",
    "0b11", "0O17", "0X1F", "-0x1F", "+0o7", "0x", "0o", "0o8", "0xg", "1e", "e3", ".", "-", "+", "-.", "1.2.3",
    "1e3.5", "--1", "+-1", "1,000", "0.5s", "30s", ".inf1", "-inf", "inf", "nan", ".Nan", "+.nan", "-.nan", "½", "٣",
    "1٣", "1\n", "infinity", "1e5_0", "Nullable",
)  # fmt: skip

CORE = (
    (r"null|Null|NULL|~|", "null"),
    (r"true|True|TRUE|false|False|FALSE", "bool"),
    (r"[-+]?[0-9]+", "int"),
    (r"0o[0-7]+", "int"),
    (r"0x[0-9a-fA-F]+", "int"),
    (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "float"),
    (r"[-+]?(\.inf|\.Inf|\.INF)", "float"),
    (r"\.nan|\.NaN|\.NAN", "float"),
)
"""The expressions as the specification prints them, in its order."""

NAMES = {type(None): "null", bool: "bool", int: "int", float: "float", str: "str"}


@pytest.mark.parametrize("text", NULLS)
def test_nulls(text: str) -> None:
    assert value_of(text) is None


@pytest.mark.parametrize("text", BOOLEANS)
def test_booleans(text: str) -> None:
    assert value_of(text) is BOOLEANS[text]


@pytest.mark.parametrize("text", INTEGERS)
def test_integers(text: str) -> None:
    assert (value_of(text), type(value_of(text))) == (INTEGERS[text], int)


@pytest.mark.parametrize("text", FLOATS)
def test_floats(text: str) -> None:
    value = value_of(text)
    assert isinstance(value, float)
    assert (value, math.copysign(1, value)) == (FLOATS[text], math.copysign(1, FLOATS[text]))


@pytest.mark.parametrize("text", STRINGS)
def test_everything_else_is_text(text: str) -> None:
    assert value_of(text) == text


@pytest.mark.parametrize("text", [".inf", "+.Inf", "-.INF", "1e999", "-1e999", "9" * 5000, "0x" + "f" * 5000])
def test_what_is_too_large_is_infinite(text: str) -> None:
    assert math.isinf(float(value_of(text) or 0))


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_what_is_no_number(text: str) -> None:
    assert math.isnan(float(value_of(text) or 0))


@pytest.mark.parametrize("text", ["9" * 4000, "0x" + "f" * 3100, "0o" + "7" * 3100])
def test_what_is_read_as_an_integer_can_be_written(text: str) -> None:
    assert str(value_of(text))


@given(st.text("0123456789+-._eExXoOaAfFnNtTuUlLrRiI~: \n", max_size=8) | st.text(max_size=4))
def test_the_kind_of_a_scalar_is_the_one_that_the_specification_says(text: str) -> None:
    kind = next((name for pattern, name in CORE if re.fullmatch(pattern, text)), "str")
    assert NAMES[type(value_of(text))] == kind


@given(st.text("0123456789+-._eExXoOaAfFnNtTuUlLrR~", max_size=6))
def test_the_first_character_tells_most_strings(text: str) -> None:
    if text[:1] not in NOT_A_STRING:
        assert value_of(text) == text
