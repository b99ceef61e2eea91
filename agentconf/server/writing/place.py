"""Which file a write is about, and whether the writer has seen it as it is."""

from __future__ import annotations

import os
from typing import Final

from agentconf.server.problem import INVALID_PARAMETER, Kind, Problem
from agentconf.server.writing.asked import Asked, Way
from agentconf.server.writing.ground import NOT_WRITABLE, Ground, id_in, path_of, tag_of
from agentconf.source import layout
from agentconf.source.git.commit_files import TOP
from agentconf.source.tree import Tree
from agentconf.suggest import did_you_mean

EXISTS: Final = Kind("agent-exists", 409, "There is such an agent already")
UNGUARDED: Final = Kind("if-match-required", 428, "The write must say which state of the file it is about")
CHANGED: Final = Kind("file-changed", 412, "The file is not as the writer has seen it")


def place(here: Ground, root: str, asked: Asked) -> str:
    """The path of the file, from the root of the tree. Raises Problem (404, 409, 412, 422)."""
    path = _new_path(here.tree, asked) if asked.way is Way.CREATE else path_of(here.tree, asked.agent)
    _require_own(here, root, path)
    if asked.way is not Way.CREATE:
        require_seen(here.tree.files[path], asked)
    return path


def require_guarded(way: Way, tags: str) -> None:
    """That a write of a file that is there says which state of it. Raises Problem (428)."""
    if way is Way.CREATE:
        return
    if tags.strip() in {"", "*"}:
        said = "send If-Match with the ETag of GET /api/agents/{id}/document, so that nobody's change is lost"
        raise Problem(UNGUARDED, said)


def require_seen(data: bytes, asked: Asked) -> None:
    """That If-Match names the bytes, by strong comparison: a weak tag names none. Raises Problem (412)."""
    tag = tag_of(data)
    if tag not in [one.strip() for one in asked.tags.split(",")]:
        said = "the file has changed since; read it again with GET /api/agents/{id}/document, and decide anew"
        raise Problem(CHANGED, said, headers={"etag": tag})


def _new_path(tree: Tree, asked: Asked) -> str:
    folders = {path.rpartition("/")[0] for path in tree.files if layout.is_agent(path) or _holds_agents(path)} | {""}
    folder = asked.folder.strip("/")
    if not layout.ID.fullmatch(asked.agent) or asked.agent == layout.RESERVED_ID:
        hint = layout.suggested_id(asked.agent)
        said = f"'{asked.agent[:80]}' cannot be the id of an agent" + (f"; '{hint}' can" if hint else "")
        raise Problem(INVALID_PARAMETER, said)
    if folder not in folders:
        hint = did_you_mean(folder, folders) or "make it by hand, with its _defaults.yaml"
        raise Problem(INVALID_PARAMETER, f"there is no folder '{folder[:200]}' in the tree; {hint}")
    known = [path for path in tree.files if layout.is_agent(path) and id_in(path) == asked.agent]
    if known:
        raise Problem(EXISTS, f"'{asked.agent}' is in {tree.shown(known[0])}; PUT replaces it, PATCH changes it")
    return f"{folder}/{asked.agent}.yaml" if folder else f"{asked.agent}.yaml"


def _holds_agents(path: str) -> bool:
    found = layout.place(path)
    return isinstance(found, layout.Place) and found.kind is layout.Kind.DEFAULTS


def _require_own(here: Ground, root: str, path: str) -> None:
    """That no link stands on the way to the file: what lies elsewhere may be others', or shared."""
    given = f"{TOP}/{here.in_repository(path)}"
    on_disk = os.path.join(os.path.realpath(root), *path.split("/"))
    if here.files.real(given) != given or os.path.realpath(on_disk) != on_disk:
        said = f"{here.tree.shown(path)} is a link, or lies behind one, and is not written; edit what it leads to"
        raise Problem(NOT_WRITABLE, said)
