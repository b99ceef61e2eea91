"""What `lock` and `update` have in common: the lock that is there, and the one that would be written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import click

from agentconf.catalogue.assemble import usable_lock
from agentconf.catalogue.lock import Lock, written
from agentconf.catalogue.pin import Moves, Pinned, moves, pin
from agentconf.cli import console
from agentconf.cli.models.opened import INSTALL, open_tree, require_litellm
from agentconf.document.document import Document
from agentconf.live.machine import chosen_folder
from agentconf.models_used import ModelsUsed, models_used
from agentconf.redact import printable
from agentconf.source.layout import LOCK_FILE
from agentconf.source.publish import publish_file


class HasRefused(Exception):
    """Agents with errors: what they use cannot be said, and a lock without it would be wrong."""


@dataclass
class Pinning:
    """`old` is the lock of the tree, where there is one that can be used."""

    file: str
    lock_file: Document | None
    used: ModelsUsed
    pinned: Pinned

    @property
    def old(self) -> Lock | None:
        return usable_lock(self.lock_file)

    @property
    def is_broken(self) -> bool:
        return self.lock_file is not None and self.old is None

    @property
    def text(self) -> str:
        return written(self.pinned.lock)

    @property
    def is_current(self) -> bool:
        return self.lock_file is not None and self.lock_file.data == self.text.encode()

    @cached_property
    def moves(self) -> Moves:
        return moves(self.old, self.pinned.lock)

    @cached_property
    def agents(self) -> Mapping[str, list[str]]:
        """Who uses each model that is locked, or was."""
        named: dict[str, set[str]] = {}
        for use in self.used.uses:
            provider, _, bare = use.model.partition("/")
            for name in (use.model, f"{use.declared or provider}/{bare}"):
                named.setdefault(name, set()).update(use.agents)
        return {name: sorted(agents) for name, agents in named.items()}

    def write(self) -> None:
        """Whole or not at all: a service may be watching the tree."""
        publish_file(self.file, self.text)

    def note_unknown(self) -> None:
        for model in self.pinned.unknown:
            who = ", ".join(self.agents.get(model, ()))
            console.note(f"{printable(model)} ({who}) stays unknown: neither LiteLLM nor _models.yaml has it")


def pinning(path: str | None) -> Pinning:
    """Raises click.ClickException without LiteLLM, HasRefused (after saying so) where agents have errors."""
    litellm = require_litellm()
    draft, opened = open_tree(path)
    used = models_used(draft)
    if used.refused:
        names = ", ".join(sorted(used.refused)[:5]) + (", ..." if len(used.refused) > 5 else "")
        console.note(f"nothing was written: these have errors, see 'agentconf validate': {names}")
        raise HasRefused
    asked = [(use.model, use.declared) for use in used.uses]
    pinned = pin(asked, opened.catalogue.own, litellm, _parameters)
    return Pinning(os.path.join(chosen_folder(path), LOCK_FILE), draft.config.lock, used, pinned)


def _parameters(model: str, provider: str) -> list[str] | None:
    from agentconf.runtime.parameters import supported_parameters

    try:
        return supported_parameters(model, provider)
    except ImportError:
        raise click.ClickException(f"LiteLLM is installed, and cannot be imported; try again: {INSTALL}") from None
