"""A service in small: it calls an agent, and calls it again after each change of its configuration.

usage: python examples/live_call.py TREE ENVIRONMENT AGENT TEXT
"""

from __future__ import annotations

import signal
import sys
import threading

import agentconf
from agentconf.errors import AgentconfError
from agentconf.runtime import AgentClient, answer_of


def serve(tree: str, environment: str, agent: str, text: str) -> None:
    with agentconf.watch(tree, environment=environment, last_good=None) as conf, AgentClient(conf) as client:
        # closed, the watch ends its changes, and with them the service: what was recorded is written before the end
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=conf.close).start())
        client.warm_up()  # LiteLLM takes seconds to import, once
        changes = conf.changes()
        call(client, agent, text)
        for change in changes:
            if agent in change.changed:
                call(client, agent, text)


def call(client: AgentClient, agent: str, text: str) -> None:
    reply = client.complete(agent, text)
    answer = answer_of(reply)
    assert answer is not None, "it came from a client"
    print(f"{answer.model}: {reply.choices[0].message.content}", flush=True)


if __name__ == "__main__":
    from openai import OpenAIError  # LiteLLM raises OpenAI's errors, whoever the provider is

    if len(sys.argv) != 5:
        sys.exit(str(__doc__).strip())
    try:
        serve(*sys.argv[1:])
    except (AgentconfError, OpenAIError) as error:
        sys.exit(str(error))
