"""The names of capabilities: LiteLLM's `supports_NAME` without that word, but for a few that have a plainer one."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

LITELLM_PREFIX: Final = "supports_"

_PLAINER: Final = {
    "function_calling": "tools",
    "parallel_function_calling": "parallel_tools",
    "response_schema": "structured_output",
}

WELL_KNOWN: Final = (
    "tools", "tool_choice", "parallel_tools", "structured_output", "vision", "reasoning", "prompt_caching",
    "system_messages", "pdf_input", "audio_input", "audio_output", "video_input", "web_search", "computer_use",
    "url_context", "assistant_prefill", "sampling_params", "native_streaming",
)  # fmt: skip
"""Those that people ask for, in the order in which they are shown; LiteLLM has more."""


@lru_cache(maxsize=1024)
def canonical(name: str) -> str:
    """The name of the format for a capability, whichever of the two spellings it comes in."""
    plain = name.removeprefix(LITELLM_PREFIX)
    return _PLAINER.get(plain, plain)
