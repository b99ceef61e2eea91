"""Imports point down only. The floors and the doors are those of the house; this reads the imports and holds them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import PACKAGE, REPOSITORY

FLOORS: tuple[tuple[str, ...], ...] = (
    ("codes", "diagnostic", "errors", "frozen", "keypath", "progress", "quoting", "redact", "suggest"),
    ("source",),
    ("document",),
    ("catalogue", "config"),
    ("rules",),
    ("snapshot",),
    ("pipeline",),
    ("models_used", "validation"),
    ("judged_tree",),
    ("diff", "fix"),
    ("cache", "secrets"),
    ("live",),
    ("convert", "remote", "report", "runtime", "spread", "testing", "web"),
    ("mcp", "server"),
    ("cli",),
    ("__main__",),
)
"""From the ground up. What stands on one line does not import each other, but for the words of the ground floor."""

FLOOR_OF = {name: height for height, names in enumerate(FLOORS) for name in names}
NOT_BELOW = {("snapshot", "rules")}
"""Lower, and still not for it: a snapshot knows no rules."""

DOORS: dict[str, tuple[str, ...]] = {
    "yaml": ("document",),
    "ruamel": ("document",),
    "jsonschema_rs": ("config/shape.py", "config/metadata_schema.py"),
    "cel": ("rules",),
    "cryptography": ("secrets",),
    "pyrage": ("secrets",),
    "watchfiles": ("live",),
    "litellm": ("runtime/door.py",),
    "httpx": ("remote",),
    "fastapi": ("server",),
    "starlette": ("server",),
    "uvicorn": ("server",),
    "websockets": ("remote",),
    "mcp": ("mcp",),
    "click": ("cli",),
    "opentelemetry": ("runtime",),
    "rich": ("cli", "report"),
    "sqlalchemy": ("runtime", "server"),
    "subprocess": ("source/git",),
}
"""Which part of the package may import what; subprocess is the way to git."""

VOCABULARY = {
    "pydantic": FLOOR_OF["config"],
    "pydantic_core": FLOOR_OF["config"],
    "annotated_types": FLOOR_OF["config"],
}
"""What anyone may import from this floor up."""

QUIET = FLOOR_OF["pipeline"]
"""Up to here nothing prints, waits, ends the process, or looks at the clock or at the machine's environment."""

LONGEST_LINES = 300
NOT_USED = {"main", "utils", "helpers", "base", "common", "core", "misc", "manager", "handler", "impl"}

MODULES = sorted(PACKAGE.rglob("*.py"))


class Import(NamedTuple):
    importer: Path
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.importer.relative_to(REPOSITORY)}:{self.line} imports {self.name}"


def imports_of(path: Path) -> Iterator[Import]:
    """Every import of a module, those inside functions and for type checkers too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (Import(path, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are written in full"
            yield from (Import(path, node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def module_of(name: str) -> str | None:
    """The module of this package that an import reaches; None where it is another's, or the package's own face."""
    parts = name.split(".")
    while len(parts) > 1 and parts[0] == "agentconf":
        path = REPOSITORY.joinpath(*parts)
        if path.with_suffix(".py").exists() or (path / "__init__.py").exists():
            return ".".join(parts)
        parts.pop()
    return None


def part_of(path: Path) -> str:
    """The top-level name that a module of the package belongs to; "" for the package's face."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


IMPORTS = [found for path in MODULES if part_of(path) for found in imports_of(path)]
INNER = [(found, module) for found in IMPORTS if (module := module_of(found.name)) is not None]


def test_every_part_of_the_package_has_a_floor() -> None:
    assert {part_of(path) for path in MODULES} - {""} <= FLOOR_OF.keys()


def test_imports_point_down_only() -> None:
    wrong = []
    for found, module in INNER:
        importer, imported = part_of(found.importer), module.split(".")[1]
        is_down = FLOOR_OF[imported] < FLOOR_OF[importer] and (importer, imported) not in NOT_BELOW
        is_within = importer == imported or FLOOR_OF[importer] == FLOOR_OF[imported] == 0
        if not (is_down or is_within):
            wrong.append(str(found))
    assert wrong == []


def test_the_face_of_the_package_imports_for_type_checkers_alone() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    at_once = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {node.module for node in at_once if isinstance(node, ast.ImportFrom)}
    assert names == {"__future__", "typing"}
    assert len(at_once) == 2


def test_what_others_wrote_comes_in_by_its_door() -> None:
    wrong = []
    for found in IMPORTS:
        top = found.name.split(".")[0]
        place = found.importer.relative_to(PACKAGE).as_posix()
        if top in DOORS:
            is_right = any(place == door or place.startswith(f"{door}/") for door in DOORS[top])
        elif top in VOCABULARY:
            is_right = FLOOR_OF[part_of(found.importer)] >= VOCABULARY[top]
        else:
            is_right = top == "agentconf" or top in sys.stdlib_module_names
        if not is_right:
            wrong.append(str(found))
    assert wrong == []


def graph(edges: list[tuple[str, str]]) -> dict[str, set[str]]:
    made: dict[str, set[str]] = {}
    for importer, imported in edges:
        if importer != imported:
            made.setdefault(importer, set()).add(imported)
    return made


def named(path: Path) -> str:
    return ".".join(("agentconf", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def test_no_module_imports_itself_round_a_corner() -> None:
    assert_no_circle(graph([(named(found.importer), module) for found, module in INNER]))


def test_no_folder_imports_itself_round_a_corner() -> None:
    assert_no_circle(graph([(part_of(found.importer), module.split(".")[1]) for found, module in INNER]))


def assert_no_circle(edges: dict[str, set[str]]) -> None:
    try:
        tuple(TopologicalSorter(edges).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(reversed(error.args[1])))


def test_up_to_the_pipeline_nothing_prints_waits_or_looks_at_the_machine() -> None:
    wrong = [
        f"{path.relative_to(REPOSITORY)}:{line}: {what}"
        for path in MODULES
        if part_of(path) and FLOOR_OF[part_of(path)] <= QUIET
        for line, what in _loud(ast.parse(path.read_text("utf-8")))
    ]
    assert wrong == []


LOUD_NAMES = {"print", "input", "SystemExit", "breakpoint"}
LOUD_ATTRIBUTES = {
    ("sys", "exit"), ("sys", "argv"), ("sys", "stdout"), ("sys", "stderr"), ("os", "environ"), ("os", "getenv"),
    ("date", "today"), ("datetime", "now"), ("datetime", "today"), ("datetime", "utcnow"),
}  # fmt: skip


def _loud(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef):
            yield node.lineno, f"async def {node.name}"
        elif isinstance(node, ast.Name) and node.id in LOUD_NAMES:
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if (node.value.id, node.attr) in LOUD_ATTRIBUTES:
                yield node.lineno, f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Import) and any(alias.name in {"time", "logging", "asyncio"} for alias in node.names):
            yield node.lineno, f"import {node.names[0].name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_fits_in_the_head(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_LINES


def test_a_name_says_what_is_in_it() -> None:
    sources = [*MODULES, *(REPOSITORY / "tests").glob("*.py"), *(REPOSITORY / "benchmarks").rglob("*.py")]
    named_so = [
        path for path in sources for part in path.relative_to(REPOSITORY).parts if part.removesuffix(".py") in NOT_USED
    ]
    assert named_so == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path.relative_to(REPOSITORY) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []
