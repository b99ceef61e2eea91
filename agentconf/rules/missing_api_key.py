"""A declared provider has no key.

What: An agent uses a provider that the tree declares without `api_key`, without `credentials: ambient`, and without an
address of its own.
Why: Its calls are refused: for a declared provider LiteLLM never looks for a key in the machine's variables.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {organization: org-example}  # AC410

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {organization: org-example, api_key: "${env:OPENAI_API_KEY}"}

Fix: Name the key, or write `credentials: ambient` where the provider's SDK finds its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView, Entry

RULE: Final = codes.MISSING_API_KEY
KEYLESS: Final = frozenset(
    "ollama ollama_chat lm_studio llamafile vllm hosted_vllm docker_model_runner bedrock bedrock_converse "
    "sagemaker sagemaker_chat vertex_ai vertex_ai_beta petals oobabooga triton".split()
)
"""They run without one, or find what their SDK finds."""


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Only of providers that the tree declares, where it declares them: once, however many agents use them."""
    told: set[str] = set()
    for entry in view.entries:
        if entry.connection is not None and entry.provider not in told and _lacks_key(entry):
            told.add(entry.provider)
            message = f"the provider '{entry.provider}' has no key"
            hint = f"add api_key to providers.{entry.provider}, or credentials: ambient"
            yield view.key_finding(RULE, ("providers", entry.provider), message, hint)


def _lacks_key(entry: Entry) -> bool:
    connection = entry.connection or {}
    if connection.get("api_key") or connection.get("credentials") or connection.get("api_base"):
        return False
    if connection.get("params") or connection.get("extra_headers"):
        return False  # a credential of another kind
    return entry.provider_type not in KEYLESS
