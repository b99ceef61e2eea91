"""Who may listen: a token with the scope to read, or for a browser a ticket, once; and no foreign page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from agentconf.server.access.caller import Scope
from tests.live.conftest import machine_without_a_say  # noqa: F401  # for every test here
from tests.live.support import owned, put
from tests.server.listeners import Socket
from tests.server.running import UNLIMITED, Running, two_agents
from tests.server.support import bearer, token_in

PATHS = ("/api/events", "/api/snapshot")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return two_agents(tmp_path)


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def test_without_a_token_nobody_listens(root: Path, tokens: Path, caplog: pytest.LogCaptureFixture) -> None:
    token_in(tokens, "reader")
    with Running(root, options=replace(UNLIMITED, tokens=str(tokens))) as server:
        assert [httpx.get(server.url + path).status_code for path in PATHS] == [401, 401]
        with pytest.raises(InvalidStatus) as refused, connect(f"ws://127.0.0.1:{server.port}/ws"):
            pass
        assert not server.hub.members
    assert refused.value.response.status_code == 401
    assert b"urn:agentconf:problem:unauthorized" in (refused.value.response.body or b"")
    assert caplog.messages == []  # that somebody is refused is no error of the server's


@pytest.mark.parametrize("path", ["/api/agents", "/api/events", "/", "/ws/a"])
def test_a_websocket_that_is_not_there_is_a_404_which_says_where_it_is(root: Path, path: str) -> None:
    with Running(root) as server, pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{server.port}{path}")
    assert refused.value.response.status_code == 404
    assert b"changes are pushed on /ws" in (refused.value.response.body or b"")


def test_a_token_that_may_not_read_does_not_listen(root: Path, tokens: Path) -> None:
    headers = bearer(token_in(tokens, "writer", Scope.WRITE))
    with Running(root, options=replace(UNLIMITED, tokens=str(tokens))) as server:
        assert [httpx.get(server.url + path, headers=headers).status_code for path in PATHS] == [403, 403]


def test_a_token_listens_and_the_status_names_it(root: Path, tokens: Path) -> None:
    headers = bearer(token_in(tokens, "reader"))
    with Running(root, options=replace(UNLIMITED, tokens=str(tokens))) as server:
        with connect(f"ws://127.0.0.1:{server.port}/ws", additional_headers=headers) as raw:
            client = Socket(raw).say(subscribe="agent_config", digest="sha256:" + "0" * 64)
            assert client.next()["type"] == "snapshot"
            said = httpx.get(f"{server.url}/api/status", headers=headers).json()["clients"]
        assert said["connected"] == 1
        assert said["late"][0]["token"]


def test_a_ticket_lets_in_once(root: Path, tokens: Path) -> None:
    headers = bearer(token_in(tokens, "reader"))
    with Running(root, options=replace(UNLIMITED, tokens=str(tokens))) as server:
        ticket = httpx.post(f"{server.url}/api/tickets", headers=headers).json()["ticket"]
        address = f"ws://127.0.0.1:{server.port}/ws?ticket={ticket}"
        with connect(address) as raw:
            client = Socket(raw).say(subscribe="agent_config")
            put(root, {"a.yaml": owned("second")})
            assert client.until("generation")[0]["agent_id"] == "a"
        with pytest.raises(InvalidStatus), connect(address):
            pass


def test_a_foreign_page_does_not_listen(root: Path) -> None:
    with Running(root) as server:
        with pytest.raises(InvalidStatus) as refused, connect(
            f"ws://127.0.0.1:{server.port}/ws", origin=Origin("https://evil.example.net")
        ):  # fmt: skip
            pass
        answer = httpx.get(f"{server.url}/api/events", headers={"origin": "https://evil.example.net"})
    assert (refused.value.response.status_code, answer.status_code) == (403, 403)
