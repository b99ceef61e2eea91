"""Nobody knows whether a model can do what the agent requires.

What: `requires.capabilities` names something of which nothing is known for one of the agent's models, or what looks
like a misspelt capability.
Why: Unknown is neither yes nor no: a failover to it may work, or not.

Bad:

    owner: support@example.com
    requires: {capabilities: [computer_use]}
    llm:
      model: openai/in-house  # AC307
    # in _models.yaml
    models:
      openai/in-house: {mode: chat}

Good:

    owner: support@example.com
    requires: {capabilities: [computer_use]}
    llm:
      model: openai/in-house
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, capabilities: [computer_use]}

Fix: Say it in `_models.yaml`, or choose a model of which it is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.catalogue.capabilities import WELL_KNOWN, canonical
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView
from agentconf.suggest import misspelling_of

RULE: Final = codes.UNKNOWN_CAPABILITY
NEEDS: Final = "requires"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Of known models alone: an unknown one is a finding already."""
    wanted = (view.config.get("requires") or {}).get("capabilities", ())
    meant = {name: near for name in wanted if (near := _meant(name))}
    for entry in view.entries if wanted else ():
        facts = entry.facts
        unknown = [name for name in wanted if facts is not None and facts.has(name) is None and name not in meant]
        if unknown:
            message = f"it is not known whether '{entry.model}' has what the agent requires: {', '.join(unknown)}"
            yield view.finding(RULE, (*entry.path, "model"), message, "say it in _models.yaml")
    for index, name in enumerate(wanted):
        if name in meant and any(entry.facts is not None and entry.facts.has(name) is None for entry in view.entries):
            at = ("requires", "capabilities", index)
            yield view.finding(RULE, at, f"no model is known to have '{name}'", f"did you mean '{meant[name]}'?")


def _meant(name: str) -> str | None:
    """The well-known capability that a name is a misspelling of."""
    return None if canonical(name) in WELL_KNOWN else misspelling_of(name, WELL_KNOWN)
