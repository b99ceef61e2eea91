"""A fallback cannot do what the primary can.

What: The primary has a capability that changes what may be asked of it (tools, vision, and the like), and a fallback is
known to lack it.
Why: A call that uses it fails on the fallback. The agent does not say whether it needs it.

Bad:

    owner: support@example.com
    llm:
      model: openai/in-house
      fallbacks:
        - model: openai/in-house-small  # AC612
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, capabilities: [tools, vision]}
      openai/in-house-small: {mode: chat, capabilities: [tools]}

Good:

    owner: support@example.com
    requires: {capabilities: [tools]}
    llm:
      model: openai/in-house
      fallbacks:
        - model: openai/in-house-small
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, capabilities: [tools, vision]}
      openai/in-house-small: {mode: chat, capabilities: [tools]}

Fix: Choose another fallback, or say in `requires.capabilities` what the agent needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.catalogue.facts import Facts
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.FALLBACK_LACKS_CAPABILITY
_ASKED_FOR: Final = ("tools", "vision", "structured_output", "pdf_input", "audio_input", "audio_output")


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Where the agent says what it needs, that is what counts, and is a rule of its own."""
    if "capabilities" in (view.config.get("requires") or {}):
        return
    for chain in view.chains:
        base = chain[0].facts if len(chain) > 1 else None
        for entry in chain[1:] if base is not None else ():
            key = (RULE, chain[0].model, chain[0].provider_type, entry.model, entry.provider_type)
            lost = view.knowledge.memo.get(key)
            if lost is None:
                lost = view.knowledge.memo[key] = lost_to(base, entry.facts)
            if lost:
                message = f"'{entry.model}' lacks what the primary has: {', '.join(lost)}"
                hint = "choose another, or say in requires.capabilities what the agent needs"
                yield view.finding(RULE, (*entry.path, "model"), message, hint)


def lost_to(base: Facts | None, facts: Facts | None) -> list[str]:
    """What one model is known to have and another is known to lack."""
    if base is None or facts is None:
        return []
    had = base.capabilities
    return [name for name in _ASKED_FOR if had.get(name) is True and facts.has(name) is False]
