"""`agentconf.load` of a whole tree, after a first load of a small one has imported whatever loading needs.

usage: python -m benchmarks.probes.load SMALL_TREE TREE
"""

from __future__ import annotations

import json
import sys
import time

import agentconf


def seconds_to_load(path: str) -> float:
    start = time.perf_counter()
    snapshot = agentconf.load(path, environment="prod")
    took_s = time.perf_counter() - start
    if not snapshot:
        raise SystemExit("the tree gave no agents")
    return took_s


if __name__ == "__main__":
    small, tree = sys.argv[1:]
    seconds_to_load(small)
    print(json.dumps({"seconds": seconds_to_load(tree)}))
