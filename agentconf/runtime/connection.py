"""A model entry and its provider to LiteLLM's arguments: model, address, key, headers.

For a declared provider nothing is left for LiteLLM to find in the environment: what the tree does not say is its usual
address, and a placeholder where a key would stand. Where no provider is declared and the entry says no connection of
its own, the provider's usual variables hold, as LiteLLM reads them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from agentconf.config.agent import Agent, ModelEntry, Provider
from agentconf.config.secrets import SecretReference, is_credential_name
from agentconf.errors import NoConnection, NoModel
from agentconf.runtime.addresses import ADDRESSES, BY_OPENAI_SDK
from agentconf.runtime.door import left_out

Reveal: TypeAlias = Callable[[SecretReference], str]

NO_KEY: Final = "no-key"
"""Sent where a provider needs no key: LiteLLM must not look for one."""

_NEEDS_ADDRESS: Final = frozenset(
    """
    azure azure_ai azure_text custom_openai databricks hosted_vllm infinity litellm_proxy lm_studio oobabooga
    openai_like petals predibase snowflake triton vllm watsonx watsonx_text
    """.split()
)
"""Those whose address LiteLLM knows by a variable alone."""
_AWS: Final = ("bedrock", "sagemaker")
_GOOGLE: Final = ("vertex_ai",)
_AZURE_VERSION: Final = "2025-02-01-preview"
"""litellm.AZURE_DEFAULT_API_VERSION of 1.106.2; a test compares."""
_OPENAI_HEADERS: Final = {
    "OpenAI-Organization": ("OPENAI_ORGANIZATION", "OPENAI_ORG_ID"),
    "OpenAI-Project": ("OPENAI_PROJECT_ID",),
}
"""What OpenAI's SDK adds by itself, and from which variables."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How one entry is reached. `type` is LiteLLM's provider, `name` the tree's; secrets are references still.

    `is_stated` says that the tree says how; else LiteLLM's own variables do.
    """

    name: str
    type: str
    model: str
    is_stated: bool
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def revealed(self, reveal: Reveal) -> dict[str, Any]:
        """LiteLLM's arguments, secrets revealed now. Raises SecretUnavailable."""
        found: dict[str, Any] = {"model": self.model}
        for key, value in self.arguments.items():
            found[key] = _revealed(value, reveal)
        return _shielded(self.type, found) if self.is_stated else found


def connection_of(agent: Agent, entry: ModelEntry) -> Connection:
    """The connection of the agent's primary, or of one of its fallbacks.

    Raises NoModel where the entry names none, and NoConnection where the provider's entry cannot do for a call.
    """
    if entry.model is None:
        raise NoModel(f"the agent '{agent.id}' has no model; write llm.model in {agent.file or 'its file'}")
    name, _, bare = entry.model.partition("/")
    if agent.providers:
        provider = agent.providers.get(name)
        if provider is None:
            known = ", ".join(sorted(agent.providers))
            raise NoModel(f"the agent '{agent.id}' uses the provider '{name}', which it may not: it has {known}")
        return _declared(name, bare, provider)
    own = _own(entry)
    if not own:
        return Connection(name, name, entry.model, is_stated=False)
    return Connection(name, name, entry.model, is_stated=True, arguments=_filled(name, name, own, may_lack_key=False))


def _declared(name: str, bare: str, provider: Provider) -> Connection:
    kind = provider.type or name
    said: dict[str, Any] = dict(provider.params or {})
    for key in ("api_base", "api_key", "api_version", "organization"):
        value = getattr(provider, key)
        if value is not None:
            said[key] = value
    if provider.extra_headers:
        said["extra_headers"] = provider.extra_headers
    if provider.region is not None:
        said |= _region(kind, provider.region, said)
    is_ambient = provider.credentials == "ambient"
    filled = said if is_ambient else _filled(name, kind, said, may_lack_key=_has_credential(said))
    return Connection(name, kind, f"{kind}/{bare}", is_stated=not is_ambient, arguments=filled)


def brought(model: str, said: Mapping[str, Any]) -> Connection:
    """The connection that a caller brings: all of it is said, or left to no one."""
    name, _, _ = model.partition("/")
    filled = _filled(name, name, dict(said), may_lack_key=_has_credential(said))
    return Connection(name, name, model, is_stated=True, arguments=filled)


def _own(entry: ModelEntry) -> dict[str, Any]:
    """The connection that an entry says itself, where the tree declares no providers."""
    said = {key: getattr(entry, key) for key in ("api_base", "api_key", "api_version", "extra_headers")}
    return {key: value for key, value in said.items() if value is not None}


def _filled(name: str, kind: str, said: dict[str, Any], *, may_lack_key: bool) -> dict[str, Any]:
    """What a connection says, and for what it does not, what LiteLLM would else look for in the environment."""
    filled = dict(said)
    is_cloud = kind.startswith((*_AWS, *_GOOGLE))
    if is_cloud and not may_lack_key and "api_key" not in said:
        raise NoConnection(
            f"the provider '{name}' says no credentials; write `credentials: ambient`, or its keys under `params`"
        )
    if "api_key" not in said and not may_lack_key:
        filled["api_key"] = NO_KEY
    if "api_base" not in said and not is_cloud:
        if kind in _NEEDS_ADDRESS:
            raise NoConnection(f"the provider '{name}' ({kind}) has no address; write `api_base`")
        if kind in ADDRESSES:
            filled["api_base"] = ADDRESSES[kind]
    if kind.startswith("azure"):
        filled.setdefault("api_version", _AZURE_VERSION)
    return filled


def _region(kind: str, region: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """A region by LiteLLM's name for it. Elsewhere it says where an address lies, and is sent nowhere."""
    if kind.startswith(_AWS):
        return {} if "aws_region_name" in said else {"aws_region_name": region}
    if kind.startswith(_GOOGLE):
        return {} if "vertex_location" in said else {"vertex_location": region}
    return {}


def _has_credential(said: Mapping[str, Any]) -> bool:
    return any(is_credential_name(key) for key in said if key != "extra_headers")


def _revealed(value: Any, reveal: Reveal) -> Any:
    if isinstance(value, SecretReference):
        return reveal(value)
    if isinstance(value, Mapping):
        return {key: _revealed(item, reveal) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_revealed(item, reveal) for item in value]
    return value


def _shielded(kind: str, said: dict[str, Any]) -> dict[str, Any]:
    """Against what LiteLLM and the SDKs below it take from the environment all the same, where it is set."""
    if kind.startswith("azure"):
        said = _shielded_azure(said)
    elif kind.startswith(_AWS):
        said = _shielded_aws(said)
    unasked = _unasked_headers(said) if kind in BY_OPENAI_SDK else []
    if unasked:
        said["extra_headers"] = {**dict.fromkeys(unasked, left_out()), **said.get("extra_headers", {})}
    return said


def _unasked_headers(said: Mapping[str, Any]) -> list[str]:
    """The headers that OpenAI's SDK would add by itself."""
    found = [header for header, variables in _OPENAI_HEADERS.items() if any(map(os.environ.get, variables))]
    return [header for header in found if header != "OpenAI-Organization" or "organization" not in said]


def _shielded_azure(said: dict[str, Any]) -> dict[str, Any]:
    """A token of the environment would go before the key, and a tenant's before both."""
    if "api_key" in said and os.environ.get("AZURE_AD_TOKEN"):
        keyed = {"Authorization": left_out(), "api-key": said["api_key"]}
        said["extra_headers"] = {**keyed, **said.get("extra_headers", {})}
    if "tenant_id" not in said and os.environ.get("AZURE_TENANT_ID"):
        said["tenant_id"] = ""
    return said


def _shielded_aws(said: dict[str, Any]) -> dict[str, Any]:
    """A bearer token of the environment would go before the keys, and a session's would join them."""
    if "api_key" not in said and os.environ.get("AWS_BEARER_TOKEN_BEDROCK"):
        said["api_key"] = ""
    if "aws_secret_access_key" in said and "aws_session_token" not in said and os.environ.get("AWS_SESSION_TOKEN"):
        said["aws_session_token"] = ""
    return said
