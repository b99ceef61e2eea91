"""A rule of the organisation is violated.

What: `policies` of the settings hold conditions in CEL over each resolved agent, and this agent does not meet one. One
that has no answer for it, such as a comparison with what nobody set, is not met either.
Why: What an organisation has decided about its agents is checked where they change, with its own words.

Bad:

    owner: support@example.com
    tags: [pii]
    llm: {model: openai/gpt-4.1-mini}  # AC701
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:OPENAI_API_KEY}"}
      mistral: {api_key: "${env:MISTRAL_API_KEY}", region: eu}
    # in _settings.yaml
    policies:
      - id: eu-data-stays-in-eu
        when: "'pii' in agent.tags"
        require: "agent.providers.all(p, p.region == 'eu')"
        message: agents that see personal data use EU endpoints only

Good:

    owner: support@example.com
    tags: [pii]
    llm: {model: mistral/mistral-large-latest}
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:OPENAI_API_KEY}"}
      mistral: {api_key: "${env:MISTRAL_API_KEY}", region: eu}
    # in _settings.yaml
    policies:
      - id: eu-data-stays-in-eu
        when: "'pii' in agent.tags"
        require: "agent.providers.all(p, p.region == 'eu')"
        message: agents that see personal data use EU endpoints only

Fix: Change the value, or excuse its line by the policy's id, with the reason:
`# agentconf: allow eu-data-stays-in-eu -- why`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.POLICY_VIOLATION


def check(view: AgentView) -> Iterable[Diagnostic]:
    """Without policies, CEL is not imported."""
    policies = view.knowledge.policies
    if policies is None:
        return ()
    from agentconf.rules.policies.judgement import policy_findings

    knowledge = view.knowledge
    return policy_findings(policies, view.resolver, view.agent, lambda model, kind: knowledge.facts(model, kind)[0])
