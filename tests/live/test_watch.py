"""The face of a watch: a mapping, its snapshot, its status, its arguments, its life."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import agentconf
from agentconf.config.agent import Agent
from agentconf.errors import AgentNotFound, InvalidConfig, SourceUnavailable, UnknownEnvironment
from agentconf.live.load import load
from agentconf.live.watch import Watch, watch
from tests.live.conftest import Follow
from tests.live.support import (
    BAD,
    Reader,
    owned,
    owner_of,
    put,
    stays,
    wait_for,
    wait_gone,
    wait_owner,
    wait_state,
)


def test_a_watch_is_a_mapping_of_the_newest_snapshot(root: Path, follow: Follow) -> None:
    conf = follow()
    assert isinstance(conf, Mapping)
    assert sorted(conf) == ["a", "b"]
    assert len(conf) == 2
    assert "a" in conf
    assert "c" not in conf
    assert isinstance(conf["a"], Agent)
    assert conf.get("c") is None
    with pytest.raises(AgentNotFound, match="there is no agent 'aa'"):
        conf["aa"]
    assert conf.resolve("c").llm.model == "ollama/mistral:7b-instruct"
    assert conf.explain("a", "owner").layers[-1].value == "first"
    assert "2 agents" in repr(conf)
    assert str(root) in repr(conf)


def test_a_snapshot_that_is_held_does_not_change(root: Path, follow: Follow) -> None:
    conf = follow()
    pinned, agent = conf.snapshot, conf["a"]
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second")
    assert (pinned["a"].owner, agent.owner, pinned.generation) == ("first", "first", 1)
    assert conf.snapshot.generation == 2


def test_the_first_scan_is_done_when_watch_returns(root: Path) -> None:
    with watch(root) as conf:
        assert conf["a"].owner == "first"
        wait_state(conf, "fresh")
        assert conf.snapshot.generation == 1
        assert conf.snapshot.digest == agentconf.load(root).digest


def test_every_kind_of_change_is_served(root: Path, follow: Follow) -> None:
    conf = follow()
    put(root, {"a.yaml": owned("second"), "team/c.yaml": owned("third")})
    wait_owner(conf, "second")
    wait_owner(conf, "third", "c")
    put(root, {"_defaults.yaml": "description: everyone\n"})
    wait_for(lambda: conf["c"].description == "everyone", "the shared layer")
    (root / "b.yaml").unlink()
    wait_gone(conf, "b")
    assert conf.snapshot.digest == agentconf.load(root).digest
    wait_state(conf, "fresh")


@pytest.mark.parametrize("text", [
    "# a comment\n" + owned("first"),
    "llm: {model: openai/gpt-4.1}\nowner: first\n",
    'owner: "first"\nllm:\n  model: openai/gpt-4.1\n',
])  # fmt: skip
def test_an_edit_that_says_the_same_is_no_new_generation(root: Path, follow: Follow, text: str) -> None:
    conf = follow()
    changes = conf.changes()
    before = conf.snapshot
    put(root, {"a.yaml": text})
    put(root, {"b.yaml": owned("second")})
    wait_owner(conf, "second", "b")
    change = changes.next(timeout=1)
    assert change is not None
    assert (dict(change.changed), conf.snapshot.generation) == ({"b": ("owner",)}, 2)
    put(root, {"b.yaml": owned("first")})
    wait_owner(conf, "first", "b")
    assert conf.snapshot.digest == before.digest
    assert conf.snapshot.generation == 3


def test_a_comment_alone_is_told_to_nobody(root: Path, follow: Follow) -> None:
    conf = follow()
    changes, looked = conf.changes(), _reloads(conf)
    put(root, {"a.yaml": owned("first", "# a comment\n")})
    wait_for(lambda: _reloads(conf) > looked, "the reload")
    assert changes.next(timeout=0.05) is None
    assert conf.snapshot.generation == 1


def _reloads(conf: Watch) -> float:
    reloads = next(metric for metric in conf.metrics if metric.name == "agentconf_reload_total")
    return sum(sample.value for sample in reloads.samples)


# -- which folder, which environment, which mode


def test_variables_name_the_folder_and_the_environment(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, {"_environments/prod.yaml": "overrides: {owner: prod}\n"})
    monkeypatch.setenv("AGENTCONF_DIR", str(root))
    monkeypatch.setenv("AGENTCONF_ENVIRONMENT", "prod")
    with watch(last_good=None) as conf:
        assert conf["a"].owner == "prod"
        assert conf.snapshot.environment == "prod"
        put(root, {"_environments/prod.yaml": "overrides: {owner: production}\n"})
        wait_owner(conf, "production")


def test_an_unknown_environment_is_an_error(root: Path) -> None:
    put(root, {"_environments/prod.yaml": "{}\n"})
    with pytest.raises(UnknownEnvironment, match="did you mean 'prod'"):
        watch(root, environment="prdo")


def test_an_environment_that_is_taken_away_is_refused_and_recovers(root: Path, follow: Follow) -> None:
    put(root, {"_environments/prod.yaml": "overrides: {owner: prod}\n", "_environments/dev.yaml": "{}\n"})
    conf = follow(environment="prod")
    (root / "_environments/prod.yaml").unlink()
    wait_state(conf, "failing")
    assert "no environment 'prod'" in (conf.status.reason or "")
    assert conf["a"].owner == "prod"
    put(root, {"_environments/prod.yaml": "overrides: {owner: back}\n"})
    wait_owner(conf, "back")
    wait_state(conf, "fresh")


@pytest.mark.parametrize("arguments", [
    {"mode": "sometimes"}, {"settle": -1}, {"settle": 61}, {"settle": float("nan")},
])  # fmt: skip
def test_a_malformed_argument_is_an_error(root: Path, arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(arguments))):
        watch(root, **arguments)


def test_a_malformed_variable_is_an_error(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTCONF_LLM_TEMPERATURE", "warm")
    with pytest.raises(ValueError, match="AGENTCONF_LLM_TEMPERATURE"):
        watch(root)


def test_nothing_to_serve_is_an_error_and_leaves_nothing_running(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentconf.live.follow.RETRIES_S", (0.01,))
    put(root, {"a.yaml": BAD, "b.yaml": BAD})
    before = set(threading.enumerate())
    with pytest.raises(InvalidConfig, match="AC102"):
        watch(root)
    with pytest.raises(SourceUnavailable, match="there is no folder"):
        watch(root / "nowhere")
    with pytest.raises(SourceUnavailable, match="is a file"):
        watch(root / "a.yaml")
    assert set(threading.enumerate()) <= before


def test_a_transactional_watch_applies_all_or_nothing(root: Path, follow: Follow) -> None:
    conf = follow(mode="transactional")
    put(root, {"a.yaml": BAD})
    wait_state(conf, "failing")
    put(root, {"b.yaml": owned("second")})
    wait_for(lambda: conf.status.attempted != conf.status.applied, "what was attempted")
    stays(lambda: owner_of(conf, "b") == "first", "b waits for a", 0.3)
    assert "applied whole or not at all" in (conf.status.reason or "")
    assert "a" in conf.status.quarantined
    put(root, {"a.yaml": owned("mended")})
    wait_owner(conf, "mended")
    assert owner_of(conf, "b") == "second"
    wait_state(conf, "fresh")


# -- its life


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted in /proc")
def test_close_ends_threads_iterators_and_descriptors(root: Path, kept: Path) -> None:
    watch(root, last_good=kept).close()  # what is made once is made
    threads, descriptors = set(threading.enumerate()), _descriptors()
    for _ in range(3):
        conf = watch(root, last_good=kept)
        conf.subscribe(lambda change: None)
        changes, events = conf.changes(), conf.events()
        put(root, {"a.yaml": owned(os.urandom(4).hex())})
        assert changes.next(timeout=5) is not None
        conf.close()
        assert list(changes) == []
        assert [event.kind for event in events] == ["applied"]
    wait_for(lambda: set(threading.enumerate()) <= threads, "the end of all threads")
    wait_for(lambda: _descriptors() <= descriptors, "the end of all descriptors")


def test_what_was_served_last_stays_readable_after_close(root: Path) -> None:
    with watch(root) as conf:
        pass
    conf.close()
    assert conf["a"].owner == "first"
    assert (conf.status.state, conf.status.reason) == ("stale", "the watch was closed")
    assert conf.changes().next(timeout=0) is None
    assert list(conf.changes()) == []


def test_events_of_a_closed_watch_end_at_once(root: Path) -> None:
    with watch(root) as conf:
        pass
    assert conf.events().has_ended


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_has_the_snapshot_and_says_that_it_is_stale(root: Path) -> None:
    with watch(root) as conf:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                conf.close()
                os.write(writing, f"{conf['a'].owner} {conf.status.state} {conf.status.reason}".encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as said:
            assert said.read().startswith("first stale this process was forked")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        wait_state(conf, "fresh")
        put(root, {"a.yaml": owned("second")})
        wait_owner(conf, "second")


def test_inside_a_running_loop_entering_it_starts_it(root: Path) -> None:
    async def go() -> None:
        conf = watch(root)
        assert repr(conf) == "<Watch, not started>"
        async with conf:
            assert conf["a"].owner == "first"
            await asyncio.to_thread(put, root, {"a.yaml": owned("second")})
            await asyncio.to_thread(wait_owner, conf, "second")
        assert conf.status.state == "stale"

    asyncio.run(go())


def test_a_watch_that_is_not_started_says_so(root: Path) -> None:
    async def go() -> None:
        conf = watch(root)
        asked: list[Callable[[], object]] = [
            lambda: conf.snapshot, lambda: conf["a"], lambda: conf.status, lambda: conf.metrics, conf.changes,
            lambda: conf.subscribe(print),
        ]  # fmt: skip
        for ask in asked:
            with pytest.raises(RuntimeError, match="start"):
                ask()

    asyncio.run(go())


def test_arguments_of_another_type_are_the_callers_mistake(root: Path) -> None:
    wrong: list[tuple[str, Callable[[], object]]] = [
        ("path", lambda: watch(b"agents.d", last_good=None)),  # type: ignore[arg-type]
        ("path", lambda: watch(3, last_good=None)),  # type: ignore[arg-type]
        ("environment", lambda: watch(root, environment=3, last_good=None)),  # type: ignore[arg-type]
        ("environment", lambda: load(root, environment=b"prod")),  # type: ignore[arg-type]
        ("settle", lambda: watch(root, settle="1", last_good=None)),  # type: ignore[arg-type]
    ]
    for name, call in wrong:
        with pytest.raises((TypeError, ValueError), match=f"^{name} must be"):
            call()
    with watch(root, last_good=None) as conf, pytest.raises(TypeError, match="function"):
        conf.subscribe(3)  # type: ignore[arg-type]


def test_readers_see_one_generation_in_one_snapshot_and_rising_ones(root: Path, follow: Follow) -> None:
    conf = follow()

    def look() -> tuple[int, str | None]:
        snapshot = conf.snapshot
        return snapshot.generation, snapshot["a"].owner

    with Reader(look) as reader:
        for number in range(20):
            put(root, {"a.yaml": owned(number)})
            wait_owner(conf, number)
    assert reader.seen == sorted(set(reader.seen))
    assert len({generation for generation, _ in reader.seen}) == len(reader.seen)
