"""An environment's layer changes the provider of the model, and the fallbacks stay with others.

What: An environment's block (or file) selects a model of another provider, and fallbacks written below it are kept.
Why: "In dev, everyone on the local model" then still sends prompts, and money, to the providers of production as soon
as the local model fails.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1
      fallbacks:
        - model: anthropic/claude-haiku-4-5
    # in _environments/dev.yaml
    overrides:
      llm:
        model: ollama/mistral:7b-instruct  # AC214

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1
      fallbacks:
        - model: anthropic/claude-haiku-4-5
    # in _environments/dev.yaml
    overrides:
      llm:
        model: ollama/mistral:7b-instruct
        fallbacks: []

Fix: Write `fallbacks` beside the model in the same layer; `[]` for none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agentconf import codes
from agentconf.config.merge import provider_of
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.STRANDED_FALLBACKS
_OF_ENVIRONMENTS: Final = frozenset(("environment-defaults", "environment-overrides", "agent-environment"))


def _selects_model(view: AgentView) -> bool:
    """Whether a layer of the environment says anything of the model: most do not, and are not looked at any closer."""
    environment = view.agent.environment
    if environment is None:
        return False
    key = (RULE, environment)
    shared = view.knowledge.memo.get(key)
    if shared is None:
        document = view.resolver.tree.environments.get(environment)
        blocks = [document.value.get("defaults"), document.value.get("overrides")] if document is not None else []
        shared = view.knowledge.memo[key] = any(_names_model(block) for block in blocks)
    own = view.agent.agent_file.document.value.get("environments")
    return shared or (own is not None and _names_model(own.get(environment)))


def _names_model(block: Any) -> bool:
    return isinstance(block, dict) and "model" in (block.get("llm") or {})


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Only where an environment's layer selects the model that is in force."""
    fallbacks = view.chains[0][1:]
    if not fallbacks or not _selects_model(view):
        return
    last = None
    below: str | None = None
    for layer in view.resolver.layers(view.agent.agent_file):
        llm = layer.config.get("llm") or {}
        if "fallbacks" in llm:
            last = None
        if llm.get("model"):
            is_other = below is not None and provider_of(below) != provider_of(llm["model"])
            is_alone = layer.name in _OF_ENVIRONMENTS and "fallbacks" not in llm
            last = layer if is_other and is_alone else None
            below = llm["model"]
    if last is None or below is None:
        return
    others = sorted({entry.provider for entry in fallbacks} - {provider_of(below)})
    if others:
        message = f"the model is of {provider_of(below)} here, and fallbacks to {', '.join(others)} stay"
        yield view.finding(RULE, ("llm", "model"), message, "write fallbacks beside this model; [] for none")
