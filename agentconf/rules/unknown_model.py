"""Nobody knows the model.

What: The name is in none of `_models.yaml`, the lock and LiteLLM's catalogue, neither as written nor by the provider's
type. It is a warning where the operator gives models their names (Azure deployments, Ollama, an `api_base` of one's
own), and where neither a lock nor a catalogue is there to ask.
Why: A misspelt model fails at the first call, after the merge. Of an unknown one neither price, limit nor
retirement can be said, so that no budget can count it.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mimi  # AC301

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini

Fix: Take the name from the hint, or say what you know of the model in `_models.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.seen import Whole
from agentconf.rules.view import AgentView, Entry
from agentconf.source.layout import LOCK_FILE

RULE: Final = codes.UNKNOWN_MODEL


def check(view: AgentView) -> Iterator[Diagnostic]:
    """With neither lock nor catalogue, that is said once for the tree, and not for each model."""
    for entry in view.entries:
        if entry.facts is None and view.knowledge.can_tell:
            rule = codes.UNCHECKED_MODEL if entry.is_named_by_operator else RULE
            message = f"the model '{entry.model}' is unknown"
            yield view.finding(rule, (*entry.path, "model"), message, _hint(view, entry))


def check_tree(whole: Whole) -> Iterator[Diagnostic]:
    """With neither lock nor catalogue nothing can be told of any model, and that is said once."""
    if whole.has_agents and whole.knowledge.catalogue.is_empty:
        hint = "install litellm, or commit what 'agentconf models lock' writes"
        message = "nothing is known about models: there is neither a lock nor LiteLLM's catalogue"
        yield Diagnostic(codes.UNCHECKED_MODEL, message, whole.tree.shown(LOCK_FILE), hint=hint)


def _hint(view: AgentView, entry: Entry) -> str:
    if entry.is_named_by_operator:
        return "say what it costs and can do in _models.yaml"
    names = view.knowledge.catalogue.nearest(entry.model, entry.provider_type)
    lock = "" if view.knowledge.catalogue.litellm else "; a new one into the lock, by 'agentconf models lock'"
    if not names:
        return f"mend the name, or say what it costs and can do in _models.yaml{lock}"
    meant = " or ".join(repr(name) for name in names[:3])
    return f"did you mean {meant}? A model of your own belongs in _models.yaml{lock}"
