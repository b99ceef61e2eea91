"""The caller's own connection: a model and a key that the user of a service brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from agentconf.config.secrets import is_credential_name
from agentconf.frozen import FrozenDict


@dataclass(frozen=True, slots=True)
class Own:
    """A model and its connection, used where nothing in an agent's own layers (profile and above) selects a model.

    The agent keeps its prompt and its parameters, and has no fallbacks: those would be on somebody else's key.
    `model` is `provider/model` by LiteLLM's name of the provider. `params` are further connection arguments of that
    provider, such as `aws_region_name`. What is used is recorded, and counts towards no budget of the agent.
    """

    model: str
    api_key: SecretStr | str | None = field(default=None, repr=False)
    api_base: str | None = None
    api_version: str | None = None
    extra_headers: Mapping[str, str] = field(default_factory=FrozenDict, repr=False)
    params: Mapping[str, str] = field(default_factory=FrozenDict, repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError: without a provider's name, its address would be the environment's to say."""
        if not all(str(self.model).partition("/")):
            raise ValueError("the model of a connection is provider/model, such as openai/gpt-4.1")

    def arguments(self) -> dict[str, object]:
        """What it says, by LiteLLM's names."""
        key = self.api_key.get_secret_value() if isinstance(self.api_key, SecretStr) else self.api_key
        said = {"api_key": key, "api_base": self.api_base, "api_version": self.api_version}
        found: dict[str, object] = {**self.params, **{name: value for name, value in said.items() if value is not None}}
        if self.extra_headers:
            found["extra_headers"] = dict(self.extra_headers)
        return found

    def secrets(self) -> tuple[str, ...]:
        """What in it may stand in no text."""
        said = {**self.params, "api_key": self.arguments().get("api_key")}
        keys = [value for name, value in said.items() if is_credential_name(name)]
        return tuple(str(value) for value in (*keys, *self.extra_headers.values()) if value)


def own_of(said: Any) -> Own | None:
    """What was handed over as `own`. Raises TypeError for anything else."""
    if said is not None and not isinstance(said, Own):
        raise TypeError("own must be an Own(model, api_key, ...)")
    return said
