"""The push on the WebSocket, with a real server and a client as anybody might write it."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from agentconf.server.push.hub import Pace
from tests.live.conftest import machine_without_a_say  # noqa: F401  # for every test here
from tests.live.support import many, owned, put, wait_for
from tests.server.listeners import Socket, open_socket
from tests.server.running import Running, two_agents


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree of two agents, `a` and `b`."""
    return two_agents(tmp_path)


def test_a_change_is_told_with_the_whole_agent_and_then_its_generation(root: Path) -> None:
    with Running(root) as server, open_socket(server.url) as client:
        put(root, {"a.yaml": owned("second")})
        changed, generation = client.until("generation")
        asked = httpx.get(f"{server.url}/api/agents/a").json()
    assert changed["type"] == "agent_config_changed"
    assert (changed["agent_id"], changed["config"]) == ("a", asked["config"])
    assert (changed["generation"], changed["digest"]) == (2, asked["digest"])
    assert (generation["generation"], generation["digest"]) == (2, asked["digest"])
    assert changed["id"] == generation["id"] == f"{generation['id'].partition(':')[0]}:2"


def test_created_and_deleted_are_told_as_such(root: Path) -> None:
    with Running(root) as server, open_socket(server.url) as client:
        put(root, {"c.yaml": owned("new")})
        created, _ = client.until("generation")
        (root / "c.yaml").unlink()
        deleted, _ = client.until("generation")
    assert (created["type"], created["agent_id"]) == ("agent_created", "c")
    assert (deleted["type"], deleted["agent_id"]) == ("agent_deleted", "c")
    assert "config" not in deleted


def test_of_several_agents_only_the_last_has_the_id(root: Path) -> None:
    """Who resumes behind an earlier one would lose the rest."""
    with Running(root) as server, open_socket(server.url) as client:
        put(root, {"_defaults.yaml": "description: all of them\n"})
        said = client.until("generation")
    assert [("id" in one, one["type"]) for one in said] == [
        (False, "agent_config_changed"), (True, "agent_config_changed"), (True, "generation"),
    ]  # fmt: skip


def test_nothing_is_told_before_the_subscription_and_nothing_after_the_handshake_is_lost(root: Path) -> None:
    with Running(root) as server, connect(f"ws://127.0.0.1:{server.port}/ws") as raw:
        wait_for(lambda: server.hub.members, "the client")
        put(root, {"a.yaml": owned("second")})
        wait_for(lambda: server.hub.history.newest.generation == 2, "the generation")
        raw.send('{"subscribe": "agent_config"}')
        assert json.loads(raw.recv(timeout=5))["agent_id"] == "a"


def test_a_client_resumes_with_the_id_that_it_has(root: Path) -> None:
    with Running(root) as server:
        with open_socket(server.url) as client:
            put(root, {"a.yaml": owned("second")})
            mark = client.until("generation")[-1]["id"]
        for owner in ("third", "fourth"):
            put(root, {"a.yaml": owned(owner)})
            wait_for(lambda owner=owner: server.watch["a"].owner == owner, owner)  # type: ignore[misc]
        put(root, {"b.yaml": owned("second")})
        wait_for(lambda: server.hub.history.newest.generation == 5, "the last generation")
        with open_socket(server.url, since=mark) as client:
            said = client.until("generation")
        with open_socket(server.url, since=said[-1]["id"]) as client:
            again = client.until("generation")
    assert [(one["agent_id"], one["config"]["owner"]) for one in said[:-1]] == [("a", "fourth"), ("b", "second")]
    assert [one["type"] for one in again] == ["generation"], "nothing was missed, and that is said"


def test_one_of_another_run_is_answered_by_digest(root: Path) -> None:
    with Running(root) as server, open_socket(server.url) as client:
        put(root, {"a.yaml": owned("second")})
        last = client.until("generation")[-1]
    with Running(root) as other, open_socket(other.url, since=last["id"], digest=last["digest"]) as client:
        (answer,) = client.until("generation")
    assert answer["digest"] == last["digest"]
    assert answer["id"].partition(":")[0] != last["id"].partition(":")[0]


def test_one_of_whom_nothing_is_known_gets_everything(root: Path) -> None:
    with Running(root) as server, open_socket(server.url, since="another:7") as client:
        first, *rest = client.until("generation")
        digest = server.watch.snapshot.digest
    assert (first["type"], first["agents"], first["digest"]) == ("snapshot", ["a", "b"], digest)
    assert [(one["type"], one.get("agent_id")) for one in rest] == [
        ("agent_config_changed", "a"), ("agent_config_changed", "b"), ("generation", None),
    ]  # fmt: skip


def test_servers_of_one_tree_end_a_generation_with_the_same_digest(root: Path) -> None:
    with Running(root) as one, Running(root) as other, open_socket(one.url) as first, open_socket(other.url) as second:
        put(root, {"a.yaml": owned("second")})
        said = [client.until("generation") for client in (first, second)]
    assert said[0][-1]["digest"] == said[1][-1]["digest"]
    assert said[0][0]["config"] == said[1][0]["config"]


def test_a_hinted_client_is_told_that_there_is_something_and_no_more(root: Path) -> None:
    with Running(root) as server, open_socket(server.url, hints=True) as client:
        put(root, {"a.yaml": owned("second")})
        said = client.next()
    assert said["type"] == "generation"
    assert said["spread_ms"] >= 0


def test_a_client_that_falls_silent_is_told_that_the_server_lives(root: Path) -> None:
    with Running(root, pace=Pace(heartbeat=0.1)) as server, open_socket(server.url) as client:
        beat = client.next()
        assert (beat["type"], beat["digest"]) == ("heartbeat", server.watch.snapshot.digest)
        tag = httpx.get(f"{server.url}/api/snapshot").headers["etag"]
    assert tag == f'W/"{beat["etag"]}"'


def test_the_status_says_who_is_behind(root: Path) -> None:
    with Running(root) as server, open_socket(server.url, client="shop-7") as client:
        first = server.watch.snapshot.digest
        put(root, {"a.yaml": owned("second")})
        client.until("generation")
        client.say(heartbeat=first)

        def late() -> list[dict[str, object]]:
            found: list[dict[str, object]] = httpx.get(f"{server.url}/api/status").json()["clients"]["late"]
            return found

        (row,) = wait_for(late, "somebody who is behind")
        metrics = httpx.get(f"{server.url}/metrics").text
        client.say(heartbeat=server.watch.snapshot.digest)
        wait_for(lambda: not late(), "nobody being behind")
    assert (row["client"], row["kind"], row["generations_behind"]) == ("shop-7", "websocket", 1)
    assert 'agentconf_clients{state="behind"} 1' in metrics
    assert "agentconf_client_generation_lag 1" in metrics


# -- clients that mean no good


@pytest.mark.parametrize(
    "text",
    ["", "no json", "[]", "{}", '{"subscribe": "everything"}', '{"heartbeat": 7}', "[" * 4000, "x" * 5000,
     '{"subscribe": "agent_config", "since": "%s"}' % ("9" * 500)],
    ids=["empty", "words", "list", "nothing", "topic", "number", "nested", "long", "mark"],
)  # fmt: skip
def test_a_message_that_is_not_understood_ends_the_connection_with_a_sentence(root: Path, text: str) -> None:
    with Running(root) as server, connect(f"ws://127.0.0.1:{server.port}/ws") as raw:
        raw.send(text)
        assert json.loads(raw.recv(timeout=5))["type"] == "error"
        with pytest.raises(ConnectionClosed) as closed:
            raw.recv(timeout=5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
        wait_for(lambda: not server.hub.members, "the end of the client")


def test_a_client_that_never_subscribes_is_let_go(root: Path) -> None:
    pace = Pace(subscribe_timeout=0.1)
    with Running(root, pace=pace) as server, connect(f"ws://127.0.0.1:{server.port}/ws") as raw:
        assert "subscribes" in json.loads(raw.recv(timeout=5))["detail"]
        with pytest.raises(ConnectionClosed):
            raw.recv(timeout=5)


def test_a_client_that_talks_without_end_is_let_go(root: Path) -> None:
    with Running(root) as server, open_socket(server.url) as client:
        with pytest.raises(ConnectionClosed):
            _talk_without_end(client)
        wait_for(lambda: not server.hub.members, "the end of the client")


def _talk_without_end(client: Socket) -> None:
    while True:
        client.say(heartbeat="sha256:0")


def test_there_are_only_so_many_clients(root: Path) -> None:
    with Running(root, pace=Pace(members=1)) as server, open_socket(server.url):
        wait_for(lambda: server.hub.members, "the client")
        with pytest.raises(InvalidStatus) as refused, open_socket(server.url):
            pass
        other = httpx.get(f"{server.url}/api/events")
    assert refused.value.response.status_code == 503
    assert refused.value.response.headers["retry-after"] == "30"
    assert other.status_code == 503
    assert other.headers["content-type"] == "application/problem+json"


def test_a_client_that_never_reads_gets_the_newest_and_is_cut_off_in_the_end(root: Path) -> None:
    """Its memory here is one write, whatever happens meanwhile."""
    put(root, many(40, "x" * 4000))
    with Running(root, pace=Pace(write_timeout=1.0)) as server, open_socket(server.url) as good:
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            _shake_hands(raw, server.port)
            wait_for(lambda: len(server.hub.members) == 2, "both clients")
            number = 0
            while not server.hub.cut_off:
                number += 1
                assert number < 200
                put(root, {"_defaults.yaml": f"description: '{number} {'y' * 4000}'\n"})
                good.until("generation")
            wait_for(lambda: len(server.hub.members) == 1, "the other alone")
        put(root, {"_defaults.yaml": "description: the last\n"})
        assert good.until("generation")[0]["config"]["description"] == "the last"


def _shake_hands(raw: socket.socket, port: int) -> None:
    lines = ["GET /ws HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", ""]  # fmt: skip
    raw.sendall("\r\n".join(lines).encode())
    assert b"101" in raw.recv(64)
    said = b'{"subscribe": "agent_config"}'
    raw.sendall(bytes([0x81, 0x80 | len(said), 0, 0, 0, 0]) + said)


def test_a_server_that_ends_says_so_to_every_client(root: Path) -> None:
    with Running(root) as server, open_socket(server.url) as client:
        wait_for(lambda: server.hub.members, "the client")
        ending = threading.Thread(target=server.stop)
        ending.start()
        with pytest.raises(ConnectionClosed) as closed:
            client.next()
        ending.join()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012


def test_a_handshake_that_lost_its_upgrade_on_the_way_is_told_so(root: Path) -> None:
    with Running(root) as server:
        answer = httpx.get(f"{server.url}/ws")
        assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
        assert "must pass the headers Upgrade and Connection on" in answer.json()["detail"]
        assert "426" in httpx.get(f"{server.url}/openapi.json").json()["paths"]["/ws"]["get"]["responses"]
