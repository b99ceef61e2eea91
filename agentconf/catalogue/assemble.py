"""A tree's catalogue from its documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agentconf.catalogue.catalogue import Catalogue
from agentconf.catalogue.facts import Facts
from agentconf.catalogue.litellm_file import LiteLLMFile
from agentconf.catalogue.lock import BrokenLock, Lock, read_lock
from agentconf.catalogue.own import own_facts
from agentconf.document.document import Document


@dataclass(frozen=True, slots=True)
class Stated:
    """What a tree itself says about models: the facts of `_models.yaml`, by name, and the lock."""

    own: Mapping[str, Facts] = field(default_factory=dict)
    lock: Lock | None = None

    def catalogue(self, load: Callable[[], LiteLLMFile | None] = lambda: None) -> Catalogue:
        """The catalogue upon it; LiteLLM's file, as `load` gives it, answers for what the tree does not say."""
        return Catalogue(self.own, self.lock, load)


def stated(models: Document | None, lock: Document | None) -> Stated:
    """What the documents of a tree say. A lock that cannot be used is a finding, and here as if there were none."""
    return Stated(own_facts(models), usable_lock(lock))


def catalogue_of(
    models: Document | None, lock: Document | None, load: Callable[[], LiteLLMFile | None] = lambda: None
) -> Catalogue:
    """The facts of `_models.yaml` and of the lock, and LiteLLM's file as `load` gives it."""
    return stated(models, lock).catalogue(load)


def usable_lock(lock: Document | None) -> Lock | None:
    """The lock, where there is one that can be used."""
    if lock is None or not lock.is_readable:
        return None
    try:
        return read_lock(lock.data)
    except BrokenLock:
        return None
