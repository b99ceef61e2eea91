"""A server that is followed is a mapping like any other: what a local watch gives, it gives."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import timeit
from pathlib import Path

import pytest

import agentconf
from agentconf.errors import AgentDisabled, AgentNotFound, KeyNotFound, SourceUnavailable, UnknownEnvironment
from agentconf.live.change import Change
from agentconf.secrets.allowed import allowed_by
from agentconf.server.push.hub import Pace
from tests.live.support import many, owned, put, stays, wait_for, wait_gone, wait_owner
from tests.remote.conftest import Dial
from tests.server.running import Running
from tests.support import REPOSITORY

OWN = REPOSITORY / "agents.d"


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_it_is_what_a_local_one_is(dial: Dial, environment: str) -> None:
    local = agentconf.load(OWN, environment=environment)
    with Running(OWN, environment=environment) as server:
        remote = dial(server.url).snapshot
        assert dict(remote) == dict(local)
        assert list(remote) == sorted(local)
        assert (remote.digest, remote.digests, remote.environment) == (local.digest, local.digests, environment)
        assert (remote.default_agent, remote.disabled) == (local.default_agent, local.disabled)
        assert all(remote.show(name) == local.show(name) for name in local)
        assert (remote.models.own, remote.models.lock) == (local.models.own, local.models.lock)
        assert allowed_by(remote.settings) == allowed_by(local.settings)
        assert remote.resolve("nobody") == local.resolve("nobody")
        key = "llm.temperature"
        assert remote.explain("code-assistant", key) == local.explain("code-assistant", key)


def test_a_change_arrives_and_is_told(root: Path, dial: Dial) -> None:
    told: list[Change] = []
    with Running(root) as server:
        conf = dial(server.url)
        changes = conf.changes()
        conf.subscribe(told.append)
        pinned = conf.snapshot
        put(root, {"a.yaml": owned("second"), "c.yaml": owned("new")})
        wait_owner(conf, "second")
        wait_for(lambda: "c" in conf, "c")
        (root / "b.yaml").unlink()
        wait_gone(conf, "b")
        first = next(changes)
        wait_for(lambda: told, "the subscriber")
        assert conf.snapshot.digest == server.watch.snapshot.digest
    assert dict(first.changed).get("a", ("owner",)) == ("owner",)
    assert pinned["a"].owner == "first"
    assert conf.snapshot.generation > pinned.generation


def test_agents_that_did_not_change_are_the_same_objects(root: Path, dial: Dial) -> None:
    put(root, many(50))
    with Running(root) as server:
        conf = dial(server.url)
        before = conf.snapshot
        put(root, {"a.yaml": owned("second")})
        wait_owner(conf, "second")
        assert all(conf.snapshot[name] is before[name] for name in before if name != "a")


def test_switching_off_and_on(root: Path, dial: Dial) -> None:
    with Running(root) as server:
        conf = dial(server.url)
        put(root, {"a.yaml": "enabled: false\n" + owned("first")})
        wait_gone(conf, "a")
        with pytest.raises(AgentDisabled):
            conf["a"]
        with pytest.raises(AgentDisabled):
            conf.resolve("a")
        put(root, {"a.yaml": owned("first")})
        wait_owner(conf, "first")


def test_the_server_keeps_the_last_good_and_so_does_the_client(root: Path, dial: Dial) -> None:
    with Running(root) as server:
        conf = dial(server.url)
        put(root, {"a.yaml": "owner: bad\ntemprature: 1\n", "b.yaml": owned("second")})
        wait_owner(conf, "second", "b")
        assert conf["a"].owner == "first"
        assert conf.status.state == "fresh"


def test_an_unknown_agent_is_not_found_with_a_hint(root: Path, dial: Dial) -> None:
    put(root, {"assistant.yaml": owned("first")})
    with Running(root) as server:
        conf = dial(server.url)
        with pytest.raises(AgentNotFound, match="did you mean 'assistant'"):
            conf["asistant"]
        with pytest.raises(AgentNotFound):
            conf.explain("nobody", "llm.model")
        with pytest.raises(KeyNotFound):
            conf.explain("a", "llm.seed")


# -- the chain: the agent, the default agent, the variables of this process, built in


def test_the_default_agent_answers_for_one_that_is_unknown(root: Path, dial: Dial) -> None:
    put(root, {"_settings.yaml": "default_agent: a\n"})
    with Running(root) as server:
        conf = dial(server.url)
        assert conf.resolve("nobody") is conf["a"]
        put(root, {"_settings.yaml": "default_agent: b\n"})
        wait_for(lambda: conf.resolve("nobody") is conf["b"], "another default agent")


def test_without_one_the_machine_of_the_client_answers(
    root: Path, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Running(root) as server:
        assert dial(server.url).resolve("nobody").llm.model == "ollama/mistral:7b-instruct"
        monkeypatch.setenv("AGENTCONF_LLM_MODEL", "openai/of-the-client")
        conf = dial(server.url)
        assert conf.resolve("nobody").llm.model == "openai/of-the-client"


def test_an_agent_without_a_model_gets_that_of_the_clients_machine(
    root: Path, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    variants = "variants: {x: {weight: 1, llm: {temperature: 0}}}\nexperiment: {control: x}\n"
    put(root, {"bare.yaml": "owner: nobody\n", "tried.yaml": "owner: nobody\n" + variants})
    monkeypatch.setenv("AGENTCONF_LLM_MODEL", "openai/of-the-server")
    with Running(root) as server:
        monkeypatch.setenv("AGENTCONF_LLM_MODEL", "openai/of-the-client")
        monkeypatch.setenv("AGENTCONF_LLM_TEMPERATURE", "0.3")
        monkeypatch.setenv("AGENTCONF_LLM_API_KEY", "a key of the client")
        remote, local = dial(server.url).snapshot, agentconf.load(root)
        assert dict(remote) == dict(local)
        assert remote["bare"].llm.model == "openai/of-the-client"
        assert all(remote.show(name) == local.show(name) for name in local)


def test_a_tree_with_providers_takes_nothing_of_a_machine(
    root: Path, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, {"_defaults.yaml": "providers: {openai: {api_key: '${env:KEY}'}}\n"})
    monkeypatch.setenv("AGENTCONF_LLM_MODEL", "openai/of-the-client")
    monkeypatch.setenv("AGENTCONF_LLM_TEMPERATURE", "0.3")
    with Running(root) as server:
        conf = dial(server.url)
        assert conf["a"].llm.temperature is None
        with pytest.raises(AgentNotFound):
            conf.resolve("nobody")


# -- the environment, and other arguments


def test_the_environment_that_is_served_is_the_one_asked_for_or_none_is(dial: Dial) -> None:
    with Running(OWN, environment="prod") as server:
        assert dial(server.url, environment="prod").snapshot.environment == "prod"
        with pytest.raises(UnknownEnvironment, match="serves the environment 'prod', not 'dev'"):
            dial(server.url, environment="dev")


def test_the_variable_of_the_environment_counts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTCONF_ENVIRONMENT", "dev")
    with Running(OWN, environment="prod") as server, pytest.raises(UnknownEnvironment):
        agentconf.connect(server.url, cache=None)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"url": "ftp://127.0.0.1"}, "https:// or http://"),
        ({"url": "http://"}, "name a host"),
        ({"url": "http://me:hidden-word@127.0.0.1"}, "holds a user"),
        ({"url": "http://127.0.0.1/?x=1"}, "ends with its host"),
        ({"url": "http://127.0.0.1:99999"}, "malformed"),
        ({"url": "https://\N{SNOWMAN}.example"}, "malformed"),
        ({"url": "https://xn--zzzzzzz99999.example"}, "malformed"),
        ({"url": "http://127.0.0.1", "ttl": 0}, "ttl"),
        ({"url": "http://127.0.0.1", "ttl": "long"}, "ttl"),
        ({"url": "http://127.0.0.1", "secrets": "here"}, "secrets must be one of server, local"),
        ({"url": "http://127.0.0.1", "token": "hidden-word\n"}, "malformed"),
        ({"url": "http://config.example.net", "token": "hidden-word"}, "https:// or to this machine alone"),
    ],
)
def test_a_malformed_argument_is_said_and_not_repeated(said: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why) as error:
        agentconf.connect(**said)  # type: ignore[arg-type]
    assert "hidden-word" not in str(error.value)


def test_a_token_is_sent_and_shown_nowhere(root: Path, dial: Dial, tmp_path: Path) -> None:
    conf = None
    with Running(root) as server:
        conf = dial(server.url, token="hidden-word")  # the server takes none, and lets everybody read
        said = f"{conf!r}{conf._remote.server!r}{conf.status}"
    assert "hidden-word" not in said


def test_without_a_server_and_without_a_cache_it_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(SourceUnavailable, match=f"http://127.0.0.1:{port}: the server cannot be reached, and nothing"):
        agentconf.connect(f"http://127.0.0.1:{port}", cache=tmp_path)


# -- its life


def test_with_and_close(root: Path) -> None:
    with Running(root) as server:
        with agentconf.connect(server.url, cache=None) as conf:
            changes = conf.changes()
            assert conf["a"].owner == "first"
            assert repr(conf).startswith(f"<Connection to {server.url}: <Snapshot of 2 agents")
        assert list(changes) == []
        assert conf["a"].owner == "first", "what was served last stays readable"
        assert (conf.status.state, conf.status.reason) == ("stale", "the connection was closed")
        wait_for(lambda: not server.hub.members, "the end of the client")


def test_async_with_and_async_for(root: Path) -> None:
    async def go(url: str) -> list[int]:
        conf = agentconf.connect(url, cache=None)
        with pytest.raises(RuntimeError, match="has not begun"):
            conf["a"]
        async with conf:
            changes = conf.changes()
            await asyncio.to_thread(put, root, {"a.yaml": owned("second")})
            async for change in changes:
                return [change.generation]
        return []

    with Running(root) as server:
        assert asyncio.run(go(server.url)) == [2]


def test_a_forked_child_has_the_snapshot_and_says_that_nothing_renews_it(root: Path) -> None:
    program = """
import os, sys, warnings, agentconf
warnings.simplefilter("ignore")
conf = agentconf.connect(sys.argv[1], cache=None)
child = os.fork()
if not child:
    os._exit(0 if conf["a"].owner == "first" and "forked" in conf.status.reason else 1)
assert os.waitpid(child, 0)[1] == 0
conf.close()
"""
    with Running(root) as server:
        done = subprocess.run(
            [sys.executable, "-c", program, server.url], capture_output=True, text=True, check=False, timeout=50
        )
    assert done.returncode == 0, done.stderr


def test_without_the_extra_it_is_said_which_to_install() -> None:
    program = """
import sys
sys.modules["httpx"] = None
import agentconf
try:
    agentconf.connect("http://127.0.0.1:1")
except agentconf.AgentconfError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "connect needs the extra 'remote': pip install 'agentconf-gitops[remote]'\n"


def test_looking_up_an_agent_costs_what_it_costs_locally(root: Path, dial: Dial) -> None:
    with Running(root) as server:
        remote, local = dial(server.url), server.watch
        best = [min(timeit.repeat(lambda conf=conf: conf["a"], number=20_000, repeat=7)) for conf in (remote, local)]  # type: ignore[misc]
    assert best[0] < best[1] * 1.5


# -- when the server goes, and comes again


def test_while_the_server_is_away_what_was_served_is_served_and_stale(root: Path, dial: Dial) -> None:
    with Running(root) as server:
        conf = dial(server.url)
        wait_for(lambda: conf.status.state == "fresh", "fresh")
        server.stop()
        wait_for(lambda: conf.status.state == "stale", "stale")
        assert conf["a"].owner == "first"
        put(root, {"a.yaml": owned("second")})
        server.start()
        wait_owner(conf, "second")
        wait_for(lambda: conf.status.state == "fresh", "fresh again")


def test_beyond_its_time_to_live_it_is_failing_and_served_on(root: Path, dial: Dial) -> None:
    with Running(root) as server:
        conf = dial(server.url, ttl=0.4)
        server.stop()
        wait_for(lambda: conf.status.state == "failing", "failing")
        assert "longer than its time to live of 0.4 s" in str(conf.status.reason)
        assert conf["a"].owner == "first"
        assert conf.status.as_json()["age_s"] >= 0.4


def test_a_restart_that_changes_nothing_is_no_generation(root: Path, dial: Dial) -> None:
    with Running(root) as server:
        conf = dial(server.url)
        server.stop()
        wait_for(lambda: conf.status.state == "stale", "stale")
        server.start()
        wait_for(lambda: conf.status.state == "fresh" and server.hub.members, "fresh again")
        assert conf.snapshot.generation == 1


def test_where_push_does_not_get_through_it_is_asked(root: Path, dial: Dial) -> None:
    with Running(root, pace=Pace(members=0)) as server:  # every WebSocket is refused
        conf = dial(server.url)
        put(root, {"a.yaml": owned("second")})
        wait_owner(conf, "second")
        wait_for(lambda: conf.status.state == "fresh", "fresh")
        stays(lambda: conf.status.state == "fresh", "fresh", 0.5)


def test_new_prices_arrive_without_a_generation(root: Path, dial: Dial) -> None:
    price = "models:\n  openai/gpt-4.1: {mode: chat, input_per_million: %d}\n"
    put(root, {"_models.yaml": price % 1})
    with Running(root, pace=Pace(heartbeat=0.1)) as server:
        conf = dial(server.url)
        put(root, {"_models.yaml": price % 2})
        wait_for(lambda: conf.snapshot.models.own["openai/gpt-4.1"].input_per_million == 2, "the new price")
        assert conf.snapshot.generation == 1


def test_the_server_knows_what_its_clients_serve(root: Path, dial: Dial) -> None:
    with Running(root) as server:
        conf = dial(server.url)
        put(root, {"a.yaml": owned("second")})
        wait_owner(conf, "second")
        (member,) = server.hub.members
        wait_for(lambda: member.digest == conf.snapshot.digest, "its word")
        assert member.name == f"{socket.gethostname()[:48]}:{os.getpid()}"
        assert member.is_hinted
