"""The default agent does not exist.

What: `default_agent` in `_settings.yaml` names no agent of the tree.
Why: A service asks for the default just when something is wrong already, with an id that nobody knows. It would then
get an error, or the model that is built in, which nobody chose.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _settings.yaml
    default_agent: asistant  # AC204

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _settings.yaml
    default_agent: assistant

Fix: Mend the id.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.UNKNOWN_DEFAULT_AGENT
