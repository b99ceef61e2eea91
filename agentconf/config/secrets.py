"""References to secrets. A secret is a reference, never a value; nothing here reads one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

SOURCES: Final = ("env", "file", "fernet", "age")
_HIDDEN: Final = ("fernet", "age")
HIDDEN: Final = "***"

DEFAULT_FILES: Final = ("/run/secrets/*", "/var/run/secrets/*")
"""What `${file:...}` may name where the settings say nothing."""
OF_AGENTCONF: Final = ("AGENTCONF_FERNET_KEYS", "AGENTCONF_AGE_IDENTITY")
"""What decrypts all other secrets is never sent anywhere, whatever a tree says."""
"""What is shown in the place of a secret."""
_BRACED: Final = re.compile(r"\$\{(?P<source>[^:{}]*):(?P<name>[^{}]*)\}")
_NAMES: Final = {
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}"),
    "file": re.compile(r"/[^{}\x00-\x1f]+"),
    "fernet": re.compile(r"[A-Za-z0-9_=-]+"),
    "age": re.compile(r"[^{}]+"),
}
_LITELLM_PREFIX: Final = "os.environ/"

PATTERN: Final = (
    r"^(\$\{env:[A-Za-z_][A-Za-z0-9_]{0,127}\}|\$\{file:/[^{}\x00-\x1f]+\}|\$\{fernet:[A-Za-z0-9_=-]+\}|\$\{age:[^{}]+\}"
    r"|os\.environ/[A-Za-z_][A-Za-z0-9_]{0,127})$"
)
"""The same for the published schemas (ECMAScript)."""


@dataclass(frozen=True, slots=True)
class SecretReference:
    """Where a secret is found: `source` is one of env, file, fernet, age; `name` is the variable, path or cipher text.

    Printing one never shows more than the reference, and of fernet and age the source alone.
    """

    source: str
    name: str

    def __str__(self) -> str:
        return f"${{{self.source}:{'***' if self.source in _HIDDEN else self.name}}}"

    def __repr__(self) -> str:
        return f"SecretReference({str(self)!r})"


class NotAReference(ValueError):
    """The text is no reference. The message never holds the text: it may be the secret itself."""


class UnknownSource(NotAReference):
    """The text is written like a reference, and its source is none that exists."""

    def __init__(self, source: str) -> None:
        self.source = source
        super().__init__(f"unknown source of secrets '{source[:32]}'")


def parse_reference(text: str) -> SecretReference:
    """A reference from its text. Raises NotAReference, or UnknownSource, neither of which repeats the text."""
    if text.startswith(_LITELLM_PREFIX):
        source, name = "env", text[len(_LITELLM_PREFIX) :]
    else:
        match = _BRACED.fullmatch(text)
        if match is None:
            raise NotAReference("a secret is written as a reference, such as ${env:NAME}")
        source, name = match["source"], match["name"]
    if source not in SOURCES:
        raise UnknownSource(source)
    if not _NAMES[source].fullmatch(name):
        raise NotAReference(f"this is no name for the source '{source}'")
    return SecretReference(source, name)


def looks_like_reference(text: str) -> bool:
    """Whether a text was meant as a reference: ``${source:name}``, or LiteLLM's spelling."""
    return text.startswith(_LITELLM_PREFIX) or _BRACED.fullmatch(text) is not None


def masked(text: str) -> str:
    """A reference as it may be shown; anything else hidden."""
    try:
        return str(parse_reference(text))
    except NotAReference:
        return HIDDEN


_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CREDENTIAL: Final = re.compile(
    r"(?:^|_)(?:keys?|[a-z]*token|pwd|bearer|authorization)(?:_|$|\d)"
    r"|secret|passw(?:or)?d|passphrase|credential|access_key_id"
    r"|(?:api|access|private|account|auth|encryption|master|signing|ssh|subscription)keys?(?:_|$|\d)"
)
_KEY_HEADERS: Final = frozenset(("authorization", "proxy-authorization", "x-api-key", "api-key"))


def is_credential_name(name: str) -> bool:
    """Whether a connection parameter of this name holds a credential, as `aws_secret_access_key` does."""
    return _CREDENTIAL.search(snake_case(name)) is not None


def snake_case(name: str) -> str:
    """A name as LiteLLM would write it: `client_secret` of `clientSecret`, `client-secret` and `Client Secret`."""
    return re.sub(r"[^a-z0-9]+", "_", _HUMP.sub("_", name.strip()).lower())


def is_key_header(name: str) -> bool:
    """Whether a header of this name holds a key."""
    return name.strip().lower() in _KEY_HEADERS
