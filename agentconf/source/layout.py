"""What a file of the tree is, by its name alone."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from agentconf.suggest import did_you_mean

SUFFIXES: Final = (".yaml", ".yml")
ID: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
RESERVED_ID: Final = "default"


class Kind(Enum):
    """The value is the name of the schema that files of this kind follow."""

    AGENT = "agent"
    DEFAULTS = "defaults"
    PROFILE = "profile"
    ENVIRONMENT = "environment"
    SETTINGS = "settings"
    MODELS = "models"
    LOCK = "lock"


_ROOT_FILES: Final = {
    "_defaults": Kind.DEFAULTS,
    "_settings": Kind.SETTINGS,
    "_models": Kind.MODELS,
}
_ROOT_FOLDERS: Final = {"_profiles": Kind.PROFILE, "_environments": Kind.ENVIRONMENT}
LOCK_FILE: Final = "_models.lock.json"
BY_REVIEW: Final = "no server writes it: edit its file in the repository, by a pull request"
_RESERVED: Final = ("_defaults.yaml", "_settings.yaml", "_models.yaml", LOCK_FILE, *_ROOT_FOLDERS)
_SHARED: Final = {
    "_defaults": "what the agents of a folder share",
    "_settings": "the settings of the tree",
    "_models": "what is known of models",
    LOCK_FILE: "the lock of models",
    "_profiles": "the folder of profiles",
    "_environments": "the folder of environments",
}


class Place(NamedTuple):
    """A file's part in the tree: its kind, its name without the suffix, and its folder ("" is the root)."""

    kind: Kind
    name: str
    folder: str


class Misplaced(NamedTuple):
    """A reserved name that nothing reads, and what to do about it."""

    message: str
    hint: str


def is_passed_over(name: str) -> bool:
    """Dot files and editors' leftovers, files and folders alike."""
    return name[:1] in {".", ""} or name.endswith(("~", ".swp")) or (name[0] == "#" and name[-1] == "#")


def stem(name: str) -> str | None:
    """The name without `.yaml` or `.yml`; None where it has another suffix."""
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            return name[: -len(suffix)]
    return None


def is_config_name(name: str) -> bool:
    """Whether a file of this name would be read."""
    return stem(name) is not None or name[:1] == "_"


@lru_cache(maxsize=1 << 15)  # it is asked many times of the same paths, and each time by many
def place(path: str) -> Place | Misplaced | None:
    """What the file at a path below the root is; None where it is passed over."""
    folder, _, name = path.rpartition("/")
    top, _, below = folder.partition("/")
    if top in _ROOT_FOLDERS:
        return _named_layer(_ROOT_FOLDERS[top], top, below, name)
    if name[0] == "_":
        return _reserved(folder, name)
    plain = stem(name)
    return None if plain is None else Place(Kind.AGENT, plain, folder)


def is_agent(path: str) -> bool:
    """Whether the file at a path below the root is an agent's."""
    found = place(path)
    return isinstance(found, Place) and found.kind is Kind.AGENT


def _named_layer(kind: Kind, top: str, below: str, name: str) -> Place | Misplaced | None:
    plain = stem(name)
    if plain is None:
        return Misplaced(f"'{name}' is not read", "its name must end in .yaml") if name[0] == "_" else None
    if below:
        return Misplaced(f"a {kind.value} in a folder of its own is not read", f"move it to {top}/{name}")
    return Place(kind, plain, top)


def _reserved(folder: str, name: str) -> Place | Misplaced:
    plain = stem(name)
    kind = _ROOT_FILES.get(plain) if plain else None
    if name == LOCK_FILE:
        kind, plain = Kind.LOCK, name
    if kind is None or plain is None:
        hint = did_you_mean(name, _RESERVED) or "names that begin with _ are reserved; give the file another name"
        return Misplaced(f"unknown reserved name '{name}'", hint)
    if folder and kind is not Kind.DEFAULTS:
        return Misplaced(f"'{name}' is read at the root of the tree only", f"move it out of {folder}/")
    return Place(kind, plain, folder)


def misplaced_folder(parent: str, name: str) -> Misplaced | None:
    """What is wrong with a folder's name, if anything."""
    if name[0] != "_" or (not parent and name in _ROOT_FOLDERS):
        return None
    if name in _ROOT_FOLDERS:
        return Misplaced(f"'{name}' is read at the root of the tree only", f"move it out of {parent}/")
    hint = did_you_mean(name, _RESERVED) or "names that begin with _ are reserved; give the folder another name"
    return Misplaced(f"unknown reserved name '{name}'", hint)


def shared(name: str) -> str | None:
    """That a reserved name, its suffix with it or not, is no agent's, and the way to change it; None for any other."""
    what = _SHARED.get(stem(name) or name)
    return None if what is None else f"'{name}' is no agent, but {what}; {BY_REVIEW}"


def suggested_id(name: str) -> str | None:
    """An id as near to a name as the format allows."""
    slug = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("._-")[:64].rstrip("._-")
    return slug if slug and slug != RESERVED_ID else None
