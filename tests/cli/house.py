"""A tree whose agents use a provider on loopback, under the name `house`."""

from __future__ import annotations

import json
from typing import Any

from examples.loopback_provider import LoopbackProvider
from tests.cli.console import Console

KEY = "sk-loopback-5up3r53cr3t"


class House:
    """The tree in the user's folder; its key lies in HOUSE_API_KEY."""

    def __init__(self, console: Console, provider: LoopbackProvider) -> None:
        self.console = console
        self.provider = provider

    def settle(self, connection: dict[str, Any] | None = None, **agents: Any) -> None:
        """Writes the tree: agents by their `llm`."""
        said = {"type": "openai", "api_base": self.provider.url, "api_key": "${env:HOUSE_API_KEY}"}
        providers = {"house": {**said, **(connection or {})}}
        self.console.write("agents.d/_defaults.yaml", json.dumps({"providers": providers}))
        for name, llm in agents.items():
            self.agent(name, llm=llm)

    def agent(self, name: str, **said: Any) -> None:
        self.console.write(f"agents.d/{name}.yaml", json.dumps({"owner": "o@example.com", **said}))
