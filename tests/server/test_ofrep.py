"""OpenFeature's remote evaluation protocol, word for word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentconf.server.options import Options
from tests.live.support import put, wait_for
from tests.server.support import Running, bearer, planted, problem_of, token_in

EXPERIMENT = {
    "_defaults.yaml": "owner: a@example.com\n",
    "plain.yaml": "llm: {model: openai/gpt-4.1, temperature: 0}\ninstructions: Be brief.\n",
    "trial.yaml": (
        "llm: {model: openai/gpt-4.1, temperature: 0.2}\n"
        "variants:\n  control: {weight: 1}\n  cheap: {weight: 1, llm: {model: openai/gpt-4.1-mini}}\n"
        "  loud: {weight: 1, instructions: Shout.}\n"
        "experiment: {control: control, owner: a@example.com, metric: cost, ends: 2999-01-01}\n"
    ),
    "over.yaml": (
        "llm: {model: openai/gpt-4.1}\n"
        "variants: {control: {weight: 1}, other: {weight: 9, llm: {model: openai/gpt-4.1-mini}}}\n"
        "experiment: {control: control, owner: a@example.com, metric: cost, ends: 2020-01-01}\n"
    ),
    "off.yaml": "enabled: false\nllm: {model: openai/gpt-4.1}\n",
}
FLAGS = "/ofrep/v1/evaluate/flags"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with Running(planted(tmp_path_factory.mktemp("served") / "agents.d", EXPERIMENT)) as server:
        yield server


def evaluated(served: Running, key: str, user: str | None = None) -> httpx.Response:
    context = {"context": {"targetingKey": user, "country": "at"} if user else {}}
    return served.client.post(f"{FLAGS}/{key}", json=context)


def test_an_agent_is_a_flag(served: Running) -> None:
    answer = evaluated(served, "plain", "user-1")
    shown = served.get("/api/agents/plain").json()
    assert answer.status_code == 200
    assert answer.json() == {
        "key": "plain",
        "reason": "STATIC",
        "variant": "default",
        "value": shown["config"],
        "metadata": {
            "digest": shown["digest"],
            "agent_digest": f"sha256:{served.watch.snapshot.digests['plain']}",
        },
    }
    assert evaluated(served, "plain").json() == answer.json()


def test_the_variant_is_chosen_by_the_targeting_key(served: Running) -> None:
    answers = [evaluated(served, "trial", f"user-{number}").json() for number in range(60)]
    again = [evaluated(served, "trial", f"user-{number}").json() for number in range(60)]
    assert answers == again
    assert {answer["reason"] for answer in answers} == {"SPLIT"}
    assert Counter(answer["variant"] for answer in answers).keys() == {"control", "cheap", "loud"}
    for answer in answers:
        model = "openai/gpt-4.1-mini" if answer["variant"] == "cheap" else "openai/gpt-4.1"
        assert answer["value"]["llm"]["model"] == model
        assert answer["value"]["llm"]["temperature"] == 0.2
        assert answer["value"].get("instructions") == ("Shout." if answer["variant"] == "loud" else None)


def test_after_the_experiment_it_is_the_control_and_no_key_is_needed(served: Running) -> None:
    answer = evaluated(served, "over").json()
    assert (answer["variant"], answer["reason"]) == ("control", "STATIC")
    assert answer["value"]["llm"]["model"] == "openai/gpt-4.1"


def test_an_experiment_needs_a_key(served: Running) -> None:
    answer = evaluated(served, "trial")
    assert answer.status_code == 400
    assert answer.json()["errorCode"] == "TARGETING_KEY_MISSING"
    assert answer.json()["key"] == "trial"
    assert "targetingKey" in answer.json()["errorDetails"]


@pytest.mark.parametrize("key", ["nobody", "off", "_defaults", "a%20b"])
def test_what_is_no_flag(served: Running, key: str) -> None:
    answer = evaluated(served, key)
    assert answer.status_code == 404
    assert answer.json()["errorCode"] == "FLAG_NOT_FOUND"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "PARSE_ERROR"),
        (b"{", "PARSE_ERROR"),
        (b"[]", "PARSE_ERROR"),
        (b"\xff", "PARSE_ERROR"),
        (b'{"context": ' * 50_000, "PARSE_ERROR"),
        (b'{"context": 1}', "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": 1}}', "INVALID_CONTEXT"),
    ],
)
@pytest.mark.parametrize("path", [FLAGS, f"{FLAGS}/plain"])
def test_a_body_that_cannot_be_understood(served: Running, path: str, body: bytes, code: str) -> None:
    answer = served.client.post(path, content=body)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)


def test_all_at_once(served: Running) -> None:
    answer = served.client.post(FLAGS, json={"context": {"targetingKey": "user-1"}})
    flags = {flag["key"]: flag for flag in answer.json()["flags"]}
    assert list(flags) == ["over", "plain", "trial"]
    for key, flag in flags.items():
        assert flag == evaluated(served, key, "user-1").json()
    assert answer.json()["metadata"] == {"digest": served.watch.snapshot.digest}


def test_all_at_once_without_a_key(served: Running) -> None:
    answer = served.client.post(FLAGS, json={})
    flags: dict[str, Any] = {flag["key"]: flag for flag in answer.json()["flags"]}
    assert flags["trial"]["errorCode"] == "TARGETING_KEY_MISSING"
    assert flags["over"]["variant"] == "control"
    assert answer.status_code == 200


def test_what_the_client_has_is_not_sent_again(tmp_path: Path) -> None:
    with Running(planted(tmp_path / "agents.d", EXPERIMENT)) as served:
        body = {"context": {"targetingKey": "user-1"}}
        first = served.client.post(FLAGS, json=body)
        known = {"If-None-Match": first.headers["etag"]}
        again = served.client.post(FLAGS, json=body, headers=known)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        put(served.tree, {"plain.yaml": "llm: {model: openai/gpt-4.1, temperature: 1}\n"})
        wait_for(lambda: served.client.post(FLAGS, json=body, headers=known).status_code == 200, "the change")


def test_another_variant_is_another_tag(served: Running) -> None:
    tags = {served.client.post(FLAGS, json={"context": {"targetingKey": f"u{n}"}}).headers["etag"] for n in range(30)}
    assert len(tags) == 3


def test_a_token_is_needed_where_the_server_takes_tokens(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.json"
    token = token_in(tokens, "reader")
    with Running(planted(tmp_path / "agents.d", EXPERIMENT), Options(tokens=str(tokens))) as served:
        for path in (FLAGS, f"{FLAGS}/plain"):
            answer = served.client.post(path, json={})
            assert (answer.status_code, problem_of(answer)) == (401, "unauthorized")
            assert served.client.post(path, json={}, headers=bearer(token)).status_code == 200


def test_no_secret_is_in_a_flag(tmp_path: Path) -> None:
    cipher = "${fernet:gAAAAABm" + "Q" * 92 + "==}"
    tree = {**EXPERIMENT, "plain.yaml": f"llm: {{model: openai/gpt-4.1, api_key: '{cipher}', api_base: 'https://a.b'}}\n"}
    with Running(planted(tmp_path / "agents.d", tree)) as served:
        for answer in (evaluated(served, "plain"), served.client.post(FLAGS, json={})):
            assert cipher not in answer.text
            assert "${fernet:***}" in answer.text
