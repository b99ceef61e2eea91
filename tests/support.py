"""What several tests need: trees in memory, verdicts over all environments, services that may be missing."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest

from agentconf import pipeline
from agentconf.config.resolve import Resolved, Resolver
from agentconf.diagnostic import Diagnostic, joined
from agentconf.document.build import Lexicon
from agentconf.document.document import Document
from agentconf.document.parse import parse
from agentconf.pipeline import Draft, Verdict
from agentconf.source.tree import Tree, tree_of

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "agentconf"
SERVICES = REPOSITORY / "tests" / "services" / "node_modules"


def document_of(text: str | bytes, path: str = "a.yaml") -> Document:
    """A document from its text."""
    return parse(path, path, text.encode() if isinstance(text, str) else text, Lexicon())


def texts(files: Mapping[str, str]) -> Tree:
    """A tree in memory from the texts of its files."""
    return tree_of({path: text.encode() for path, text in sorted(files.items())})


def values(files: Mapping[str, Any]) -> Tree:
    """A tree in memory from the values of its files, named without `.yaml`."""
    return texts({f"{path}.yaml": json.dumps(value, ensure_ascii=False) for path, value in files.items()})


def findings_of(tree: Tree) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a tree, in every environment that it must validate in."""
    draft = pipeline.draft(tree)
    asked = draft.config.checked_environments
    return joined((one for name in asked for one in pipeline.judge(draft, name).findings), asked)


def found(tree: Tree) -> list[tuple[str, int, str]]:
    """The same as (file, line, code), which is what most tests are about."""
    return [(finding.file, finding.line, finding.code) for finding in findings_of(tree)]


def codes_of(tree: Tree) -> list[str]:
    return [finding.code for finding in findings_of(tree)]


def judged(draft: Draft, environment: str | None) -> tuple[Verdict, dict[str, Resolved], list[Resolver]]:
    """The verdict, the agents that it keeps, and the resolver that made them (once, or not at all)."""
    kept: dict[str, Resolved] = {}
    resolvers: list[Resolver] = []

    def keep(agent: Resolved, resolver: Resolver) -> None:
        kept[agent.id] = agent
        if not resolvers:
            resolvers.append(resolver)

    return pipeline.judge(draft, environment, keep), kept, resolvers


def resolved(tree: Tree, agent: str = "a", environment: str | None = None) -> dict[str, Any]:
    """The resolved configuration of one agent of a tree that has no errors."""
    verdict, kept, _ = judged(pipeline.draft(tree), environment)
    errors = [str(finding) for finding in verdict.findings if finding.is_error]
    assert not errors, errors
    return kept[agent].config


def needs_service(name: str) -> Path:
    """The program of an npm package of tests/services. Without it the test is skipped, and in CI it fails."""
    program = SERVICES / ".bin" / name
    if not (program.exists() and shutil.which("node")):
        _do_without(name, "make services")
    return program


def needs_package(name: str) -> Path:
    """The folder of an npm package of tests/services that is no program, as `needs_service` gives one that is."""
    package = SERVICES / name
    if not (package.exists() and shutil.which("node")):
        _do_without(name, "make services")
    return package


def needs_program(name: str) -> Path:
    """A program of requirements/proof.txt, which lies beside the Python that runs the tests."""
    program = Path(sys.executable).with_name(name)
    if not program.exists():
        _do_without(name, "make proof")
    return program


def needs_module(name: str) -> ModuleType:
    """A module of requirements/proof.txt."""
    try:
        return import_module(name)
    except ImportError:
        _do_without(name, "make proof")


def _do_without(name: str, target: str) -> NoReturn:
    reason = f"{name} is not installed; run {target}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
