"""The store, in real SQLite files."""

from __future__ import annotations

import math
import os
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.schema import CreateTable

from agentconf.runtime.tokens import Tokens
from agentconf.runtime.usage.count import _KEYS, _MS
from agentconf.runtime.usage.database import RecordsRefused
from agentconf.runtime.usage.question import Question
from agentconf.runtime.usage.record import CallRecord
from agentconf.runtime.usage.retention import retention_days
from agentconf.runtime.usage.store import UsageStore
from agentconf.runtime.usage.tables import METADATA
from agentconf.runtime.usage.unavailable import UsageUnavailable
from tests.runtime.usage.support import DAY_S, NOON, acts, call, count, refuse_poison, rows, url_of

COLUMNS = "agent, model, day, input_tokens, cost_usd, chain, tags, prompt"


def test_what_is_written_is_there_as_it_was(store: UsageStore, file: Path) -> None:
    store.write([call(chain=("boss", "clerk"), tags={"team": "böse"}, cost_usd=None)])
    assert rows(file, COLUMNS) == [
        ("a", "openai/small", "2026-11-20", 100, None, '["boss", "clerk"]', '{"team": "b\\u00f6se"}', None)
    ]


def test_by_default_it_lies_in_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("AGENTCONF_USAGE_URL", raising=False)
    store = UsageStore()
    store.write([call()])
    store.close()
    file = tmp_path / "agentconf" / "usage.sqlite3"
    assert count(file) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert store.place == str(file)


def test_a_variable_names_another_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTCONF_USAGE_URL", f"sqlite+pysqlite:///{tmp_path}/other.db")
    store = UsageStore()
    store.write([call()])
    store.close()
    assert count(tmp_path / "other.db") == 1


def test_a_state_folder_that_cannot_be_had_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "agentconf").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("AGENTCONF_USAGE_URL", raising=False)
    with pytest.raises(UsageUnavailable, match="name a place by AGENTCONF_USAGE_URL"):
        UsageStore()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true"])
def test_a_record_in_memory_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="must name a file"):
        UsageStore(url)


def test_nothing_is_made_by_looking(store: UsageStore, file: Path) -> None:
    assert store.report(Question()) is None
    assert not file.exists()


def test_a_batch_is_whole_or_not_there(store: UsageStore, file: Path) -> None:
    store.write([call()])
    refuse_poison(file)
    with pytest.raises(RecordsRefused):
        store.write([call("b"), call("poison"), call("c")])
    assert count(file) == 1


def test_a_batch_is_known_by_its_name(store: UsageStore) -> None:
    store.write([call(at=NOON), call(at=NOON + 60)], "first")
    assert store.has("first", NOON)
    assert not store.has("second", NOON)


def test_a_file_that_is_deleted_is_begun_anew(store: UsageStore, file: Path) -> None:
    store.write([call()])
    for name in (file, *file.parent.glob("usage.sqlite3-*")):
        name.unlink()
    store.write([call("b")])
    assert [row[0] for row in rows(file, "agent")] == ["b"]


def test_a_newer_form_is_refused(store: UsageStore, file: Path) -> None:
    store.write([call()])
    store.close()
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("UPDATE agentconf_usage SET version = 2")
    connection.close()
    for act in acts(store):
        with pytest.raises(UsageUnavailable, match=r"newer agentconf \(its form is 2, and this one knows 1\)"):
            act()
    assert len(rows(file)) == 1


def test_what_is_no_database_is_told_with_the_way_out(store: UsageStore, file: Path) -> None:
    file.write_text("agents: none\n" * 200)
    for act in acts(store):
        with pytest.raises(UsageUnavailable, match="not a database; move it away"):
            act()


@pytest.mark.parametrize(
    ("url", "end"),
    [
        ("sqlite:///no-such/x.db", "'no-such'; a path from the root has four slashes, as in sqlite:////var/lib"),
        ("sqlite:////no-such/x.db", "'/no-such'"),
    ],
)
def test_a_record_that_no_call_could_begin_is_told(url: str, end: str) -> None:
    with pytest.raises(UsageUnavailable) as told:
        UsageStore(url).report(Question(("agent",)))
    assert str(told.value).endswith(f"cannot be used: there is no folder {end}")


def test_a_file_is_named_though_its_path_looks_like_a_key(tmp_path: Path) -> None:
    file = tmp_path / "docs2home" / "j" / "db" / "u.db"
    with pytest.raises(UsageUnavailable) as told:
        UsageStore(url_of(file)).report(Question(("agent",)))
    assert f"in {file} cannot be used" in str(told.value)


def test_another_name_of_a_kind_of_database_is_told() -> None:
    with pytest.raises(UsageUnavailable, match=r"does not know \(did you mean 'postgresql'\?\)"):
        UsageStore("postgres://me@127.0.0.1:1/usage").report(Question(("agent",)))


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    store = UsageStore(url_of(tmp_path / "missing" / "usage.sqlite3"))
    with pytest.raises(UsageUnavailable, match="there is no folder"):
        store.write([call()])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_is_told(store: UsageStore, file: Path) -> None:
    store.write([call()])
    store.close()
    file.chmod(0o400)
    file.parent.chmod(0o500)
    try:
        for act in acts(store):
            with pytest.raises(UsageUnavailable, match="copy it to a folder of their own"):
                act()
    finally:
        file.parent.chmod(0o700)


def test_calls_are_forgotten_after_their_time(store: UsageStore, file: Path) -> None:
    store.write([call(at=NOON - DAY_S * (number % 10)) for number in range(12_000)])
    rounds = 1
    while store.forget(NOON - DAY_S * 4.5):
        rounds += 1
    assert (rounds, count(file)) == (2, 6_000)
    assert not store.forget(NOON - DAY_S * 4.5)


def test_one_tree_does_not_forget_anothers_calls(store: UsageStore, file: Path) -> None:
    store.write([call(tree=tree, at=NOON - DAY_S * age) for tree in ("here", "there") for age in range(4)])
    assert not store.forget(NOON - DAY_S * 1.5, "here")
    assert sorted(rows(file, "tree")) == [("here",)] * 2 + [("there",)] * 4


@pytest.mark.parametrize(
    ("settings", "days"),
    [({"usage": {"retention_days": 30}}, 30), ({"usage": {"retention_days": 30.0}}, 30), ({}, None),
     ({"usage": {}}, None), ({"usage": None}, None), ({"usage": {"retention_days": True}}, None)],
)  # fmt: skip
def test_how_long_a_tree_keeps_calls(settings: dict[str, object], days: int | None) -> None:
    assert retention_days(settings) == days


texts = st.text(st.characters(codec=None), max_size=8)
numbers = st.floats() | st.integers(-(1 << 70), 1 << 70)
counts = st.integers(-(1 << 70), 1 << 70)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(
    st.builds(
        CallRecord, at=numbers, agent=texts, tree=texts, environment=st.none() | texts, model=st.none() | texts,
        tokens=st.builds(Tokens, counts, counts, counts, counts), cost_usd=st.none() | st.floats(), latency_s=numbers,
        attempts=counts, tags=st.dictionaries(texts, texts, max_size=2), chain=st.lists(texts, max_size=2).map(tuple),
        prompt=st.none() | texts,
    )
)  # fmt: skip
def test_whatever_callers_hand_in_is_written(store: UsageStore, record: CallRecord) -> None:
    store.write([record])
    report = store.report(Question(by=("agent", "environment", "model")))
    assert report is not None
    assert all(math.isfinite(usage.cost_usd or 0.0) for usage in report.rows)


@pytest.mark.parametrize("dialect", [postgresql, mysql], ids=["postgresql", "mysql"])
def test_other_databases_are_asked_in_their_words(dialect: Any) -> None:
    said = [str(CreateTable(table).compile(dialect=dialect.dialect())) for table in METADATA.sorted_tables]
    assert all("CREATE TABLE agentconf_" in text for text in said)
    # what is grouped by is repeated: with a parameter in it, PostgreSQL takes the two for different things
    for key in (*_KEYS.values(), _MS):
        assert key.compile(dialect=dialect.dialect()).params == {}


