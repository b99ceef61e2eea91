"""An environment's file that is never checked.

What: `environments` of the settings lists the environments that must validate, and a file in `_environments/` is not
among them.
Why: CI never looks at what that file makes of the agents; a service that runs with it does.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _settings.yaml
    environments: [prod]
    # in _environments/prod.yaml
    {}
    # in _environments/dev.yaml
    {}  # AC217

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _settings.yaml
    environments: [dev, prod]
    # in _environments/prod.yaml
    {}
    # in _environments/dev.yaml
    {}

Fix: Add it to `environments`, or delete the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.seen import Whole

RULE: Final = codes.UNCHECKED_ENVIRONMENT


def check_tree(whole: Whole) -> Iterator[Diagnostic]:
    """By the settings, whatever was asked for on the command line."""
    listed = whole.config.settings.environments
    for name, document in sorted(whole.config.environments.items()) if listed is not None else ():
        if listed is not None and name not in listed:
            said = (f"the environment '{name}' is never checked", "add it to environments in _settings.yaml")
            yield whole.finding(RULE, document.path, (), said)
