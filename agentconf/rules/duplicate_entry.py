"""A list of references names one thing twice.

What: `extends`, `delegates` or `requires.capabilities` holds the same entry more than once.
Why: One of them was probably meant to be another. In `extends` only the last place counts, which surprises.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    requires: {capabilities: [tools, vision, tools]}  # AC216

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    requires: {capabilities: [tools, vision]}

Fix: Delete one, or mend the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.keypath import KeyPath, render
from agentconf.rules.view import AgentView

RULE: Final = codes.DUPLICATE_ENTRY


def check(view: AgentView) -> Iterator[Diagnostic]:
    """`extends` is gone once an agent is resolved: it is looked up in the agent's file."""
    config, document = view.config, view.agent.agent_file.document
    extends = document.value.get("extends")
    if isinstance(extends, list):
        for path, name in repeated(("extends",), extends):
            said = f"'{name}' stands here twice"
            span = document.value_span(path)
            yield Diagnostic(RULE, said, document.file, span, render(path), view.agent.id, hint="delete one of them")
    if "delegates" not in config and "requires" not in config:
        return
    capabilities = (config.get("requires") or {}).get("capabilities")
    for where, names in ((("delegates",), config.get("delegates")), (("requires", "capabilities"), capabilities)):
        for path, name in repeated(where, names or ()):
            yield view.finding(RULE, path, f"'{name}' stands here twice", "delete one of them, or mend the name")


def repeated(where: KeyPath, names: Iterable[Any]) -> Iterator[tuple[KeyPath, Any]]:
    """Each entry that stood in the list before, with its place."""
    known: set[Any] = set()
    for index, name in enumerate(names):
        if isinstance(name, str):
            if name in known:
                yield (*where, index), name
            known.add(name)
