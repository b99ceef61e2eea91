"""`${env:NAME}`: an environment variable of this process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from agentconf.config.secrets import OF_AGENTCONF
from agentconf.errors import SecretUnavailable
from agentconf.secrets.allowed import Allowed


@dataclass(frozen=True, slots=True)
class EnvSource:
    """`variables` is read when a value is asked for."""

    allowed: Allowed
    variables: Mapping[str, str]

    def reveal(self, name: str) -> SecretStr:
        if name.startswith(OF_AGENTCONF):
            raise SecretUnavailable("agentconf's own keys are never handed on")
        if not self.allowed.may_name_variable(name):
            raise SecretUnavailable("the settings of the tree do not allow this variable, or cannot be read")
        value = self.variables.get(name)
        if not value:
            raise SecretUnavailable("the variable is empty" if value == "" else "the variable is not set")
        return SecretStr(value)


def own_variables() -> Mapping[str, str]:
    """This process's variables, as they are whenever one is asked for."""
    return os.environ
