"""The push as server-sent events: the same as on the WebSocket, for those that only read."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import httpx
import pytest

from agentconf.server.push.hub import Pace
from tests.live.conftest import machine_without_a_say  # noqa: F401  # for every test here
from tests.live.support import many, owned, put, wait_for
from tests.server.listeners import open_events, open_socket
from tests.server.running import Running, two_agents


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return two_agents(tmp_path)


def test_an_event_is_what_the_socket_says(root: Path) -> None:
    with Running(root) as server, open_events(server.url) as events, open_socket(server.url) as client:
        wait_for(lambda: len(server.hub.members) == 2, "both")
        put(root, {"a.yaml": owned("second")})
        assert events.until("generation") == client.until("generation")
        assert events.last_id == server.hub.history.mark


def test_a_browser_comes_back_with_the_last_id_and_gets_what_it_missed(root: Path) -> None:
    with Running(root) as server:
        with open_events(server.url) as events:
            put(root, {"a.yaml": owned("second")})
            events.next()  # the connection breaks before the generation is told
            mark = events.last_id
        put(root, {"b.yaml": owned("second")})
        wait_for(lambda: server.hub.history.newest.generation == 3, "the generation")
        with open_events(server.url, last_id=mark) as events:
            said = events.until("generation")
    assert [one.get("agent_id") for one in said] == ["b", None]


def test_half_a_generation_is_told_again(root: Path) -> None:
    """The id moves on with the last of a generation alone."""
    with Running(root) as server:
        with open_events(server.url) as events:
            put(root, {"a.yaml": owned("second")})
            events.until("generation")
            put(root, {"_defaults.yaml": "description: all of them\n"})
            assert events.next()["agent_id"] == "a"
            mark = events.last_id
        with open_events(server.url, last_id=mark) as events:
            said = events.until("generation")
    assert [one.get("agent_id") for one in said] == ["a", "b", None]


def test_one_of_another_run_gets_everything_and_one_with_the_digest_nothing(root: Path) -> None:
    with Running(root) as server:
        with open_events(server.url, last_id="another:3") as events:
            kinds = [one["type"] for one in events.until("generation")]
        with open_events(server.url, since=server.watch.snapshot.digest) as events:
            assert events.next()["type"] == "generation"
    assert kinds == ["snapshot", "agent_config_changed", "agent_config_changed", "generation"]


def test_a_large_step_comes_whole_through_small_writes(root: Path) -> None:
    put(root, many(60))
    with Running(root) as server, open_events(server.url) as events:
        put(root, {"_defaults.yaml": f"description: '{'é' * 20_000}'\n"})
        said = events.until("generation")
    assert len(said) == 63
    assert {len(one["config"]["description"]) for one in said[:-1]} == {20_000}


def test_comments_keep_the_connection_open(root: Path) -> None:
    with (
        Running(root, pace=Pace(heartbeat=0.1)) as server,
        httpx.Client(timeout=5) as client,
        client.stream("GET", f"{server.url}/api/events") as answer,
    ):
        lines = answer.iter_lines()
        assert [next(lines) for _ in range(4)][2:] == [": heartbeat", ""]


def test_a_client_that_leaves_is_forgotten(root: Path) -> None:
    with Running(root) as server:
        with open_events(server.url):
            wait_for(lambda: server.hub.members, "the client")
        wait_for(lambda: not server.hub.members, "nobody")


def test_the_stream_ends_with_the_server_and_no_other_begins(root: Path) -> None:
    with Running(root) as server, open_events(server.url) as events:
        wait_for(lambda: server.hub.members, "the client")
        ending = threading.Thread(target=server.stop)
        ending.start()
        assert not any(events.rest())
        ending.join()
        assert server.hub.is_ending


def test_head_is_answered_and_leaves_nobody_behind(root: Path) -> None:
    with Running(root) as server:
        answer = httpx.head(f"{server.url}/api/events", timeout=5)
        assert answer.headers["content-type"].startswith("text/event-stream")
        wait_for(lambda: not server.hub.members, "nobody")


def test_many_clients_share_one_encoding(root: Path) -> None:
    async def parcels(server: Running) -> set[int]:
        hub = server.hub
        return {id(await hub._parcel(member)) for member in hub.members}

    with Running(root) as server, open_events(server.url) as one, open_events(server.url) as other:
        wait_for(lambda: len(server.hub.members) == 2, "both")
        put(root, {"a.yaml": owned("second")})
        assert one.until("generation") == other.until("generation")
        assert server._loop is not None
        found = asyncio.run_coroutine_threadsafe(parcels(server), server._loop).result(5)
    assert len(found) == 1
