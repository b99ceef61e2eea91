"""A service in small: it calls an agent, and calls it again after each change of its configuration.

usage: python examples/live_call.py TREE ENVIRONMENT AGENT TEXT
"""

from __future__ import annotations

import sys

import agentconf
from agentconf.runtime import AgentClient, answer_of


def serve(tree: str, environment: str, agent: str, text: str) -> None:
    with agentconf.watch(tree, environment=environment, last_good=None) as conf, AgentClient(conf) as client:
        changes = conf.changes()
        while True:
            reply = client.complete(agent, text)
            answer = answer_of(reply)
            assert answer is not None, "it came from a client"
            print(f"generation {conf.generation}, {answer.model}: {reply.choices[0].message.content}", flush=True)
            while agent not in next(changes).changed:
                pass


if __name__ == "__main__":
    serve(*sys.argv[1:])
