"""A policy of the settings cannot be run.

What: Its `when` or `require` is no CEL, names what does not exist, is neither true nor false, or could take too long;
or two policies have one id. It is found when the tree is read, by looking through all of the expression and by trying
it on a made-up agent with everything set.
Why: A condition with a misspelt name would only fail when an agent reaches it, or would never be true.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _settings.yaml
    policies:
      - id: agents-are-tagged
        require: "size(agent.tgas) > 0"  # AC702

Good:

    owner: support@example.com
    tags: [support]
    llm: {model: openai/gpt-4.1-mini}
    # in _settings.yaml
    policies:
      - id: agents-are-tagged
        require: "size(agent.tags) > 0"

Fix: Mend the expression at the place that the finding names. docs/policies.md lists what can be asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.seen import Whole

RULE: Final = codes.INVALID_POLICY


def check_tree(whole: Whole) -> Iterable[Diagnostic]:
    """What is wrong with the policies themselves; the others are run all the same."""
    policies = whole.knowledge.policies
    return policies.findings if policies is not None else ()
