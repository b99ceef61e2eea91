"""A service in small: it calls an agent, and calls it again after each change of its configuration.

usage: python examples/live_call.py TREE ENVIRONMENT AGENT TEXT
"""

from __future__ import annotations

import signal
import sys

import agentconf
from agentconf.runtime import AgentClient, answer_of


def serve(tree: str, environment: str, agent: str, text: str) -> None:
    with agentconf.watch(tree, environment=environment, last_good=None) as conf, AgentClient(conf) as client:
        client.warm_up()  # LiteLLM takes seconds to import, once
        changes = conf.changes()
        while True:
            reply = client.complete(agent, text)
            answer = answer_of(reply)
            assert answer is not None, "it came from a client"
            print(f"{answer.model}: {reply.choices[0].message.content}", flush=True)
            while agent not in next(changes).changed:
                pass


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # what was recorded is written before the end
    serve(*sys.argv[1:])
