"""RESULTS.md: the tables of the newest run, and what is needed to run it again."""

from __future__ import annotations

import datetime
import json
import os
import platform
import shutil
import subprocess
from importlib import metadata

from benchmarks.contenders import SERVICES
from benchmarks.table import Book, comparisons, everything

_PACKAGES = ["agentconf", "PyYAML", "pydantic", "check-jsonschema", "yamllint", "omegaconf", "dynaconf"]
_NODE_PACKAGES = ["ajv-cli", "ajv"]

_HOW_TO_READ = """\
Rows of one kind and size were measured in one race: its contenders took turns, in an order shuffled for each
round. Times are medians of n rounds and drift with the machine; a ratio, agentconf's figure by the one beside
it, holds as far as both drifted together. `load` and the peers of its rows time themselves inside the
process, imports left out; all other times are of whole processes, from start to exit. Peak memory is that of
a command's largest process; below 20 MiB it is that of the benchmark, from which a child's count begins.
"""


def markdown(book: Book, command: str) -> str:
    """The whole file. It names neither the host nor a path of the machine."""
    parts = [
        "# What agentconf costs\n",
        f"Made by `{command}` on {datetime.date.today()}: {_circumstances()}.\n",
        f"Versions: {_versions()}.\n",
        _HOW_TO_READ,
        "## Beside the peers\n",
        comparisons(book.rows),
        "## Everything that ran\n",
        everything(book.entries),
    ]
    return "\n".join(parts)


def _circumstances() -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python} on {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"


def _versions() -> str:
    known = {name: _installed_version(name) for name in _PACKAGES}
    known |= {name: _node_package_version(name) for name in _NODE_PACKAGES}
    known["node"] = _node_version()
    return ", ".join(f"{name} {version}" for name, version in known.items() if version)


def _installed_version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _node_package_version(package: str) -> str:
    manifest = SERVICES / "node_modules" / package / "package.json"
    return str(json.loads(manifest.read_text())["version"]) if manifest.exists() else ""


def _node_version() -> str:
    if shutil.which("node") is None:
        return ""
    done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return done.stdout.strip().lstrip("v")
