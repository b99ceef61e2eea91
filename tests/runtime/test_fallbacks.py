from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agentconf.errors import BudgetExceeded, LimitExceeded, PriceUnknown, SecretUnavailable
from agentconf.runtime import AgentClient, Options
from agentconf.runtime.limits.sqlite import SQLiteLimits
from agentconf.testing import snapshot_of
from examples.loopback_provider import Behaviour, LoopbackProvider
from tests.runtime.ways import KEY, RUNNER, WAYS, call, models, tree

pytestmark = pytest.mark.usefixtures("machine")
STREAMS = WAYS[2:]


def client_of(
    provider: LoopbackProvider, llm: Mapping[str, Any], options: Options | None = None, **agent: Any
) -> AgentClient:
    files = tree(provider.url, {"a": {"llm": {"model": "p/one", "num_retries": 0, **llm}, **agent}})
    files["_defaults"]["providers"]["q"] = {"type": "openai", "api_base": provider.url, "api_key": "${env:OTHER_KEY}"}
    return AgentClient(snapshot_of(files), options=options or Options(usage=None))


def asked(provider: LoopbackProvider) -> list[str]:
    return [request.model for request in provider.requests]


CHAIN: dict[str, Any] = {"fallbacks": [{"model": "p/two"}, {"model": "p/three", "temperature": 0}]}


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (Behaviour(status=401), "AuthenticationError"), (Behaviour(status=400), "BadRequestError"),
        (Behaviour(status=404), "NotFoundError"), (Behaviour(status=429), "RateLimitError"),
        (Behaviour(status=503), "ServiceUnavailableError"), (Behaviour(status=500), "InternalServerError"),
    ],
    ids=lambda one: getattr(one, "status", one),
)  # fmt: skip
def test_the_next_model_answers(provider: LoopbackProvider, way: str, behaviour: Behaviour, error: str) -> None:
    provider.tell("one", behaviour)
    answer = call(client_of(provider, CHAIN), way, "a").answer
    assert models(answer) == [("p/one", error), ("p/two", None)]
    assert answer.attempts[0].status == behaviour.status
    assert answer.is_fallback
    assert answer.model == "p/two"


@pytest.mark.parametrize("behaviour", [Behaviour(is_broken=True), Behaviour(is_garbage=True)], ids=["cut", "garbage"])
def test_a_provider_that_talks_nonsense_is_left_for_the_next(
    provider: LoopbackProvider, way: str, behaviour: Behaviour
) -> None:
    provider.tell("one", behaviour)
    assert call(client_of(provider, CHAIN), way, "a").answer.model == "p/two"


def test_the_order_is_kept_and_what_is_disabled_is_skipped(provider: LoopbackProvider, way: str) -> None:
    for model in ("one", "three"):
        provider.tell(model, Behaviour(status=503))
    fallbacks = [{"model": "p/two", "enabled": False}, {"model": "p/three"}, {"model": "p/four"}, {"model": "p/five"}]
    answer = call(client_of(provider, {"fallbacks": fallbacks}), way, "a").answer
    assert [model for model, _ in models(answer)] == ["p/one", "p/three", "p/four"]
    assert asked(provider) == ["one", "three", "four"]


def test_a_fallback_has_its_own_parameters_and_its_own_key(
    provider: LoopbackProvider, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER_KEY", "other-key-2468")
    provider.tell("one", Behaviour(status=503))
    llm = {"temperature": 0.9, "max_tokens": 50, "fallbacks": [{"model": "q/two", "temperature": 0}]}
    said = call(client_of(provider, llm), way, "a").asked
    assert (said["temperature"], said["max_tokens"], said["key_end"]) == (0, 50, "2468")


def test_a_fallback_whose_secret_is_missing_is_passed_over(provider: LoopbackProvider, way: str) -> None:
    provider.tell("one", Behaviour(status=503))
    llm = {"fallbacks": [{"model": "q/two"}, {"model": "p/three"}]}
    answer = call(client_of(provider, llm), way, "a").answer
    assert models(answer) == [
        ("p/one", "ServiceUnavailableError"), ("q/two", "SecretUnavailable"), ("p/three", None),
    ]  # fmt: skip
    with pytest.raises(SecretUnavailable, match="OTHER_KEY"):
        call(client_of(provider, {"model": "q/two"}), way, "a")


def test_it_is_tried_again_as_often_as_the_configuration_says(provider: LoopbackProvider, way: str) -> None:
    provider.tell("one", Behaviour(status=503, times=2))
    answer = call(client_of(provider, {**CHAIN, "num_retries": 2}), way, "a").answer
    assert [model for model, _ in models(answer)] == ["p/one"] * 3
    assert not answer.is_fallback


def test_what_cannot_get_better_is_not_tried_again(provider: LoopbackProvider, way: str) -> None:
    for status in (400, 401, 403, 404):
        provider.told.requests.clear()
        provider.tell("one", Behaviour(status=status))
        with pytest.raises(Exception, match=r"(?i)error"):
            call(client_of(provider, {"num_retries": 5}), way, "a")
        assert asked(provider) == ["one"]


def test_a_timeout_goes_to_the_next_model(provider: LoopbackProvider, way: str) -> None:
    provider.tell("one", Behaviour(delay_s=30))
    patient = {"model": "p/two", "timeout": 20, "stream_timeout": 20}
    llm = {"timeout": 0.2, "stream_timeout": 0.2, "fallbacks": [patient]}
    assert models(call(client_of(provider, llm), way, "a").answer) == [("p/one", "Timeout"), ("p/two", None)]


def test_when_no_model_answers_the_first_ones_error_is_raised(provider: LoopbackProvider, way: str) -> None:
    provider.tell("one", Behaviour(status=429))
    for model in ("two", "three"):
        provider.tell(model, Behaviour(status=401))
    with pytest.raises(Exception, match="Rate limit") as caught:
        call(client_of(provider, CHAIN), way, "a")
    assert type(caught.value).__name__ == "RateLimitError"
    tried = "p/one (RateLimitError), p/two (AuthenticationError), p/three (AuthenticationError)"
    assert caught.value.__notes__ == [f"agent 'a' tried {tried}"]


def test_a_key_that_a_provider_repeats_is_in_no_error(provider: LoopbackProvider, way: str) -> None:
    provider.tell("*", Behaviour(status=401, is_echoing_key=True))
    with pytest.raises(Exception, match=r"\*\*\*") as caught:
        call(client_of(provider, CHAIN), way, "a")
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert KEY not in repr(vars(caught.value))


def test_the_context_window_goes_to_a_larger_one_first(provider: LoopbackProvider, way: str) -> None:
    files = tree(provider.url, {
        "a": {"llm": {"model": "p/one", "num_retries": 0, "fallbacks": [
            {"model": "p/small"}, {"model": "p/unknown"}, {"model": "p/large"},
        ]}},
        "_models": {"models": {
            "p/one": {"mode": "chat", "max_input_tokens": 1000}, "p/small": {"mode": "chat", "max_input_tokens": 500},
            "p/large": {"mode": "chat", "max_input_tokens": 9000},
        }},
    })  # fmt: skip
    client = AgentClient(snapshot_of(files), options=Options(usage=None))
    provider.tell("one", Behaviour(context_tokens=1))
    answer = call(client, way, "a", "much too long a prompt").answer
    assert models(answer) == [("p/one", "ContextWindowExceededError"), ("p/large", None)]
    provider.tell("large", Behaviour(status=400))
    answer = call(client, way, "a", "much too long a prompt").answer
    assert [model for model, _ in models(answer)] == ["p/one", "p/large", "p/small"]


@pytest.mark.parametrize("way", STREAMS)
def test_a_stream_that_breaks_before_its_first_token_falls_back(provider: LoopbackProvider, way: str) -> None:
    provider.tell("one", Behaviour(cut_after=0))
    answer = call(client_of(provider, CHAIN), way, "a").answer
    assert answer.model == "p/two"
    assert asked(provider) == ["one", "two"]


def test_a_stream_that_breaks_later_is_not_repeated(provider: LoopbackProvider) -> None:
    provider.tell("one", Behaviour(cut_after=3, tokens=10))
    client = client_of(provider, CHAIN)
    heard: list[str] = []
    with pytest.raises(Exception, match=r"(?i)connection|peer|incomplete"):
        heard.extend(chunk.choices[0].delta.content or "" for chunk in client.stream("a", "hi"))
    assert len([text for text in heard if text]) == 3
    assert asked(provider) == ["one"]


def test_a_stream_that_breaks_later_is_not_repeated_in_a_task_either(provider: LoopbackProvider) -> None:
    provider.tell("one", Behaviour(cut_after=3, tokens=10))
    client = client_of(provider, CHAIN)
    heard: list[str] = []

    async def listen() -> None:
        async for chunk in client.astream("a", "hi"):
            heard.append(chunk.choices[0].delta.content or "")  # noqa: PERF401  # what came before the error counts

    with pytest.raises(Exception, match=r"(?i)connection|peer|incomplete|payload"):
        RUNNER.run(listen())
    assert len([text for text in heard if text]) == 3
    assert asked(provider) == ["one"]


def test_a_provider_that_keeps_failing_is_passed_over(provider: LoopbackProvider, way: str) -> None:
    provider.tell("one", Behaviour(status=503))
    fallbacks = [{"model": "q/two"}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTHER_KEY", "other-key-2468")
        options = Options(usage=None, cooldown_failures=2, cooldown_s=600)
        client = client_of(provider, {"fallbacks": fallbacks}, options)
        for _ in range(2):
            assert call(client, way, "a").answer.attempts[0].error == "ServiceUnavailableError"
        provider.told.requests.clear()
        answer = call(client, way, "a").answer
        assert models(answer) == [("p/one", "CoolingDown"), ("q/two", None)]
        assert asked(provider) == ["two"]
        provider.tell("two", Behaviour(status=503))
        provider.tell("one")
        for _ in range(3):  # where all cool down, they are tried all the same
            assert call(client, way, "a").answer.model == "p/one"


# -- limits

PRICED: dict[str, Any] = {"cost": {"input_per_million": 100, "output_per_million": 1000}, "max_tokens": 100}


def limited(provider: LoopbackProvider, tmp_path: Path, llm: Mapping[str, Any], **limits: Any) -> AgentClient:
    options = Options(usage=None, limits=SQLiteLimits(str(tmp_path / "limits.sqlite3")))
    return client_of(provider, {**PRICED, **llm}, options, limits=limits)


def test_a_spent_budget_blocks(provider: LoopbackProvider, way: str, tmp_path: Path) -> None:
    provider.tell("*", Behaviour(prompt_tokens=100, tokens=90))
    client = limited(provider, tmp_path, {}, budget={"usd": 0.15, "per": "month"})
    answer = call(client, way, "a").answer
    assert answer.cost_usd == pytest.approx(0.1)
    with pytest.raises(BudgetExceeded) as caught:
        call(client, way, "a")
    counted = {metric.name: sum(sample.value for sample in metric.samples) for metric in client.metrics}
    assert counted["agentconf_limit_refusals_total"] == 1
    assert caught.value.resets_at.day == 1
    assert caught.value.retry_after_s is not None
    assert len(provider.requests) == 1


def test_a_budget_may_go_on_with_a_cheaper_model(provider: LoopbackProvider, way: str, tmp_path: Path) -> None:
    provider.tell("*", Behaviour(prompt_tokens=100, tokens=90))
    cheap = {"input_per_million": 1, "output_per_million": 1}
    dear = {"input_per_million": 500, "output_per_million": 5000}
    fallbacks = [{"model": "p/dear", "cost": dear}, {"model": "p/cheap", "cost": cheap}]
    budget = {"usd": 0.15, "per": "day", "on_exceeded": "fallback"}
    client = limited(provider, tmp_path, {"fallbacks": fallbacks}, budget=budget)
    assert call(client, way, "a").answer.model == "p/one"
    for _ in range(2):
        answer = call(client, way, "a").answer
        assert models(answer) == [("p/one", "BudgetExceeded"), ("p/cheap", None)]
        assert answer.cost_usd == pytest.approx(0.00019)


def test_a_fallback_is_charged_at_its_own_price(provider: LoopbackProvider, way: str, tmp_path: Path) -> None:
    provider.tell("one", Behaviour(status=503))
    provider.tell("dear", Behaviour(prompt_tokens=100, tokens=90))
    fallbacks = [{"model": "p/dear", "cost": {"input_per_million": 1000, "output_per_million": 10000}}]
    client = limited(provider, tmp_path, {"fallbacks": fallbacks}, budget={"usd": 1.5, "per": "month"})
    assert call(client, way, "a").answer.cost_usd == pytest.approx(1.0)
    with pytest.raises(BudgetExceeded):
        call(client, way, "a")


def test_an_unknown_price_under_a_budget_refuses(provider: LoopbackProvider, way: str, tmp_path: Path) -> None:
    client = limited(provider, tmp_path, {"cost": None}, budget={"usd": 1, "per": "day"})
    with pytest.raises(PriceUnknown):
        call(client, way, "a")
    assert provider.requests == []


def test_calls_a_minute(provider: LoopbackProvider, way: str, tmp_path: Path) -> None:
    client = limited(provider, tmp_path, {}, requests_per_minute=2)
    for _ in range(2):
        call(client, way, "a")
    with pytest.raises(LimitExceeded, match="calls a minute") as caught:
        call(client, way, "a")
    assert caught.value.limit == "requests_per_minute"


def test_calls_at_the_same_time_and_one_that_is_cancelled(provider: LoopbackProvider, tmp_path: Path) -> None:
    client = limited(provider, tmp_path, {}, max_parallel=1)
    provider.tell("one", Behaviour(delay_s=30, times=1))

    async def cancelled() -> None:
        task = asyncio.create_task(client.acomplete("a", "hi"))
        await asyncio.to_thread(provider.wait_until, lambda one: one.count("requests") == 1)
        with pytest.raises(LimitExceeded, match=r"at the same time|at once|parallel"):
            await client.acomplete("a", "hi")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.acomplete("a", "hi")

    RUNNER.run(cancelled())


def test_a_stream_that_is_left_frees_its_place(provider: LoopbackProvider, tmp_path: Path) -> None:
    client = limited(provider, tmp_path, {}, max_parallel=1)
    provider.tell("one", Behaviour(tokens=50, between_s=0.01))
    with client.stream("a", "hi") as stream:
        next(stream)
        with pytest.raises(LimitExceeded):
            client.complete("a", "hi")
    client.complete("a", "hi")
    next(client.stream("a", "hi"))  # not even kept
    client.complete("a", "hi")


def test_one_that_fails_frees_its_place(provider: LoopbackProvider, way: str, tmp_path: Path) -> None:
    client = limited(provider, tmp_path, {}, max_parallel=1)
    for _ in range(2):
        provider.tell("one", Behaviour(status=401))
        with pytest.raises(Exception, match=r"(?i)incorrect"):
            call(client, way, "a")
    provider.tell("one")
    call(client, way, "a")
