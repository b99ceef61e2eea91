"""The model does not take a parameter that is set for it.

What: `temperature`, `top_p`, `seed` or another parameter is set, and the model does not know it: by the lock, which
records what LiteLLM says of each model in use; else by `supports_sampling_params` of the catalogue; else, for OpenAI's
o-series and gpt-5 family, by name.
Why: LiteLLM raises an error, or drops the parameter, so that the line has no effect.

Bad:

    owner: support@example.com
    llm:
      model: openai/o3
      temperature: 0.2  # AC305

Good:

    owner: support@example.com
    llm:
      model: openai/o3
      reasoning_effort: low

Fix: Delete the line, or write `null` where it is inherited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView, Entry

RULE: Final = codes.UNSUPPORTED_PARAMETER
JUDGED: Final = (
    "temperature", "top_p", "max_tokens", "seed", "stop", "frequency_penalty", "presence_penalty", "reasoning_effort",
    "response_format",
)  # fmt: skip
_SAMPLING: Final = frozenset(("temperature", "top_p", "frequency_penalty", "presence_penalty"))
_SAMPLING_FREE: Final = re.compile(r"(?:o[1-9](?:-|$)|gpt-5(?!-chat)(?:[.-]|$))")
_AS_GIVEN: Final = {"temperature": 1, "top_p": 1, "frequency_penalty": 0, "presence_penalty": 0}
"""What these models take all the same: the value that they have anyway."""


def check(view: AgentView) -> Iterator[Diagnostic]:
    """A parameter is judged on the line that wrote it, for each model that it reaches."""
    for entry in view.entries:
        if not _may_refuse(view, entry):
            continue
        for key in JUDGED:
            if key in entry.config and not is_taken(entry, key):
                message = f"'{entry.model}' does not take {key}"
                hint = f"delete it, or write {key}: null where it is inherited"
                yield view.finding(RULE, (*entry.path, key), message, hint)


def _may_refuse(view: AgentView, entry: Entry) -> bool:
    """Whether a model is known to take all that matters; found out once for each."""
    key = (RULE, entry.model, entry.provider_type)
    found = view.knowledge.memo.get(key)
    if found is None:
        listed = entry.facts is not None and entry.facts.parameters is not None
        found = view.knowledge.memo[key] = listed or _is_doubtful(entry)
    return bool(found)


def _is_doubtful(entry: Entry) -> bool:
    """Whether the catalogue, or the name, says that the model may refuse sampling parameters."""
    facts = entry.facts
    if facts is not None and facts.capabilities.get("sampling_params") is not None:
        return not facts.capabilities["sampling_params"]
    return bool(_SAMPLING_FREE.match(entry.model.rpartition("/")[2]))


def is_taken(entry: Entry, key: str) -> bool:
    """Whether a model takes a parameter; one of which nothing is known does."""
    facts = entry.facts
    if facts is not None and facts.parameters is not None:
        return key in facts.parameters or entry.config[key] == _AS_GIVEN.get(key, ())
    if key not in _SAMPLING or entry.config[key] == _AS_GIVEN[key]:
        return True
    return entry.provider_type not in {"openai", "azure"} or not _is_doubtful(entry)
