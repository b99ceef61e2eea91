"""One token of a model: the only trial that shows that calls will work, and costs what a short call costs."""

from __future__ import annotations

from agentconf.errors import AgentconfError
from agentconf.runtime import door
from agentconf.runtime.connection import connection_of
from agentconf.runtime.doctor.examination import TryCall
from agentconf.runtime.doctor.outcome import OK, Outcome, failed
from agentconf.runtime.doctor.targets import Use
from agentconf.runtime.failures import failure_of
from agentconf.secrets.reveal import Ground, reveal

_MESSAGES = ({"role": "user", "content": "Hi"},)


def caller(ground: Ground) -> TryCall:
    """What calls a model for one token. LiteLLM is imported now. Raises NotInstalled."""
    litellm = door.litellm()

    def try_call(use: Use, timeout_s: float) -> Outcome:
        try:
            connection = connection_of(use.agent, use.entry)
            said = connection.revealed(lambda reference: reveal(reference, ground).get_secret_value())
            litellm.completion(
                **said, messages=list(_MESSAGES), max_tokens=1, timeout=timeout_s, max_retries=0, num_retries=0
            )
        except AgentconfError as error:
            return failed(str(error))
        except Exception as error:  # noqa: BLE001  # LiteLLM's own classes, and whatever a provider's SDK raises
            return failed(failure_of(error))
        return OK

    return try_call
