"""The pages of what the line itself finds hold nothing but words, and nothing that checks a tree imports them."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from agentconf.rules import line

MODULES = [path for path in sorted(Path(line.__path__[0]).glob("*.py")) if path.stem != "__init__"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_page_is_a_docstring_and_its_rule_and_named_by_it(path: Path) -> None:
    kinds = [type(node) for node in ast.parse(path.read_text("utf-8")).body]
    assert kinds == [ast.Expr, ast.ImportFrom, ast.ImportFrom, ast.ImportFrom, ast.AnnAssign]
    assert importlib.import_module(f"{line.__name__}.{path.stem}").RULE.name == path.stem.replace("_", "-")


def test_nothing_that_checks_a_tree_imports_the_pages() -> None:
    program = "import sys, agentconf.validation, agentconf.cli.validate; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "agentconf.rules.every" in loaded
    assert [name for name in loaded if name.startswith(("agentconf.rules.line", "agentconf.rules.manual"))] == []
