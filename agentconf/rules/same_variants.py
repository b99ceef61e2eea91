"""Two variants are the same.

What: The resolved `llm` and instructions of two variants do not differ.
Why: The experiment compares a thing with itself, for as long as it runs.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini, temperature: 0.2}
    variants:
      plain: {weight: 50, llm: {}}
      cold: {weight: 50, llm: {temperature: 0.2}}  # AC604
    experiment: {control: plain, owner: search@example.com, metric: solved, ends: 2030-01-31}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    variants:
      plain: {weight: 50, llm: {temperature: 0.2}}
      warm: {weight: 50, llm: {temperature: 0.9}}
    experiment: {control: plain, owner: search@example.com, metric: solved, ends: 2030-01-31}

Fix: Write what differs, or delete one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.SAME_VARIANTS
NEEDS: Final = "variants"
_ABOVE: Final = frozenset(("environment-overrides", "agent-environment"))


def check(view: AgentView) -> Iterator[Diagnostic]:
    """As resolved. "In dev, everyone on the local model" makes variants the same, and is meant to."""
    if any(layer.name in _ABOVE and "llm" in layer.config for layer in view.resolver.layers(view.agent.agent_file)):
        return
    known: list[tuple[str, Any]] = []
    for name, variant in (view.config.get("variants") or {}).items():
        said = (variant.get("llm"), variant.get("instructions"))
        twin = next((other for other, what in known if what == said), None)
        if twin is not None:
            message = f"the variants '{twin}' and '{name}' are the same"
            yield view.key_finding(RULE, ("variants", name), message, "write what differs, or delete one")
        known.append((name, said))
        if len(known) > _MOST:
            return


_MOST: Final = 100
