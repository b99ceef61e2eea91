"""What an environment's block says is what holds without it.

What: A value under `environments:` in an agent's file equals the one that the agent has without the block.
Why: Whoever reads it believes that the environment differs. Often the value beneath was changed and this one forgotten,
or it stands in the wrong environment.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      max_tokens: 256
    environments:
      dev:
        llm:
          max_tokens: 256  # AC210
    # in _environments/dev.yaml
    {}

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      max_tokens: 1024
    environments:
      dev:
        llm:
          max_tokens: 256
    # in _environments/dev.yaml
    {}

Fix: Delete the line, or write the value that was meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agentconf import codes
from agentconf.config.merge import folded
from agentconf.diagnostic import Diagnostic
from agentconf.keypath import KeyPath, look_up, render
from agentconf.rules.view import AgentView

RULE: Final = codes.OVERRIDE_WITHOUT_EFFECT


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Only what the agent's own file says for the environment: shared layers are for others too."""
    document = view.agent.agent_file.document
    block = (document.value.get("environments") or {}).get(view.agent.environment)
    if not isinstance(block, dict) or not block:
        return
    below = _without_block(view)
    for path, value in leaves(block):
        if look_up(below, path) == value and value is not None:
            at = ("environments", str(view.agent.environment), *path)
            yield Diagnostic(
                RULE,
                f"{render(path)} is the same without this line",
                document.file,
                document.value_span(at),
                render(at),
                view.agent.id,
                view.agent.environment,
                "delete it, or write what differs in this environment",
            )


def _without_block(view: AgentView) -> dict[str, Any]:
    layers = list(view.resolver.layers(view.agent.agent_file))
    return folded(layer for layer in layers if layer.name != "agent-environment").config


def leaves(value: dict[str, Any], path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every value that is no mapping, by its path."""
    for key, item in value.items():
        if isinstance(item, dict):
            yield from leaves(item, (*path, key))
        elif not key.startswith("x-"):
            yield (*path, key), item
