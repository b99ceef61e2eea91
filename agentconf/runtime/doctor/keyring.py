"""The secrets of a connection: whether each has a value here, and the values, which stay in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

from agentconf.config.secrets import SecretReference
from agentconf.errors import SecretUnavailable
from agentconf.rules.missing_api_key import KEYLESS
from agentconf.rules.misspelt_variable import usual_variables
from agentconf.runtime.doctor.outcome import NOTHING, OK, Outcome, failed
from agentconf.runtime.doctor.targets import Reach
from agentconf.secrets.reveal import Ground, reveal


@dataclass(frozen=True)
class Keyring:
    """What a connection needs to be let in. `key` and `headers` lack what has no value here."""

    outcome: Outcome
    key: SecretStr | None = None
    headers: Mapping[str, SecretStr] = field(default_factory=dict)

    def shows_in(self, text: str) -> bool:
        """Whether a text holds one of the values."""
        return any(value.get_secret_value() in text for value in (self.key, *self.headers.values()) if value)


def keyring_of(reach: Reach, ground: Ground) -> Keyring:
    """Every secret that is needed, looked for once."""
    values: dict[SecretReference, SecretStr] = {}
    reasons = []
    for reference in dict.fromkeys(reach.references()):
        try:
            values[reference] = reveal(reference, ground)
        except SecretUnavailable as error:
            reasons.append(str(error))
    headers = {
        name: SecretStr(value) if isinstance(value, str) else values[value]
        for name, value in reach.headers.items()
        if isinstance(value, str) or value in values
    }
    if reasons:
        return Keyring(failed("; ".join(reasons)), None, headers)
    stated = reach.arguments.get("api_key")
    if isinstance(stated, SecretReference):
        return Keyring(OK, values[stated], headers)
    outcome, key = _usual(reach)
    return Keyring(OK if values and not outcome.is_failed else outcome, key, headers)


def _usual(reach: Reach) -> tuple[Outcome, SecretStr | None]:
    """The key that LiteLLM finds by itself: only where the tree says nothing of the connection."""
    if reach.is_stated or reach.is_ambient or reach.type in KEYLESS:
        return NOTHING, None
    names = usual_variables(reach.type)
    found = next((value for name in names if (value := os.environ.get(name))), None)
    if found is not None:
        return OK, SecretStr(found)
    return failed(f"the tree names no key, and {' or '.join(names)} is not set"), None
