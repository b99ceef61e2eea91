"""Which files must be read to compare two trees, and in how many parts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from agentconf import pipeline
from agentconf.source import layout
from agentconf.source.tree import Tree, Unread

_NAMES_PROMPT: Final = b"instructions_file"
_OF_DELEGATION: Final = (b"delegates", b"enabled")
_TAKES_A_PROFILE: Final = b"extends"


def shares_of(base: Tree, head: Tree, parts: int) -> list[list[str]]:
    """The paths that each part must read: the shared layers, and some of the agents that may differ.

    While no shared layer differs, an agent can differ by its own file alone, by its prompt, or by whom it may delegate
    to. Those that come and go stand in one part together, where renames are looked for.
    """
    paths = list(dict.fromkeys((*base.files, *head.files)))
    changed = changed_paths(base, head)
    shared = [path for path in paths if not layout.is_agent(path)]
    agents = [path for path in paths if layout.is_agent(path)]
    is_same_world = base.faults == head.faults and has_same_schema(base, head)
    if changed.isdisjoint(shared) and is_same_world and not _shares_changed_prompt(base, head, shared):
        marks = _marks(base, head, changed, shared)
        agents = [path for path in agents if path in changed or any(one in head.files[path] for one in marks)]
    moving = [path for path in agents if path not in base.files or path not in head.files]
    staying = [path for path in agents if path in base.files and path in head.files]
    parts = max(1, min(parts, len(staying) // 100))
    shares = [shared + staying[start::parts] for start in range(parts)]
    shares[0] += moving
    return shares


def changed_paths(base: Tree, head: Tree) -> set[str]:
    """The files of the trees that one side does not have, or has otherwise."""
    return {path for path in base.files.keys() | head.files.keys() if base.files.get(path) != head.files.get(path)}


def has_same_schema(base: Tree, head: Tree) -> bool:
    """Whether the organisation's schema of metadata is the same, under whatever name it is shown."""
    one, other = base.metadata_schema, head.metadata_schema
    return (one and one.data) == (other and other.data)


def prompt_of(tree: Tree, path: str) -> bytes | None:
    """The bytes of a prompt; None where it cannot be read."""
    found = tree.open_prompt(path)
    return None if isinstance(found, Unread) else found


def _marks(base: Tree, head: Tree, changed: Collection[str], shared: list[str]) -> list[bytes]:
    """What stands in an agent that may differ though its file does not. The empty mark stands in each."""
    texts = [tree.files.get(path, b"") for tree in (base, head) for path in changed]
    is_inherited = any(word in base.files.get(path, b"") for path in shared for word in _OF_DELEGATION)
    words = (*_OF_DELEGATION, *([_TAKES_A_PROFILE] if is_inherited else []))
    if base.files.keys() == head.files.keys() and not any(word in text for text in texts for word in words):
        return [_NAMES_PROMPT]
    return [b""] if is_inherited else [_NAMES_PROMPT, *_OF_DELEGATION]


def _shares_changed_prompt(base: Tree, head: Tree, shared: list[str]) -> bool:
    """Whether a prompt differs that agents inherit."""
    naming = [path for path in shared if _NAMES_PROMPT in base.files.get(path, b"")]
    prompts = pipeline.draft(base, naming).config.prompt_paths if naming else ()
    return any(prompt_of(base, path) != prompt_of(head, path) for path in prompts)
