"""What a client missed, put together from what everybody shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.live.change import Change, Version
from agentconf.server.push.history import History, Touched
from agentconf.snapshot.snapshot import Facts, Snapshot
from agentconf.source.tree import Origin
from agentconf.testing import snapshot_of


def snapshot(generation: int, owners: Mapping[str, str]) -> Snapshot:
    """Agents by their owners; an owner `off` is one that is switched off."""
    made = snapshot_of(
        {
            name: {"enabled": False} if owner == "off" else {"owner": owner, "llm": {"model": "openai/gpt-4.1"}}
            for name, owner in owners.items()
        }
    )
    facts = Facts(
        None, made.digest, Origin("memory", ""), disabled=made.disabled, generation=generation, digests=made.digests
    )
    return Snapshot(dict(made), facts, made.explain)


def history_of(*trees: Mapping[str, str], kept: int = 64) -> tuple[History, list[Snapshot]]:
    snapshots = [snapshot(number, owners) for number, owners in enumerate(trees, 1)]
    history = History("run", Version(1, snapshots[0].digest), kept)
    for before, after in pairwise(snapshots):
        history.add(Change(before, after))
    return history, snapshots


def test_one_step_is_what_it_touched() -> None:
    history, _ = history_of({"a": "x", "b": "x"}, {"a": "y", "c": "x"})
    assert history.since(1) == Touched(("c",), ("a",), ("b",), ("a", "b", "c"))
    assert history.since(2) == Touched()


def test_steps_are_joined_as_one_who_saw_none_of_them_needs() -> None:
    history, _ = history_of({"a": "x", "b": "x"}, {"b": "y", "c": "x"}, {"a": "z", "b": "y", "d": "x"})
    joined = history.since(1)
    assert (joined.created, joined.changed, joined.deleted) == (("d",), ("a", "b"), ())
    assert joined.every == ("a", "b", "c", "d")


def test_an_agent_that_is_off_all_along_is_touched_where_its_digest_is() -> None:
    history, _ = history_of({"a": "x"}, {"a": "x", "b": "off"})
    assert history.since(1) == Touched((), (), (), ("b",))


def test_a_place_is_known_by_its_id_and_by_its_digest() -> None:
    history, snapshots = history_of({"a": "x"}, {"a": "y"}, {"a": "x"})
    assert history.mark == "run:3"
    assert [history.place_of(f"run:{number}") for number in (1, 2, 3)] == [1, 2, 3]
    assert history.place_of(snapshots[1].digest) == 2
    assert history.place_of(snapshots[0].digest) == 3, "the same again: nothing is missed"


@pytest.mark.parametrize("since", ["other:2", "run:0", "run:99", "run:", ":", "", "sha256:" + "0" * 64, "run:٢"])
def test_what_is_not_known_here_has_no_place(since: str) -> None:
    history, _ = history_of({"a": "x"}, {"a": "y"})
    assert history.place_of(since) is None
    assert history.lag_of(since) is None


def test_old_generations_are_forgotten() -> None:
    history, _ = history_of(*({"a": str(number)} for number in range(10)), kept=3)
    assert [history.reaches(number) for number in (6, 7, 10)] == [False, True, True]
    assert history.place_of("run:6") is None
    assert history.lag_of("run:7") == 3


TREES = st.lists(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["x", "y", "off"]), min_size=1), min_size=2, max_size=6
)


@given(TREES)
def test_from_any_place_the_steps_lead_to_the_newest(trees: list[dict[str, str]]) -> None:
    history, snapshots = history_of(*trees)
    newest = snapshots[-1]
    for start in snapshots:
        touched = history.since(start.generation)
        told = dict(_told(start, touched, newest))
        assert told == {name: newest[name].owner for name in newest}
        differing = {name for name, _ in start.digests.items() ^ newest.digests.items()}
        assert differing <= set(touched.every)


def _told(start: Snapshot, touched: Touched, newest: Snapshot) -> Iterator[tuple[str, str | None]]:
    """What a client has that started somewhere, and was told something."""
    news = {name: what for what, name in touched.news}
    for name in start:
        if news.get(name) != "deleted":
            yield name, (newest if name in news else start)[name].owner
    for name, what in news.items():
        if what == "created":
            assert name not in start
            yield name, newest[name].owner
