"""A tree's catalogue from its documents."""

from __future__ import annotations

from collections.abc import Callable

from agentconf.catalogue.catalogue import Catalogue
from agentconf.catalogue.litellm_file import LiteLLMFile
from agentconf.catalogue.lock import BrokenLock, Lock, read_lock
from agentconf.catalogue.own import own_facts
from agentconf.document.document import Document


def catalogue_of(
    models: Document | None, lock: Document | None, load: Callable[[], LiteLLMFile | None] = lambda: None
) -> Catalogue:
    """The facts of `_models.yaml` and of the lock, and LiteLLM's file as `load` gives it.

    A lock that cannot be used is a finding of the tree, and here as if there were none.
    """
    return Catalogue(own_facts(models), usable_lock(lock), load)


def usable_lock(lock: Document | None) -> Lock | None:
    """The lock, where there is one that can be used."""
    if lock is None or not lock.is_readable:
        return None
    try:
        return read_lock(lock.data)
    except BrokenLock:
        return None
