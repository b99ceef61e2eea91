"""Where a provider says which models it has: the address, and how a key is shown to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from agentconf.runtime.doctor.keyring import Keyring
from agentconf.runtime.doctor.targets import Connection

_ADDRESSES: Final = {
    "anthropic": "https://api.anthropic.com",
    "cerebras": "https://api.cerebras.ai/v1",
    "deepseek": "https://api.deepseek.com/v1",
    "fireworks_ai": "https://api.fireworks.ai/inference/v1",
    "gemini": "https://generativelanguage.googleapis.com",
    "groq": "https://api.groq.com/openai/v1",
    "mistral": "https://api.mistral.ai/v1",
    "ollama": "http://localhost:11434",
    "ollama_chat": "http://localhost:11434",
    "openai": "https://api.openai.com/v1",
    "openrouter": "https://openrouter.ai/api/v1",
    "together_ai": "https://api.together.xyz/v1",
    "xai": "https://api.x.ai/v1",
}
"""Where these are reached, as they document it, when nobody says otherwise."""

_BELOW: Final = {
    "anthropic": "/v1/models?limit=1000",
    "gemini": "/v1beta/openai/models",
    "ollama": "/v1/models",
    "ollama_chat": "/v1/models",
}
"""Where the list lies, where it is not OpenAI's `/models`."""
_OPENAI_LIKE: Final = frozenset(_ADDRESSES) - frozenset(_BELOW) | {
    "custom_openai", "hosted_vllm", "litellm_proxy", "lm_studio", "llamafile", "nvidia_nim", "openai_like", "vllm",
    "text-completion-openai",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listing:
    """What is asked for. `is_list` is false where an answer only shows that somebody is there."""

    url: str
    headers: Mapping[str, str]
    is_list: bool

    def __repr__(self) -> str:
        return f"Listing({shown_address(self.url)!r})"  # headers hold keys


def listing_of(connection: Connection, keyring: Keyring) -> Listing | None:
    """None where nobody says which address is meant: LiteLLM makes it up from a region or a project."""
    address = address_of(connection)
    if address is None:
        return None
    address = address.rstrip("/")
    if connection.type in _BELOW:
        return Listing(address + _BELOW[connection.type], _headers(connection, keyring), is_list=True)
    if connection.type in _OPENAI_LIKE:
        return Listing(f"{address}/models", _headers(connection, keyring), is_list=True)
    return Listing(address, {}, is_list=False)


def address_of(connection: Connection) -> str | None:
    """The address that the tree states, else the provider's own."""
    return connection.stated.api_base or _ADDRESSES.get(connection.type)


def shown_address(address: str) -> str:
    """The address without what may be a secret in it: its user, its password, its query."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "(unreadable)"
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"


def _headers(connection: Connection, keyring: Keyring) -> dict[str, str]:
    headers = {"Accept": "application/json", "User-Agent": "agentconf-doctor"}
    if keyring.key is not None:
        key = keyring.key.get_secret_value()
        is_anthropic = connection.type == "anthropic"
        headers |= {"x-api-key": key} if is_anthropic else {"Authorization": f"Bearer {key}"}
    if connection.type == "anthropic":
        headers["anthropic-version"] = "2023-06-01"
    if connection.stated.organization is not None:
        headers["OpenAI-Organization"] = connection.stated.organization
    return {**headers, **{name: value.get_secret_value() for name, value in keyring.headers.items()}}
