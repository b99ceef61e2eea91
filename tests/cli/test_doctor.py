"""`agentconf doctor` against real servers on loopback."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from examples.loopback_provider import Behaviour
from tests.cli.console import on_a_terminal, without_litellm
from tests.cli.house import KEY, House


class Clinic(House):
    """What the doctor says of it."""

    def rows(self, *arguments: str, status: int = 0) -> list[dict[str, Any]]:
        outcome = self.console("doctor", "--format", "json", "--timeout", "5", *arguments)
        assert (outcome.status, outcome.err) == (status, "")
        assert KEY not in outcome.out
        assert outcome.json["ok"] is (status == 0)
        rows: list[dict[str, Any]] = outcome.json["rows"]
        return rows

    def row(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        (row,) = self.rows(*arguments, status=status)
        return row


@pytest.fixture
def clinic(house: House) -> Clinic:
    return Clinic(house.console, house.provider)


def states(row: dict[str, Any]) -> list[str]:
    return [row[name]["state"] for name in ("secret", "address", "listed", "call")]


def test_all_is_well(clinic: Clinic) -> None:
    clinic.settle(a={"model": "house/gpt-4.1"})
    row = clinic.row()
    assert states(row) == ["ok", "ok", "ok", "-"]
    assert row["api_base"] == clinic.provider.url
    assert (row["agent"], row["key"], row["model"], row["environment"]) == ("a", "llm", "house/gpt-4.1", None)


def test_a_connection_is_tried_once_for_all_agents_environments_and_variants(clinic: Clinic) -> None:
    chain = {"model": "house/gpt-4.1", "fallbacks": [{"model": "house/gpt-4o"}, {"model": "house/x", "enabled": False}]}
    clinic.settle(**{f"a{index}": chain for index in range(20)})
    for name in ("dev", "prod"):
        clinic.console.write(f"agents.d/_environments/{name}.yaml", "{}")
    rows = clinic.rows()
    assert len(rows) == 20 * 2 * 2
    assert {row["key"] for row in rows} == {"llm", "llm.fallbacks[0]"}
    assert {row["environment"] for row in rows} == {"dev", "prod"}
    assert clinic.provider.count("connections") == 1
    assert {row["environment"] for row in clinic.rows("-e", "dev")} == {"dev"}


def test_variants_are_tried_and_named(clinic: Clinic) -> None:
    clinic.settle()
    clinic.console.write("agents.d/a.yaml", json.dumps({
        "llm": {"model": "house/gpt-4.1"}, "experiment": {"control": "plain"},
        "variants": {"plain": {"weight": 1}, "other": {"weight": 1, "llm": {"model": "house/gpt-4o"}}},
    }))  # fmt: skip
    assert {row["key"]: row["model"] for row in clinic.rows()} == {
        "variants.plain.llm": "house/gpt-4.1", "variants.other.llm": "house/gpt-4o",
    }  # fmt: skip


def test_a_model_that_is_not_there(clinic: Clinic) -> None:
    clinic.settle(a={"model": "house/gpt-4.1-mimi"})
    row = clinic.row(status=1)
    assert states(row) == ["ok", "ok", "failed", "-"]
    assert row["listed"]["said"] == "it is not among the 5 models listed; did you mean 'gpt-4.1-mini'?"


def test_a_secret_that_is_not_there(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOUSE_API_KEY")
    clinic.provider.told.keys = (KEY,)
    clinic.settle(a={"model": "house/gpt-4.1"})
    row = clinic.row(status=1)
    assert states(row) == ["failed", "ok", "unknown", "-"]
    assert row["secret"]["said"] == "${env:HOUSE_API_KEY}: the variable is not set"


def test_secrets_of_headers_are_shown_to_the_address_and_to_nobody_else(clinic: Clinic) -> None:
    clinic.settle({"extra_headers": {"X-Team": "search", "X-Api-Key": "${env:NOT_THERE_API_KEY}"}},
                  a={"model": "house/gpt-4.1"})  # fmt: skip
    assert states(clinic.row(status=1)) == ["failed", "ok", "ok", "-"]


def test_a_key_that_is_refused(clinic: Clinic) -> None:
    clinic.provider.told.keys = ("another",)
    clinic.settle(a={"model": "house/gpt-4.1"})
    row = clinic.row(status=1)
    assert states(row) == ["ok", "ok", "failed", "-"]
    assert row["listed"]["said"] == "the key is refused (401)"


def test_nobody_listens(clinic: Clinic) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        clinic.settle({"api_base": f"http://127.0.0.1:{taken.getsockname()[1]}/v1"}, a={"model": "house/gpt-4.1"})
        row = clinic.row(status=1)
    assert (states(row), row["address"]["said"]) == (["ok", "failed", "-", "-"], "nobody listens there")


def test_nobody_answers_in_time(clinic: Clinic) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        clinic.settle({"api_base": f"http://127.0.0.1:{silent.getsockname()[1]}/v1"}, a={"model": "house/gpt-4.1"})
        assert clinic.row("--timeout", "0.2", status=1)["address"]["said"] == "no answer within 0.2 s"


def test_connections_of_their_own(clinic: Clinic) -> None:
    own = {"model": "openai/gpt-4.1", "api_base": clinic.provider.url, "api_key": "${env:HOUSE_API_KEY}"}
    clinic.console.write("agents.d/a.yaml", json.dumps({"llm": own}))
    clinic.console.write("agents.d/b.yaml", json.dumps({"llm": {**own, "model": "cohere/m", "api_key": None}}))
    assert [states(row) for row in clinic.rows()] == [["ok", "ok", "ok", "-"], ["-", "ok", "unknown", "-"]]


def test_a_tree_that_says_nothing_of_the_provider(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MISTRAL_API_KEY", raising=False)
    monkeypatch.setenv("MISTRAL_API_BASE", clinic.provider.url)
    clinic.console.write("agents.d/a.yaml", json.dumps({"llm": {"model": "mistral/mistral-small"}}))
    clinic.console.write("agents.d/b.yaml", json.dumps({"llm": {"model": "vertex_ai/m"}}))
    alone, cloud = clinic.rows(status=1)
    assert states(alone) == ["failed", "ok", "ok", "-"]
    assert alone["secret"]["said"] == "the tree names no key, and MISTRAL_API_KEY is not set"
    assert states(cloud) == ["-", "unknown", "-", "-"]
    monkeypatch.setenv("MISTRAL_API_KEY", KEY)
    clinic.provider.told.keys = (KEY,)
    assert states(clinic.rows()[0]) == ["ok", "ok", "ok", "-"]


def test_a_provider_that_does_not_say_what_a_call_needs(clinic: Clinic) -> None:
    clinic.settle({"type": "azure", "api_base": None}, a={"model": "house/gpt-4.1"})
    row = clinic.row(status=1)
    assert (states(row), row["address"]["said"]) == (
        ["-", "failed", "-", "-"], "the provider 'house' (azure) has no address; write `api_base`",
    )  # fmt: skip


def test_ambient_credentials_are_left_to_the_providers_library(clinic: Clinic) -> None:
    said = {"type": "bedrock", "api_base": None, "api_key": None, "credentials": "ambient"}
    clinic.settle(said, a={"model": "house/m"})
    assert states(clinic.row()) == ["-", "unknown", "-", "-"]


def test_agents_that_have_errors_count_as_failures(clinic: Clinic) -> None:
    clinic.settle(a={"model": "house/gpt-4.1"}, b={"model": "nowhere/gpt-4.1"})
    outcome = clinic.console("doctor", "--format", "json")
    assert outcome.status == 1
    assert outcome.json["refused"] == [{"agent": "b", "environment": None}]
    assert [row["agent"] for row in outcome.json["rows"]] == ["a"]
    assert clinic.console("doctor").err == "1 agent has errors and was not looked at; see 'agentconf validate'\n"


def test_the_table_and_its_reasons(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic.settle(a={"model": "house/gpt-4.1"}, b={"model": "house/gpt-4.0"})
    outcome = clinic.console("doctor")
    assert (outcome.status, outcome.err) == (1, "")
    assert outcome.out == (
        "agent  environment  model          secret  address  listed  call\n"
        "a      -            house/gpt-4.1  ok      ok       ok      -\n"
        "b      -            house/gpt-4.0  ok      ok       failed  -\n"
        "\n"
        "house/gpt-4.0: listed failed: it is not among the 5 models listed; did you mean 'gpt-4.1'? (b)\n"
        "\n"
        "tried 1 connection and 2 models of 2 agents: something fails for 1 agent\n"
    )


def test_a_terminal_sees_how_far_it_is(clinic: Clinic) -> None:
    clinic.settle(a={"model": "house/gpt-4.1"})
    shown = on_a_terminal("doctor", folder=clinic.console.folder, HOUSE_API_KEY=KEY)
    assert shown.status == 0
    assert "addresses" in shown.out
    assert "nothing fails" in shown.out


@contextmanager
def parrot(status: int, body: bytes, location: str = "") -> Iterator[str]:
    """The address of a server that repeats the key that it is shown wherever it can: reason, header, body."""

    class Parrot(BaseHTTPRequestHandler):
        def answer(self) -> None:
            key = (self.headers["Authorization"] or "").removeprefix("Bearer ")
            said = body.replace(b"%s", key.encode())
            self.send_response(status, f"no {key}")
            self.send_header("Location", location or f"/{key}")
            self.send_header("X-Said", key)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = answer  # noqa: N815  # so http.server calls them

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Parrot) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


ECHOES = {
    "a list": b'{"data": [{"id": "%s"}, {"id": "gpt-4.1-%s"}]}',
    "an error": b'{"error": {"message": "Incorrect API key provided: %s", "code": "%s"}}',
    "no json": b"<h1>%s %s</h1>",
}


@pytest.mark.parametrize("status", [200, 302, 401, 403, 404, 418, 429, 500, 503])
@pytest.mark.parametrize("body", ECHOES.values(), ids=list(ECHOES))
def test_what_a_server_repeats_of_a_key_is_not_shown(clinic: Clinic, status: int, body: bytes) -> None:
    clinic.provider.told.models = (f"gpt-4.1-{KEY}",)
    with parrot(status, body) as address:
        clinic.settle({"api_base": address}, a={"model": "house/gpt-4.1"})
        for form in ("json", "text"):
            outcome = clinic.console("doctor", "-f", form)
            assert KEY not in outcome.out + outcome.err


@pytest.mark.parametrize("key", ["two\nlines-5up3r", "naïve-5up3r-☃", "nul-\x01-5up3r"])
def test_a_key_that_no_header_can_hold_is_not_shown(clinic: Clinic, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSE_API_KEY", key)
    clinic.settle(a={"model": "house/gpt-4.1"})
    outcome = clinic.console("doctor")
    assert "5up3r" not in outcome.out + outcome.err


def test_a_redirection_gets_no_key(clinic: Clinic) -> None:
    with parrot(302, b"", f"{clinic.provider.url}/models") as address:
        clinic.settle({"api_base": address}, a={"model": "house/gpt-4.1"})
        assert clinic.row(status=1)["address"]["said"] == "it leads to another address (302); write that one"
    assert clinic.provider.count("connections") == 0


def test_a_call_of_one_token_for_each_model(clinic: Clinic) -> None:
    clinic.settle(a={"model": "house/gpt-4.1"}, b={"model": "house/gpt-4.1"}, c={"model": "house/gpt-4o"})
    assert [states(row)[3] for row in clinic.rows("--live")] == ["ok", "ok", "ok"]
    assert sorted(request.model for request in clinic.provider.requests) == ["gpt-4.1", "gpt-4o"]
    assert {request.body["max_tokens"] for request in clinic.provider.requests} == {1}
    assert {request.key for request in clinic.provider.requests} == {KEY}


RATE_LIMITED = "the provider has had too many requests, or the account has no credit left"
BROKEN = "the provider cannot be reached, or the connection broke"


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (Behaviour(status=401, is_echoing_key=True), "the provider refuses the key (AuthenticationError, 401)"),
        (Behaviour(status=404), "the provider has no such model, or the address is wrong (NotFoundError, 404)"),
        (Behaviour(status=429, is_echoing_key=True), f"{RATE_LIMITED} (RateLimitError, 429)"),
        (Behaviour(status=500, is_echoing_key=True), "the provider failed (InternalServerError, 500)"),
        (Behaviour(is_broken=True), f"{BROKEN} (InternalServerError)"),
        (Behaviour(is_garbage=True), "the provider failed (InternalServerError, 500)"),
        (Behaviour(delay_s=30), "no answer in time (Timeout, 408)"),
    ],
    ids=str,
)  # fmt: skip
def test_a_call_that_fails_says_why_and_no_key(clinic: Clinic, behaviour: Behaviour, said: str) -> None:
    clinic.settle(a={"model": "house/gpt-4.1"})
    clinic.provider.tell("gpt-4.1", behaviour)
    row = clinic.row("--live", "--timeout", "1", status=1)
    assert (states(row), row["call"]["said"]) == (["ok", "ok", "ok", "failed"], said)


def test_a_model_that_is_not_listed_and_answers_is_there(clinic: Clinic) -> None:
    clinic.settle(a={"model": "house/unlisted"})
    assert states(clinic.row("--live")) == ["ok", "ok", "unknown", "ok"]


def test_without_litellm_nothing_is_called_and_the_sentence_says_what_to_install(clinic: Clinic) -> None:
    clinic.settle(a={"model": "house/gpt-4.1"})
    said = without_litellm("doctor", "--live", folder=clinic.console.folder)
    assert "pip install 'agentconf-gitops[litellm]'" in said


def test_what_cannot_be_reached_is_not_called(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOUSE_API_KEY")
    clinic.settle(a={"model": "house/gpt-4.1"})
    assert states(clinic.row("--live", status=1)) == ["failed", "ok", "ok", "-"]
    assert clinic.provider.count("requests") == 0
