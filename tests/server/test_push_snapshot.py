"""`/api/snapshot`: everything, or what changed; and never a byte more than that."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentconf.server.routes.snapshot import matches, takes_gzip
from agentconf.snapshot.digest import tree_digest
from agentconf.snapshot.transfer import is_digest_of
from tests.live.conftest import machine_without_a_say  # noqa: F401  # for every test here
from tests.live.support import many, owned, put, wait_for
from tests.server.running import Running, two_agents

FERNET = "${fernet:gAAAAABmCiphertextCiphertextCiphertext}"
PROVIDED = "providers:\n  openai: {api_key: '%s'}\n  local: {type: openai, api_base: 'http://127.0.0.1:1/v1'}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return two_agents(tmp_path)


def asked(server: Running, **query: str) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}/api/snapshot", params=query)
    assert answer.status_code == 200
    said: dict[str, Any] = answer.json()
    return said


def wait_generation(server: Running, number: int) -> None:
    wait_for(lambda: server.hub.history.newest.generation == number, f"generation {number}")


def test_everything_is_sent_and_holds_against_the_digests(root: Path) -> None:
    put(root, {"off.yaml": "enabled: false\n", "_settings.yaml": "default_agent: a\n"})
    with Running(root) as server:
        said = asked(server)
        shown = httpx.get(f"{server.url}/api/agents/a").json()
    assert [one["id"] for one in said["agents"]] == ["a", "b"]
    assert {key: shown[key] for key in said["agents"][0]} == said["agents"][0]
    assert said["disabled"] == ["off"]
    assert said["digest"] == tree_digest(said["digests"], said["default_agent"])
    assert all(is_digest_of(said["digests"][one["id"]], one["config"]) for one in said["agents"])
    assert said["since"] is None


def test_what_the_machine_of_the_server_says_is_not_sent(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two servers of one tree send the same, and a client has a machine of its own."""
    put(root, {"bare.yaml": "owner: nobody\n"})
    monkeypatch.setenv("AGENTCONF_LLM_MODEL", "openai/of-the-server")
    with Running(root) as server:
        said = asked(server)
        assert server.watch["bare"].llm.model == "openai/of-the-server"
    bare = next(one for one in said["agents"] if one["id"] == "bare")
    assert "llm" not in bare["config"]
    assert said["takes_machine"] is True


def test_cipher_texts_are_masked_and_what_is_sent_has_a_digest_of_its_own(root: Path) -> None:
    put(root, {"_defaults.yaml": PROVIDED % FERNET})
    with Running(root) as server:
        answer = httpx.get(f"{server.url}/api/snapshot")
    assert "gAAAA" not in answer.text
    for one in answer.json()["agents"]:
        assert one["config"]["providers"]["openai"]["api_key"] == "${fernet:***}"
        assert not is_digest_of(answer.json()["digests"][one["id"]], one["config"])
        assert is_digest_of(one["masked"], one["config"])


def test_an_etag_is_answered_with_nothing_until_something_changes(root: Path) -> None:
    with Running(root) as server:
        tag = httpx.get(f"{server.url}/api/snapshot").headers["etag"]
        same = httpx.get(f"{server.url}/api/snapshot", headers={"if-none-match": tag})
        put(root, {"a.yaml": owned("second")})
        wait_generation(server, 2)
        other = httpx.get(f"{server.url}/api/snapshot", headers={"if-none-match": tag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert other.status_code == 200
    assert other.headers["etag"] != tag


def test_every_server_of_one_tree_gives_the_same_etag(root: Path) -> None:
    with Running(root) as one, Running(root) as other:
        tags = {httpx.get(f"{server.url}/api/snapshot").headers["etag"] for server in (one, other)}
    assert len(tags) == 1


def test_a_new_price_is_another_etag_and_no_new_generation(root: Path) -> None:
    price = "models:\n  openai/gpt-4.1: {mode: chat, input_per_million: %d}\n"
    put(root, {"_models.yaml": price % 1})
    with Running(root) as server:
        before = asked(server)
        put(root, {"_models.yaml": price % 2})
        wait_for(lambda: asked(server)["etag"] != before["etag"], "another ETag")
        after = asked(server, since=before["digest"], facts=before["facts"])
    assert after["digest"] == before["digest"]
    assert (after["agents"], after["digests"]) == ([], {})
    assert after["models"]["own"]["openai/gpt-4.1"]["input_per_million"] == 2


def test_since_an_id_or_a_digest_only_what_changed_is_sent(root: Path) -> None:
    with Running(root) as server:
        before = asked(server)
        put(root, {"a.yaml": owned("second"), "c.yaml": owned("new")})
        wait_for(lambda: "c" in server.watch and server.watch["a"].owner == "second", "the change")
        (root / "b.yaml").unlink()
        wait_for(lambda: "b" not in server.hub.snapshot, "the end of b")
        by_digest = asked(server, since=before["digest"], facts=before["facts"])
        by_mark = asked(server, since=f"{before['run']}:{before['generation']}")
    assert [one["id"] for one in by_digest["agents"]] == ["a", "c"]
    assert (sorted(by_digest["digests"]), by_digest["gone"]) == (["a", "c"], ["b"])
    assert by_digest["since"] == before["digest"]
    assert "models" not in by_digest
    assert by_mark["agents"] == by_digest["agents"]
    assert by_mark["models"] == before["models"]
    digests = {**before["digests"], **by_digest["digests"]}
    del digests["b"]
    assert tree_digest(digests, None) == by_digest["digest"]


def test_an_agent_that_is_switched_off_is_gone_from_the_agents_alone(root: Path) -> None:
    with Running(root) as server:
        before = asked(server)
        put(root, {"a.yaml": "enabled: false\n" + owned("first"), "d.yaml": "enabled: false\n"})
        wait_for(lambda: set(server.hub.snapshot.disabled) == {"a", "d"}, "both off")
        after = asked(server, since=before["digest"])
    assert (after["agents"], after["gone"], after["disabled"]) == ([], [], ["a", "d"])
    assert tree_digest({**before["digests"], **after["digests"]}, None) == after["digest"]


@pytest.mark.parametrize("since", ["another:1", "sha256:" + "0" * 64, "nonsense"])
def test_since_something_unknown_everything_is_sent(root: Path, since: str) -> None:
    with Running(root) as server:
        said = asked(server, since=since)
    assert said["since"] is None
    assert len(said["agents"]) == 2


def test_since_now_next_to_nothing_is_sent(root: Path) -> None:
    put(root, many(200))
    with Running(root) as server:
        said = asked(server)
        answer = httpx.get(f"{server.url}/api/snapshot", params={"since": said["digest"], "facts": said["facts"]})
    assert len(answer.content) < 800
    assert answer.json()["agents"] == []


def test_it_is_packed_for_those_who_take_that(root: Path) -> None:
    put(root, many(200))
    with Running(root) as server, httpx.Client() as client:
        with client.stream("GET", f"{server.url}/api/snapshot", headers={"accept-encoding": "gzip"}) as answer:
            packed = b"".join(answer.iter_raw())
        plain = client.get(f"{server.url}/api/snapshot", headers={"accept-encoding": "identity"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert json.loads(gzip.decompress(packed)) == plain.json()
    assert len(packed) * 5 < len(plain.content)
    assert "Accept-Encoding" in plain.headers["vary"]


@pytest.mark.parametrize(
    ("header", "is_taken"),
    [("", False), ("gzip", True), ("br, GZIP;q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.0", False), ("*", True)],
)
def test_what_an_accept_encoding_means(header: str, is_taken: bool) -> None:
    assert takes_gzip(header) is is_taken


@pytest.mark.parametrize(
    ("header", "is_match"), [('"a"', True), ('W/"a"', True), ('"b", W/"a"', True), ("*", True), ('"b"', False)]
)
def test_what_an_if_none_match_means(header: str, is_match: bool) -> None:
    assert matches(header, "a") is is_match
