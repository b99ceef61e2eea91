"""OmegaConf's way to the same agents: load each file and merge it over the layers below, loaded once."""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

from benchmarks.probes.layout import agents_by_team

# By name, so that the types can be checked where the peers are not installed.
OmegaConf = importlib.import_module("omegaconf").OmegaConf


def seconds_to_merge(tree: Path) -> float:
    teams = agents_by_team(tree)
    start = time.perf_counter()
    defaults = OmegaConf.load(tree / "_defaults.yaml")
    prod = OmegaConf.load(tree / "_environments" / "prod.yaml").defaults
    careful = OmegaConf.load(tree / "_profiles" / "careful.yaml")
    merged = []
    for team, files in teams.items():
        below = OmegaConf.merge(defaults, OmegaConf.load(team / "_defaults.yaml"), prod, careful)
        merged += [OmegaConf.merge(below, OmegaConf.load(file)) for file in files]
    return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps({"seconds": seconds_to_merge(Path(sys.argv[1]))}))
