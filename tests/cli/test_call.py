"""`agentconf call` against a real server on loopback."""

from __future__ import annotations

import io
import json
import signal
import sys
from typing import Any

import pytest

from examples.loopback_provider import Behaviour
from tests.cli.console import Outcome, on_a_terminal, running, without_litellm
from tests.cli.house import KEY, House

DOCTOR = "; `agentconf doctor` looks at every connection"


class Caller:
    """Calls from the command line; no outcome may show the key."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.provider = house.provider

    def __call__(self, *arguments: str) -> Outcome:
        outcome = self.house.console("call", *arguments)
        assert KEY not in outcome.out + outcome.err
        return outcome

    def answer(self, *arguments: str) -> dict[str, Any]:
        """What the provider says that it was asked."""
        outcome = self(*arguments)
        assert (outcome.status, outcome.err) == (0, "")
        said: dict[str, Any] = outcome.json
        return said

    def failure(self, *arguments: str) -> str:
        outcome = self(*arguments)
        assert outcome.status == 2
        assert outcome.err.startswith("agentconf: ")
        assert outcome.err.count("\n") == 1
        return outcome.err.removeprefix("agentconf: ").rstrip("\n")


@pytest.fixture
def call(house: House) -> Caller:
    house.settle(a={"model": "house/gpt-4.1", "temperature": 0.5, "num_retries": 0})
    return Caller(house)


def test_the_answer_comes_as_a_stream_on_the_agents_configuration(call: Caller) -> None:
    call.house.agent("b", llm={"model": "house/gpt-4o"}, instructions="Be short.")
    said = call.answer("b", "How are you?")
    assert (said["model"], said["system"], said["last"]) == ("gpt-4o", "Be short.", "How are you?")
    assert said["stream"] is True
    assert said["key_end"] == KEY[-4:]


@pytest.mark.parametrize(("option", "is_stream"), [((), True), (("--no-stream",), False)])
def test_the_text_is_printed_as_it_is_and_its_line_is_ended(
    call: Caller, option: tuple[str, ...], is_stream: bool
) -> None:
    call.provider.tell("*", Behaviour(text="one\ntwo \x1b[31mthree"))
    outcome = call("a", "hello", *option)
    assert (outcome.status, outcome.out, outcome.err) == (0, "one\ntwo \x1b[31mthree\n", "")
    assert call.provider.requests[0].body.get("stream", False) is is_stream


def test_a_terminal_sees_what_it_took_and_nothing_that_acts_on_it(call: Caller) -> None:
    call.provider.tell("*", Behaviour(text="one\ntwo \x1b[31mthree", cached_tokens=1, prompt_tokens=1200))
    shown = on_a_terminal(
        "call", "a", "hello", folder=call.house.console.folder, HOUSE_API_KEY=KEY,
        XDG_STATE_HOME=str(call.house.console.folder / "state"),
    )  # fmt: skip
    assert shown.status == 0
    assert "one\ntwo \\x1b[31mthree\n" in shown.out
    assert "house/gpt-4.1: 1,200 tokens in (1 cached), 3 out, " in shown.out
    assert "first token after " in shown.out


def test_json_holds_the_answer_and_what_it_took(call: Caller) -> None:
    call.provider.tell("*", Behaviour(text="hello you", prompt_tokens=10, cached_tokens=4, reasoning_tokens=3))
    said = call("a", "hello", "--format", "json").json
    assert said.pop("latency_s") > 0
    assert said.pop("digest")
    (attempt,) = said.pop("attempts")
    assert (attempt["model"], attempt["error"]) == ("house/gpt-4.1", None)
    assert said.pop("cost_usd") is not None
    assert said == {
        "agent": "a", "environment": None, "model": "house/gpt-4.1", "variant": None, "text": "hello you",
        "tokens": {"input": 10, "output": 5, "cached": 4, "reasoning": 3, "is_estimated": False},
    }  # fmt: skip


def test_a_fallback_answers_and_the_attempts_are_told(call: Caller) -> None:
    chain = {"model": "house/first", "num_retries": 0, "fallbacks": [{"model": "house/second"}]}
    call.house.settle(a=chain)
    call.provider.tell("first", Behaviour(status=503))
    said = call("a", "hello", "--format", "json").json
    assert said["model"] == "house/second"
    assert [(one["model"], one["error"], one["status"]) for one in said["attempts"]] == [
        ("house/first", "ServiceUnavailableError", 503), ("house/second", None, None),
    ]  # fmt: skip


def test_the_environment_and_the_variant_are_chosen(call: Caller) -> None:
    call.house.console.write("agents.d/_environments/dev.yaml", json.dumps({"overrides": {"llm": {"seed": 7}}}))
    call.house.agent(
        "v", llm={"model": "house/gpt-4.1"}, experiment={"control": "plain"},
        variants={"plain": {"weight": 1}, "other": {"weight": 1, "llm": {"model": "house/gpt-4o"}}},
    )  # fmt: skip
    assert call.answer("a", "hello", "-e", "dev")["seed"] == 7
    models = {call.answer("v", "hello", "--key", f"user-{index}")["model"] for index in range(12)}
    assert models == {"gpt-4.1", "gpt-4o"}
    assert call("v", "hello", "--format", "json").json["variant"] == "plain"


def test_parameters_are_set_for_one_call(call: Caller) -> None:
    said = call.answer(
        "a", "hello", "--set", "temperature=0", "--set", "llm.max_tokens=7", "--set", 'stop=["END"]',
        "--set", "timeout=30s", "--set", "model=house/gpt-4o", "--set", "seed=3",
    )  # fmt: skip
    assert (said["temperature"], said["max_tokens"], said["stop"], said["model"], said["seed"]) == (
        0, 7, ["END"], "gpt-4o", 3,
    )  # fmt: skip
    assert "temperature" not in call.answer("a", "hello", "--set", "temperature=null")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("temperature", "'temperature' is no NAME=VALUE, such as temperature=0"),
        ("temprature=0", "there is no parameter 'temprature'; did you mean 'temperature'?"),
        ("temperature=hot", "temperature: input should be a valid number"),
        ("temperature=3", "temperature: input should be less than or equal to 2"),
        ("key=u1", "'key' is not for --set: use --key"),
        ("stream=false", "'stream' is not for a call to say: call `stream` or `astream`"),
        ("api_key=sk-x", "'api_key' is not for a call to say: bring a connection with own=Own(...)"),
    ],
)
def test_what_cannot_be_set_is_refused_before_any_call(call: Caller, said: str, sentence: str) -> None:
    assert call.failure("a", "hello", "--set", said) == f"Invalid value for --set: {sentence}"
    assert call.provider.count("requests") == 0


def test_text_comes_from_standard_input(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("from a pipe\n"))
    assert call.answer("a", "-")["last"] == "from a pipe\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(" \n"))
    assert call.failure("a", "-") == "Invalid value for TEXT: there is no text to send"


def test_an_agent_that_is_not_there(call: Caller) -> None:
    call.house.agent("translator", llm={"model": "house/gpt-4.1"})
    assert call.failure("translater", "hello") == "there is no agent 'translater'; did you mean 'translator'?"


def test_an_agent_that_is_disabled_or_has_errors(call: Caller) -> None:
    call.house.agent("off", enabled=False)
    call.house.agent("bad", lm={})
    assert call.failure("off", "hello") == "the agent 'off' is disabled (enabled: false)"
    said = call.failure("bad", "hello")
    assert said.startswith("the agent 'bad' is not served, since it has errors: agents.d/bad.yaml")


def test_no_key(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOUSE_API_KEY")
    assert call.failure("a", "hello") == "${env:HOUSE_API_KEY}: the variable is not set"


def test_no_model_is_enabled(call: Caller) -> None:
    call.house.settle(a={"model": "house/gpt-4.1", "enabled": False})
    assert "switched off" in call.failure("a", "hello")


@pytest.mark.parametrize("option", [(), ("--no-stream",)])
@pytest.mark.parametrize(
    ("status", "kind", "said", "hint"),
    [
        (400, "BadRequestError", "the provider refuses the request as it is", ""),
        (401, "AuthenticationError", "the provider refuses the key", DOCTOR),
        (404, "NotFoundError", "the provider has no such model, or the address is wrong", DOCTOR),
        (503, "ServiceUnavailableError", "the provider is out of service for now", ""),
    ],
)
def test_a_refused_call_is_one_sentence(
    call: Caller, status: int, kind: str, said: str, hint: str, option: tuple[str, ...]
) -> None:
    call.provider.tell("*", Behaviour(status=status, is_echoing_key=True))
    tried = f"agent 'a' tried house/gpt-4.1 ({kind})"
    assert call.failure("a", "hello", *option) == f"a: {said} ({kind}, {status}); {tried}{hint}"


def test_a_provider_that_nobody_reaches(call: Caller) -> None:
    nowhere = {"api_base": "http://127.0.0.1:9/v1"}
    call.house.settle(nowhere, a={"model": "house/gpt-4.1", "num_retries": 0})
    said = call.failure("a", "hello")
    assert said.startswith("a: the provider cannot be reached, or the connection broke (")
    assert "; agent 'a' tried house/gpt-4.1 (" in said
    assert said.endswith(DOCTOR)


def test_messages_that_are_too_long(call: Caller) -> None:
    call.provider.tell("*", Behaviour(context_tokens=0))
    said = "a: the messages are longer than the model's context window (ContextWindowExceededError, 400)"
    assert call.failure("a", "hello").startswith(f"{said}; agent 'a' tried ")


def test_a_stream_that_breaks_keeps_what_came(call: Caller) -> None:
    call.provider.tell("*", Behaviour(text="one two three four", cut_after=2))
    outcome = call("a", "hello")
    assert (outcome.status, outcome.out) == (2, "one two\n")
    assert outcome.err.startswith("agentconf: a: ")


def test_a_budget_that_is_spent(call: Caller) -> None:
    cost = {"input_per_million": 1e6, "output_per_million": 1e6}
    budget = {"budget": {"usd": 20, "per": "day", "on_exceeded": "block"}}
    call.house.agent("a", llm={"model": "house/gpt-4.1", "max_tokens": 5, "cost": cost}, limits=budget)
    call.provider.tell("*", Behaviour(tokens=5, prompt_tokens=10))
    assert call("a", "hello").status == 0
    assert "budget" in call.failure("a", "hello")


def test_without_litellm_the_sentence_says_what_to_install(call: Caller) -> None:
    said = without_litellm("call", "a", "hello", folder=call.house.console.folder)
    assert "pip install 'agentconf-gitops[litellm]'" in said


def test_who_interrupts_keeps_what_came(call: Caller) -> None:
    call.provider.tell("*", Behaviour(tokens=10_000, between_s=0.01))
    started = running("call", "a", "hello", folder=call.house.console.folder, HOUSE_API_KEY=KEY)
    with started as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(9) == "word word"
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert rest.endswith("\n")
        assert set(rest.split()) <= {"word"}
        assert process.stderr.read() == "\n"
        assert process.wait() == 130
    call.provider.wait_until(lambda provider: provider.count("hung_up") == 1)
