"""Whatever PyYAML, ruamel.yaml and json write reads back equal, types included.

The exceptions, each pinned by a test below:

1. PyYAML writes YAML 1.1 and leaves out the quotes where 1.1 reads a string; `1e3`, `08` and `0o17` are numbers in 1.2.
2. Writers fold text at U+0085, U+2028 and U+2029, which 1.1 takes for line breaks and 1.2 for text. PyYAML does so
   where it may write non-ASCII characters, ruamel.yaml always.
3. json writes the control characters U+007F to U+009F, U+FFFE and U+FFFF as they are; YAML refuses them.
4. ruamel.yaml writes `{?a: 1, :b: 2, c:?: 3}` in flow style. YAML 1.2 allows that; libyaml takes `?` and `:` for marks
   there. Such a text is refused, and never read as another one.
5. What a writer writes and cannot read back equal itself: PyYAML doubles a backslash where it folds a long key deep
   inside, ruamel.yaml folds plain keys at blanks.
"""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from agentconf.document.scalars import value_of
from tests.support import document_of

LINE_BREAKS_OF_YAML_1_1 = "\x85\u2028\u2029"
REFUSED = "".join(map(chr, (*range(0x7F, 0x85), *range(0x86, 0xA0), 0xFFFE, 0xFFFF)))

ANY_TEXT = st.text()
NO_LINE_BREAKS = st.text(st.characters(codec="utf-8", exclude_characters=LINE_BREAKS_OF_YAML_1_1))
NOT_REFUSED = st.text(st.characters(codec="utf-8", exclude_characters=REFUSED))
TRICKY = st.sampled_from(
    ("", " ", "no", "Yes", "on", "~", "null", "TRUE", ".nan", "-.inf", "0x1F", "010", "1_000", "12:30:00", "2026-01-02",
     "1.", "+.5", "-", "- a", "? a", ": ", "a: b", "a #b", "#", "[", "{a", "}", "&a", "*a", "!a", "! a", "|", ">", "%",
     "@a", "`a", "'", '"', "\\", "\n", "\n\n", " \n ", "\t", "a\tb", "\ta", "a ", "a\n", "a\n ", "<<", "=", "---",
     "--- a", "...", "\r", "\0", "a\r\nb", "\u00a0", "\ue000", "\ud7ff", "\U0001f600", "x" * 200)
)  # fmt: skip


def values(text: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Any mapping that JSON can say."""
    words = text | TRICKY
    leaf = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words
    keys = words.filter(lambda key: as_yaml_1_1_wrote(key) == key)
    nested = st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5), max_leaves=25
    )
    return st.dictionaries(keys, nested, max_size=6)


def typed(value: Any) -> Any:
    """The value with every type said, since 1 == 1.0 == True."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return type(value).__name__, repr(value) if isinstance(value, float) else value


def reads_back(text: str, value: Any) -> None:
    document = document_of(text)
    assert document.faults == ()
    assert typed(document.value) == typed(value)


PYYAML_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "default_flow_style": st.sampled_from((None, False, True)),
        "indent": st.integers(2, 8),
        "width": st.sampled_from((20, 80, 1000)),
        "sort_keys": st.booleans(),
        "explicit_start": st.booleans(),
        "explicit_end": st.booleans(),
        "line_break": st.sampled_from(("\n", "\r\n")),
    },
)


@given(value=values(ANY_TEXT), options=PYYAML_OPTIONS)
def test_what_pyyaml_writes_reads_back_equal(value: dict[str, Any], options: dict[str, Any]) -> None:
    text = yaml.safe_dump(value, **options)
    assume(yaml.safe_load(text) == value)
    reads_back(text, as_yaml_1_1_wrote(value))


@given(value=values(NO_LINE_BREAKS), options=PYYAML_OPTIONS)
def test_what_pyyaml_writes_with_non_ascii_characters_reads_back_equal(
    value: dict[str, Any], options: dict[str, Any]
) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, **options)
    assume(yaml.safe_load(text) == value)
    reads_back(text, as_yaml_1_1_wrote(value))


@given(
    value=values(NO_LINE_BREAKS), is_flow=st.sampled_from((None, False, True)), width=st.sampled_from((40, 80, 1000))
)
def test_what_ruamel_writes_reads_back_equal(value: dict[str, Any], is_flow: bool | None, width: int) -> None:
    writer = YAML(typ="safe")
    writer.default_flow_style = is_flow
    writer.width = width
    out = io.StringIO()
    writer.dump(value, out)
    text = out.getvalue()
    assume(ruamel_reads(text) == value)
    if is_flow is not False:
        faults = document_of(text).faults
        assert {fault.code for fault in faults} <= {"AC001"}
        assume(not faults)
    reads_back(text, value)


def ruamel_reads(text: str) -> Any:
    try:
        return YAML(typ="safe").load(text)
    except YAMLError:
        return None


JSON_LAYOUTS = st.sampled_from(({}, {"indent": 2}, {"separators": (",", ":")}, {"sort_keys": True}))


@given(value=values(NOT_REFUSED), layout=JSON_LAYOUTS)
def test_what_json_writes_reads_back_equal(value: dict[str, Any], layout: dict[str, Any]) -> None:
    reads_back(json.dumps(value, ensure_ascii=False, **layout), value)


# -- the exceptions


class _YAML11(yaml.SafeDumper):
    """Asked what YAML 1.1 reads in a plain scalar."""

    def reads_as_text(self, text: str) -> bool:
        tag: object = self.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # PyYAML's stubs
        return tag == "tag:yaml.org,2002:str"


_YAML_1_1 = _YAML11(io.StringIO())


def as_yaml_1_1_wrote(value: Any) -> Any:
    """The value with exception 1: texts that 1.1 writes without quotes, and that 1.2 reads as numbers."""
    if isinstance(value, list):
        return [as_yaml_1_1_wrote(item) for item in value]
    if isinstance(value, dict):
        return {key: as_yaml_1_1_wrote(item) for key, item in value.items()}
    if isinstance(value, str) and value and _YAML_1_1.reads_as_text(value):
        return value_of(value)
    return value


@pytest.mark.parametrize(
    ("text", "number"), [("1e3", 1000.0), ("08", 8), ("0o17", 15), ("1.5e3", 1500.0), ("-.5", -0.5)]
)
def test_numbers_of_yaml_1_2_that_a_1_1_writer_takes_for_text(text: str, number: float) -> None:
    assert yaml.safe_dump({"a": text}) == f"a: {text}\n"
    reads_back(f"a: {text}\n", {"a": number})


def test_a_key_that_a_1_1_writer_takes_for_text_is_refused_with_the_way_to_write_it() -> None:
    [fault] = document_of(yaml.safe_dump({"1e3": None})).faults
    assert (fault.code, fault.hint) == ("AC012", 'write it in quotes: "1e3"')


@pytest.mark.parametrize("character", LINE_BREAKS_OF_YAML_1_1)
def test_line_breaks_of_yaml_1_1_are_text_in_1_2(character: str) -> None:
    reads_back(f"a: 'b{character}c'\n", {"a": f"b{character}c"})
    reads_back(f"a: b{character}c # d\n", {"a": f"b{character}c"})
    assert document_of(yaml.safe_dump({"a": f"b{character}c"}, allow_unicode=True)).value != {"a": f"b{character}c"}


@pytest.mark.parametrize("character", REFUSED)
def test_control_characters_that_json_writes_as_they_are_are_refused_by_name(character: str) -> None:
    [fault] = document_of(json.dumps({"a": f"ä{character}"}, ensure_ascii=False)).faults
    assert (fault.code, fault.line, fault.column) == ("AC003", 1, 9)
    assert f"U+{ord(character):04X}" in fault.message
    reads_back(json.dumps({"a": f"ä{character}"}), {"a": f"ä{character}"})


@pytest.mark.parametrize("text", ["{?a: 1}", "{b: 1, ?a: 1}", "a: [?b: 1]", '{?"a": 1}', "{\n?a: 1}", "{:a: 1}"])
def test_a_question_mark_that_libyaml_would_drop_is_refused(text: str) -> None:
    assert "AC001" in {fault.code for fault in document_of(text).faults}


@pytest.mark.parametrize(
    "text", ["?a: 1", "a: ?b", "{'?a': 1}", "{a?: 1}", "{a?b: c?d}", "a: [b ?c, why?]", "? a\n: 1", "{? a : 1}"]
)
def test_other_question_marks_are_text_or_mark_a_key(text: str) -> None:
    assert document_of(text).faults == ()


def test_the_reader_takes_integers_of_any_size_that_python_reads() -> None:
    reads_back(f"a: {10**3999}\n", {"a": 10**3999})
