"""RESULTS.md: the tables of the newest runs, and what is needed to run them again.

The file has a part for each benchmark, under a heading of the first order; each replaces its own and keeps the others.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from benchmarks.contenders import SERVICES
from benchmarks.table import Book, comparisons, everything

_PACKAGES = ["agentconf", "PyYAML", "pydantic", "check-jsonschema", "yamllint", "omegaconf", "dynaconf"]
_NODE_PACKAGES = ["ajv-cli", "ajv"]
_LIVE_PACKAGES = ["agentconf", "PyYAML", "watchfiles", "dynaconf", "openfeature-provider-flagd"]

_HOW_TO_READ = """\
Rows of one kind and size were measured in one race: its contenders took turns, in an order shuffled for each
round. Times are medians of n rounds and drift with the machine; a ratio, agentconf's figure by the one beside
it, holds as far as both drifted together. `load` and the peers of its rows time themselves inside the
process, imports left out; all other times are of whole processes, from start to exit. Peak memory is that of
a command's largest process; below 20 MiB it is that of the benchmark, from which a child's count begins.
"""


_HOW_TO_READ_LIVE = """\
Whoever writes is one process, who follows another, and both read one clock. A file is written aside and renamed into
place behind a random gap; the time runs from just before the rename until a reader, which looks every half
millisecond, is served the new value. All are looked at alike, each on a tree of its own, in turns shuffled for each
round. The bare loop is watchfiles with agentconf's step and debounce (10 and 100 ms) around one `yaml.load` with
libyaml; the full reload is watchfiles with its defaults around the same for every file. dynaconf is told to reload by
watchfiles with its defaults. flagd's provider looks at one file every half second, a flag an agent. Neither of these
checks, merges or keeps anything. Below, n is the number of writes, of readers' look-ups, or of rounds.
"""


_HOW_TO_READ_SENSE = """
Medians of five rounds over one generated tree, in one process. Without a finding only the looking counts: every model
has the same facts. As generated, nearly every agent has a fallback that costs more or takes less text than its primary,
and each finding costs the search for its place. Policies are measured apart.
"""


_HOW_TO_READ_REVIEW = """
Whole processes that take turns, in a repository with two environments; medians. Each commit is compared with the one
before it: in the first one agent's file was changed, in the second a root default that touches every agent. In the
history every tenth commit changes a default of all agents and another tenth the agent that is asked for; `log` keeps
nothing from one run to the next.
"""


_HOW_TO_READ_USAGE = """
One process, whose main thread makes records and hands them over, while the writer's thread fills a SQLite file.
`record()` is what a caller pays for it, the making of the record not counted; the mean holds the moments in which the
writer had the interpreter. Memory is that of the process at the start of the run and at its largest. Without a
database 50,000 records are kept, and the others dropped.
"""


_HOW_TO_READ_CALLS = """
One process calls, another answers on loopback at once; both kinds of calls take turns with the same arguments, in one
event loop. A call of LiteLLM is for the most part LiteLLM itself, so that its time, and not the server's, is what ours
stands beside. "Our own code" is the same call while LiteLLM answers at once with a reply that was made before. Behind a
real call it was seen to take five to seven times as long, as it does behind a walk through 200,000 texts: nothing of it
is left in the processor's caches then. That is what the ratio shows.
"""

_HOW_TO_READ_WRITING = """
A repository with two environments, and one process that writes to it as `agentconf serve --writes commit` does:
changes, new agents, removals and edits that are refused, in turns, each of another agent; medians. The seconds of the
CPU are git's, too. The first write judges the whole tree. Those that follow judge what they touch; what remains with
the size of the tree is git, which writes an index, a look at the stamps of all files, and a few passes over their
names. Memory is the process's own. Before anything was kept from one write to the next, on the same day and machine,
each write took as long as the first: 0.86 s at 1,000 agents (0.83 of the CPU) and 8.3 s at 10,000 (8.1), and 90 and
176 MiB in the end.
"""


def markdown(book: Book, command: str) -> str:
    """The part of the line. Like the other, it names neither the host nor a path of the machine."""
    tables = {"Beside the peers": comparisons(book.rows), "Everything that ran": everything(book.entries)}
    versions = _versions(_PACKAGES) | {name: _node_package_version(name) for name in _NODE_PACKAGES}
    head = f"What agentconf costs\n\n{_made_by(command, versions | {'node': _node_version()})}"
    return _part(head, _HOW_TO_READ, tables)


def live_markdown(rows: str, spreads: str, command: str) -> str:
    """The part of following a folder."""
    tables = {"Served live, beside the peers": rows, "Everything that was followed": spreads}
    head = f"What following a folder costs\n\n{_made_by(command, _versions(_LIVE_PACKAGES))}"
    return _part(head, _HOW_TO_READ_LIVE, tables)


def sense_markdown(summary: str, rules: str, command: str) -> str:
    """The part of the rules."""
    head = f"What the rules cost\n\n{_made_by(command, _versions(['litellm']))}"
    return _part(head, _HOW_TO_READ_SENSE, {"All together": summary, "Each by itself": rules})


def review_markdown(tables: Mapping[str, str], command: str, loads: tuple[float, float]) -> str:
    """The part of the review. `loads` are the machine's load averages of a minute, before and behind."""
    head = f"What a review costs\n\n{_made_by(command, _versions(['agentconf', 'litellm']))}"
    load = f"The machine's load was {loads[0]:.1f} before, and {loads[1]:.1f} behind.\n"
    return _part(head, f"{load}{_HOW_TO_READ_REVIEW}", tables)


def usage_markdown(table: str, command: str) -> str:
    """The part of the record of calls."""
    head = f"What recording calls costs\n\n{_made_by(command, _versions(['agentconf', 'SQLAlchemy']))}"
    return _part(head, _HOW_TO_READ_USAGE, {"The caller and the writer": table})


def calls_markdown(table: str, command: str) -> str:
    """The part of the runtime."""
    head = f"What a call costs\n\n{_made_by(command, _versions(['litellm', 'openai', 'SQLAlchemy']))}"
    return _part(head, _HOW_TO_READ_CALLS, {"Beside LiteLLM alone": table})


def writing_markdown(tables: Mapping[str, str], command: str, loads: tuple[float, float]) -> str:
    """The part of writing back. `loads` as in `review_markdown`."""
    head = f"What a write costs\n\n{_made_by(command, _versions(['agentconf', 'litellm']))}"
    load = f"The machine's load was {loads[0]:.1f} before, and {loads[1]:.1f} behind.\n"
    return _part(head, f"{load}{_HOW_TO_READ_WRITING}", tables)


def write_part(file: Path, part: str) -> None:
    """Put a part in the place of the one with the same heading, or behind the others."""
    there = file.read_text(encoding="utf-8") if file.exists() else ""
    parts = {one.partition("\n")[0]: one.strip() for one in re.split(r"(?m)^(?=# )", there) if one.strip()}
    parts[part.partition("\n")[0]] = part.strip()
    file.write_text("\n\n".join(parts.values()) + "\n", encoding="utf-8")


def _part(head: str, how_to_read: str, tables: Mapping[str, str]) -> str:
    sections = [f"## {title}\n\n{table}" for title, table in tables.items()]
    return "\n".join([f"# {head}", how_to_read, *sections])


def _made_by(command: str, versions: Mapping[str, str]) -> str:
    known = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return f"Made by `{command}` on {datetime.date.today()}: {_circumstances()}.\n\nVersions: {known}.\n"


def _circumstances() -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python} on {platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"


def _versions(packages: list[str]) -> dict[str, str]:
    return {name: _installed_version(name) for name in packages}


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
