"""An agent as it is printed and sent: the keys of the format, secrets as references."""

from __future__ import annotations

from typing import Any

from agentconf.config.resolve import Resolved
from agentconf.config.shown import shown_value


def agent_json(agent: Resolved, digest: str) -> dict[str, Any]:
    """What `show AGENT --format json` prints; `digest` is the snapshot's."""
    return {
        "id": agent.id,
        "environment": agent.environment,
        "file": agent.file,
        "digest": digest,
        "has_api_key": has_api_key(agent.config),
        "config": config_json(agent.config),
    }


def config_json(config: dict[str, Any]) -> dict[str, Any]:
    """The resolved configuration. `enabled` is always said; nothing secret ever is."""
    shown: dict[str, Any] = shown_value((), config)
    return {**shown, "enabled": config.get("enabled", True)}


def has_api_key(config: dict[str, Any]) -> bool:
    """Whether the provider of the primary, or `llm` itself, names a key."""
    primary = primary_of(config) or {}
    provider = str(primary.get("model") or "").partition("/")[0]
    connection = config.get("providers", {}).get(provider) or {}
    return bool(primary.get("api_key") or connection.get("api_key"))


def primary_of(config: dict[str, Any]) -> dict[str, Any] | None:
    """The first enabled entry of `llm` and its fallbacks; None where all are switched off."""
    llm = config.get("llm", {})
    entries = (llm, *llm.get("fallbacks", ()))
    return next((entry for entry in entries if entry.get("enabled") is not False), None)
