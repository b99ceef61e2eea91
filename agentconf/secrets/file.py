"""`${file:/path}`: a file that the machine provides, such as a mounted secret of Kubernetes or Docker."""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from agentconf.errors import SecretUnavailable
from agentconf.secrets.allowed import Allowed
from agentconf.secrets.reading import is_below, read_small
from agentconf.secrets.source import as_secret

_WILD: Final = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class FileSource:
    """Below `/run/secrets` or `/var/run/secrets`, unless the settings name other places."""

    allowed: Allowed

    def reveal(self, name: str) -> SecretStr:
        if posixpath.normpath(name) != name or name.startswith("//") or "\x00" in name:
            raise SecretUnavailable("write the path without '..', '.' and doubled slashes")
        patterns = self.allowed.patterns_of_files(name)
        if not patterns:
            raise SecretUnavailable(
                "it lies neither below /run/secrets nor below /var/run/secrets, and the settings name no other place"
                if self.allowed.files is None
                else "the settings of the tree do not allow this path, or cannot be read"
            )
        real = os.path.realpath(name)
        if not any(is_below(real, folder_of(pattern)) for pattern in patterns):
            raise SecretUnavailable("it is a link that leads out of the folder that references may name")
        return as_secret(read_small(name))


def folder_of(pattern: str) -> str:
    """The folder that a pattern is about: what stands before its first wildcard, up to a slash.

    Links may lead anywhere in there, as those of a mounted ConfigMap lead through `..data`.
    """
    wild = _WILD.search(pattern)
    return posixpath.dirname(pattern[: wild.start()] if wild else pattern) or "/"
