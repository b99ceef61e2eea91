"""Any agent's request as it comes over the wire: what the configuration sets, and nothing else."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from agentconf.config.agent import ModelEntry
from agentconf.runtime import AgentClient, Options
from agentconf.runtime.arguments import PARAMETERS, extra_of, parameters_of
from agentconf.testing import snapshot_of
from examples.loopback_provider import LoopbackProvider
from tests.generated import ENTRY, mapping
from tests.runtime.ways import WAYS, call, tree

AGENTS = 60
OURS = {"model", "messages", "stream", "stream_options"}
NOT_SENT = ("timeout", "num_retries", "user")
"""The first two are for this side of the wire; LiteLLM sends `user` to models that it knows as OpenAI's alone."""
SETTINGS = mapping({name: make for name, make in ENTRY.items() if name in {*PARAMETERS, "stream_timeout", "extra"}})


def documents(seed: int) -> dict[str, Any]:
    random = Random(seed)
    found = {}
    for number in range(AGENTS):
        said = {name: value for name, value in SETTINGS(random).items() if not name.startswith("x-")}
        found[f"agent-{number}"] = {"llm": {**said, "model": f"p/gpt-4.1-{number}"}}
    return found


def expected(entry: ModelEntry, *, stream: bool) -> dict[str, Any]:
    """What the resolved agent says."""
    said = {**parameters_of(entry, stream=stream), **extra_of(entry)}
    return {name: value for name, value in said.items() if name not in {*NOT_SENT, *OURS}}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_sent_that_the_configuration_does_not_set(
    provider: LoopbackProvider, way: str, seed: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("THE_KEY", "the-very-key")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("OPENAI_API_KEY", "of-the-environment")
    snapshot = snapshot_of(tree(provider.url, documents(seed)))
    client = AgentClient(snapshot, options=Options(usage=None))
    is_stream = "stream" in way
    for agent_id, agent in snapshot.items():
        if not agent.llm.enabled:
            continue
        entry = agent.llm
        patience = entry.stream_timeout if is_stream and entry.stream_timeout is not None else entry.timeout
        if patience is not None and patience < 1:
            continue
        call(client, way, agent_id)
        request = provider.requests[-1]
        sent = {name: value for name, value in request.body.items() if name not in OURS}
        assert sent == expected(entry, stream=is_stream), agent_id
        assert request.body["model"] == str(entry.model).removeprefix("p/")
        assert request.key == "the-very-key"
        assert ("stream" in request.body) == is_stream
        if patience is not None:
            assert float(request.headers["x-stainless-read-timeout"]) == pytest.approx(patience)
