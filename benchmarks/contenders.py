"""The commands that are raced: agentconf's own, and those of its peers as their users would type them."""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.probes.layout import agent_files
from benchmarks.ruler import Contender, run_once

ROOT = Path(__file__).resolve().parent.parent
OWN_AGENTS = ROOT / "agents.d"
SCHEMA = ROOT / "schema" / "agent.schema.json"
SERVICES = ROOT / "tests" / "services"
AJV = SERVICES / "node_modules" / ".bin" / "ajv"

_NOT_INSTALLED = "not installed; see benchmarks/requirements.in"

# Where these are set, Python would be timed compiling its own modules, and writing line by line.
_SLOWING = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}


@dataclass(frozen=True, slots=True)
class Scratch:
    """A temporary folder for the trees, and for the cache, which is not the user's own."""

    folder: Path

    def tree(self, agents: int, bad: float = 0.0) -> Path:
        """A generated tree of that many agents, written when it is first asked for."""
        tree = self.folder / f"agents-{agents}{'-bad' if bad else ''}"
        if not tree.exists():
            # In a process of its own: a child's peak memory begins at that of the process that starts it.
            run_once(self.module("benchmarks.make_tree", str(tree), str(agents), "--bad", str(bad)))
        return tree

    def variables(self) -> dict[str, str]:
        """The caller's environment without what would change the work."""
        kept = {k: v for k, v in os.environ.items() if k not in _SLOWING and not k.startswith("AGENTCONF_")}
        return kept | {"XDG_CACHE_HOME": str(self.folder / "cache")}

    def module(self, module: str, *arguments: str, name: str = "") -> Contender:
        command = (sys.executable, "-m", module, *arguments)
        return Contender(name or module, command, ROOT, self.variables())

    def probe(self, name: str, module: str, *arguments: str) -> Contender:
        """A script that times its own work, so that interpreter and imports are left out."""
        command = (sys.executable, "-m", f"benchmarks.probes.{module}", *arguments)
        return Contender(name, command, ROOT, self.variables(), times_itself=True)


def floor(scratch: Scratch, tree: Path) -> Contender:
    return scratch.probe("read + libyaml", "floor", str(tree))


def load(scratch: Scratch, tree: Path) -> Contender:
    return scratch.probe("agentconf.load", "load", str(scratch.tree(10)), str(tree))


def omegaconf(scratch: Scratch, tree: Path) -> Contender:
    probe = scratch.probe("omegaconf", "merge_omegaconf", str(tree))
    return replace(probe, missing=not_importable("omegaconf"))


def dynaconf(scratch: Scratch, tree: Path) -> Contender:
    probe = scratch.probe("dynaconf", "load_dynaconf", str(tree))
    return replace(probe, missing=not_importable("dynaconf"))


def validate(scratch: Scratch, tree: Path, *options: str, name: str = "validate") -> Contender:
    return scratch.module("agentconf", "validate", str(tree), *options, name=name)


def python_alone(scratch: Scratch) -> Contender:
    return Contender("python -c pass", (sys.executable, "-c", "pass"), ROOT, scratch.variables())


def ajv_cli(scratch: Scratch, tree: Path) -> Contender:
    keywords = str(SERVICES / "ajv-keywords.cjs")
    options = ("--spec=draft2020", "--strict=false", "-c", "ajv-formats", "-c", keywords, "-s", str(SCHEMA))
    # Two patterns: agents lie in the root or in a folder, and a name with `_` in front is no agent's.
    patterns = ("-d", "[!_]*.yaml", "-d", "[!_]*/**/[!_]*.yaml")
    missing = "" if AJV.exists() else "no node_modules; run `npm ci --prefix tests/services`"
    command = (str(AJV), "validate", *options, *patterns)
    return Contender("ajv-cli", command, tree, scratch.variables(), missing=missing or _missing(SCHEMA))


def check_jsonschema(scratch: Scratch, tree: Path) -> Contender:
    script = _script("check-jsonschema")
    files = [str(file) for file in agent_files(tree)]
    command = (str(script), "--schemafile", str(SCHEMA), *files)
    missing = _not_installed(script) or _missing(SCHEMA) or _missing(tree)
    return Contender("check-jsonschema", command, tree, scratch.variables(), missing=missing)


def yamllint(scratch: Scratch, tree: Path) -> Contender:
    script = _script("yamllint")
    command = (str(script), "-d", "relaxed", ".")
    return Contender("yamllint", command, tree, scratch.variables(), missing=_not_installed(script))


def _script(name: str) -> Path:
    return Path(sysconfig.get_path("scripts")) / name


def _not_installed(script: Path) -> str:
    return "" if script.exists() else _NOT_INSTALLED


def not_importable(module: str) -> str:
    return "" if importlib.util.find_spec(module) else _NOT_INSTALLED


def _missing(path: Path) -> str:
    return "" if path.exists() else f"{path.name} is missing"
