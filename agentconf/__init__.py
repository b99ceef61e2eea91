"""Configuration of LLM agents as code: validated, resolved, explained.

import agentconf

snapshot = agentconf.load("agents.d", environment="prod")
snapshot["code-assistant"].llm.model
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentconf.config.agent import Agent as Agent
    from agentconf.diagnostic import Diagnostic as Diagnostic
    from agentconf.errors import AgentconfError as AgentconfError
    from agentconf.errors import AgentDisabled as AgentDisabled
    from agentconf.errors import AgentNotFound as AgentNotFound
    from agentconf.errors import InvalidConfig as InvalidConfig
    from agentconf.errors import KeyNotFound as KeyNotFound
    from agentconf.errors import SourceUnavailable as SourceUnavailable
    from agentconf.errors import UnknownEnvironment as UnknownEnvironment
    from agentconf.live.change import Change as Change
    from agentconf.live.load import load as load
    from agentconf.live.watch import watch as watch
    from agentconf.remote.connect import connect as connect
    from agentconf.snapshot.snapshot import Snapshot as Snapshot
    from agentconf.source.publish import publish_file as publish_file
    from agentconf.source.publish import publish_tree as publish_tree

__version__ = "0.1.0"

_PLACES = {
    "Agent": "config.agent",
    "AgentDisabled": "errors",
    "AgentNotFound": "errors",
    "AgentconfError": "errors",
    "Change": "live.change",
    "Diagnostic": "diagnostic",
    "InvalidConfig": "errors",
    "KeyNotFound": "errors",
    "Snapshot": "snapshot.snapshot",
    "SourceUnavailable": "errors",
    "UnknownEnvironment": "errors",
    "connect": "remote.connect",
    "load": "live.load",
    "watch": "live.watch",
    "publish_file": "source.publish",
    "publish_tree": "source.publish",
}
__all__ = sorted(_PLACES)  # noqa: PLE0605  # the table is the list


def __getattr__(name: str) -> Any:
    """Names are imported when they are first asked for: `import agentconf` costs next to nothing."""
    if name not in _PLACES:
        raise AttributeError(f"module 'agentconf' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f"agentconf.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
