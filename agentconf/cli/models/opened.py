"""What the commands look at: a tree, where there is one, and the catalogue on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from agentconf.catalogue.assemble import catalogue_of
from agentconf.catalogue.catalogue import Catalogue
from agentconf.catalogue.facts import Facts
from agentconf.catalogue.litellm_file import LiteLLMFile
from agentconf.cli import console
from agentconf.document.build import Lexicon
from agentconf.document.document import Document
from agentconf.document.parse import parse
from agentconf.live.installed import load_litellm
from agentconf.live.machine import DEFAULT_FOLDER, chosen_folder
from agentconf.source import layout
from agentconf.source.folder import read_folder
from agentconf.source.tree import Tree, tree_of

if TYPE_CHECKING:
    from agentconf.pipeline import Draft

INSTALL: Final = "pip install litellm"


@dataclass(frozen=True, slots=True)
class Opened:
    """The catalogue of a tree, and the providers that its shared files declare."""

    catalogue: Catalogue
    providers: dict[str, dict[str, Any]]

    @property
    def types(self) -> dict[str, str | None]:
        """LiteLLM's provider of each, where the tree says which."""
        said = {name: entry.get("type") for name, entry in self.providers.items()}
        return {name: declared if isinstance(declared, str) else None for name, declared in said.items()}

    def find(self, model: str) -> Facts | None:
        return self.catalogue.find(model, self.type_of(model))

    def type_of(self, model: str) -> str | None:
        return self.types.get(model.partition("/")[0])

    def require(self, model: str) -> Facts:
        """The facts about a model. Raises click.ClickException where nothing is known."""
        found = self.find(model)
        if found is None:
            raise click.ClickException(self.unknown(model))
        return found

    def unknown(self, model: str) -> str:
        """What is to be said of a model of which nothing is known."""
        if self.catalogue.is_empty:
            return f"nothing is known of '{model}': there is no lock, and LiteLLM is not installed ({INSTALL})"
        near = self.catalogue.nearest(model, self.type_of(model))
        hint = f"did you mean {' or '.join(near)}?" if near else "see 'agentconf models list --all'"
        return f"nothing is known of '{model}'; {hint}"


def open_catalogue(path: str | None) -> Opened:
    """The catalogue with the shared files of a tree, whose agents are not looked at; without a tree, LiteLLM's alone.

    Raises SourceUnavailable where a tree was named that is not there.
    """
    tree = read_folder(chosen_folder(path)) if has_tree(path) else tree_of({})
    return _opened(dict(_shared(tree)))


def has_tree(path: str | None) -> bool:
    """Whether a tree was named, or lies where it is looked for."""
    folder = chosen_folder(path)
    return path is not None or folder != DEFAULT_FOLDER or os.path.isdir(folder)


def open_tree(path: str | None) -> tuple[Draft, Opened]:
    """A whole tree, and its catalogue. Raises SourceUnavailable."""
    from agentconf import pipeline

    draft = pipeline.draft(read_folder(chosen_folder(path)))
    return draft, opened(draft)


def opened(draft: Draft) -> Opened:
    """The catalogue of a tree that was read."""
    config = draft.config
    several = (*config.shared_documents(), config.models, config.lock)
    return _opened({document.path: document for document in several if document})


def _opened(shared: Mapping[str, Document]) -> Opened:
    models = next((document for path, document in shared.items() if layout.stem(path) == "_models"), None)
    catalogue = catalogue_of(models, shared.get(layout.LOCK_FILE), load_litellm)
    return Opened(catalogue, dict(_providers(shared.values())))


def note_refused(count: int) -> None:
    """Says how many agents count for nothing."""
    if count:
        has = "1 agent has" if count == 1 else f"{count} agents have"
        console.note(f"{has} errors, and counts for nothing; see 'agentconf validate'" if count == 1 else
                     f"{has} errors, and count for nothing; see 'agentconf validate'")  # fmt: skip


def require_litellm() -> LiteLLMFile:
    """LiteLLM's file. Raises click.ClickException where it is not installed, or is not what it should be."""
    from agentconf.live.installed import installed_litellm

    found = load_litellm()
    if found is None:
        why = "its file of models cannot be read" if installed_litellm() else "it is not installed"
        raise click.ClickException(f"this needs LiteLLM, and {why}; get it with: {INSTALL}")
    return found


def _shared(tree: Tree) -> Iterator[tuple[str, Document]]:
    """The files that agents share, parsed and not judged: what is wrong with them is for `validate` to say."""
    lexicon = Lexicon()
    for path, data in tree.files.items():
        place = layout.place(path)
        if isinstance(place, layout.Place) and place.kind is not layout.Kind.AGENT:
            file = tree.shown(path)
            is_lock = place.kind is layout.Kind.LOCK
            yield path, Document(path, file, data, {}) if is_lock else parse(path, file, data, lexicon)


def _providers(documents: Iterable[Document]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each provider that a shared layer declares. Where several do, the last in a dict wins: the lowest layer."""
    for document in sorted(documents, key=lambda one: one.path, reverse=True):
        for block in (document.value.get("overrides"), document.value.get("defaults"), document.value):
            for name, entry in _mapping(_mapping(block).get("providers")).items():
                if isinstance(entry, dict) and not name.startswith("x-"):
                    yield name, entry


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
