"""dynaconf's quickest way over the same files: one object, later files replacing what earlier ones set.

An object for each agent takes 2.5 times as long, and so does merging into the one object.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

from benchmarks.probes.layout import agent_files

# By name, so that the types can be checked where the peers are not installed.
Dynaconf = importlib.import_module("dynaconf").Dynaconf


def seconds_to_load(tree: Path) -> float:
    files = [str(tree / file) for file in agent_files(tree)]
    start = time.perf_counter()
    settings = Dynaconf(settings_files=files)
    settings.get("LLM")  # It reads nothing before it is asked for something.
    return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps({"seconds": seconds_to_load(Path(sys.argv[1]))}))
