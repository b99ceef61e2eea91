from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.catalogue.facts import Facts
from agentconf.catalogue.litellm_file import LiteLLMFile
from agentconf.catalogue.lock import BrokenLock, Lock, digest_of, lock_findings, read_lock, written
from agentconf.frozen import FrozenDict

NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, categories=["L", "N", "P"]), min_size=1)
TOKENS = st.none() | st.integers(1, 10**9)
DOLLARS = st.none() | st.floats(0, 1e9)
SETS = st.none() | st.frozensets(NAMES, max_size=4)
CAPABILITIES = st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,8}x", fullmatch=True), st.booleans(), max_size=4)
FACTS = st.builds(
    Facts,
    name=NAMES, source=st.just("lock"), mode=st.none() | NAMES, provider=st.none() | NAMES,
    max_input_tokens=TOKENS, max_output_tokens=TOKENS,
    input_per_million=DOLLARS, output_per_million=DOLLARS, cached_input_per_million=DOLLARS,
    capabilities=CAPABILITIES.map(FrozenDict), retires=st.none() | st.dates(date(1000, 1, 1), date(2999, 12, 31)),
    successor=st.none() | NAMES, regions=SETS, parameters=SETS,
)  # fmt: skip
LOCKS = st.builds(
    Lock, st.none() | NAMES, st.lists(FACTS, max_size=4).map(lambda many: {one.name: one for one in many})
)


@given(lock=LOCKS)
def test_what_is_written_is_read_back(lock: Lock) -> None:
    text = written(lock)
    back = read_lock(text.encode())
    assert back == lock
    assert back.digest == lock.digest == json.loads(text)["digest"]
    assert text.endswith("}\n")


@given(lock=LOCKS)
def test_it_is_written_the_same_in_whatever_order_it_was_made(lock: Lock) -> None:
    turned = Lock(lock.litellm, dict(reversed(list(lock.models.items()))))
    assert written(turned) == written(lock)
    assert written(read_lock(written(lock).encode())) == written(lock)


def test_real_facts_survive(litellm: LiteLLMFile) -> None:
    facts = {name: found for name in litellm.names() if (found := litellm.find(name))}
    back = read_lock(written(Lock(litellm.version, facts)).encode())
    assert {name: replace(one, name=name, source="lock") for name, one in facts.items()} == dict(back.models)


def test_a_digest_does_not_mind_the_layout() -> None:
    text = written(Lock("1.0", {"a/b": Facts("a/b", "litellm", max_input_tokens=5)}))
    assert read_lock(json.dumps(json.loads(text)).encode()).models["a/b"].max_input_tokens == 5


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"max_input_tokens": 5', '"max_input_tokens": 6', "digest"),
        ('"format": 1', '"format": 2', "format"),
        ('"models": {', '"models": [{', "not JSON"),
        ("{", "<<<<<<< HEAD\n{", "not JSON"),
        ('"digest"', '"digset"', "digest"),
    ],
)
def test_a_broken_lock_says_why_and_what_to_do(old: str, new: str, said: str) -> None:
    text = written(Lock("1.0", {"a/b": Facts("a/b", "litellm", max_input_tokens=5)})).replace(old, new, 1)
    (finding,) = lock_findings(text.encode(), "_models.lock.json")
    assert (finding.code, finding.hint) == ("AC320", "run agentconf models lock")
    assert said in finding.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_lock_or_a_finding(data: bytes) -> None:
    if not lock_findings(data, "l"):
        read_lock(data)


ENTRIES = st.dictionaries(st.sampled_from(["capabilities", "retires", "regions", "max_input_tokens", "mode"]), JSON)


@given(entries=st.dictionaries(st.text(max_size=8), JSON | ENTRIES, max_size=3))
def test_entries_of_any_kind_under_a_digest_that_fits_raise_nothing(entries: dict[str, object]) -> None:
    digest = digest_of(json.loads(json.dumps(entries)))
    data = json.dumps({"format": 1, "litellm": "1", "digest": digest, "models": entries})
    lock = read_lock(data.encode())
    written(lock)


NUMBER_TOO_LONG = b'{"models": {"a": ' + b"9" * 5000 + b"}}"


@pytest.mark.parametrize("data", [b"", b"[" * 100_000, b"\xff\xfe", b"null", NUMBER_TOO_LONG])
def test_a_text_that_is_no_lock(data: bytes) -> None:
    with pytest.raises(BrokenLock):
        read_lock(data)
