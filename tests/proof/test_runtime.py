from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentconf.runtime import AgentClient, Options
from agentconf.testing import snapshot_of
from examples.loopback_provider import LoopbackProvider
from tests.runtime.storm import storm
from tests.runtime.ways import RUNNER, WAYS, acall, tree

pytestmark = pytest.mark.proof


def test_ten_thousand_calls_while_the_configuration_changes_a_thousand_times(tmp_path: Path) -> None:
    torn, seen = storm(tmp_path / "agents.d", calls=10_000, changes=1_000)
    assert torn == 0
    assert len(seen) > 10


def test_thousands_of_interleaved_calls_never_see_each_others_model(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setenv("THE_KEY", "the-very-key")
    agents: dict[str, Any] = {f"agent-{number}": {"llm": {"model": f"p/model-{number}"}} for number in range(50)}
    with LoopbackProvider() as provider:
        client = AgentClient(snapshot_of(tree(provider.url, agents)), options=Options(usage=None))
        limit = asyncio.Semaphore(200)

        async def one(number: int) -> bool:
            agent = f"agent-{number % 50}"
            async with limit:
                heard = await acall(client, WAYS[1] if number % 2 else WAYS[3], agent)
            return heard.asked["model"] == agent.replace("agent", "model") and heard.answer.agent == agent

        async def everything() -> list[bool]:
            return await asyncio.gather(*(one(number) for number in range(4_000)))

        assert all(RUNNER.run(everything()))
