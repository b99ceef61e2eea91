from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import agentconf
from agentconf.errors import AgentDisabled, AgentNotFound, NoModel, NotADelegate
from agentconf.runtime import AgentClient, Options, Own, answer_of, current_agent, using_agent
from agentconf.runtime.usage.store import UsageStore
from agentconf.testing import snapshot_of
from examples.loopback_provider import Behaviour, LoopbackProvider
from tests.runtime.storm import storm
from tests.runtime.ways import KEY, RUNNER, WAYS, acall, call, tree

pytestmark = pytest.mark.usefixtures("machine")


def client_of(provider: LoopbackProvider, **agents: Any) -> AgentClient:
    return AgentClient(snapshot_of(tree(provider.url, agents)), options=Options(usage=None))


def test_an_agent_calls_its_own_model_with_its_own_words(provider: LoopbackProvider, way: str) -> None:
    agents: dict[str, Any] = {
        "a": {"instructions": "Be brief.", "llm": {"model": "p/gpt-4.1", "temperature": 0.0, "max_tokens": 9}},
        "b": {"llm": {"model": "p/gpt-4o"}},
    }
    client = client_of(provider, **agents)
    heard = call(client, way, "a")
    assert heard.asked["model"] == "gpt-4.1"
    assert heard.asked["temperature"] == 0
    assert heard.asked["max_tokens"] == 9
    assert heard.asked["system"] == "Be brief."
    assert heard.asked["last"] == "hi"
    assert heard.asked["key_end"] == KEY[-4:]
    assert heard.answer.model == "p/gpt-4.1"
    assert heard.answer.digest
    assert heard.answer.tokens.output > 0
    assert not heard.answer.tokens.is_estimated
    other = call(client, way, "b").asked
    assert other["model"] == "gpt-4o"
    assert other["system"] is None
    assert not {"temperature", "max_tokens", "top_p", "stop"} & set(other)


def test_the_first_token_of_a_stream_is_timed(provider: LoopbackProvider, way: str) -> None:
    heard = call(client_of(provider, a={"llm": {"model": "p/m"}}), way, "a")
    first = heard.answer.first_token_s
    assert first is None if way.endswith("complete") else first is not None and 0 < first <= heard.answer.latency_s


def test_a_system_message_of_the_caller_takes_the_place_of_the_instructions(
    provider: LoopbackProvider, way: str
) -> None:
    client = client_of(provider, a={"instructions": "Be brief.", "llm": {"model": "p/m"}})
    messages = [{"role": "system", "content": "Be long."}, {"role": "user", "content": "hello"}]
    asked = call(client, way, "a", messages).asked
    assert (asked["system"], asked["messages"]) == ("Be long.", 2)
    assert messages[0]["content"] == "Be long."
    assert len(messages) == 2


def test_what_a_call_says_stands_above_all_layers(provider: LoopbackProvider, way: str) -> None:
    llm = {"model": "p/m", "temperature": 0.7, "top_p": 0.5, "seed": 1}
    client = client_of(provider, a={"llm": llm})
    asked = call(client, way, "a", temperature=0, top_p=None, model="p/other", logit_bias={"1": 2}).asked
    assert asked["model"] == "other"
    assert asked["temperature"] == 0
    assert "top_p" not in asked
    assert asked["seed"] == 1
    assert asked["logit_bias"] == {"1": 2}
    assert call(client, way, "a").asked["temperature"] == 0.7


def test_tools_are_handed_on(provider: LoopbackProvider) -> None:
    tool = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
    client = client_of(provider, a={"llm": {"model": "p/m"}})
    asked = call(client, "complete", "a", tools=[tool], tool_choice="auto").asked
    assert asked["tools"] == [tool]
    assert asked["tool_choice"] == "auto"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("api_key", "own=Own"), ("api_base", "own=Own"), ("metadata", "tags="), ("fallbacks", "agent's file"),
        ("stream", "`stream` or `astream`"), ("base_url", "use api_base"), ("mock_response", "connections belong"),
        ("max_completion_tokens", "use max_tokens"), ("callbacks", "connections belong"),
    ],
)  # fmt: skip
def test_what_is_not_for_a_call_to_say_is_refused(provider: LoopbackProvider, name: str, why: str) -> None:
    client = client_of(provider, a={"llm": {"model": "p/m"}})
    with pytest.raises(TypeError, match=f"'{name}' is not for a call to say: .*{why}"):
        client.complete("a", "hi", **{name: "x"})
    assert provider.requests == []


def test_a_model_of_a_provider_that_the_agent_has_not_is_refused(provider: LoopbackProvider, way: str) -> None:
    with pytest.raises(NoModel, match="'a' uses the provider 'other', which it may not: it has p"):
        call(client_of(provider, a={"llm": {"model": "p/m"}}), way, "a", model="other/m")


def test_agents_that_cannot_be_called(provider: LoopbackProvider, way: str) -> None:
    off = {"enabled": False, "llm": {"model": "p/m"}}
    client = client_of(provider, a={"llm": {"model": "p/m", "enabled": False}}, off=off)
    with pytest.raises(NoModel, match="every model of the agent 'a' is switched off"):
        call(client, way, "a")
    with pytest.raises(AgentNotFound, match="there is no agent 'nobody'"):
        call(client, way, "nobody")
    with pytest.raises(AgentDisabled):
        call(client, way, "off")


def test_variables_of_the_environment_change_nothing(
    provider: LoopbackProvider, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_ORGANIZATION", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "foreign")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert call(client_of(provider, a={"llm": {"model": "p/m"}}), way, "a").asked["key_end"] == KEY[-4:]
    assert not any("foreign" in value for value in provider.requests[-1].headers.values())


# -- many at once

AGENTS: dict[str, Any] = {f"agent-{number}": {"llm": {"model": f"p/model-{number}"}} for number in range(7)}


def right(heard: Any, agent_id: str) -> bool:
    return bool(heard.asked["model"] == agent_id.replace("agent", "model") and heard.answer.agent == agent_id)


def test_tasks_never_see_each_others_model(provider: LoopbackProvider) -> None:
    client = client_of(provider, **AGENTS)
    asked = [(f"agent-{number % 7}", WAYS[1] if number % 3 else WAYS[3]) for number in range(300)]

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*(acall(client, way, agent) for agent, way in asked))

    heard = RUNNER.run(all_at_once())
    assert all(right(one, agent) for one, (agent, _) in zip(heard, asked, strict=True))


def test_threads_never_see_each_others_model(provider: LoopbackProvider) -> None:
    client = client_of(provider, **AGENTS)
    asked = [(f"agent-{number % 7}", WAYS[0] if number % 3 else WAYS[2]) for number in range(300)]
    call(client, "complete", "agent-0")  # of connections that threads begin at once, LiteLLM keeps only one
    with ThreadPoolExecutor(16) as pool:
        heard = list(pool.map(lambda one: call(client, one[1], one[0]), asked))
    assert all(right(one, agent) for one, (agent, _) in zip(heard, asked, strict=True))


def test_the_agent_in_force_is_each_tasks_own(provider: LoopbackProvider) -> None:
    client = client_of(provider, **AGENTS)
    seen: list[tuple[str, str]] = []

    async def deep_inside(agent_id: str) -> None:
        reply = await client.current().acomplete("hi")
        answer = answer_of(reply)
        assert answer is not None
        seen.append((agent_id, answer.model))

    async def work(agent_id: str) -> None:
        with using_agent(agent_id):
            assert current_agent() == agent_id
            background = asyncio.create_task(deep_inside(agent_id))
            await deep_inside(agent_id)
        await background

    async def everything() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(100):
                group.create_task(work(f"agent-{number % 7}"))

    RUNNER.run(everything())
    assert len(seen) == 200
    assert all(model == agent.replace("agent-", "p/model-") for agent, model in seen)
    with pytest.raises(LookupError, match="no agent is in force here"):
        client.current()


def test_a_delegate_runs_on_its_own_configuration_and_the_chain_is_known(
    provider: LoopbackProvider, way: str
) -> None:
    client = client_of(
        provider,
        first={"llm": {"model": "p/one", "temperature": 1}, "delegates": ["second"]},
        second={"llm": {"model": "p/two"}, "delegates": ["third"]},
        third={"llm": {"model": "p/three"}},
    )
    first = client.for_agent("first")
    third = first.delegate("second").delegate("third")
    assert repr(third) == "<BoundAgent first > second > third>"
    reply = third.complete("hi")
    answer = answer_of(reply)
    assert answer is not None
    assert (answer.model, answer.chain) == ("p/three", ("first", "second"))
    with pytest.raises(NotADelegate, match="'first' may not call 'third': its delegates are second"):
        first.delegate("third")
    with using_agent("first"), using_agent("second"):
        assert call(client, way, "third").answer.chain == ("first", "second")
        assert call(client, way, "second").answer.chain == ("first",)


# -- reloads and connections


@pytest.fixture
def watched(provider: LoopbackProvider, tmp_path: Path) -> Iterator[tuple[Path, agentconf.Snapshot | Any]]:
    folder = tmp_path / "agents.d"
    folder.mkdir()
    write(folder / "_defaults.yaml", f"providers: {{p: {{type: openai, api_base: '{provider.url}'}}}}\n")
    write(folder / "a.yaml", "llm: {model: p/before}\n")
    with agentconf.watch(folder, last_good=None, settle=0.01) as conf:
        yield folder, conf


def write(path: Path, text: str) -> None:
    agentconf.publish_file(path, text.encode())


def until_applied(conf: Any, happen: Any) -> None:
    changed = threading.Event()
    conf.subscribe(lambda change: changed.set())
    happen()
    assert changed.wait(20)


def test_an_edit_changes_the_model_of_the_next_call(watched: tuple[Path, Any], way: str) -> None:
    folder, conf = watched
    client = AgentClient(conf, options=Options(usage=None))
    bound = client.for_agent("a")
    assert call(client, way, "a").answer.model == "p/before"
    until_applied(conf, lambda: write(folder / "a.yaml", "llm: {model: p/after}\n"))
    assert call(client, way, bound.id).answer.model == "p/after"


def test_connections_are_kept_and_dropped_when_a_reload_changes_them(
    watched: tuple[Path, Any], provider: LoopbackProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agentconf.runtime import door

    folder, conf = watched
    client = AgentClient(conf, options=Options(usage=None))
    for _ in range(5):
        client.complete("a", "hi")
    assert provider.count("connections") == 1
    kept = door.litellm().in_memory_llm_clients_cache.cache_dict
    assert [key for key in kept if provider.url in key]
    with LoopbackProvider() as other:
        moved = f"providers: {{p: {{type: openai, api_base: '{other.url}'}}}}\n"
        until_applied(conf, lambda: write(folder / "_defaults.yaml", moved))
        client.complete("a", "hi")
        assert other.count("requests") == 1
    assert not [key for key in kept if provider.url in key]


def test_a_call_under_way_ends_well_though_its_connection_is_dropped(
    watched: tuple[Path, Any], provider: LoopbackProvider
) -> None:
    folder, conf = watched
    client = AgentClient(conf, options=Options(usage=None))
    client.complete("a", "hi")
    provider.tell("before", Behaviour(tokens=20, between_s=0.02))
    stream = client.stream("a", "hi")
    with LoopbackProvider() as other:
        moved = f"providers: {{p: {{type: openai, api_base: '{other.url}'}}}}\n"
        until_applied(conf, lambda: write(folder / "_defaults.yaml", moved))
        client.complete("a", "hi")
        assert len([chunk for chunk in stream if chunk.choices[0].delta.content]) == 20
    assert stream.answer is not None
    assert stream.answer.tokens.output == 20


def test_a_rotated_key_is_used_at_once(
    provider: LoopbackProvider, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(provider, a={"llm": {"model": "p/m"}})
    assert call(client, way, "a").asked["key_end"] == KEY[-4:]
    monkeypatch.setenv("THE_KEY", "another-key-9876")
    assert call(client, way, "a").asked["key_end"] == "9876"


# -- a connection that the caller's user brings


def own_of(provider: LoopbackProvider) -> Own:
    return Own("openai/users", api_key="users-key-4321", api_base=provider.url)


def test_ones_own_connection_where_nothing_of_the_agents_own_selects_a_model(
    provider: LoopbackProvider, way: str
) -> None:
    files = tree(provider.url, {"a": {"instructions": "Be brief."}, "b": {"llm": {"model": "p/own"}}})
    files["_defaults"]["llm"] = {"model": "p/everybodys", "temperature": 0, "fallbacks": [{"model": "p/spare"}]}
    client = AgentClient(snapshot_of(files), own=own_of(provider), options=Options(usage=None))
    heard = call(client, way, "a")
    assert heard.asked["model"] == "users"
    assert heard.asked["key_end"] == "4321"
    assert heard.asked["temperature"] == 0
    assert heard.asked["system"] == "Be brief."
    assert heard.answer.is_own
    heard = call(client, way, "b")
    assert heard.asked["model"] == "own"
    assert heard.asked["key_end"] == KEY[-4:]
    assert not heard.answer.is_own
    assert "4321" not in repr(own_of(provider))


def test_ones_own_connection_for_one_call(provider: LoopbackProvider, way: str) -> None:
    files = tree(provider.url, {"a": {}})
    files["_defaults"]["llm"] = {"model": "p/everybodys"}
    client = AgentClient(snapshot_of(files), options=Options(usage=None))
    assert call(client, way, "a").asked["model"] == "everybodys"
    assert call(client, way, "a", own=own_of(provider)).asked["model"] == "users"


def test_ones_own_connection_falls_back_on_nobody_elses_key(provider: LoopbackProvider, way: str) -> None:
    files = tree(provider.url, {"a": {}})
    files["_defaults"]["llm"] = {"model": "p/everybodys", "num_retries": 0, "fallbacks": [{"model": "p/spare"}]}
    provider.tell("users", Behaviour(status=401))
    client = AgentClient(snapshot_of(files), own=own_of(provider), options=Options(usage=None))
    with pytest.raises(Exception, match=r"(?i)incorrect api key") as caught:
        call(client, way, "a")
    assert type(caught.value).__name__ == "AuthenticationError"
    assert {request.model for request in provider.requests} == {"users"}


# -- variants

VARIANTS: dict[str, Any] = {
    "llm": {"model": "p/m", "temperature": 0.5},
    "instructions": "Be brief.",
    "variants": {
        "plain": {"weight": 50, "llm": {}},
        "bold": {"weight": 50, "llm": {"model": "p/bold", "temperature": 1}, "instructions": "Be bold."},
    },
    "experiment": {"control": "plain", "ends": "2999-01-01"},
}


def test_a_variant_is_sticky_and_is_known(provider: LoopbackProvider, way: str) -> None:
    client = client_of(provider, a=VARIANTS)
    first = {key: call(client, way, "a", key=key) for key in ("u-1", "u-2", "u-3", "u-4", "u-5", "u-6")}
    assert {heard.answer.variant for heard in first.values()} == {"plain", "bold"}
    for key, heard in first.items():
        assert call(client, way, "a", key=key).answer.variant == heard.answer.variant
        is_bold = heard.answer.variant == "bold"
        assert heard.asked["model"] == ("bold" if is_bold else "m")
        assert heard.asked["system"] == ("Be bold." if is_bold else "Be brief.")
        assert heard.asked["temperature"] == (1 if is_bold else 0.5)
    assert call(client, way, "a").answer.variant == "plain"


# -- what is recorded


def test_what_was_used_is_recorded(provider: LoopbackProvider, way: str, tmp_path: Path) -> None:
    provider.tell("m", Behaviour(prompt_tokens=40, tokens=7, cached_tokens=30, reasoning_tokens=3))
    cost = {"input_per_million": 10, "output_per_million": 100, "cached_input_per_million": 1}
    snapshot = snapshot_of(tree(provider.url, {"a": {"llm": {"model": "p/m", "cost": cost}}}))
    kept: list[Any] = []
    store = UsageStore(f"sqlite:///{tmp_path}/usage.sqlite3")
    with AgentClient(snapshot, options=Options(usage=store)) as client:
        recorder = client._desk.recording
        record = recorder.record
        recorder.record = lambda one: (kept.append(one), record(one))[1]  # type: ignore[method-assign,assignment,func-returns-value]
        heard = call(client, way, "a", tags={"feature": "search"})
    (one,) = kept
    assert (one.agent, one.model, one.model_asked, one.provider) == ("a", "p/m", "p/m", "openai")
    assert (one.tokens.input, one.tokens.output, one.tokens.cached, one.tokens.reasoning) == (40, 10, 30, 3)
    assert one.cost_usd == pytest.approx((10 * 10 + 30 * 1 + 10 * 100) / 1e6)
    assert heard.answer.cost_usd == one.cost_usd
    assert one.tags == {"feature": "search"}
    assert one.is_stream == way.endswith("stream")
    assert (one.prompt, one.answer, one.error) == (None, None, None)
    assert one.digest == snapshot.digests["a"]


def test_texts_are_recorded_for_those_who_ask(provider: LoopbackProvider, way: str, tmp_path: Path) -> None:
    provider.tell("m", Behaviour(text="the answer"))
    snapshot = snapshot_of(tree(provider.url, {"a": {"llm": {"model": "p/m"}}}))
    url = f"sqlite:///{tmp_path}/usage.sqlite3"
    with AgentClient(snapshot, options=Options(usage=url, keeps_texts=True)) as client:
        call(client, way, "a", "the question")
    with sqlite3.connect(tmp_path / "usage.sqlite3") as connection:
        (row,) = connection.execute("select prompt, answer from agentconf_calls").fetchall()
    connection.close()
    assert "the question" in row[0]
    assert row[1] == "the answer"


def test_tokens_that_nobody_reported_are_estimated(provider: LoopbackProvider, way: str) -> None:
    provider.tell("m", Behaviour(has_usage=False, tokens=30))
    tokens = call(client_of(provider, a={"llm": {"model": "p/m"}}), way, "a").answer.tokens
    assert tokens.is_estimated
    assert tokens.output >= 20
    assert tokens.input > 0


def test_a_stream_shows_its_usage_to_those_who_ask(provider: LoopbackProvider) -> None:
    client = client_of(provider, a={"llm": {"model": "p/m"}})
    assert not [chunk for chunk in client.stream("a", "hi") if getattr(chunk, "usage", None)]
    shown = client.stream("a", "hi", stream_options={"include_usage": True})
    assert [chunk.usage.total_tokens for chunk in shown if getattr(chunk, "usage", None)]


def test_a_model_whose_price_nobody_knows_costs_an_unknown_amount(provider: LoopbackProvider, way: str) -> None:
    assert call(client_of(provider, a={"llm": {"model": "p/nobody-knows"}}), way, "a").answer.cost_usd is None


def test_calls_through_a_storm_of_changes_use_one_whole_generation_each(tmp_path: Path) -> None:
    torn, seen = storm(tmp_path / "agents.d", calls=300, changes=60)
    assert torn == 0
    assert len(seen) > 2
