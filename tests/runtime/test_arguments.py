from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agentconf.config.agent import Agent
from agentconf.config.secrets import SecretReference
from agentconf.errors import NoConnection, NoModel, SecretUnavailable
from agentconf.runtime import call_arguments, door
from agentconf.runtime.addresses import ADDRESSES, BY_OPENAI_SDK
from agentconf.runtime.connection import NO_KEY
from agentconf.secrets.allowed import Allowed
from agentconf.secrets.reveal import Ground
from agentconf.testing import snapshot_of
from tests.runtime.wire import Wire, wire

FOREIGN = {
    "OPENAI_API_KEY": "foreign-key", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_API_BASE": "http://127.0.0.1:9",
    "OPENAI_ORGANIZATION": "foreign-org", "OPENAI_ORG_ID": "foreign-org", "OPENAI_PROJECT_ID": "foreign-project",
    "AZURE_API_KEY": "foreign-key", "AZURE_OPENAI_API_KEY": "foreign-key", "AZURE_API_BASE": "http://127.0.0.1:9",
    "AZURE_API_VERSION": "foreign-version", "AZURE_AD_TOKEN": "foreign-token", "AZURE_TENANT_ID": "foreign",
    "AZURE_CLIENT_ID": "foreign", "AZURE_CLIENT_SECRET": "foreign", "ANTHROPIC_API_KEY": "foreign-key",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "ANTHROPIC_API_BASE": "http://127.0.0.1:9",
    "ANTHROPIC_AUTH_TOKEN": "foreign-token", "GEMINI_API_KEY": "foreign-key", "GOOGLE_API_KEY": "foreign-key",
    "GEMINI_API_BASE": "http://127.0.0.1:9", "OPENROUTER_API_KEY": "foreign-key",
    "OPENROUTER_API_BASE": "http://127.0.0.1:9", "OLLAMA_API_BASE": "http://127.0.0.1:9",
    "OLLAMA_API_KEY": "foreign-key", "AWS_ACCESS_KEY_ID": "FOREIGN", "AWS_SECRET_ACCESS_KEY": "foreign",
    "AWS_SESSION_TOKEN": "foreign-token", "AWS_BEARER_TOKEN_BEDROCK": "foreign-token", "AWS_REGION": "xx-foreign-1",
    "AWS_BEDROCK_RUNTIME_ENDPOINT": "http://127.0.0.1:9", "MISTRAL_API_KEY": "foreign-key",
    "MISTRAL_API_BASE": "http://127.0.0.1:9", "GROQ_API_KEY": "foreign-key", "GROQ_API_BASE": "http://127.0.0.1:9",
}  # fmt: skip


@pytest.fixture
def seen() -> Iterator[Wire]:
    with wire() as made:
        yield made


@pytest.fixture(params=["clean", "foreign"])
def environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whatever stands in the environment, the call is the same."""
    for name in FOREIGN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("THE_KEY", "the-very-key")
    if request.param == "foreign":
        for name, value in FOREIGN.items():
            monkeypatch.setenv(name, value)
    return str(request.param)


def agent_of(llm: Mapping[str, Any], providers: Mapping[str, Any] | None = None) -> Agent:
    defaults = {"providers": providers} if providers else {}
    return snapshot_of({"_defaults": defaults, "a": {"llm": llm}})["a"]


def called(agent: Agent) -> None:
    reply = door.litellm().completion(
        **call_arguments(agent), messages=[{"role": "user", "content": "hi"}], max_retries=0
    )
    assert reply.choices[0].message.content == "hello"


KEY = "${env:THE_KEY}"


def test_nothing_is_set_that_the_configuration_does_not_set() -> None:
    agent = agent_of({"model": "openai/m"}, {"openai": {"api_key": KEY}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THE_KEY", "k")
        assert call_arguments(agent) == {"model": "openai/m", "api_key": "k", "api_base": ADDRESSES["openai"]}


def test_zero_is_sent_and_null_is_not() -> None:
    llm = {"model": "openai/m", "temperature": 0.0, "top_p": None, "frequency_penalty": 0, "num_retries": 0}
    agent = agent_of({**llm, "max_tokens": 7}, {"openai": {}})
    said = call_arguments(agent)
    assert said["temperature"] == 0.0
    assert said["frequency_penalty"] == 0
    assert said["num_retries"] == 0
    assert said["max_tokens"] == 7
    assert "top_p" not in said


def test_every_parameter_goes_by_its_own_name() -> None:
    llm = {
        "model": "openai/m", "temperature": 1.5, "top_p": 0.5, "max_tokens": 9, "timeout": "30s", "stream_timeout": 5,
        "num_retries": 1, "seed": 7, "stop": ["a", "b"], "frequency_penalty": 0.5, "presence_penalty": -0.5,
        "reasoning_effort": "low", "response_format": {"type": "json_object"},
        "extra": {"top_k": 40, "deep": {"a": [1]}},
    }  # fmt: skip
    said = call_arguments(agent_of(llm, {"openai": {}}))
    assert said["timeout"] == 30.0
    assert said["stop"] == ["a", "b"]
    assert said["deep"] == {"a": [1]}
    assert type(said["response_format"]) is dict
    assert said["top_k"] == 40
    assert "extra" not in said
    assert "stream_timeout" not in said
    assert "stream" not in said
    streamed = call_arguments(agent_of(llm, {"openai": {}}), stream=True)
    assert streamed["stream"] is True
    assert streamed["timeout"] == 5.0


def test_the_answer_may_be_written_into() -> None:
    agent = agent_of({"model": "openai/m", "extra": {"list": [1]}}, {"openai": {"extra_headers": {"X-A": "b"}}})
    said = call_arguments(agent)
    said["list"].append(2)
    said["extra_headers"]["X-B"] = "c"
    assert call_arguments(agent)["list"] == [1]


def test_a_custom_address_of_a_typed_provider(environment: str, seen: Wire) -> None:
    provider = {"type": "openai", "api_base": f"{seen.address}/v1", "api_key": KEY, "extra_headers": {"X-Team": KEY}}
    called(agent_of({"model": "mine/org/m", "temperature": 0}, {"mine": provider}))
    assert seen.last.path == "/v1/chat/completions"
    assert seen.last.headers["authorization"] == "Bearer the-very-key"
    assert seen.last.headers["x-team"] == "the-very-key"
    assert seen.last.body["model"] == "org/m"
    assert seen.last.body["temperature"] == 0
    assert not any("foreign" in value for value in seen.last.headers.values())


def test_a_provider_without_a_key_gets_a_placeholder(environment: str, seen: Wire) -> None:
    called(agent_of({"model": "local/m"}, {"local": {"type": "openai", "api_base": f"{seen.address}/v1"}}))
    assert seen.last.headers["authorization"] == f"Bearer {NO_KEY}"
    assert not any("foreign" in value for value in seen.last.headers.values())


def test_organization_and_headers_of_the_provider(environment: str, seen: Wire) -> None:
    provider = {"api_base": f"{seen.address}/v1", "api_key": KEY, "organization": "org-ours"}
    called(agent_of({"model": "openai/m"}, {"openai": provider}))
    assert seen.last.headers["openai-organization"] == "org-ours"
    assert "openai-project" not in seen.last.headers


def test_azure(environment: str, seen: Wire) -> None:
    provider = {"type": "azure", "api_base": seen.address, "api_version": "2026-05-01", "region": "eu", "api_key": KEY}
    called(agent_of({"model": "azure-eu/gpt-4.1"}, {"azure-eu": provider}))
    assert seen.last.path == "/openai/deployments/gpt-4.1/chat/completions?api-version=2026-05-01"
    assert seen.last.headers["api-key"] == "the-very-key"
    assert "authorization" not in seen.last.headers


def test_azure_without_a_version(environment: str, seen: Wire) -> None:
    called(agent_of({"model": "azure/gpt-4.1"}, {"azure": {"api_base": seen.address, "api_key": KEY}}))
    assert f"api-version={door.litellm().AZURE_DEFAULT_API_VERSION}" in seen.last.path


def test_anthropic(environment: str, seen: Wire) -> None:
    provider = {"api_base": seen.address, "api_key": KEY}
    called(agent_of({"model": "anthropic/m", "max_tokens": 5}, {"anthropic": provider}))
    assert seen.last.path == "/v1/messages"
    assert seen.last.headers["x-api-key"] == "the-very-key"
    assert not any("foreign" in value for value in seen.last.headers.values())


def test_openrouter(environment: str, seen: Wire) -> None:
    called(agent_of({"model": "openrouter/org/m"}, {"openrouter": {"api_base": seen.address, "api_key": KEY}}))
    assert seen.last.headers["authorization"] == "Bearer the-very-key"
    assert seen.last.body["model"] == "org/m"


@pytest.mark.parametrize("kind", ["ollama", "ollama_chat"])
def test_ollama(environment: str, seen: Wire, kind: str) -> None:
    called(agent_of({"model": f"{kind}/m"}, {kind: {"api_base": seen.address}}))
    assert seen.last.path.startswith("/api/")
    assert not any("foreign" in value for value in seen.last.headers.values())


def test_bedrock_with_keys(environment: str, seen: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_ID", "AKIAOURS")
    params = {
        "aws_access_key_id": "${env:THE_ID}", "aws_secret_access_key": KEY,
        "aws_bedrock_runtime_endpoint": seen.address,
    }  # fmt: skip
    provider = {"region": "eu-central-1", "params": params}
    called(agent_of({"model": "bedrock/anthropic.claude-3-haiku-20240307-v1:0"}, {"bedrock": provider}))
    assert seen.last.path.endswith("/converse")
    signed = seen.last.headers["authorization"]
    assert "AKIAOURS/" in signed
    assert "/eu-central-1/bedrock/" in signed
    assert "x-amz-security-token" not in seen.last.headers


def test_gemini(environment: str, seen: Wire) -> None:
    called(agent_of({"model": "gemini/m"}, {"gemini": {"api_base": seen.address, "api_key": KEY}}))
    assert seen.last.path == "/models/m:generateContent"
    assert seen.last.headers["x-goog-api-key"] == "the-very-key"


def test_vertex_by_litellm_names() -> None:
    provider: dict[str, Any] = {"type": "vertex_ai", "region": "europe-west4", "credentials": "ambient"}
    provider["params"] = {"vertex_project": "p"}
    said = call_arguments(agent_of({"model": "google/gemini-2.5-pro"}, {"google": provider}))
    assert said == {"model": "vertex_ai/gemini-2.5-pro", "vertex_location": "europe-west4", "vertex_project": "p"}


def test_ambient_credentials_are_the_providers_to_find() -> None:
    said = call_arguments(agent_of({"model": "bedrock/m"}, {"bedrock": {"region": "eu-1", "credentials": "ambient"}}))
    assert said == {"model": "bedrock/m", "aws_region_name": "eu-1"}


def test_a_cloud_without_credentials_takes_none_from_the_environment() -> None:
    with pytest.raises(NoConnection, match="'bedrock' says no credentials; write `credentials: ambient`"):
        call_arguments(agent_of({"model": "bedrock/m"}, {"bedrock": {"region": "eu-1"}}))


def test_a_provider_that_has_no_usual_address_needs_one() -> None:
    with pytest.raises(NoConnection, match=r"'azure' \(azure\) has no address; write `api_base`"):
        call_arguments(agent_of({"model": "azure/m"}, {"azure": {"api_key": KEY}}))


def test_without_declared_providers_the_usual_variables_hold(seen: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "usual-key")
    monkeypatch.setenv("OPENAI_BASE_URL", f"{seen.address}/v1")
    agent = agent_of({"model": "openai/m"})
    assert call_arguments(agent) == {"model": "openai/m"}
    called(agent)
    assert seen.last.headers["authorization"] == "Bearer usual-key"


def test_a_key_of_the_environment_never_goes_to_an_address_of_the_tree(environment: str, seen: Wire) -> None:
    called(agent_of({"model": "openai/m", "api_base": f"{seen.address}/v1"}))
    assert seen.last.headers["authorization"] == f"Bearer {NO_KEY}"


def test_a_key_of_the_tree_never_goes_to_an_address_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", "the-very-key")
    said = call_arguments(agent_of({"model": "openai/m", "api_key": KEY}))
    assert said["api_base"] == "https://api.openai.com/v1"


def test_the_primary_is_the_first_that_is_enabled() -> None:
    llm = {"model": "openai/a", "enabled": False, "temperature": 1, "fallbacks": [{"model": "openai/b"}]}
    said = call_arguments(agent_of(llm, {"openai": {}}))
    assert (said["model"], said["temperature"]) == ("openai/b", 1)


def test_no_model_is_a_sentence() -> None:
    with pytest.raises(NoModel, match="every model of the agent 'a' is switched off"):
        call_arguments(agent_of({"model": "openai/a", "enabled": False}, {"openai": {}}))


def test_a_secret_is_looked_up_with_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    agent = agent_of({"model": "openai/m"}, {"openai": {"api_key": KEY}})
    for value in ("one", "two"):
        monkeypatch.setenv("THE_KEY", value)
        assert call_arguments(agent)["api_key"] == value
    monkeypatch.delenv("THE_KEY")
    with pytest.raises(SecretUnavailable, match="THE_KEY"):
        call_arguments(agent)
    assert isinstance(agent.providers["openai"].api_key, SecretReference)


def test_the_settings_may_narrow_what_is_revealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", "one")
    agent = agent_of({"model": "openai/m"}, {"openai": {"api_key": KEY}})
    with pytest.raises(SecretUnavailable, match="the settings of the tree do not allow this variable"):
        call_arguments(agent, ground=Ground(Allowed(env=("OTHER_*",))))


ASK = """
import json, sys
from agentconf.runtime import door
ask = door.litellm().get_llm_provider
print(json.dumps({kind: ask(model=f"{kind}/m", api_key="x")[3] for kind in json.loads(sys.argv[1])}))
"""


def test_the_usual_addresses_are_litellms(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(sorted(ADDRESSES))], capture_output=True, text=True, check=True,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    said = {kind: address for kind, address in json.loads(done.stdout).items() if address is not None}
    assert len(said) > 70
    assert {kind: ADDRESSES[kind] for kind in said} == said


def test_those_that_openais_sdk_adds_headers_to_are_known(seen: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "foreign-org")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "foreign-project")
    for kind in ("openai", "deepinfra", "perplexity", "xinference", "zai", "groq", "mistral", "xai", "deepseek"):
        with contextlib.suppress(Exception):  # not all of them like what the wire answers
            door.litellm().completion(
                model=f"{kind}/m", api_base=seen.address, api_key="k", max_retries=0,
                messages=[{"role": "user", "content": "hi"}],
            )  # fmt: skip
        assert ("openai-organization" in seen.last.headers) == (kind in BY_OPENAI_SDK), kind


def test_the_runtime_is_imported_without_litellm() -> None:
    code = (
        "import sys, agentconf.runtime; from agentconf.runtime import call_arguments; "
        "sys.exit(int('litellm' in sys.modules or 'sqlalchemy' in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
