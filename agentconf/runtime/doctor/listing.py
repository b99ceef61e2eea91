"""Where a provider says which models it has: the address, and how a key is shown to it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from agentconf.runtime.addresses import ADDRESSES
from agentconf.runtime.doctor.keyring import Keyring
from agentconf.runtime.doctor.targets import Reach

_BELOW: Final = {
    "anthropic": "/v1/models?limit=1000",
    "gemini": "/openai/models",
    "ollama": "/v1/models",
    "ollama_chat": "/v1/models",
}
"""Where the list lies below the address, where it is not OpenAI's `/models`."""
_LIKE_OPENAI: Final = frozenset(
    """
    cerebras codestral custom_openai dashscope deepinfra deepseek docker_model_runner fireworks_ai groq hosted_vllm
    hyperbolic lambda_ai litellm_proxy llamafile lm_studio meta_llama mistral moonshot nebius novita nvidia_nim openai
    openai_like openrouter sambanova scaleway text-completion-openai together_ai vercel_ai_gateway vllm xai
    """.split()
)
"""They list their models at `/models`, for who shows the key as OpenAI wants it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What is asked for. `is_list` is false where an answer only shows that somebody is there."""

    url: str
    headers: Mapping[str, str]
    is_list: bool

    def __repr__(self) -> str:
        return f"Listing({shown_address(self.url)!r})"  # headers hold keys


def listing_of(reach: Reach, keyring: Keyring) -> Listing | None:
    """None where nobody says which address is meant: LiteLLM makes it up from a region or a project."""
    address = address_of(reach)
    if address is None:
        return None
    address = address.rstrip("/")
    if reach.type == "anthropic":
        address = address.removesuffix("/v1")
    if reach.type in _BELOW or reach.type in _LIKE_OPENAI:
        below = _BELOW.get(reach.type, "/models")
        return Listing(address + below, _headers(reach, keyring), is_list=True)
    return Listing(address, {}, is_list=False)


def address_of(reach: Reach) -> str | None:
    """The address that a call is sent to, be it the tree's, the machine's or the provider's own."""
    if reach.is_stated or reach.is_ambient or reach.fault is not None:
        return reach.address
    name = re.sub("[^A-Z0-9]", "_", reach.type.upper())
    said = (os.environ.get(f"{name}_{what}") for what in ("BASE_URL", "API_BASE"))
    return next(filter(None, said), ADDRESSES.get(reach.type))


def shown_address(address: str) -> str:
    """The address without what may be a secret in it: its user, its password, its query."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "(unreadable)"
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"


def _headers(reach: Reach, keyring: Keyring) -> dict[str, str]:
    headers = {"Accept": "application/json", "User-Agent": "agentconf-doctor"}
    if keyring.key is not None:
        key = keyring.key.get_secret_value()
        headers |= {"x-api-key": key} if reach.type == "anthropic" else {"Authorization": f"Bearer {key}"}
    if reach.type == "anthropic":
        headers["anthropic-version"] = "2023-06-01"
    organization = reach.arguments.get("organization")
    if isinstance(organization, str):
        headers["OpenAI-Organization"] = organization
    return {**headers, **{name: value.get_secret_value() for name, value in keyring.headers.items()}}
