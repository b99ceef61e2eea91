"""Which parameters LiteLLM passes on to a model: what the lock records, so that CI can judge without LiteLLM."""

from __future__ import annotations

from agentconf.runtime.door import taken_parameters


def supported_parameters(model: str, provider: str) -> list[str] | None:
    """The OpenAI parameters that LiteLLM takes for a model, by its names, sorted; None where it cannot say.

    `provider` is LiteLLM's, `model` the name without it. Raises NotInstalled where LiteLLM is not. Imports
    LiteLLM, which takes seconds; reaches for no network, and prints nothing.
    """
    taken = taken_parameters(f"{provider}/{model}")
    return None if taken is None else sorted(taken)
