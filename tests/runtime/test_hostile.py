"""What callers get wrong, and what goes wrong at the worst moment."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import pickle
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from agentconf.errors import LimitExceeded, PriceUnknown
from agentconf.runtime import AgentClient, Options, Own, answer_of, door
from agentconf.runtime.estimate import estimated_tokens
from agentconf.runtime.limits.sqlite import SQLiteLimits
from agentconf.runtime.limits.store import Claim, Verdict
from agentconf.runtime.reply import tokens_of
from agentconf.runtime.streaming import Gathered
from agentconf.runtime.usage.store import UsageStore
from agentconf.testing import snapshot_of
from examples.loopback_provider import Behaviour, LoopbackProvider
from tests.runtime.ways import KEY, RUNNER, call, models, tree

pytestmark = pytest.mark.usefixtures("machine")
OWN_KEY = "own-secret-key-1357"
COST = {"input_per_million": 1, "output_per_million": 1}


def client_of(provider: LoopbackProvider, options: Options | None = None, **agent: Any) -> AgentClient:
    llm = {"model": "p/one", "num_retries": 0, **agent.pop("llm", {})}
    files = tree(provider.url, {"a": {"llm": llm, **agent}, "plain": {}})
    files["_defaults"]["llm"] = {"model": "p/everybodys", "num_retries": 0}
    return AgentClient(snapshot_of(files), options=options or Options(usage=None))


def limited(provider: LoopbackProvider, store: SQLiteLimits, **agent: Any) -> AgentClient:
    return client_of(provider, Options(usage=None, limits=store), **agent)


def own_at(provider: LoopbackProvider, model: str = "openai/mine") -> Own:
    return Own(model, api_key=OWN_KEY, api_base=provider.url)


# -- what callers get wrong


@pytest.mark.parametrize("messages", [None, 5, {"role": "user", "content": "hi"}, b"hi", ["hi"], [None]])
def test_what_are_no_messages(provider: LoopbackProvider, way: str, messages: Any) -> None:
    with pytest.raises(TypeError, match=r"messages? (are|is) a .*'role': 'user'"):
        call(client_of(provider), way, "a", messages)
    assert provider.requests == []


def test_no_messages_at_all(provider: LoopbackProvider, way: str) -> None:
    with pytest.raises(ValueError, match="no messages to send"):
        call(client_of(provider), way, "a", [])


def test_messages_that_can_be_read_once_are_sent_to_each_model(provider: LoopbackProvider, way: str) -> None:
    provider.tell("one", Behaviour(status=503))
    client = client_of(provider, instructions="Be brief.", llm={"fallbacks": [{"model": "p/two"}]})
    heard = call(client, way, "a", ({"role": "user", "content": text} for text in ("first", "last")))
    assert (heard.asked["messages"], heard.asked["system"], heard.asked["last"]) == (3, "Be brief.", "last")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"tags": "search"}, "tags are names and values"),
        ({"tags": ["search"]}, "tags are names and values"),
        ({"own": "openai/gpt-4.1"}, "own must be an Own"),
        ({"model": 5}, "model is a text"),
        ({"chain": "strategist"}, "chain is the ids"),
        ({"num_retries": "3"}, "'num_retries' is a whole number"),
        ({"num_retries": -1}, "'num_retries' is a whole number, 0 or more"),
        ({"max_tokens": "500"}, "'max_tokens' is a whole number"),
        ({"temperature": False}, "'temperature' is a number"),
        ({"timeout": "30s"}, "'timeout' is a number of seconds"),
    ],
)
def test_values_that_cannot_be(provider: LoopbackProvider, said: dict[str, Any], why: str) -> None:
    with pytest.raises(TypeError, match=why):
        client_of(provider).complete("a", "hi", **said)
    assert provider.requests == []


@pytest.mark.parametrize("conf", ["agents.d", {}, None, Path("agents.d")])
def test_what_is_no_configuration(conf: Any) -> None:
    with pytest.raises(TypeError, match=r"what agentconf\.load, watch or connect gave"):
        AgentClient(conf)


def test_options_that_cannot_be(provider: LoopbackProvider) -> None:
    no_store: Any = "limits.sqlite3"
    no_url: Any = Path("usage.sqlite3")
    with pytest.raises(TypeError, match=r"SQLiteLimits\(path\)"):
        Options(limits=no_store)
    with pytest.raises(TypeError, match="the URL"):
        Options(usage=no_url)
    with pytest.raises(ValueError, match="provider/model"):
        Own("gpt-4.1", api_key=OWN_KEY)


# -- what a call clears


def test_none_clears_what_the_layers_say(provider: LoopbackProvider, way: str) -> None:
    llm = {"timeout": 20, "stream_timeout": 9, "max_tokens": 5}
    client = client_of(provider, llm=llm)
    call(client, way, "a", stream_timeout=None, max_tokens=None)
    assert provider.requests[-1].headers["x-stainless-read-timeout"] == "20.0"
    assert "max_tokens" not in provider.requests[-1].body
    provider.tell("one", Behaviour(status=503, times=2))
    assert len(call(client, way, "a", num_retries=None).answer.attempts) == 3


def test_the_options_of_a_stream_join_ours(provider: LoopbackProvider) -> None:
    list(client_of(provider).stream("a", "hi", stream_options={"include_obfuscation": False}))
    assert provider.requests[-1].body["stream_options"] == {"include_obfuscation": False, "include_usage": True}


def test_what_is_reserved_is_what_the_call_may_take() -> None:
    entry = snapshot_of({"a": {"llm": {"model": "openai/gpt-4.1", "max_tokens": 10}}})["a"].llm
    hello = [{"role": "user", "content": "hello"}]
    assert estimated_tokens(hello, {}, entry).output == 10
    assert estimated_tokens(hello, {"max_tokens": None}, entry).output == 4096
    assert estimated_tokens(hello, {"n": 3}, entry).output == 30
    tools = [{"type": "function", "function": {"name": "f", "description": "x" * 3000}}]
    assert estimated_tokens(hello, {"tools": tools}, entry).input > 1000
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 3_000_000}}
    assert estimated_tokens([{"role": "user", "content": [picture]}], {}, entry).input < 10_000


# -- secrets


def test_a_users_own_key_that_a_provider_repeats_is_in_no_error(provider: LoopbackProvider, way: str) -> None:
    provider.tell("mine", Behaviour(status=401, is_echoing_key=True))
    own = own_at(provider)
    with pytest.raises(Exception, match="Incorrect") as caught:
        call(client_of(provider), way, "plain", own=own)
    assert leaks(caught.value, OWN_KEY) == []


def test_a_key_is_in_nothing_that_led_to_an_error(provider: LoopbackProvider, way: str) -> None:
    provider.tell("one", Behaviour(status=401, is_echoing_key=True))
    with pytest.raises(Exception, match="Incorrect") as caught:
        call(client_of(provider), way, "a")
    assert leaks(caught.value, KEY) == []


def leaks(error: BaseException | None, key: str) -> list[str]:
    """The errors of a chain that hold a key: as text, in what httpx keeps with them, or pickled."""
    found = []
    while error is not None:
        parts = [getattr(error, name, None) for name in ("response", "request")]
        held = [dict(getattr(part, "headers", None) or {}) for part in parts] + [getattr(parts[0], "text", "")]
        texts = f"{error!s} {error!r} {vars(error)!r} {held!r} {pickle.dumps(vars(error))!r}"
        found += [type(error).__name__] if key in texts else []
        error = error.__cause__ or error.__context__
    return found


# -- a connection that the user brings


def test_what_is_wrong_with_a_users_own_key_is_nobody_elses_business(provider: LoopbackProvider, way: str) -> None:
    files: dict[str, Any] = {
        "_defaults": {
            "llm": {"model": "openai/one", "num_retries": 0},
            "providers": {"openai": {"api_base": provider.url, "api_key": "${env:THE_KEY}"}},
        },
        "a": {},
        "b": {"llm": {"model": "openai/one", "fallbacks": [{"model": "openai/two"}]}},
    }
    client = AgentClient(snapshot_of(files), options=Options(usage=None))
    provider.tell("one", Behaviour(status=429, times=3))
    for _ in range(3):
        with pytest.raises(Exception, match="Rate limit"):
            call(client, way, "a", own=own_at(provider, "openai/one"))
    assert models(call(client, way, "b").answer) == [("openai/one", None)]


def test_a_variant_that_selects_a_model_keeps_it(provider: LoopbackProvider) -> None:
    files = tree(provider.url, {"a": {
        "variants": {"x": {"weight": 1, "llm": {"model": "p/x"}}, "y": {"weight": 0, "llm": {"temperature": 0}}},
        "experiment": {"control": "x"},
    }})  # fmt: skip
    files["_defaults"]["llm"] = {"model": "p/everybodys"}
    client = AgentClient(snapshot_of(files), options=Options(usage=None))
    assert call(client, "complete", "a", own=own_at(provider)).answer.model == "p/x"


# -- limits at the worst moment


def test_a_call_that_is_cancelled_while_it_waits_for_the_counters_takes_no_place(
    provider: LoopbackProvider, tmp_path: Path
) -> None:
    client = limited(provider, SQLiteLimits(tmp_path / "limits.sqlite3"), limits={"max_parallel": 1})
    client.complete("a", "hi")
    holder = sqlite3.connect(tmp_path / "limits.sqlite3", isolation_level=None)

    async def cancelled() -> None:
        holder.execute("BEGIN IMMEDIATE")
        task = asyncio.create_task(client.acomplete("a", "hi"))
        for _ in range(10):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        holder.execute("COMMIT")
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.acomplete("a", "hi")

    RUNNER.run(cancelled())
    holder.close()


class Interrupted(SQLiteLimits):
    """Counters in the middle of whose transaction something happens once."""

    happens: Any = None

    def enter(self, claim: Claim, *, wait: bool) -> Verdict:
        def work(connection: sqlite3.Connection) -> Verdict:
            verdict = self._opened(connection, claim.now).enter(claim)
            happens, self.happens = self.happens, None
            if happens is not None:
                happens()
            return verdict

        return self._file.run(work, wait=wait)


def test_a_stream_that_is_collected_in_the_middle_of_a_transaction(
    provider: LoopbackProvider, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Interrupted(tmp_path / "limits.sqlite3")
    client = limited(provider, store, limits={"max_parallel": 2})
    stream = client.stream("a", "hi")
    next(stream)
    circle: list[Any] = [stream]
    circle.append(circle)
    del stream, circle
    store.happens = gc.collect
    client.complete("a", "hi")
    with client.stream("a", "hi"):
        client.complete("a", "hi")  # both places are free again
    assert "what calls took cannot be counted" not in caplog.text


def test_a_stream_is_begun_once_though_tasks_share_it(provider: LoopbackProvider) -> None:
    client = client_of(provider)

    async def shared() -> None:
        stream = client.astream("a", "hi")

        async def read() -> int:
            return len([chunk async for chunk in stream])

        await asyncio.gather(read(), read(), read())

    RUNNER.run(shared())
    assert len(provider.requests) == 1


def test_a_fallback_that_the_budget_does_not_let_in_is_passed_over(
    provider: LoopbackProvider, way: str, tmp_path: Path
) -> None:
    provider.tell("one", Behaviour(status=503))
    dear = {"input_per_million": 1e6, "output_per_million": 1e6}
    fallbacks = [
        {"model": "p/unknown", "cost": None},
        {"model": "p/dear", "cost": dear},
        {"model": "p/last", "cost": COST},
    ]
    llm = {"cost": COST, "max_tokens": 10, "fallbacks": fallbacks}
    store = SQLiteLimits(tmp_path / "limits.sqlite3")
    client = limited(provider, store, llm=llm, limits={"budget": {"usd": 1, "per": "month"}})
    tried = [("p/one", "ServiceUnavailableError"), ("p/unknown", "PriceUnknown"), ("p/dear", "BudgetExceeded")]
    answer = call(client, way, "a").answer
    assert models(answer) == [*tried, ("p/last", None)]
    assert [attempt.latency_s for attempt in answer.attempts[1:3]] == [0, 0]
    alone = limited(
        provider, store, llm={**llm, "fallbacks": fallbacks[:1]}, limits={"budget": {"usd": 1, "per": "day"}}
    )
    with pytest.raises(PriceUnknown):
        call(alone, way, "a")


def test_what_is_owed_is_settled_at_the_end(provider: LoopbackProvider, tmp_path: Path) -> None:
    store = SQLiteLimits(tmp_path / "limits.sqlite3")
    store._file.patience_s = 0.05
    client = limited(provider, store, llm={"cost": COST}, limits={"budget": {"usd": 1, "per": "month"}})
    stream = client.stream("a", "hi")
    holder = sqlite3.connect(tmp_path / "limits.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    stream.close()
    holder.execute("COMMIT")
    client.close()
    assert holder.execute("SELECT COUNT(*) FROM passages").fetchone() == (0,)
    holder.close()


# -- the rest


def test_a_stream_that_says_nothing_is_litellms_error(provider: LoopbackProvider) -> None:
    error = door.broken("the stream ended before its first token", "openai", "gpt-4.1")
    assert isinstance(error, door.provider_error())
    assert door.may_get_better(error)


def test_calls_of_tools_are_counted_where_nobody_reports_tokens() -> None:
    types = door.litellm().types.utils
    call = {"index": 0, "id": "c", "type": "function", "function": {"name": "search", "arguments": '{"text": "a b c"}'}}
    chunk = types.ModelResponseStream(choices=[{"index": 0, "delta": {"tool_calls": [call]}}])
    gathered = Gathered(shows_usage=False)
    gathered.put(chunk)
    assert gathered.tokens(None, "openai/gpt-4.1", []).output >= 5
    assert gathered.text == ""
    reply = types.ModelResponse(choices=[{"message": {"role": "assistant", "content": None, "tool_calls": [call]}}])
    assert tokens_of(reply, "openai/gpt-4.1", []).output >= 5


def test_texts_that_cannot_be_written_fail_no_call(provider: LoopbackProvider, way: str, tmp_path: Path) -> None:
    store = UsageStore(f"sqlite:///{tmp_path}/usage.sqlite3")
    client = client_of(provider, Options(usage=store, keeps_texts=True))
    message: dict[Any, Any] = {"role": "user", "content": "hi"}
    message["itself"] = message
    with pytest.raises(Exception, match=r"(?i)circular|recursion|connection") as caught:
        call(client, way, "a", [message])
    assert isinstance(caught.value, door.provider_error() | RecursionError | ValueError)
    client.close()


def test_only_calls_to_providers_are_counted_as_attempts(provider: LoopbackProvider, way: str, tmp_path: Path) -> None:
    store = UsageStore(f"sqlite:///{tmp_path}/usage.sqlite3")
    options = Options(usage=store, limits=SQLiteLimits(tmp_path / "limits.sqlite3"))
    client = client_of(provider, options, limits={"max_parallel": 1})
    with client.stream("a", "hi"), pytest.raises(LimitExceeded):
        call(client, way, "a")
    client.close()
    rows = sqlite3.connect(tmp_path / "usage.sqlite3")
    assert set(rows.execute("SELECT error, attempts FROM agentconf_calls")) == {(None, 1), ("LimitExceeded", 0)}
    rows.close()


def test_two_threads_that_are_quiet_lose_no_output(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.StringIO()
    monkeypatch.setattr(sys, "stdout", output)
    first, second = threading.Event(), threading.Event()

    def begin() -> None:
        first.set()
        second.wait(1)

    one = threading.Thread(target=door.quietly, args=(begin,))
    other = threading.Thread(target=door.quietly, args=(lambda: sys.stdout.write("advice\n"),))
    one.start()
    first.wait(5)
    sys.stdout.write("of somebody else\n")
    other.start()
    second.set()
    one.join()
    other.join()
    assert sys.stdout is output
    assert output.getvalue() == "of somebody else\n"


COUNTING = """
import sys
from agentconf.runtime import door
door.litellm()
def told(event, arguments):
    if event.startswith(("socket.connect", "socket.getaddrinfo")):
        print(event, arguments[:2])
sys.addaudithook(told)
for model in ("groq/llama-3.1-8b-instant", "replicate/meta/llama-2-70b", "cohere/command-r", "anthropic/claude-3-opus"):
    assert door.counted_tokens(model, ["some words to be counted"]) in range(3, 9), model
"""


def test_counting_tokens_reaches_for_no_network() -> None:
    done = subprocess.run([sys.executable, "-c", COUNTING], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout == ""


def test_event_loops_one_after_the_other(provider: LoopbackProvider) -> None:
    client = client_of(provider)
    for _ in range(5):
        reply = asyncio.run(client.acomplete("a", "hi"))
        answer = answer_of(reply)
        assert answer is not None
        assert len(answer.attempts) == 1
