"""What decrypts: Fernet keys and age identities, from the machine alone, never from the tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agentconf.errors import SecretUnavailable
from agentconf.secrets.reading import is_below, read_small

FERNET_VARIABLE: Final = "AGENTCONF_FERNET_KEYS"
FERNET_FILE_VARIABLE: Final = "AGENTCONF_FERNET_KEYS_FILE"
AGE_FILE_VARIABLE: Final = "AGENTCONF_AGE_IDENTITY_FILE"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Where keys are looked for: the machine's variables. `root` is the tree, in which none may lie."""

    variables: Mapping[str, str]
    root: str | None = None

    def fernet_keys(self) -> list[str]:
        """The first encrypts, all decrypt. Raises SecretUnavailable where there is none."""
        said, file = self.variables.get(FERNET_VARIABLE), self.variables.get(FERNET_FILE_VARIABLE)
        if said and file:
            raise SecretUnavailable(f"{FERNET_VARIABLE} and {FERNET_FILE_VARIABLE} are both set; unset one")
        if not said and not file:
            raise SecretUnavailable(f"neither {FERNET_VARIABLE} nor {FERNET_FILE_VARIABLE} is set")
        text = said or self._file(FERNET_FILE_VARIABLE, file or "")
        keys = [word for line in text.splitlines() for word in re.split(r"[\s,]+", line.partition("#")[0]) if word]
        if not keys:
            raise SecretUnavailable(f"{FERNET_VARIABLE if said else FERNET_FILE_VARIABLE} holds no key")
        return keys

    def age_identities(self) -> str:
        """The text of the identity file. Raises SecretUnavailable where there is none."""
        path = self.variables.get(AGE_FILE_VARIABLE)
        if not path:
            raise SecretUnavailable(f"{AGE_FILE_VARIABLE} is not set")
        return self._file(AGE_FILE_VARIABLE, path)

    def _file(self, variable: str, path: str) -> str:
        if self.root is not None and is_below(path, self.root):
            raise SecretUnavailable(f"the file that {variable} names lies in the tree; move it out, and make new keys")
        reason = ""
        try:
            text = read_small(path).decode("utf-8", "replace")
        except SecretUnavailable as error:
            reason = error.reason
        if reason:
            raise SecretUnavailable(f"cannot read the file that {variable} names: {reason}")
        return text
