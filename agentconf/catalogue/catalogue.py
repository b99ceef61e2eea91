"""Facts about a model by the name that an agent writes: the tree's own, then what is locked, then LiteLLM's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Final

from agentconf.catalogue.facts import Facts
from agentconf.catalogue.families import family
from agentconf.catalogue.litellm_file import LiteLLMFile
from agentconf.catalogue.lock import Lock

_NEAREST: Final = 3
_LONGEST_NAME: Final = 128
"""How much of a wrong name is compared: a longer one is no slip, and comparing takes its square."""


def _nothing() -> None:
    return None


class Catalogue:
    """`load` gives LiteLLM's file, or None where LiteLLM is not installed; it is called when that must be asked."""

    def __init__(
        self,
        own: Mapping[str, Facts] | None = None,
        lock: Lock | None = None,
        load: Callable[[], LiteLLMFile | None] = _nothing,
    ) -> None:
        self.own = own or {}
        self.lock = lock
        self._load = load
        self._found: dict[tuple[str, str | None], Facts | None] = {}

    @cached_property
    def litellm(self) -> LiteLLMFile | None:
        """LiteLLM's file, read when it is first asked for."""
        return self._load()

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a lock nor LiteLLM: then a model without facts need not be a wrong name."""
        return self.lock is None and self.litellm is None

    def find(self, model: str, type: str | None = None) -> Facts | None:  # noqa: A002  # the format's key
        """What is known of `provider/model`; None where nothing is.

        `type` is LiteLLM's name for the provider, where the tree declares one under a name of its own: the facts of
        `azure-eu/gpt-4.1` are those of `azure/gpt-4.1`.
        """
        key = (model, type)
        if key not in self._found:
            self._found[key] = self._find(model, type)
        return self._found[key]

    def nearest(self, model: str, type: str | None = None) -> list[str]:  # noqa: A002  # as in find
        """The names that were probably meant, the likeliest first."""
        import difflib  # only a mistake should cost its import

        provider = model.partition("/")[0]
        known = {*self.names(), *self._renamed(provider, type)}
        mine = [name for name in known if name.startswith(f"{provider}/")]
        return difflib.get_close_matches(model[:_LONGEST_NAME], sorted(mine or known), n=_NEAREST, cutoff=0.6)

    def names(self) -> Iterator[str]:
        """Every model of which something is known, once."""
        litellm = self.litellm
        yield from dict.fromkeys((*self._stated(), *(litellm.names() if litellm else ())))

    def _stated(self) -> Iterator[str]:
        yield from self.own
        yield from (self.lock.models if self.lock else ())

    def _renamed(self, provider: str, declared: str | None) -> Iterator[str]:
        """LiteLLM's names as they are written in a tree that has a name of its own for the provider."""
        if declared is not None and self.litellm is not None:
            prefix = f"{family(declared)}/"
            for name in self.litellm.names():
                if name.startswith(prefix):
                    yield f"{provider}/{name.removeprefix(prefix)}"

    def _find(self, model: str, declared: str | None) -> Facts | None:
        places = _places(model, declared)
        own = next((self.own[name] for name in places if name in self.own), None)
        below = self._below(model, declared, places)
        found = below if own is None else own.over(below)
        return None if found is None or (own is None and found.is_blank) else found

    def _below(self, model: str, declared: str | None, places: tuple[str, ...]) -> Facts | None:
        """What is locked is not mixed with what LiteLLM says today: the lock is there so that nothing moves."""
        locked = self.lock.models if self.lock else {}
        for name in places:
            if name in locked:
                return locked[name]
        return self.litellm.find(model, declared) if self.litellm else None


def _places(model: str, declared: str | None) -> tuple[str, ...]:
    """The names to look under: as written, then by the provider's type."""
    provider, _, bare = model.partition("/")
    return (model,) if declared is None or declared == provider else (model, f"{declared}/{bare}")
