"""Providers that are one to whoever names a model: LiteLLM files the models of one provider under several."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_SAME: Final = {
    "azure_text": "azure",
    "bedrock_converse": "bedrock",
    "cohere_chat": "cohere",
    "ollama_chat": "ollama",
    "sagemaker_chat": "sagemaker",
    "vertex_ai_beta": "vertex_ai",
}
_TEXT_COMPLETION: Final = "text-completion-"
_DATED: Final = r"-\d{4}-?\d{2}-?\d{2}"
_ROUTES: Final = ("converse/", "invoke/", "responses/", "chat/")
"""What may stand between a provider and its model to choose one of its interfaces."""


@lru_cache(maxsize=1024)
def family(provider: str) -> str:
    """The provider as agents name it: `bedrock` for bedrock_converse, `vertex_ai` for vertex_ai-language-models."""
    plain = provider.removeprefix(_TEXT_COMPLETION)
    if plain.startswith(("vertex_ai-", "fireworks_ai-")):
        plain = plain.partition("-")[0]
    return _SAME.get(plain, plain)


def spellings(model: str) -> list[str]:
    """A model's name without its provider, as LiteLLM may have it: as it stands, and without the choice of a route."""
    return [model, *(model.removeprefix(route) for route in _ROUTES if model.startswith(route))]


def base_of_fine_tuned(model: str) -> re.Pattern[str] | None:
    """What LiteLLM prices a fine-tuned model by: `ft:gpt-4.1:org:name:id` by `ft:gpt-4.1` or its one dated name."""
    if not model.startswith("ft:") or len(model) > 256:
        return None
    return re.compile(rf"ft:{re.escape(model.split(':')[1])}({_DATED})?")
